import { fromEnvelope } from '../../shared/errors/failure.ts';
import { Activities } from '../api/activities.ts';
import { Dispatcher } from '../api/dispatcher.ts';
import { lazily, type LazyImplementations } from '../api/registry.ts';
import type { AskCore } from '../operations/formation/qualify-lun.ts';
import type { Peers } from '../peer/peers.ts';
import type { CoreSettings } from './core-settings.ts';
import { coordinatorshipOf, ordersOf, RunningOrders } from './coordinatorship-here.ts';
import { peersOf } from './peers-here.ts';
import { serverAccess } from './server-access.ts';
import { singleWriterOf } from './single-writer-here.ts';

/**
 * The composition root: binds every contract method to its operation and the operations to this machine's adapters.
 * A domain of methods is bound when the first of them is called, and operations are imported when they are first called: reading the schemas of the whole
 * contract takes longer than most commands, and an agent that nobody asks anything keeps none of them in memory.
 */
export const composeCore = (
  settings: CoreSettings,
): { readonly core: Dispatcher; readonly peers: Peers; readonly closeServers: () => Promise<void> } => {
  const { dataFolder } = settings;
  const activities = new Activities();
  const peers: Peers = peersOf(settings, {
    answer: (method, input, options) => core.call(method, input, options),
    find: (method) => core.find(method),
  });
  const singleWriter = singleWriterOf(settings, peers);
  const access = serverAccess(settings, singleWriter, () => peers.connections());
  const running = new RunningOrders();
  const coordinatorship = coordinatorshipOf(settings, peers, running);
  const ask: AskCore = async (method, input, signal, onProgress) => {
    const outcome = await core.call(method, input, {
      caller: { kind: 'cli' },
      signal,
      ...(onProgress ? { onProgress } : {}),
    });
    if (!outcome.ok) throw fromEnvelope(outcome.error);
    return outcome.result as never;
  };
  const loadStatePorts = async () => (await import('./availability-ports.ts')).availabilityPorts(dataFolder, ask);

  const groups: LazyImplementations[] = [
    lazily(['core', 'activity'], async () =>
      (await import('./compose-core.ts')).coreImplementations({ settings, activities, ask }),
    ),
    lazily(['readiness', 'report', 'collect'], async () =>
      (await import('./compose-readiness.ts')).readinessImplementations(settings),
    ),
    lazily(['cluster'], async () => [
      ...(await import('./compose-cluster.ts')).clusterImplementations(dataFolder, access),
      ...(await import('./compose-validation.ts')).validationImplementations(dataFolder, access, ask),
    ]),
    lazily(['iscsi'], async () => (await import('./compose-iscsi.ts')).iscsiImplementations(settings)),
    lazily(['host', 'nic', 'initiator', 'disk', 'cluster', 'roles', 'vm', 'storageHost', 'step'], async () =>
      (await import('./compose-server.ts')).serverImplementations(access),
    ),
    lazily(['journal'], async () => (await import('./compose-journal.ts')).journalImplementations(dataFolder, access)),
    lazily(['rehearsal'], async () => (await import('./compose-rehearsal.ts')).rehearsalImplementations(settings)),
    lazily(['target'], async () => (await import('./target-implementations.ts')).targetImplementations()),
    lazily(['availability'], async () =>
      (await import('./compose-availability.ts')).availabilityImplementations(await loadStatePorts(), dataFolder),
    ),
    lazily(['drill'], async () => {
      const parts = { access, statePorts: await loadStatePorts(), ask, peers, coordinatorship };
      return (await import('./compose-drill.ts')).drillImplementations(settings, parts);
    }),
    lazily(['peers'], async () => (await import('./compose-peers.ts')).peerImplementations(peers)),
    lazily(['peers.facts', 'peers.consistency'], async () =>
      (await import('./compose-consistency.ts')).consistencyImplementations(settings, access, peers),
    ),
    lazily(['coordinator'], async () =>
      (await import('./compose-coordinator.ts')).coordinatorImplementations(coordinatorship),
    ),
    lazily(['promise'], async () =>
      (await import('./compose-promises.ts')).promiseImplementations(singleWriter, access, peers),
    ),
    lazily(['peers.luns', 'luns'], async () =>
      (await import('./compose-luns.ts')).lunImplementations(settings, access, peers),
    ),
    lazily(['peers.matrix', 'peers.matrices', 'peers.readMatrix', 'peers.exportMatrix', 'measure'], async () =>
      (await import('./compose-matrix.ts')).matrixImplementations(settings, access, peers),
    ),
    lazily(['formation'], async () =>
      (await import('./compose-formation.ts')).formationImplementations(
        { settings, access, peers, ask, running, coordinatorship, singleWriter },
        composeCore,
      ),
    ),
  ];
  const core: Dispatcher = new Dispatcher(groups, {
    activities,
    peers,
    orders: ordersOf(coordinatorship),
    ...(settings.log ? { log: settings.log } : {}),
  });
  return { core, peers, closeServers: access.close };
};

/** A core that nobody but this process uses. */
export const createCore = (settings: CoreSettings): Dispatcher => composeCore(settings).core;
