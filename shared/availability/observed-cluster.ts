import type { Cluster, ClusterDisk, ClusterState } from '../model/cluster.ts';
import { machinePriorities, type MachinesState, type VirtualMachine } from '../model/virtual-machines.ts';
import { keyOf } from './parse-state.ts';
import type { AvailabilityState, StateNode, StateTarget, StateVm, StateWitness, VmPriority } from './state.ts';
import { someOf } from './words.ts';

/** What one server shows of its cluster and of virtual machines; null: it could not be read. */
export interface ObservedNode {
  readonly node: string;
  readonly cluster: ClusterState | null;
  readonly machines: MachinesState | null;
}

const isSame = (one: string, other: string): boolean => keyOf(one) === keyOf(other);

/** `ClusterGroup.Priority` is one of four numbers; one between them counts as the next lower. */
const priorityOf = (priority: number): VmPriority =>
  priority >= machinePriorities.high
    ? 'high'
    : priority >= machinePriorities.medium
      ? 'medium'
      : priority >= machinePriorities.low
        ? 'low'
        : 'noAutoStart';

const startsWith = (path: string, folder: string): boolean => path.toLowerCase().startsWith(folder.toLowerCase());

/** The disk of the cluster that holds the disks of a machine: by its folder under ClusterStorage, or by its letter. */
const diskOf = (cluster: Cluster | null, { files }: VirtualMachine): ClusterDisk | undefined => {
  const file = files.find(({ kind }) => kind === 'disk') ?? files[0];
  return cluster?.disks.find(
    ({ path, driveLetter }) =>
      file !== undefined &&
      ((path !== null && startsWith(file.path, `${path}\\`)) ||
        (driveLetter !== null && startsWith(file.path, `${driveLetter}:\\`))),
  );
};

const isLive = ({ state }: VirtualMachine): boolean => state !== 'off' && state !== 'saved';

/** A state, and what its reader should know. */
interface Seen {
  readonly state: AvailabilityState;
  readonly notes: readonly string[];
}

/**
 * The cluster and its machines put to nodes and targets that were observed. Nodes of the cluster that were not read are there without
 * memory and NICs, because their votes count. A machine that is not highly available can run on its own host only.
 */
