import { planListed } from '../../../shared/plan/listed/plan-listed.ts';
import type { ClusterObserved } from '../../../shared/plan/observed.ts';
import { readNode } from '../plans/read-part.ts';
import type { Server } from '../plans/server.ts';
import type { AreaEntry } from './area.ts';

export const observeCluster = async (server: Server, signal?: AbortSignal): Promise<ClusterObserved> => {
  const [node, state] = await Promise.all([
    readNode(server, signal),
    server.ports.cluster.readState(signal ? { signal } : {}),
  ]);
  return { node, state };
};

export const clusterArea: AreaEntry<'cluster'> = {
  observe: observeCluster,
  plan: (desire, observed, { answers }) => planListed('cluster', desire, { cluster: observed }, answers),
};
