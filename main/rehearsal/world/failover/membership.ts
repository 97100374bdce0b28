import {
  defaultHeartbeat,
  defaultResiliency,
  type Heartbeat,
  type Resiliency,
} from '../../../../shared/model/cluster.ts';
import { findFault } from '../change.ts';
import type { ClusterWorldState } from '../cluster-state.ts';
import type { ServerState, WorldState } from '../state.ts';

/** As a new cluster has it where nobody changed it (`cluster.node.isolated`). */
export const resiliencyOf = (cluster: ClusterWorldState): Resiliency => cluster.resiliency ?? defaultResiliency;

/** As a new cluster has it where nobody changed it (`cluster.heartbeat.threshold`). */
export const heartbeatOf = (cluster: ClusterWorldState): Heartbeat => cluster.heartbeat ?? defaultHeartbeat;

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
