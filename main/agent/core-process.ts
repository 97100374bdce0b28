import { failure } from '../../shared/errors/failure.ts';
import type { Dispatcher, Log } from '../api/dispatcher.ts';
import { createCore } from './compose.ts';
import type { CoreSettings } from './core-settings.ts';
import { takeCoreLock } from './core-lock.ts';
import { openLog } from './log.ts';
import { RemoteCore, servePipe, type PipeEvents } from './pipe.ts';

/** The one core of a data folder, in this process. */
export interface CoreProcess {
  readonly core: Dispatcher;
  readonly dataFolder: string;
  readonly logFile: string;
  readonly log: Log;
  /** Ends pipe and claim; running activities are cancelled first. */
  close(): Promise<void>;
}

/** Starts the core of a data folder in this process; null when another process has it (see {@link RemoteCore.find}). */
export const startCore = async (
  settings: Pick<CoreSettings, 'dataFolder' | 'host' | 'onStop'>,
  events: PipeEvents = {},
): Promise<CoreProcess | null> => {
  const lock = await takeCoreLock(settings.dataFolder);
  if (!lock) return null;
  try {
    const { log, path } = await openLog(settings.dataFolder);
    const core = createCore({ ...settings, log, logFile: path });
    const pipe = await servePipe(settings.dataFolder, core, events);
    return {
      core,
      dataFolder: settings.dataFolder,
      logFile: path,
      log,
      close: async () => {
        for (const activity of core.activities.running()) core.activities.cancel(activity.id);
        await pipe.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
};

const findDeadlineMs = 5_000;

/** Connects to the core that holds the claim; it may be just starting, so this asks again until a deadline. */
export const findRunningCore = async (dataFolder: string): Promise<RemoteCore> => {
  const deadline = Date.now() + findDeadlineMs;
  for (;;) {
    const remote = await RemoteCore.find(dataFolder);
    if (remote) return remote;
    if (Date.now() > deadline) throw failure('CORE_ALREADY_RUNS', { pid: 'unknown', dataFolder }, { retry: 'later' });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
