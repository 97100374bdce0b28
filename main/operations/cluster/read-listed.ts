import type { Output } from '../../../shared/contract/index.ts';
import { clusterStanding, machinesStanding, rolesStanding } from '../../../shared/plan/standing/cluster.ts';
import type { Standing } from '../../../shared/plan/standing/standing.ts';
import { viewOf } from '../host/read-host.ts';
import { observeCluster, observeMachines, observeRoles, observeStorageHost } from '../areas/listed.ts';
import type { Server } from '../plans/server.ts';

const viewWith = <Part extends { readonly node: string; readonly state: unknown }>(
  server: Server,
  observed: Part,
  standingOf: (observed: Part) => Standing,
): { server: ReturnType<typeof viewOf>; state: Part['state']; standing: Standing; readAt: string } => ({
  server: viewOf(server, observed.node),
  state: observed.state,
  standing: standingOf(observed),
  readAt: server.now().toISOString(),
});

export const readRoles = async (server: Server, signal?: AbortSignal): Promise<Output<'roles.read'>> =>
  viewWith(server, await observeRoles(server, signal), rolesStanding);

export const readCluster = async (server: Server, signal?: AbortSignal): Promise<Output<'cluster.read'>> =>
  viewWith(server, await observeCluster(server, signal), clusterStanding);

export const listMachines = async (server: Server, signal?: AbortSignal): Promise<Output<'vm.list'>> =>
  viewWith(server, await observeMachines(server, signal), machinesStanding);

export const readStorageHost = async (server: Server, signal?: AbortSignal): Promise<Output<'storageHost.read'>> => {
  const { node, state } = await observeStorageHost(server, signal);
  return { server: viewOf(server, node), state, readAt: server.now().toISOString() };
};
