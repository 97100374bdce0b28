import { findFault, rest, type Change } from '../../change.ts';
import { giveDisk, isNodeUp, serverNamed, upNodes } from '../../cluster-view.ts';
import { whyNotThere } from '../../machines-view.ts';
import { refuse } from '../../refusal.ts';
import type { ClusterDiskState, ClusterGroupState, ClusterWorldState, MachineState } from '../../cluster-state.ts';
import type { WorldState } from '../../state.ts';
import { clusterOf, nodeIn } from './access.ts';
import { refuseAsPlanted } from './planted.ts';
import { isSameName } from '../../../../../shared/model/names.ts';

/** Where a group goes when its node is no longer there for it: its preferred owners first. */
export const placeGroup = (
  world: WorldState,
  cluster: ClusterWorldState,
  preferred: readonly string[],
  machine?: MachineState,
  canTake: (node: string) => boolean = () => true,
): string | null => {
  const free = upNodes(world, cluster).filter((node) => {
    const server = machine && serverNamed(world, node.name);
    return (
      !node.paused &&
      canTake(node.name) &&
      (!machine || (server !== undefined && whyNotThere(world, machine, server) === null))
    );
  });
  const wanted = preferred.find((name) => free.some((node) => isSameName(node.name, name)));
  return wanted ?? free[0]?.name ?? null;
};

/** The disks that go where a group goes. */
export const heldBy = (cluster: ClusterWorldState, { kind, name }: ClusterGroupState): ClusterDiskState[] =>
  cluster.disks.filter(
    ({ use, group }) =>
      group === name ||
      (kind === 'availableStorage' && use === 'available') ||
      (kind === 'cluster' && use === 'witness'),
  );

export const moveGroup = (change: Change, groupName: string, name: string): void => {
  const cluster = clusterOf(change);
  const group = cluster.groups.find((one) => isSameName(one.name, groupName));
  const failed = (reason: string) => refuse('cluster.move.failed', { group: groupName, node: name, reason });
  if (!group) throw failed('there is no such group');
  const node = nodeIn(cluster, name);
  refuseAsPlanted(change, 'cluster.moveGroup', { group: groupName, node: name, thing: `the group ${groupName}` });
  if (!isNodeUp(change.world, node)) throw refuse('cluster.node.down', { node: name });
  if (node.paused) throw refuse('cluster.node.paused', { node: name });
  const server = serverNamed(change.world, node.name);
  if (server && findFault(change.world, 'groupMoveFails', (fault) => fault.server === server.name))
    throw failed('a resource could not be brought online there');
  group.ownerNode = node.name;
  rest(change, 'cluster.disk.letter');
  for (const disk of heldBy(cluster, group)) giveDisk(change.world, disk, node.name);
};
