import { hostname } from 'node:os';
import { activityCancel, activityList, coreInfo, coreStop, coreUnfinished } from '../../shared/contract/core.ts';
import type { Activities } from '../api/activities.ts';
import { implement, type Implementation } from '../api/registry.ts';
import { DrillHistory } from '../operations/drills/history.ts';
import type { AskCore } from '../operations/formation/qualify-lun.ts';
import type { CoreSettings } from './core-settings.ts';
import { version } from './version.ts';

/** What the methods of the core itself need. */
interface Composition {
  readonly ask: AskCore;
  readonly settings: CoreSettings;
  readonly activities: Activities;
}

/** The core itself: what it is, its activities, its end. */
export const coreImplementations = ({ settings, activities, ask }: Composition): Implementation[] => [
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
