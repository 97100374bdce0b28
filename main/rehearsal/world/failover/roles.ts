import { giveDisk, serverNamed } from '../cluster-view.ts';
import { clusterLetters, groupOfMachine, machineIn, whyNotThere } from '../machines-view.ts';
import { rest } from '../change.ts';
import { startDepth } from '../changes/start-sets.ts';
import { heldBy, placeGroup } from '../changes/cluster/groups.ts';
import type { ClusterDiskState, ClusterNodeState, ClusterWorldState, MachineState } from '../cluster-state.ts';
import type { WorldState } from '../state.ts';
import { seesDisk } from './membership.ts';
import { isSameName } from '../../../../shared/model/names.ts';

type Members = readonly ClusterNodeState[];

/** Who is only silent keeps what it owns: the others have not missed it yet. */
const isSilent = (members: Members, name: string): boolean =>
  members.some((node) => node.silence !== undefined && isSameName(node.name, name));

const isMember = (members: Members, name: string): boolean => members.some((node) => isSameName(node.name, name));

/** Disks of the cluster that hold files of a machine. */
const disksOf = (world: WorldState, cluster: ClusterWorldState, machine: MachineState): ClusterDiskState[] => {
  const letters = clusterLetters(world, cluster);
  return cluster.disks.filter((disk) =>
    machine.files.some(({ path }) => {
      const lower = path.toLowerCase();
      if (disk.folder !== null) return lower.startsWith(`c:\\clusterstorage\\${disk.folder}\\`.toLowerCase());
      const letter = letters.find((one) => one.disk === disk.disk)?.letter;
      return letter !== undefined && lower.startsWith(`${letter}:\\`.toLowerCase());
    }),
  );
};

/** A shared volume is served over any node that reaches it (redirected I/O); another disk only by the node that has it. */
const reachesDisk = (world: WorldState, members: Members, node: string, disk: ClusterDiskState): boolean => {
  const from = disk.use === 'sharedVolume' && isMember(members, node) ? members.map(({ name }) => name) : [node];
  return from.some((name) => {
    const server = serverNamed(world, name);
    return server !== undefined && seesDisk(world, server, disk.disk);
  });
};

/** The cluster's own group and Available Storage are, with their disks, on a node that is in the cluster and reaches them. */
export const ownedElsewhere = (world: WorldState, cluster: ClusterWorldState, members: Members): void => {
  const [first] = members;
  if (!first) return;
  const give = (disk: ClusterDiskState, node: string): void => {
    if (!isSameName(disk.ownerNode, node)) giveDisk(world, disk, node);
  };
  const held = new Set<ClusterDiskState>();
  for (const group of cluster.groups) {
    const disks = heldBy(cluster, group);
    for (const disk of disks) held.add(disk);
    if (group.kind === 'virtualMachine' || isSilent(members, group.ownerNode)) continue;
    const reaches = (name: string): boolean => disks.every((disk) => reachesDisk(world, [], name, disk));
    const isThere = isMember(members, group.ownerNode);
    if (!isThere || !reaches(group.ownerNode))
      group.ownerNode =
        placeGroup(world, cluster, group.preferredOwners, undefined, reaches) ??
        (isThere ? group.ownerNode : (placeGroup(world, cluster, group.preferredOwners) ?? first.name));
    for (const disk of disks) give(disk, group.ownerNode);
  }
  for (const disk of cluster.disks) {
    if (held.has(disk) || isSilent(members, disk.ownerNode)) continue;
    const reaches = (name: string): boolean => reachesDisk(world, [], name, disk);
    if (isMember(members, disk.ownerNode) && reaches(disk.ownerNode)) continue;
    const other = members.find(({ name }) => reaches(name)) ?? (isMember(members, disk.ownerNode) ? null : first);
    if (other) give(disk, other.name);
  }
};

/**
 * Sets that others wait for first, then the highest priority (petri.com, "Virtual machine priority"); those of one priority in the order in which they
 * were made.
 */
const inOrder = (cluster: ClusterWorldState, machines: readonly MachineState[]): MachineState[] =>
  machines.toSorted(
    (one, other) =>
      startDepth(cluster, one.name) - startDepth(cluster, other.name) ||
      (other.role?.priority ?? 0) - (one.role?.priority ?? 0),
  );

const start = (machine: MachineState): void => {
  machine.running = true;
  delete machine.trouble;
};

const wait = (machine: MachineState): void => {
  machine.running = false;
  machine.trouble = 'waiting';
};

/** Virtual machines whose node or storage is gone, and those that waited for one to come back. */
export const moveWhatIsLost = (
  world: WorldState,
  cluster: ClusterWorldState,
  members: Members,
  used: Set<string>,
): void => {
  const moving: MachineState[] = [];
  for (const machine of world.machines ?? []) {
    const group = machine.role ? groupOfMachine(world, machine.name) : undefined;
    if (!group || (!machine.running && machine.trouble === undefined)) continue;
    if (isSilent(members, group.ownerNode)) continue;
    const owner = cluster.nodes.find(({ name }) => isSameName(name, group.ownerNode));
    const disks = disksOf(world, cluster, machine);
    if (owner?.membership === 'isolated') {
      rest({ used }, 'machine.unmonitored');
      if (disks.length > 0 && machine.running) machine.trouble = 'critical';
      continue;
    }
    if (!isMember(members, group.ownerNode)) {
      wait(machine);
      moving.push(machine);
      continue;
    }
    const lost = disks.filter((disk) => !reachesDisk(world, members, group.ownerNode, disk));
    if (lost.length === 0) {
      if (disks.some((disk) => !reachesDisk(world, [], group.ownerNode, disk))) rest({ used }, 'machine.redirected');
      if (machine.trouble === 'critical') start(machine);
      else if (machine.trouble === 'waiting') moving.push(machine);
    } else if (lost.every(({ use }) => use === 'sharedVolume')) {
      rest({ used }, 'machine.pausedCritical');
      if (machine.running) machine.trouble = 'critical';
    } else {
      rest({ used }, 'machine.diskFailed');
      wait(machine);
      moving.push(machine);
    }
  }
  for (const machine of inOrder(cluster, moving)) place(world, cluster, members, machine);
};

const place = (world: WorldState, cluster: ClusterWorldState, members: Members, machine: MachineState): void => {
  const group = groupOfMachine(world, machine.name);
  // No Auto Start: it is moved with its group and not started.
  if (!group || !machine.role || machine.role.priority === 0) return;
  const disks = disksOf(world, cluster, machine);
  const home = serverNamed(world, group.ownerNode);
  const canStart = (name: string): boolean => disks.every((disk) => reachesDisk(world, members, name, disk));
  if (
    home &&
    isMember(members, group.ownerNode) &&
    canStart(group.ownerNode) &&
    whyNotThere(world, machine, home) === null
  ) {
    start(machine);
    return;
  }
  const to = placeGroup(world, cluster, group.preferredOwners, machine, canStart);
  if (to === null) return;
  group.ownerNode = to;
  for (const disk of cluster.disks) if (disk.group === group.name) giveDisk(world, disk, to);
  for (const disk of disks) if (disk.use !== 'sharedVolume') giveDisk(world, disk, to);
  const moved = machineIn(world, machine.name);
  if (moved) start(moved);
};
