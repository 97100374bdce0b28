import { planListed } from '../../../shared/plan/listed/plan-listed.ts';
import type { ListedArea } from '../../../shared/plan/listed/desire.ts';
import type { MachinesObserved } from '../../../shared/plan/observed.ts';
import type { CallOptions } from '../../ports/call.ts';
import type { Ports } from '../../ports/ports.ts';
import { readNode } from '../plans/read-part.ts';
import type { Server } from '../plans/server.ts';
import type { AreaEntry } from './area.ts';

/** Reads one state as a whole: where it cannot be read, nothing of the area is known. */
const observerOf =
  <State>(read: (ports: Ports, options: CallOptions) => Promise<State>) =>
  async (server: Server, signal?: AbortSignal): Promise<{ readonly node: string; readonly state: State }> => {
    const [node, state] = await Promise.all([readNode(server, signal), read(server.ports, signal ? { signal } : {})]);
    return { node, state };
  };

export const observeRoles = observerOf(({ roles }, options) => roles.readState(options));
export const observeCluster = observerOf(({ cluster }, options) => cluster.readState(options));

const observeOwnMachines = observerOf(({ machines }, options) => machines.readState(options));

/**
 * The machines. A node whose cluster service does not run lists what is on itself, and no role: it says so, so that nobody takes a machine of the
 * cluster for one that is not there, or that is no role.
 */
export const observeMachines = async (server: Server, signal?: AbortSignal): Promise<MachinesObserved> => {
  const observed = await observeOwnMachines(server, signal);
  const { node, state } = observed;
  if (!state.isHyperVRunning || state.clusterNodes !== null) return observed;
  const { membership } = await server.ports.cluster.readState(signal ? { signal } : {});
  if (membership !== 'stopped') return observed;
  const unread = [...state.unread, { property: 'cluster', because: `the cluster service on ${node} does not run` }];
  return { ...observed, state: { ...state, unread } };
};
export const observeStorageHost = observerOf(({ storageHost }, options) => storageHost.readState(options));

/** What only a plan looks at: why Hyper-V does not run, and where the disk of the cluster is that a machine is wanted on. */
const observeAround: NonNullable<AreaEntry<'vms'>['observeWanted']> = async (server, { changes }, observed, signal) => {
  if (!observed.state.isHyperVRunning) return { ...observed, roles: (await observeRoles(server, signal)).state };
  const needsDisk = changes.some((change) => change.do === 'vm.create' || change.do === 'vm.makeHighlyAvailable');
  if (!needsDisk || observed.state.clusterNodes === null) return observed;
  return { ...observed, cluster: (await observeCluster(server, signal)).state };
};

/** The entry of an area whose wishes are a list of changes. */
const listed = <A extends ListedArea>(area: A, observe: AreaEntry<A>['observe']): AreaEntry<A> => ({
  observe,
  plan: (desire, observed, { answers }) => planListed(area, desire, { [area]: observed }, answers),
});

export const listedEntries = {
  roles: listed('roles', observeRoles),
  cluster: {
    ...listed('cluster', observeCluster),
    // What the addresses of a cluster have to fit is on the adapters.
    observeWanted: async (server, { changes }, observed, signal) => {
      if (observed.state.cluster || !changes.some((change) => change.do === 'cluster.create')) return observed;
      const nics = await server.ports.nics.list(signal ? { signal } : {});
      return { ...observed, held: nics.flatMap(({ addresses }) => addresses ?? []) };
    },
  },
  vms: { ...listed('vms', observeMachines), observeWanted: observeAround },
  storageHost: listed('storageHost', observeStorageHost),
} as const satisfies { readonly [A in ListedArea]: AreaEntry<A> };
