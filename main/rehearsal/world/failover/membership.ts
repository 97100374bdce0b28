import { findFault } from '../change.ts';
import type { ClusterWorldState, ServerState, WorldState } from '../state.ts';

/** `ResiliencyLevel` AlwaysIsolate and `ResiliencyDefaultPeriod` as a new cluster has them (`cluster.node.isolated`). */
export const defaultResiliency = { level: 2, periodSeconds: 240 } as const;

export const resiliencyOf = (cluster: ClusterWorldState): { readonly level: 1 | 2; readonly periodSeconds: number } =>
  cluster.resiliency ?? defaultResiliency;

export const seesDisk = (world: WorldState, server: ServerState, disk: string): boolean => {
  const wanted = disk.toLowerCase();
  return server.initiator.sessions.some(
    (session) =>
      session.connected &&
      (world.targets[session.target]?.luns ?? []).some(({ lun }) => world.luns[lun]?.uniqueId.toLowerCase() === wanted),
  );
};

/** The service runs, whether the cluster counts the node in or not. */
export const isServiceStarted = (world: WorldState, server: ServerState): boolean =>
  server.power === 'on' &&
  server.services['ClusSvc']?.state === 'running' &&
  !findFault(world, 'clusterServiceStopped', (fault) => fault.server === server.name);
