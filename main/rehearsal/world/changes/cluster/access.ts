import { findFault, requireAdministrator, type Change } from '../../change.ts';
import { clusterNodeNamed, isClusteringInstalled, isClusterServiceRunning, serverNamed } from '../../cluster-view.ts';
import { refuse } from '../../refusal.ts';
import type { ClusterNodeState, ClusterWorldState } from '../../cluster-state.ts';
import type { ServerState, WorldState } from '../../state.ts';

/** The cluster over this server, which has to be a node whose service runs. */
export const clusterOf = (change: Change): ClusterWorldState => {
  requireAdministrator(change);
  const { world, server } = change;
  if (!isClusteringInstalled(server)) throw refuse('cluster.feature.missing', { node: server.computerName });
  const cluster = world.cluster ?? null;
  const isNode = cluster !== null && clusterNodeNamed(cluster, server.computerName) !== undefined;
  // Windows says the same of both.
  if (!isNode || !isClusterServiceRunning(world, server))
    throw refuse('cluster.service.stopped', { node: server.computerName });
  return cluster;
};

export const nodeIn = (cluster: ClusterWorldState, name: string): ClusterNodeState => {
  const node = clusterNodeNamed(cluster, name);
  if (!node) throw refuse('cluster.node.notFound', { node: name });
  return node;
};

/** Another server as a cluster cmdlet reaches it: over RPC, with the rights of the caller. */
export const requireReachable = (change: Change, name: string): ServerState => {
  const { world } = change;
  const server = serverNamed(world, name);
  const isGone =
    !server || server.power !== 'on' || findFault(world, 'nodeUnreachable', (fault) => fault.server === server.name);
  if (isGone || !isClusteringInstalled(server)) throw refuse('cluster.node.unreachable', { node: name });
  if (findFault(world, 'clusterRightsMissing', (fault) => fault.server === server.name))
    throw refuse('cluster.rights.missing', { node: name });
  return server;
};

export const requireFree = (world: WorldState, server: ServerState): void => {
  if (server.clusterLeftover) throw refuse('cluster.leftover', { node: server.computerName });
  if (world.cluster && clusterNodeNamed(world.cluster, server.computerName))
    throw refuse('cluster.node.inCluster', { node: server.computerName });
};
