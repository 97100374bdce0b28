import * as z from 'zod';
import type { Model } from './model.ts';
import { count, join, someOf } from './words.ts';

/** Something that the state does not say and that could change an answer. */
export const questionSchema = z.object({
  id: z.string(),
  /** What to find out, as a question to a person. */
  text: z.string(),
  /** Where a person finds the answer and gives it, as sentences; names of fields, never a path of the file. */
  find: z.string(),
  /** Where the answer belongs in the state, for programs. */
  field: z.string(),
  /** The NICs or portals whose switch is asked for, as `--lose` names them; left out: something else is asked. */
  elements: z.array(z.string()).optional(),
});
export type Question = z.infer<typeof questionSchema>;

/** The question and where its answer is found, for a person. */
export const questionText = ({ text, find }: Question): string => `${text} ${find}`;

const onState = (field: string, of?: string): string =>
  `In a state file it is "${field}"${of === undefined ? '' : ` of ${of}`}.`;

const onCable = (element: string, of: string): string =>
  `Windows does not show it: follow the cables, or ask who runs the switches. Then, with the same --server or --rehearsal: quorate availability answer "${element}=SWITCH". ${onState('switch', of)}`;

const devices = 'iSCSI Initiator (iscsicpl.exe), Targets, Devices shows which disks come from which target.';

const linked = (
  model: Model,
  role: (role: string | null) => boolean,
): { node: string; nic: string; hasSwitch: boolean }[] =>
  model.state.nodes.flatMap((node) =>
    (node.nics ?? [])
      .filter((nic) => role(nic.role ?? null))
      .map((nic) => ({ node: node.name, nic: nic.name, hasSwitch: nic.switch != null })),
  );

/** What has to be asked because it decides. */
export const questionsOf = (model: Model): Question[] => {
  const found: Question[] = [];
  const { state } = model;
  if (state.witness === undefined)
    found.push({
      id: 'witness',
      field: 'witness',
      text: 'Is there a witness, of which kind, and on which target?',
      find: `"quorate cluster status" on a node shows it, and so does Failover Cluster Manager under Cluster Core Resources. ${onState('witness')}`,
    });
  else if (state.witness?.kind === 'disk' && state.witness.target === undefined && state.targets.length > 0)
    found.push({
      id: 'witness.target',
      field: 'witness.target',
      text: 'Which target holds the disk witness? The witness is lost together with it.',
      find: `${devices} ${onState('target', 'the witness')}`,
    });
  else if (
    state.witness &&
    state.witness.kind !== 'disk' &&
    state.witness.target === undefined &&
    state.targets.length > 0
  )
    found.push({
      id: 'witness.place',
      field: 'witness.target',
      text: `Does the ${state.witness.kind === 'share' ? 'file share' : 'way to the cloud'} of the witness depend on one of the targets or on one of the nodes?`,
      find: `Look where ${state.witness.kind === 'share' ? 'the server of the share' : 'the router to the Internet'} runs and on which disks. ${onState('target', 'the witness')}`,
    });
  const targetless = model.vms.filter(({ target }) => target < 0);
  if (state.targets.length > 0 && targetless.length > 0)
    found.push({
      id: 'vms.target',
      field: 'vms[].target',
      text: `Which target holds the disks of ${someOf(
        targetless.map(({ name }) => name),
        3,
      )}?`,
      find: `"quorate vm list --files" names their files. ${devices} ${onState('target', 'each virtual machine')}`,
    });
  const roleless = linked(model, (role) => role === null);
  if (roleless.length > 0)
    found.push({
      id: 'nics.role',
      field: 'nodes[].nics[].role',
      text: `What are these network adapters for: ${someOf(
        roleless.map(({ node, nic }) => `${nic} of ${node}`),
        4,
      )}?`,
      find: `Give them their roles with "quorate nic role" on those nodes, then read the cluster again. ${onState('role', 'each network adapter')}`,
    });
  const roles = [
    ...new Set(
      linked(model, (role) => role !== null).length > 0
        ? state.nodes.flatMap(({ nics }) => (nics ?? []).flatMap(({ role }) => role ?? []))
        : [],
    ),
  ];
  for (const role of roles) {
    const open = linked(model, (one) => one === role).filter(({ hasSwitch }) => !hasSwitch);
    if (open.length > 1)
      found.push({
        id: `switch.${role}`,
        field: 'nodes[].nics[].switch',
        elements: open.map(({ node, nic }) => `nic:${node}/${nic}`),
        text: `Are the cables of ${someOf(
          open.map(({ node, nic }) => `${nic} (${node})`),
          4,
        )} on one switch?`,
        find: onCable(`nic:${open[0]!.node}/${open[0]!.nic}`, 'each network adapter'),
      });
  }
  if (model.nodes.some(({ nics }) => nics.length > 0)) {
    const portals = state.targets.flatMap((target) =>
      (target.portals ?? [])
        .filter((portal) => portal.switch == null)
        .map(({ address }) => ({ address, id: `portal:${target.name}/${address}` })),
    );
    if (portals.length > 1)
      found.push({
        id: 'switch.portals',
        field: 'targets[].portals[].switch',
        elements: portals.map(({ id }) => id),
        text: `On which switches are the portals ${someOf(
          portals.map(({ address }) => address),
          4,
        )}?`,
        find: onCable(portals[0]!.id, 'each portal'),
      });
  }
  if (state.vms.length > 0 && state.targets.length > 0 && state.nodes.every(({ nics }) => !nics?.length))
    found.push({
      id: 'nics',
      field: 'nodes[].nics',
      text: 'Which network adapters, switches and portals lie between the nodes and their storage? Without them only whole nodes, targets and the witness can be lost.',
      find: `Read the nodes themselves ("quorate availability report --server local --server peer:ID"). ${onState('nics', 'each node')}`,
    });
  if (state.nodes.length > 1 && !state.nodes.some(({ power }) => power?.length))
    found.push({
      id: 'power',
      field: 'nodes[].power',
      text: 'Are the nodes on different power feeds?',
      find: `Follow the power cables to the power strip or UPS. ${onState('power', 'each node')}`,
    });
  return found;
};

