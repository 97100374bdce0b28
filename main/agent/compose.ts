import { hostname } from 'node:os';
import { activityCancel, activityList, coreInfo, coreStop, coreUnfinished } from '../../shared/contract/core.ts';
import { fromEnvelope } from '../../shared/errors/failure.ts';
import type { AskCore } from '../operations/formation/qualify-lun.ts';
import { AvailabilityAnswers } from '../operations/availability/answers.ts';
import { DrillHistory } from '../operations/drills/history.ts';
import { Activities } from '../api/activities.ts';
import { Dispatcher } from '../api/dispatcher.ts';
import { implement, type Implementation } from '../api/registry.ts';
import { availabilityImplementations, availabilityPorts } from './compose-availability.ts';
import { iscsiImplementations } from './compose-iscsi.ts';
import { drillImplementations } from './compose-drill.ts';
import type { CoreSettings } from './core-settings.ts';
import { clusterImplementations } from './compose-cluster.ts';
import { coordinatorImplementations, coordinatorshipOf, ordersOf, RunningOrders } from './compose-coordinator.ts';
import { consistencyImplementations } from './compose-consistency.ts';
import { lunImplementations } from './compose-luns.ts';
import { matrixImplementations } from './compose-matrix.ts';
import type { Peers } from '../peer/peers.ts';
import { peerImplementations, peersOf } from './compose-peers.ts';
import { promiseImplementations, singleWriterOf } from './compose-promises.ts';
import { readinessImplementations } from './compose-readiness.ts';
import { rehearsalImplementations } from './compose-rehearsal.ts';
import { formationImplementations } from './compose-formation.ts';
import { serverImplementations } from './compose-server.ts';
import { serverAccess } from './server-access.ts';
import { targetImplementations } from './target-implementations.ts';
import { validationImplementations } from './compose-validation.ts';
import { version } from './version.ts';

/** What every operation of this process may use; each domain takes what it needs. */
interface Composition {
  readonly ask: AskCore;
  readonly settings: CoreSettings;
  readonly activities: Activities;
}

const coreImplementations = ({ settings, activities, ask }: Composition): Implementation[] => [
  implement(coreInfo, () => ({
    version,
    pid: process.pid,
    host: settings.host,
    dataFolder: settings.dataFolder,
    logFile: settings.logFile ?? null,
    platform: process.platform,
    machineName: hostname(),
    rehearsal: settings.localServer ? `${settings.localServer.world}/${settings.localServer.server}` : null,
  })),
  implement(activityList, () => activities.list()),
  implement(activityCancel, ({ id }) => ({ cancelled: activities.cancel(id) })),
  implement(coreStop, ({ force }) => {
    const running = activities.running().map((activity) => activity.title);
    if (running.length > 0 && !force) return { stopped: false, running };
    setImmediate(() => settings.onStop?.());
    return { stopped: true, running };
  }),
  implement(coreUnfinished, async (_input, { signal }) => {
    const { listUnfinished } = await import('../operations/update/unfinished.ts');
    const [changes, formation] = await Promise.all([
      ask('journal.list', { open: true }, signal),
      ask('formation.status', {}, signal),
    ]);
    return listUnfinished({
      activities: activities.running(),
      changes,
      formation,
      drill: new DrillHistory(settings.dataFolder).readRunning(),
    });
  }),
];

/**
 * The composition root: binds every contract method to its operation and the operations to this machine's adapters.
 * Operations are imported when they are first called, so that a command pays only for what it uses.
 */
export const composeCore = (
  settings: CoreSettings,
): { readonly core: Dispatcher; readonly peers: Peers; readonly closeServers: () => Promise<void> } => {
  const activities = new Activities();
  const peers: Peers = peersOf(settings, (method, input, options) => core.call(method, input, options));
  const singleWriter = singleWriterOf(settings, peers);
  const access = serverAccess(settings, singleWriter);
  const server = serverImplementations(access);
  const readiness = readinessImplementations(settings);
  const running = new RunningOrders();
  const coordinatorship = coordinatorshipOf(settings, peers, running);
  const ask: AskCore = async (method, input, signal) => {
    const outcome = await core.call(method, input, { caller: { kind: 'cli' }, signal });
    if (!outcome.ok) throw fromEnvelope(outcome.error);
    return outcome.result as never;
  };
  const statePorts = availabilityPorts({
    drills: () => new DrillHistory(settings.dataFolder).read(),
    answers: (cluster) => new AvailabilityAnswers(settings.dataFolder).of(cluster),
    ask,
  });
  const composition: Composition = { settings, activities, ask };
  const core: Dispatcher = new Dispatcher(
    [
      ...coreImplementations(composition),
      ...readiness,
      ...clusterImplementations(access),
      ...validationImplementations(settings.dataFolder, access, ask),
      ...iscsiImplementations(settings),
      ...server,
      ...rehearsalImplementations(settings),
      ...targetImplementations(),
      ...availabilityImplementations(statePorts, settings.dataFolder),
      ...drillImplementations(settings, { access, statePorts, ask, peers, coordinatorship }),
      ...peerImplementations(peers),
      ...coordinatorImplementations(coordinatorship),
      ...promiseImplementations(singleWriter, access, peers),
      ...consistencyImplementations(settings, access, peers),
      ...lunImplementations(settings, access, peers),
      ...matrixImplementations(settings, access, peers),
      ...formationImplementations(
        { settings, access, peers, ask, running, coordinatorship, singleWriter },
        composeCore,
      ),
    ],
    {
      activities,
      peers,
      orders: ordersOf(coordinatorship),
      ...(settings.log ? { log: settings.log } : {}),
    },
  );
  return { core, peers, closeServers: access.close };
};

/** A core that nobody but this process uses. */
export const createCore = (settings: CoreSettings): Dispatcher => composeCore(settings).core;
