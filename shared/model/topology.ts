import { normaliseAddress } from './address.ts';
import { roleLabels } from './cluster-file.ts';
import { shownAddresses, type FormationStage, type SeenServer, type Wanted } from './formation.ts';

/** What the picture of a formation, and the table that says the same, ask of a step. */
export interface StandingStep {
  /** `NODE/kind:subject`. */
  readonly id: string;
  readonly node: string;
  /** A {@link FormationStage}; a record of another version may have more. */
  readonly stage: string;
  readonly state: 'waiting' | 'running' | 'done' | 'alreadyDone' | 'failed' | 'skipped' | 'interrupted';
}

/** A formation that runs or ran, or a plan: what is wanted, what the servers showed last, and how its steps stand. */
export interface Topology {
  readonly direction: 'form' | 'undo';
  readonly wanted: Wanted;
  /** As they saw themselves; empty: none was read. */
  readonly servers: readonly SeenServer[];
  /** Of this run and of those that it goes on with. */
  readonly steps: readonly StandingStep[];
  /** Whether all steps that there are to be are among them: not after a run that stopped, of which nobody knows what was to come. */
  readonly isWhole: boolean;
  /** Where virtual machines run, where that was read; else the steps tell. */
  readonly machines: readonly { readonly name: string; readonly node: string }[];
}

export const isOver = ({ state }: Pick<StandingStep, 'state'>): boolean =>
  state === 'done' || state === 'alreadyDone' || state === 'skipped';

/** Is everything of a stage that is known done, and was there anything? */
export const isPhaseDone = (steps: readonly StandingStep[], stage: FormationStage): boolean => {
  const own = steps.filter((step) => step.stage === stage);
  return own.length > 0 && own.every(isOver);
};

/** Is it a step of this kind about the thing of this name? */
const isAbout = ({ id }: StandingStep, kind: string, name: string): boolean => id.endsWith(`/${kind}:${name}`);

/**
 * Does the cluster stand, by the steps of a run that are all known, else by its disks? A run that takes it back starts with it, and has it no more when
 * its own steps of that stage are over.
 */
export const isClusterThere = ({
  direction,
  servers,
  steps,
  isWhole,
}: Pick<Topology, 'direction' | 'servers' | 'steps' | 'isWhole'>): boolean => {
  const hasClusteredDisk = servers.some(({ disks }) => disks?.some(({ isClustered }) => isClustered));
  if (direction === 'undo') return !isPhaseDone(steps, 'form') && hasClusteredDisk;
  return isWhole ? isPhaseDone(steps, 'form') : hasClusteredDisk;
};

/** Is a virtual switch on every node that was to get it, as far as the steps tell? Of a run that stopped they do not. */
export const isSwitchThere = (
  name: string,
  { steps, isWhole }: { readonly steps: readonly StandingStep[]; readonly isWhole: boolean },
): boolean => {
  const own = steps.filter((step) => isAbout(step, 'switch.create', name));
  return isWhole && own.length > 0 && own.every(isOver);
};

/** On which server a virtual machine runs, as far as the steps that are done tell. */
export const machineNode = (
  name: string,
  steps: readonly StandingStep[],
  machines: Topology['machines'],
): string | null => {
  const known = machines.find((machine) => machine.name === name);
  if (known) return known.node;
  const created = steps.find((step) => step.stage === 'machines' && isAbout(step, 'vm.create', name) && isOver(step));
  return created?.node ?? null;
};

/** The servers that are to be nodes, and the storage host where there is one. */
export const machinesOf = (wanted: Wanted): Wanted['servers'] =>
  wanted.storageHost ? [...wanted.servers, wanted.storageHost] : wanted.servers;

/** The servers that are logged on over a portal. */
export const loggedOn = (servers: readonly SeenServer[], portalAddress: string): readonly SeenServer[] => {
  const address = normaliseAddress(portalAddress) ?? portalAddress;
  return servers.filter(({ sessions }) =>
    sessions?.some(
      ({ portal, isConnected }) =>
        isConnected && normaliseAddress(portal.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')) === address,
    ),
  );
};

const labelOf = (role: string): string => (roleLabels as Readonly<Record<string, string>>)[role] ?? role;

const serverState = (seen: SeenServer | undefined): string =>
  seen ? `${seen.windows}${seen.account === null ? '' : `, Quorate runs as ${seen.account}`}` : 'Not read yet';

const nicState = (seen: SeenServer | undefined, mac: string): string => {
  const nic = seen?.nics.find((one) => one.mac === mac);
  if (!nic) return 'Not read yet';
  return nic.isConnected === false ? 'No link' : shownAddresses(nic.addresses).join(', ') || 'No address yet';
};

const portalState = (servers: readonly SeenServer[], address: string): string => {
  const from = loggedOn(servers, address);
  return from.length === 0 ? 'No server is logged on yet' : `Logged on: ${from.map(({ server }) => server).join(', ')}`;
};

const lunState = (servers: readonly SeenServer[], serial: string, isFormed: boolean): string => {
  const by = servers.filter(({ disks }) => disks?.some((disk) => disk.serial === serial));
  if (isFormed || by.some(({ disks }) => disks?.some((disk) => disk.serial === serial && disk.isClustered)))
    return 'In the cluster';
  return by.length === 0 ? 'Not seen yet' : `Seen by ${by.map(({ server }) => server).join(', ')}`;
};

/** What, its name and its state. */
export type TopologyRow = readonly [what: string, name: string, state: string];

/** The picture in words. */
export const topologyRows = (topology: Topology): readonly TopologyRow[] => {
  const { wanted, servers, steps, machines } = topology;
  const isFormed = isClusterThere(topology);
  return [
    ['Cluster', wanted.cluster, isFormed ? 'Formed' : 'Not formed yet'],
    ...machinesOf(wanted).flatMap((server): TopologyRow[] => {
      const seen = servers.find((one) => one.server === server.name);
      return [
        [server === wanted.storageHost ? 'Storage host' : 'Server', server.name, serverState(seen)],
        ...server.nics
          .filter(({ role }) => role !== 'unused')
          .map(({ mac, role, name }): TopologyRow => [labelOf(role), `${server.name}: ${name}`, nicState(seen, mac)]),
      ];
    }),
    ...wanted.portals.map(({ address, port, role }): TopologyRow => [
      `Portal, ${labelOf(role)}`,
      `${address}:${port}`,
      portalState(servers, address),
    ]),
    ...wanted.luns.map(({ serial, purpose, letter }): TopologyRow => [
      purpose === 'witness' ? 'Witness disk' : 'Data disk',
      `${serial}, ${letter}:`,
      lunState(servers, serial, isFormed),
    ]),
    ...wanted.switches.map(({ name, role }): TopologyRow => [
      'Virtual switch',
      `${name}, ${labelOf(role)}`,
      isSwitchThere(name, topology) ? 'On every node' : topology.isWhole ? 'Not there yet' : 'Not known',
    ]),
    ...wanted.machines.map(({ name }): TopologyRow => {
      const node = machineNode(name, steps, machines);
      const isRead = machines.some((machine) => machine.name === name);
      return ['Virtual machine', name, node === null ? 'Not there yet' : `${isRead ? 'On' : 'Created on'} ${node}`];
    }),
  ];
};
