import { app, type BrowserWindow } from 'electron';
import type { Activity } from '../../shared/contract/core.ts';
import type { CallOptions, CoreApi, Outcome } from '../api/dispatcher.ts';
import { watchForCrashes } from './crash.ts';

/** A core that this window shows: its own, or that of an agent that runs already. */
export interface ShownCore extends CoreApi {
  readonly running: () => Promise<Activity[]>;
  readonly watch: (watcher: (activity: Activity) => void) => () => void;
  readonly close: () => Promise<void>;
}

const listRunning = async (core: CoreApi): Promise<Activity[]> => {
  const outcome = await core.call('activity.list', {}, { caller: { kind: 'ui' } });
  return outcome.ok ? (outcome.result as Activity[]).filter((activity) => activity.state === 'running') : [];
};

type Progress = Parameters<NonNullable<CallOptions['onProgress']>>[0];

/**
 * Begins the readiness check while the page is still being loaded: it is the first thing that the page asks for. The
 * page's own call then takes over, with its progress and its cancellation; every later call is made anew.
 */
export const withHeadStart = (core: CoreApi): CoreApi => {
  const controller = new AbortController();
  let last: Progress | null = null;
  let tell: CallOptions['onProgress'];
  let begun: Promise<Outcome> | null = core.call(
    'readiness.check',
    {},
    {
      caller: { kind: 'ui' },
      signal: controller.signal,
      onProgress: (progress) => {
        last = progress;
        tell?.(progress);
      },
    },
  );
  return {
    call: (method, input, options) => {
      const isFirst = method === 'readiness.check' && begun && Object.keys((input as object | null) ?? {}).length === 0;
      if (!isFirst) return core.call(method, input, options);
      const outcome = begun as Promise<Outcome>;
      begun = null;
      tell = options.onProgress;
      if (last) tell?.(last);
      options.signal?.addEventListener('abort', () => controller.abort(), { once: true });
      return outcome;
    },
  };
};

/** The core with this window's file dialogs before it: they are answered here, whichever process has the core. */
export const withDialogs = (core: CoreApi, windowOf: () => BrowserWindow | null): CoreApi => {
  let dialogs: Promise<CoreApi> | null = null;
  return {
    call: async (method, input, options) => {
      if (!method.startsWith('files.')) return core.call(method, input, options);
      dialogs ??= import('./dialogs.ts').then(({ fileDialogs }) => fileDialogs(windowOf));
      return (await dialogs).call(method, input, options);
    },
  };
};

/** Takes the core of a data folder into this process, or finds the one that an agent runs. */
export const takeCore = async (dataFolder: string, show: () => boolean): Promise<ShownCore> => {
  const { compileNoSchemas } = await import('./schemas.ts');
  compileNoSchemas();
  // Loaded only now, so that the window and its page start while the core is read.
  const { findRunningCore, startCore } = await import('../agent/core-process.ts');
  const own = await startCore({ dataFolder, host: 'window', onStop: () => app.quit() }, { onShow: show });
  if (own) {
    watchForCrashes(own.log, own.logFile);
    const first = withHeadStart(own.core);
    return {
      call: (method, input, options) => first.call(method, input, options),
      running: async () => own.core.activities.running(),
      watch: (watcher) => own.core.activities.watch(watcher),
      close: () => own.close(),
    };
  }
  const remote = await findRunningCore(dataFolder);
  if (await remote.show()) app.exit(0);
  return {
    call: (method, input, options) => remote.call(method, input, options),
    running: () => listRunning(remote),
    watch: (watcher) => remote.watch(watcher),
    close: async () => remote.close(),
  };
};
