import { app } from 'electron';
import type { Activity } from '../../shared/contract/core.ts';
import type { CoreApi } from '../api/dispatcher.ts';
import { watchForCrashes } from './crash.ts';
import type { HeadStart } from './head-start.ts';

/** A core that this window shows: its own, or that of an agent that runs already. */
export interface ShownCore {
  readonly core: CoreApi;
  readonly running: () => Promise<Activity[]>;
  readonly watch: (watcher: (activity: Activity) => void) => () => void;
  readonly close: () => Promise<void>;
}

const listRunning = async (core: CoreApi): Promise<Activity[]> => {
  const outcome = await core.call('activity.list', {}, { caller: { kind: 'ui' } });
  return outcome.ok ? (outcome.result as Activity[]).filter((activity) => activity.state === 'running') : [];
};

/** Takes the core of a data folder into this process, or finds the one that an agent runs. */
export const takeCore = async (dataFolder: string, show: () => boolean, check: HeadStart): Promise<ShownCore> => {
  const { compileNoSchemas } = await import('./schemas.ts');
  compileNoSchemas();
  // Loaded only now, so that the window and its page start while the core is read.
  const { findRunningCore, startCore } = await import('../agent/core-process.ts');
  const own = await startCore({ dataFolder, host: 'window', onStop: () => app.quit() }, { onShow: show });
  if (own) {
    watchForCrashes(own.log, own.logFile);
    return {
      core: check.before(own.core, own.log),
      running: async () => own.core.activities.running(),
      watch: (watcher) => own.core.activities.watch(watcher),
      close: () => own.close(),
    };
  }
  check.drop();
  const remote = await findRunningCore(dataFolder);
  if (await remote.show()) app.exit(0);
  return {
    core: remote,
    running: () => listRunning(remote),
    watch: (watcher) => remote.watch(watcher),
    close: async () => remote.close(),
  };
};
