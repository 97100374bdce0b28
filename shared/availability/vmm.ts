import * as z from 'zod';
import type { AvailabilityState } from './state.ts';
import { switchesOf } from './elements.ts';
import { memoryText, someOf } from './words.ts';

export const vmmSchema = z.object({
  /** What System Center Virtual Machine Manager takes over, as rows of name and value. */
  inventory: z.array(z.object({ what: z.string(), value: z.string() })),
  /** What to have ready and what to look at afterwards, in order. */
  checklist: z.array(z.string()),
});
export type VmmHandOver = z.infer<typeof vmmSchema>;

const witnessText = ({ witness }: AvailabilityState): string =>
  witness === undefined
    ? 'not known'
    : witness === null
      ? 'none'
      : `${witness.kind === 'share' ? 'file share' : witness.kind}${witness.target ? ` on ${witness.target}` : ''}`;

/** Inventory and checklist for handing the cluster over to System Center VMM. */
export const vmmHandOver = (state: AvailabilityState): VmmHandOver => {
  const memory = state.nodes.reduce((sum, node) => sum + node.memoryMB, 0);
  const assigned = state.vms.reduce((sum, vm) => sum + vm.memoryMB, 0);
  const owned = state.vms.filter(({ possibleOwners, preferredOwners }) => possibleOwners || preferredOwners?.length);
  const apart = state.vms.filter(({ antiAffinity }) => antiAffinity !== undefined);
  const noStart = state.vms.filter(({ priority }) => priority === 'noAutoStart');
  const names = (items: readonly { readonly name: string }[]): string =>
    items.length === 0
      ? 'none'
      : someOf(
          items.map(({ name }) => name),
          6,
        );
  return {
    inventory: [
      { what: 'Nodes', value: `${state.nodes.length}: ${names(state.nodes)}` },
      { what: 'Windows Server', value: state.cluster?.operatingSystem ?? 'not known' },
      {
        what: 'Memory of the nodes',
        value: `${memoryText(memory)}${state.nodes.some(({ isMemoryKnown }) => isMemoryKnown === false) ? ', without those that were not read' : ''}`,
      },
      { what: 'Host reserve', value: memoryText(state.nodes.reduce((sum, node) => sum + node.reserveMB, 0)) },
      { what: 'Virtual machines', value: `${state.vms.length}, ${memoryText(assigned)} assigned` },
      { what: 'With preferred or possible owners', value: names(owned) },
      { what: 'With anti-affinity', value: names(apart) },
      { what: 'No Auto Start', value: names(noStart) },
      { what: 'Targets', value: names(state.targets) },
      { what: 'Witness', value: witnessText(state) },
      { what: 'Switches', value: someOf(switchesOf(state)) || 'not known' },
      { what: 'Sites', value: someOf([...new Set(state.nodes.flatMap(({ site }) => site ?? []))]) || 'not told' },
    ],
    checklist: [
      'Check that the version of VMM supports this release of Windows Server.',
      'Have an account that is an administrator of every node; add it to VMM as a Run As account.',
      'Add the cluster by its own name, so that VMM takes all nodes in one step.',
      'Compare the nodes and virtual machines that VMM shows with the inventory above.',
      'Set the host reserve in VMM to at least the reserve above: VMM places by it.',
      'Set the cluster reserve (the number of node failures to hold memory for) to what N+1 and N+2 of this report allow.',
      'Carry preferred owners, possible owners and anti-affinity over, and compare them afterwards: VMM has settings of its own for them.',
      'Map each virtual switch to a logical network; check that its name is the same on every node.',
      'Keep VMM’s own server and database outside of what stops when this cluster stops.',
      'Plan again after the hand-over: changes made in VMM are not seen by an older report.',
    ],
  };
};
