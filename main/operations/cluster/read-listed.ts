import type { Output } from '../../../shared/contract/index.ts';
import { viewOf } from '../host/read-host.ts';
import { observeCluster, observeMachines, observeRoles } from '../plans/observe.ts';
import type { Server } from '../plans/server.ts';

const viewWith = <State>(server: Server, { node, state }: { readonly node: string; readonly state: State }) => ({
  server: viewOf(server, node),
  state,
  readAt: server.now().toISOString(),
});

export const readRoles = async (server: Server, signal?: AbortSignal): Promise<Output<'roles.read'>> =>
  viewWith(server, await observeRoles(server, signal));

export const readCluster = async (server: Server, signal?: AbortSignal): Promise<Output<'cluster.read'>> =>
  viewWith(server, await observeCluster(server, signal));

export const listMachines = async (server: Server, signal?: AbortSignal): Promise<Output<'vm.list'>> =>
  viewWith(server, await observeMachines(server, signal));
