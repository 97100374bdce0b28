import { between, findFault, type Change } from '../../change.ts';
import { clusterNodeNamed, giveDisk, isNodeUp, nodesBefore, serverNamed, upNodes } from '../../cluster-view.ts';
import { seesDisk } from '../../failover/membership.ts';
import { leaveInOrder } from '../../failover/votes.ts';
import { machineIn } from '../../machines-view.ts';
import { refuse } from '../../refusal.ts';
import type { ClusterWorldState } from '../../cluster-state.ts';
import type { ServerState, WorldState } from '../../state.ts';
import { clusterOf, nodeIn, requireReachable, requireFree } from './access.ts';
import { addNetworks } from './networks.ts';
import { placeGroup } from './groups.ts';
import { refuseAsPlanted } from './planted.ts';
import { isSameName } from '../../../../../shared/model/names.ts';

export const join = (change: Change, cluster: ClusterWorldState, server: ServerState): void => {
  const taken = new Set(nodesBefore(cluster).map((node) => node.id));
  let id = 1;
  while (taken.has(id)) id += 1;
  cluster.nodes.push({ name: server.computerName, id, weight: 1, paused: false });
  server.services['ClusSvc'] = {
    name: 'ClusSvc',
    displayName: 'Cluster Service',
    state: 'running',
    startMode: 'automatic',
    domainTriggered: false,
  };
  addNetworks(change, cluster, server);
};

export const leave = (server: ServerState): void => {
  const service = server.services['ClusSvc'];
  if (service) server.services['ClusSvc'] = { ...service, state: 'stopped', startMode: 'disabled' };
};

/** A server leaves the cluster for a while in order: by a restart, or because its service is stopped. */
export const leaveCluster = (world: WorldState, server: ServerState): void => {
  const cluster = world.cluster ?? null;
  const node = cluster && clusterNodeNamed(cluster, server.computerName);
  if (!cluster || !node || !isNodeUp(world, node)) return;
  const others = upNodes(world, cluster).filter((one) => one !== node);
  const reaches =
    cluster.witness.kind !== 'none' &&
    cluster.isWitnessOffline !== true &&
    others.some(({ name }) => {
      const other = serverNamed(world, name);
      const { witness } = cluster;
      return other !== undefined && (witness.kind !== 'disk' || seesDisk(world, other, witness.disk));
    });
  if (others.length === 0) return;
  leaveInOrder(cluster, node.name, reaches);
  node.membership = 'out';
};

export const addNode = (change: Change, name: string): void => {
  const cluster = clusterOf(change);
  const server = requireReachable(change, name);
  requireFree(change.world, server);
  refuseAsPlanted(change, 'cluster.addNode', { node: name }, () => void (server.clusterLeftover = true));
  const failing = findFault(change.world, 'nodeAddFails', (fault) => fault.server === server.name);
  if (failing) throw refuse('cluster.addNode.failed', { node: name, reason: 'the operation timed out (1460)' });
  between(change);
  join(change, cluster, server);
};

const moveOff = (world: WorldState, cluster: ClusterWorldState, from: string, to: string): void => {
  for (const group of cluster.groups) if (isSameName(group.ownerNode, from)) group.ownerNode = to;
  for (const disk of cluster.disks) if (isSameName(disk.ownerNode, from)) giveDisk(world, disk, to);
};

export const evictNode = (change: Change, name: string): void => {
  const cluster = clusterOf(change);
  const node = nodeIn(cluster, name);
  if (cluster.nodes.length === 1) throw refuse('cluster.node.last', { node: name });
  const machines = cluster.groups.filter(
    (group) => group.kind === 'virtualMachine' && isSameName(group.ownerNode, node.name),
  );
  if (machines.length > 0)
    throw refuse('cluster.evict.failed', {
      node: name,
      reason: `it runs ${machines.map((group) => group.name).join(', ')}`,
    });
  const server = serverNamed(change.world, node.name);
  const forget = (): void => {
    cluster.nodes = cluster.nodes.filter((one) => one !== node);
    const [other] = upNodes(change.world, cluster);
    if (other) moveOff(change.world, cluster, node.name, other.name);
  };
  refuseAsPlanted(change, 'cluster.evictNode', { node: name }, () => {
    forget();
    if (server) server.clusterLeftover = true;
  });
  forget();
  if (!server) return;
  // Evicted while it was away, it keeps what it knew (5896).
  if (server.power === 'on') leave(server);
  else server.clusterLeftover = true;
};

export const setPaused = (change: Change, name: string, isPaused: boolean): void => {
  const cluster = clusterOf(change);
  const node = nodeIn(cluster, name);
  if (!isNodeUp(change.world, node)) throw refuse('cluster.node.down', { node: name });
  if (!isPaused) {
    node.paused = false;
    return;
  }
  refuseAsPlanted(change, 'cluster.pauseNode', { node: name });
  const server = serverNamed(change.world, node.name);
  const stuck = server && findFault(change.world, 'drainFails', (fault) => fault.server === server.name);
  node.paused = true;
  if (stuck)
    throw refuse('cluster.drain.failed', { node: name, reason: 'a role could not be moved' }, { keepsChanges: true });
  for (const group of cluster.groups) {
    if (!isSameName(group.ownerNode, node.name)) continue;
    const machine = group.kind === 'virtualMachine' ? machineIn(change.world, group.name) : undefined;
    const place = placeGroup(change.world, cluster, group.preferredOwners, machine);
    if (place === null) {
      if (group.kind === 'virtualMachine')
        throw refuse(
          'cluster.drain.failed',
          { node: name, reason: `no other node takes ${group.name}` },
          { keepsChanges: true },
        );
      continue;
    }
    group.ownerNode = place;
  }
  const place = placeGroup(change.world, cluster, []);
  if (place !== null)
    for (const disk of cluster.disks) if (isSameName(disk.ownerNode, node.name)) giveDisk(change.world, disk, place);
};