/** What the analysis takes for granted, each as a sentence. */
export const assumptionsOf = (model: Model): string[] => {
  const { state, settings } = model;
  const found: string[] = [];
  if (state.cluster?.operatingSystem === undefined && state.cluster?.dynamicQuorum === undefined)
    found.push('Dynamic quorum and dynamic witness are taken to be on, as they are from Windows Server 2012 R2 on.');
  else if (!settings.dynamicQuorum)
    found.push('Dynamic quorum is off: the number of votes does not change after a loss.');
  else if (!settings.dynamicWitness) found.push('Dynamic witness is off: the witness always votes.');
  if (state.vms.length > 0) {
    const [target] = state.targets;
    const open = state.vms.filter((vm) => vm.target === undefined).length;
    if (state.targets.length === 1 && target && open > 0)
      found.push(
        `The only target, ${target.name}, is taken to hold the disks of every virtual machine that names no other.`,
      );
    if (state.targets.length === 0) found.push('The storage is not in the state and is taken to be never lost.');
    found.push(
      'A node takes virtual machines up to its memory less its reserve; processors, NUMA and Node Fairness, which may move machines again later, are not taken into account.',
      'Every virtual machine in the state is taken to run now. A running one is not stopped to make room for another, although Windows may do that for one of a higher priority.',
      'Microsoft’s texts differ on the node that is chosen: every choice and every order within a priority is taken into account.',
    );
    if (!model.isAntiAffinityEnforced && model.vms.some(({ classes }) => classes.length > 0))
      found.push('Anti-affinity is not enforced: it gives way where there is no other node.');
    if (state.vms.some(({ dynamicMemory }) => dynamicMemory))
      found.push(
        'A loss is judged with the memory that is assigned now; the sums with dynamic memory stand beside it.',
      );
  }
  const roles = new Set(state.nodes.flatMap(({ nics }) => (nics ?? []).flatMap(({ role }) => role ?? [])));
  if (roles.size > 0) {
    found.push('Switches of one network are taken to be linked with each other.');
    found.push(
      'Network adapters for iSCSI carry no traffic of the cluster itself; production and cluster-private ones do.',
    );
  }
  const unswitched = linked(model, (role) => role !== null).filter(({ hasSwitch }) => !hasSwitch).length;
  if (unswitched > 0)
    found.push(
      `The state names no switch for ${unswitched === 1 ? 'one network adapter' : `${count(unswitched)} network adapters`}: a switch behind ${unswitched === 1 ? 'it' : 'them'} that is shared is a single point of failure that this analysis cannot see.`,
    );
  const proven = state.targets.filter(({ isMirrorProven }) => isMirrorProven === true);
  if (proven.length > 0)
    found.push(
      `Every disk of the cluster has a path over another target than ${join(proven.map(({ mirrorOf }) => mirrorOf ?? ''))}, on every node, as MPIO shows it.`,
    );
  const mirrors = state.targets.filter(
    ({ mirrorOf, isMirrorProven }) => mirrorOf !== undefined && isMirrorProven !== true,
  );
  if (mirrors.length > 0)
    found.push(
      `${join(mirrors.map(({ name, mirrorOf }) => `${name} is taken to hold the data of ${mirrorOf} at every moment`))}, as stated; it was not proven.`,
    );
  return found;
};
