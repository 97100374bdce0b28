import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { failure } from '../../shared/errors/failure.ts';
import type { Dispatcher, Log } from '../api/dispatcher.ts';
import { mayHaveOpenEntries } from '../journal/closed-entries.ts';
import { pause } from '../system/pause.ts';
import { cleanUpDeadlineMs } from './clean-up-deadline.ts';
import { composeCore } from './compose.ts';
import type { CoreSettings } from './core-settings.ts';
import { takeCoreLock, type CoreLock } from './core-lock.ts';
import { releaseWhenIdle } from './idle-memory.ts';
import { openLog } from './log.ts';
import { RemoteCore, servePipe, type PipeEvents } from './pipe.ts';

/** The one core of a data folder, in this process. */
export interface CoreProcess {
  readonly core: Dispatcher;
  readonly dataFolder: string;
  readonly logFile: string;
  readonly log: Log;
  /** False where the journal has only changes that are over: whoever asks for those that wait has no need to read it. */
  mayHaveOpenChanges(): boolean;
  /** True when no activity runs and nobody waits for an answer. */
  isIdle(): boolean;
  /** Resolves once nothing is under way for anybody. */
  whenIdle(): Promise<void>;
  /** Ends pipe and claim; running activities are cancelled first and undo what must not stay, and their callers are told. */
  close(): Promise<void>;
}

/** A process that is gone was in the middle of a drill: whoever starts next takes it back. */
const isDrillLeft = (dataFolder: string): boolean => existsSync(join(dataFolder, 'drills', 'running.json'));

/**
 * Starts the core of a data folder in this process; null when another process has it (see {@link RemoteCore.find}).
 * @param held the claim, where it was taken before; it is released with the core, and where that does not start
 */
export const startCore = async (
  settings: Pick<CoreSettings, 'dataFolder' | 'host' | 'onStop' | 'localServer' | 'listen'>,
  events: PipeEvents = {},
  held: CoreLock | null = null,
): Promise<CoreProcess | null> => {
  const lock = held ?? (await takeCoreLock(settings.dataFolder));
  if (!lock) return null;
  try {
    const { log, path } = await openLog(settings.dataFolder);
    const { core, peers, closeServers } = composeCore({ ...settings, log, logFile: path });
    // Who names addresses is told at once when they cannot be had; elsewhere peers come after everything else.
    if (settings.listen) await peers.start(settings.listen);
    else if (settings.host !== 'cli')
      setImmediate(
        () =>
          void peers
            .start(undefined)
            .catch((error: unknown) => log.error({ error: String(error) }, 'peers were not started')),
      );
    const pipe = await servePipe(settings.dataFolder, core, events).catch(async (error: unknown) => {
      await peers.close();
      throw error;
    });
    if (settings.host !== 'cli' && isDrillLeft(settings.dataFolder))
      setImmediate(
        () =>
          void core
            .call('drill.list', {}, { caller: { kind: 'cli' } })
            .then((outcome) => outcome.ok || log.error({ error: outcome.error.code }, 'a drill was not undone')),
      );
    const isIdle = (): boolean => pipe.callsUnderWay() === 0 && core.activities.running().length === 0;
    const keepSmall = settings.host === 'agent' ? releaseWhenIdle(isIdle) : null;
    const whenIdle = (): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!isIdle()) return;
          unwatch();
          unwatchPipe();
          resolve();
        };
        // An activity is published as ended before its caller has the answer.
        const unwatch = core.activities.watch(() => setImmediate(look));
        const unwatchPipe = pipe.onCallEnded(look);
        look();
      });
    return {
      core,
      dataFolder: settings.dataFolder,
      logFile: path,
      log,
      mayHaveOpenChanges: () => mayHaveOpenEntries(settings.dataFolder),
      isIdle,
      whenIdle,
      close: async () => {
        for (const activity of core.activities.running()) core.activities.cancel(activity.id);
        let timer: NodeJS.Timeout | undefined;
        const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, cleanUpDeadlineMs)));
        await Promise.race([whenIdle(), patience]);
        clearTimeout(timer);
        keepSmall?.stop();
        await peers.close();
        await pipe.close();
        // A connection that is still open would keep the process until its time is up.
        await closeServers();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
};

/**
 * How long a claim may be held by a process that does not answer, in milliseconds: it begins or ends, and then it is gone or there. On Windows that may
 * take a PowerShell that is loaded just after the start of the server: for the firewall rules of its peers, or to end its sessions.
 */
const findDeadlineMs = 30_000;

type Settings = Parameters<typeof startCore>[0];

/** The core of a data folder: that of this process, or the one that runs in another. */
export type TakenCore =
  | { readonly own: CoreProcess; readonly running: null }
  | { readonly own: null; readonly running: RemoteCore };

/**
 * Starts the core of a data folder in this process, or connects to the one that has the claim. That one may be just starting, and is asked again, or
 * just ending, and then the claim is free.
 * @param patienceMs how long another may take to come back before this process takes the claim
 * @param held the claim, where this process took it before
 * @throws Failure CORE_ALREADY_RUNS where a process holds the claim and does not answer, CORE_PIPE_REFUSED where what answers is not the core
 */
export const openCore = async (
  settings: Settings,
  events: PipeEvents = {},
  patienceMs = 0,
  held: CoreLock | null = null,
): Promise<TakenCore> => {
  const { dataFolder } = settings;
  const takesFrom = Date.now() + patienceMs;
  const deadline = takesFrom + findDeadlineMs;
  for (;;) {
    const own = Date.now() < takesFrom ? null : await startCore(settings, events, held);
    if (own) return { own, running: null };
    // The ticket of one that ended, read while the next one writes its own, is refused once; a false core stays false.
    const running = await RemoteCore.find(dataFolder).catch((error: unknown) => {
      if (Date.now() > deadline) throw error;
      return null;
    });
    if (running) return { own: null, running };
    if (Date.now() > deadline) throw failure('CORE_ALREADY_RUNS', { pid: 'unknown', dataFolder }, { retry: 'later' });
    await pause(50);
  }
};

/** True where a command is the core, which ends with it. One that does not answer any more has ended. */
export const isOfCommand = async (running: RemoteCore): Promise<boolean> => {
  const info = await running.call('core.info', {}, { caller: { kind: 'cli' } });
  return !info.ok || (info.result as { host: string }).host === 'cli';
};

/**
 * The same for whoever is going to stay, an agent or what continues after a restart: where a command is the core at this moment, it is waited for.
 * @param told once for each command that is waited for, with its process
 * @throws CANCELLED where the signal ends the waiting
 */
export const openLastingCore = async (
  settings: Settings,
  events: PipeEvents,
  { signal, told }: { readonly signal: AbortSignal; readonly told: (pid: number) => void },
): Promise<TakenCore> => {
  for (;;) {
    const taken = await openCore(settings, events);
    const { running } = taken;
    // A command of this process would wait for itself.
    if (!running || running.pid === process.pid || !(await isOfCommand(running))) return taken;
    told(running.pid);
    try {
      await new Promise<void>((resolve, reject) => {
        const giveUp = (): void => reject(failure('CANCELLED', { what: 'The start' }));
        if (signal.aborted) giveUp();
        signal.addEventListener('abort', giveUp, { once: true });
        running.onClose(() => {
          signal.removeEventListener('abort', giveUp);
          resolve();
        });
      });
    } finally {
      running.close();
    }
  }
};
