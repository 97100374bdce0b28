import { setMaxListeners } from 'node:events';
import type * as z from 'zod';
import type { Progress } from '../../../shared/contract/define.ts';
import { cancelled, failure, Failure, type Effect } from '../../../shared/errors/failure.ts';
import { problemInFile } from '../../../shared/model/issue-words.ts';
import type { FailureCode } from '../../../shared/messages/index.ts';
import { mapScriptError, type ErrorRow, type ScriptChanges } from './error-table.ts';
import { findPowerShell, type PowerShellProgram } from './locate.ts';
import { renderScript } from './render.ts';
import { openScriptStore, type ScriptStore, type VerifiedScript } from './script-store.ts';
import { startSession, type Session, type SessionOutcome } from './session.ts';
import { createSessionPool, type PoolOptions } from './session-pool.ts';
import { toParameters, type Notice, type ProgressMessage, type ScriptError } from './wire.ts';

export interface RunOptions<Data, Expected extends FailureCode> {
  /** Ends the script (BeginStop, then by force) and makes the call throw `CANCELLED`. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the script is ended, waiting and starting included. Default 60,000. */
  readonly deadlineMs?: number | undefined;
  /** How long the script may take to stop once it was told to. Default: that of the runner. */
  readonly stopGraceMs?: number | undefined;
  /** A call that may take long leaves sessions for quick ones. Default: when its deadline is over a minute. */
  readonly long?: boolean | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Warnings, verbose text and non-terminating errors, as they come. */
  readonly onNotice?: ((notice: Notice) => void) | undefined;
  /** Rows for errors of this script, tried before the general ones. */
  readonly errors?: readonly ErrorRow[] | undefined;
  /** Codes that are normal here: they come back as values, every other failure is thrown. */
  readonly expected?: readonly Expected[] | undefined;
  /** The form of the script's result. */
  readonly output?: z.ZodType<Data> | undefined;
}

export type RunOutcome<Data, Expected extends FailureCode> =
  | { readonly ok: true; readonly data: Data; readonly notices: readonly Notice[] }
  | {
      readonly ok: false;
      readonly code: Expected;
      readonly failure: Failure;
      readonly error: ScriptError | null;
      readonly notices: readonly Notice[];
    };

export interface RunnerOptions {
  /** The folder that holds session/, scripts/ and scripts.json; `dist/powershell` in the product. */
  readonly folder: string;
  /** Which PowerShell; default {@link findPowerShell}, looked for at the first call. */
  readonly program?: PowerShellProgram;
  readonly modules?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly pool?: Partial<PoolOptions>;
  /** How long a session may take to become ready. Default 60,000: a first start on a busy server is slow. */
  readonly readyMs?: number;
  /** How long a script may take to stop once it was told to; then its process is ended. Default 3,000. */
  readonly stopGraceMs?: number;
  readonly onChatter?: (text: string) => void;
}

export interface Runner {
  /**
   * Runs a script of `scripts/` by its name without `.ps1`. The input's properties are its parameters.
   * Throws a {@link Failure}, except for the codes in `expected`.
   */
  run<Data = unknown, Expected extends FailureCode = never>(
    name: string,
    input: object,
    options?: RunOptions<Data, Expected>,
  ): Promise<RunOutcome<Data, Expected>>;
  /** The same script and input as text that a person can read and paste; secrets become prompts. */
  render(name: string, input: object): Promise<string>;
  /** Starts a session ahead of the first call. Failures are left to that call. */
  warm(): Promise<void>;
  readonly scripts: ScriptStore;
  readonly counts: { readonly idle: number; readonly busy: number; readonly started: number };
  /** Ends all sessions; calls that still run fail as `CANCELLED`. */
  close(): Promise<void>;
}

const maxNotices = 1_000;

/** A progress record as the contract's progress. Windows' default status says nothing and is left out. */
export const toProgress = (message: ProgressMessage): Progress => ({
  doing: [message.activity, message.status, message.operation]
    .filter((text) => text !== null && text !== '' && text !== 'Processing')
    .join(': '),
  done: message.completed ? 100 : message.percent < 0 ? null : message.percent,
  total: message.completed || message.percent >= 0 ? 100 : null,
  leftMs: message.secondsLeft < 0 ? null : message.secondsLeft * 1_000,
});

/** What a call that was cut short may have changed. */
const cutEffect = (changes: ScriptChanges): Effect => (changes === 'nothing' ? 'none' : 'unknown');

class Deadline extends Error {}

