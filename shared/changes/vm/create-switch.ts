import * as z from 'zod';
import { judge, no, refuseDifferent, unknown } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import type { VirtualSwitch } from '../../model/virtual-machines.ts';
import { hyperVTool } from './vm.ts';
import { isSameName } from '../../model/names.ts';

const schema = z.object({
  do: z.literal('switch.create'),
  name: z.string(),
  /** InterfaceGuids; several make a switch with embedded teaming (SET). */
  nics: z.array(z.string()).min(1),
  /** Whether the host goes on using the NIC, by a virtual one that takes its address and DNS servers over. */
  hostNic: z.boolean(),
});

const differencesOf = ({ nics, hostNic }: z.output<typeof schema>, found: VirtualSwitch): string[] => {
  if (found.kind !== 'external') return [`it is ${found.kind}, not external`];
  const isSameNics =
    found.nics.length === nics.length && nics.every((nic) => found.nics.some((one) => isSameName(one, nic)));
  return [
    ...(isSameNics ? [] : ['it is connected to other network adapters']),
    ...(found.hasHostNic === hostNic ? [] : [`the host ${found.hasHostNic ? 'uses' : 'does not use'} it`]),
  ];
};

/**
 * Makes an external virtual switch (New-VMSwitch). With `hostNic` Windows moves the address to the virtual NIC; DNS servers are read before and
 * set again, because they can be lost on the way. A switch is never deleted to correct it. Throws `SWITCH_CREATE_FAILED`, `SWITCH_NIC_IN_USE`.
 */
export const createSwitch: ChangeKind<typeof schema, 'vms'> = {
  schema,
  area: 'vms',
  script: 'New-VirtualSwitch',
  warnings: ['SWITCH_ADDRESS_LOST'],
  timeoutMs: 180_000,
  subject: ({ name }) => [name],
  cuts: () => true,
  putsBack: ({ name, nics, hostNic }, observed) => {
    // Where the host is to have no NIC on it, no address is left that could be given back.
    if (!hostNic) return null;
    const behind = observed.nics.filter(({ interfaceGuid }) => nics.includes(interfaceGuid));
    const carrier =
      behind.find(({ addresses }) => (addresses ?? []).some(({ family }) => family === 'ipv4')) ?? behind[0];
    return carrier ? { nic: carrier.interfaceGuid, families: ['ipv4', 'ipv6'], switchName: name } : null;
  },
  words: ({ name, nics, hostNic }, { node }) => ({
    title: `Create the virtual switch ${name} on ${node}`,
    why: `Virtual machines need a switch of the same name on every node, or they cannot move. ${
      nics.length > 1 ? `It joins ${nics.length} network adapters (switch embedded teaming). ` : ''
    }${hostNic ? 'This server keeps using the network adapter too, through the switch.' : 'Only virtual machines use the network adapter from then on: this server has no address on it any more.'}`,
    manual: `${hyperVTool}: Virtual Switch Manager, External.`,
  }),
  undo: () => null,
  stays: 'Removing a virtual switch cuts every virtual machine that uses it; Quorate never does.',
  refusal: (change, { state }) => {
    const found = state.switches.find((one) => isSameName(one.name, change.name));
    return found
      ? refuseDifferent(
          `The virtual switch ${found.name}`,
          differencesOf(change, found),
          `Ask for the switch as it is, or choose another name. Quorate changes no switch, because machines may use it; by hand it is changed in ${hyperVTool}, Virtual Switch Manager.`,
        )
      : null;
  },
  done: (change, { state }) => {
    if (!state.isHyperVRunning) return unknown('Hyper-V does not run');
    const found = state.switches.find((one) => isSameName(one.name, change.name));
    if (!found) return no(`there is no virtual switch ${change.name}`);
    return judge(
      differencesOf(change, found).length === 0,
      `the virtual switch ${found.name} is ${found.kind}, ${found.hasHostNic ? 'shared with this server' : 'for virtual machines only'}`,
    );
  },
};