export const clusterOfObserved = (
  observed: readonly ObservedNode[],
  nodes: readonly StateNode[],
  found: readonly StateTarget[],
): Seen => {
  const cluster = observed.map((one) => one.cluster?.cluster ?? null).find((one) => one !== null) ?? null;
  const [only] = found;
  // Where all targets serve the same disks it is one place to lie.
  const isOne = found.slice(1).every(({ isMirrorProven }) => isMirrorProven === true);
  const target = isOne ? only?.name : undefined;
  const clustered = cluster?.disks.map(({ name }) => name) ?? [];
  const targets =
    only && target !== undefined && clustered.length > 0
      ? [{ ...only, luns: clustered }, ...found.slice(1)]
      : [...found];

  const known = nodes.map((node): StateNode => {
    const seen = cluster?.nodes.find(({ name }) => isSame(name, node.name));
    return seen?.assignedVote === 0 ? { ...node, vote: false } : { ...node };
  });
  const missing = (cluster?.nodes ?? []).filter(({ name }) => !nodes.some((node) => isSame(node.name, name)));
  const all: StateNode[] = [
    ...known,
    ...missing.map(({ name, assignedVote }) => ({
      name,
      memoryMB: 0,
      isMemoryKnown: false,
      reserveMB: 0,
      ...(assignedVote === 0 ? { vote: false } : {}),
    })),
  ];
  const nameOf = (name: string): string | undefined => all.find((node) => isSame(node.name, name))?.name;

  const machines = new Map<string, VirtualMachine>();
  for (const one of observed) for (const machine of one.machines?.machines ?? []) machines.set(machine.id, machine);
  const off = [...machines.values()].filter((machine) => !isLive(machine));
  const vms = [...machines.values()].filter(isLive).flatMap((machine): StateVm[] => {
    const node = nameOf(machine.host);
    if (node === undefined) return [];
    const { role } = machine;
    const possible = role ? role.possibleOwners.flatMap((name) => nameOf(name) ?? []) : [node];
    const lies = diskOf(cluster, machine);
    return [
      {
        name: machine.name,
        node,
        memoryMB: Number(BigInt(machine.memoryBytes) / (1024n * 1024n)),
        priority: role ? priorityOf(role.priority) : 'noAutoStart',
        ...(role && (role.possibleOwners.length === 0 || all.every(({ name }) => possible.includes(name)))
          ? {}
          : { possibleOwners: possible }),
        ...(role && role.preferredOwners.length > 0
          ? { preferredOwners: role.preferredOwners.flatMap((name) => nameOf(name) ?? []) }
          : {}),
        ...(role && role.antiAffinity.length > 0 ? { antiAffinity: role.antiAffinity } : {}),
        ...(target === undefined ? {} : { target }),
        ...(lies && target !== undefined ? { lun: lies.name } : {}),
      },
    ];
  });

  const witnessOf = ({ witness, disks }: Cluster): StateWitness | null | undefined => {
    if (witness.kind === 'none') return null;
    if (witness.kind === 'unknown') return undefined;
    if (witness.kind !== 'disk') return { kind: witness.kind };
    const disk = disks.find(({ use }) => use === 'witness')?.name ?? witness.resource;
    return {
      kind: 'disk',
      ...(target === undefined ? {} : { target }),
      ...(disk !== null && target !== undefined ? { lun: disk } : {}),
    };
  };

  const plain = [...machines.values()].filter((machine) => machine.role === null && isLive(machine));
  const down = (cluster?.nodes ?? []).filter(({ state }) => state !== 'up');
  const stopped = observed.filter((one) => one.cluster?.membership === 'stopped').map(({ node }) => node);
  const unreadCluster = observed.filter((one) => one.cluster === null).map(({ node }) => node);
  const unreadMachines = observed.filter((one) => one.machines === null).map(({ node }) => node);
  return {
    state: {
      ...(cluster ? { name: cluster.name } : {}),
      nodes: all,
      targets,
      vms,
      ...(cluster
        ? {
            witness: witnessOf(cluster),
            cluster: {
              dynamicQuorum: cluster.dynamicQuorum,
              ...(cluster.resiliency ? { resiliency: cluster.resiliency } : {}),
              ...(cluster.heartbeat ? { heartbeat: cluster.heartbeat } : {}),
              lowerQuorumPriorityNode:
                cluster.lowerQuorumPriorityNode === null ? null : (nameOf(cluster.lowerQuorumPriorityNode) ?? null),
            },
          }
        : {}),
    },
    notes: [
      ...(cluster === null
        ? ['None of these servers shows a cluster that runs: whether there is a witness is not known.']
        : []),
      ...(missing.length > 0
        ? [
            `Of the cluster’s nodes, ${someOf(missing.map(({ name }) => name))} could not be read: ${missing.length === 1 ? 'it counts' : 'they count'} for the quorum, and whether virtual machines find room there is not known. Name ${missing.length === 1 ? 'it' : 'them'} with --server as well.`,
          ]
        : []),
      ...(down.length > 0
        ? [
            `Not up when this was read: ${someOf(down.map(({ name, state }) => `${name} (${state})`))}. The analysis starts from all nodes up.`,
          ]
        : []),
      ...(stopped.length > 0 ? [`The cluster service on ${stopped.join(', ')} does not run.`] : []),
      ...(unreadCluster.length > 0 ? [`The cluster could not be read on ${unreadCluster.join(', ')}.`] : []),
      ...(unreadMachines.length > 0
        ? [`The virtual machines could not be read on ${unreadMachines.join(', ')}: some may be missing.`]
        : []),
      ...(plain.length > 0
        ? [`Not highly available, so that they run on their own host only: ${someOf(plain.map(({ name }) => name))}.`]
        : []),
      ...(off.length > 0
        ? [`Not running when this was read, and left out: ${someOf(off.map(({ name }) => name))}.`]
        : []),
      ...(vms.length > 0 && target === undefined
        ? ['Several targets were seen, or none: which of them holds a virtual machine is not known.']
        : []),
    ],
  };
};
