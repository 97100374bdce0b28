import { requireAdministrator, rest, type Change } from '../../change.ts';
import { isNodeUp, serverNamed } from '../../cluster-view.ts';
import { refuse } from '../../refusal.ts';
import type { ClusterWorldState } from '../../cluster-state.ts';
import { clusterOf, nodeIn, requireReachable } from './access.ts';
import { leaveCluster } from './nodes.ts';
import { isSameName } from '../../../../../shared/model/names.ts';

/** The service of a node stops, asked for over any node that is up: what the node owned goes to others, its vote first. */
export const stopNode = (change: Change, name: string): void => {
  const cluster = clusterOf(change);
  const node = nodeIn(cluster, name);
  const server = serverNamed(change.world, node.name);
  const service = server?.services['ClusSvc'];
  if (!server || !service || !isNodeUp(change.world, node)) throw refuse('cluster.node.down', { node: name });
  rest(change, 'cluster.quorum.inOrder');
  leaveCluster(change.world, server);
  server.services['ClusSvc'] = { ...service, state: 'stopped' };
};

/** The service of a node starts, asked for on the node itself or over another one. */
export const startNode = (change: Change, name: string): void => {
  requireAdministrator(change);
  const cluster = change.world.cluster ?? null;
  if (!cluster) throw refuse('cluster.service.stopped', { node: change.server.computerName });
  const node = nodeIn(cluster, name);
  const server = requireReachable(change, node.name);
  const service = server.services['ClusSvc'];
  if (service) server.services['ClusSvc'] = { ...service, state: 'running' };
};

const witnessResource = (cluster: ClusterWorldState): string | null => {
  const { witness } = cluster;
  if (witness.kind === 'none') return null;
  if (witness.kind === 'share') return 'File Share Witness';
  return cluster.disks.find((one) => one.disk === witness.disk)?.name ?? null;
};

export const setWitnessOnline = (change: Change, resource: string, isOnline: boolean): void => {
  const cluster = clusterOf(change);
  const found = witnessResource(cluster);
  if (found === null || !isSameName(found, resource))
    throw refuse('cluster.witness.refused', { witness: resource, reason: 'there is no such resource' });
  cluster.isWitnessOffline = !isOnline;
};