export const createRunner = (options: RunnerOptions): Runner => {
  const store = openScriptStore(options.folder);
  let program: PowerShellProgram | null = options.program ?? null;
  const closing = new AbortController();
  // Every call that runs or waits listens to it; a server is asked for a dozen things at once.
  setMaxListeners(0, closing.signal);
  const running = new Set<Promise<unknown>>();

  const start = async (): Promise<Session> => {
    program ??= findPowerShell();
    await store.checkSession();
    return startSession({
      program,
      sessionFolder: store.sessionFolder,
      modules: options.modules ?? [],
      env: options.env ?? {},
      readyMs: options.readyMs ?? 60_000,
      ...(options.onChatter ? { onChatter: options.onChatter } : {}),
    });
  };
  const pool = createSessionPool(start, {
    sessionsAtMost: 6,
    longAtMost: 4,
    idleKept: 1,
    idleMs: 120_000,
    ...options.pool,
  });

  /** Runs the script in a session and ends it when `signal` says so. */
  const callSession = async (
    session: Session,
    script: VerifiedScript,
    input: object,
    signal: AbortSignal,
    listener: { onProgress: (message: ProgressMessage) => void; onNotice: (notice: Notice) => void },
    stopGraceMs = options.stopGraceMs ?? 3_000,
  ): Promise<SessionOutcome> => {
    let force: NodeJS.Timeout | null = null;
    const onAbort = (): void => {
      session.stop();
      force = setTimeout(() => session.kill(), stopGraceMs);
    };
    const answer = session.run(
      { name: script.name, path: script.path, sha256: script.sha256, input: toParameters(input) },
      listener,
    );
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await answer;
    } finally {
      signal.removeEventListener('abort', onAbort);
      if (force) clearTimeout(force);
    }
  };

  const runScript = async <Data>(
    name: string,
    input: object,
    runOptions: RunOptions<Data, FailureCode>,
    notices: Notice[],
    note: (error: ScriptError) => void,
  ): Promise<Data> => {
    const script = await store.read(name);
    const deadlineMs = runOptions.deadlineMs ?? 60_000;
    const long = runOptions.long ?? deadlineMs > 60_000;
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(new Deadline()), deadlineMs);
    const callerStops = (): void => stop.abort(new Error('cancelled'));
    const onClosing = (): void => stop.abort(new Error('closing'));
    runOptions.signal?.addEventListener('abort', callerStops, { once: true });
    closing.signal.addEventListener('abort', onClosing, { once: true });
    if (runOptions.signal?.aborted) callerStops();
    if (closing.signal.aborted) onClosing();
    const cut = (effect: Effect): Failure =>
      stop.signal.reason instanceof Deadline
        ? failure('POWERSHELL_DEADLINE_PASSED', { script: name, seconds: deadlineMs / 1000 }, { effect })
        : cancelled(name, effect);

    let session: Session | null = null;
    let whole = false;
    try {
      stop.signal.throwIfAborted();
      session = await pool.take(long, stop.signal);
      const listener = {
        onProgress: (message: ProgressMessage) => runOptions.onProgress?.(toProgress(message)),
        onNotice: (notice: Notice) => {
          if (notices.length < maxNotices) notices.push(notice);
          runOptions.onNotice?.(notice);
        },
      };
      // A runner that closes waits for nobody.
      const grace = closing.signal.aborted ? undefined : runOptions.stopGraceMs;
      const outcome = await callSession(session, script, input, stop.signal, listener, grace);
      whole = outcome.kind === 'end' && !stop.signal.aborted;
      switch (outcome.kind) {
        case 'stopped':
          throw cut(cutEffect(script.changes));
        case 'died':
          if (stop.signal.aborted) throw cut(cutEffect(script.changes));
          throw failure(
            'POWERSHELL_SESSION_DIED',
            { script: name, reason: outcome.reason },
            { effect: cutEffect(script.changes) },
          );
        case 'garbled':
          throw failure(
            'POWERSHELL_ANSWER_INVALID',
            { script: name, problem: outcome.problem },
            { effect: cutEffect(script.changes) },
          );
        case 'end':
          break;
      }
      const { envelope } = outcome;
      if (!envelope.ok) {
        note(envelope.error);
        throw mapScriptError(envelope.error, runOptions.errors ?? [], {
          script: name,
          path: script.path,
          changes: script.changes,
          input: input as Readonly<Record<string, unknown>>,
        });
      }
      // It ended before it could be stopped: all of it was done.
      if (stop.signal.aborted) throw cut(script.changes === 'nothing' ? 'none' : 'complete');
      if (!runOptions.output) return envelope.data as Data;
      const parsed = runOptions.output.safeParse(envelope.data);
      if (parsed.success) return parsed.data;
      throw failure(
        'POWERSHELL_ANSWER_INVALID',
        { script: name, problem: problemInFile(parsed.error.issues) },
        { effect: cutEffect(script.changes) },
      );
    } catch (error) {
      if (error instanceof Failure || !stop.signal.aborted) throw error;
      throw cut('none');
    } finally {
      clearTimeout(timer);
      runOptions.signal?.removeEventListener('abort', callerStops);
      closing.signal.removeEventListener('abort', onClosing);
      if (session) pool.giveBack(session, long, whole);
    }
  };

  return {
    async run<Data, Expected extends FailureCode>(
      name: string,
      input: object,
      runOptions: RunOptions<Data, Expected> = {},
    ): Promise<RunOutcome<Data, Expected>> {
      if (closing.signal.aborted) throw failure('POWERSHELL_CLOSED', { script: name });
      const notices: Notice[] = [];
      let scriptError: ScriptError | null = null;
      const call = runScript(name, input, runOptions, notices, (error) => (scriptError = error));
      running.add(call);
      try {
        return { ok: true, data: await call, notices };
      } catch (error) {
        const codes: readonly FailureCode[] = runOptions.expected ?? [];
        if (!(error instanceof Failure) || !codes.includes(error.code)) throw error;
        return { ok: false, code: error.code as Expected, failure: error, error: scriptError, notices };
      } finally {
        running.delete(call);
      }
    },
    render: async (name, input) => renderScript(await store.read(name), await store.readSupport(), input),
    async warm() {
      try {
        const session = await pool.take(false, closing.signal);
        pool.giveBack(session, false, true);
      } catch {
        // The first call meets the same and tells its caller.
      }
    },
    scripts: store,
    get counts() {
      return pool.counts;
    },
    async close() {
      closing.abort();
      await Promise.allSettled(running);
      await pool.close();
    },
  };
};
