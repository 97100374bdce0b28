import type { Progress } from '../../shared/contract/define.ts';
import { ofReading, toEnvelope, type Outcome } from '../../shared/errors/failure.ts';
import type { CallOptions, CoreApi, Log } from '../api/dispatcher.ts';

/** Who watches a check: it tells how far it is, and ends when the signal says so. */
export interface Watched {
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
}

/** The check of this server that the page asks for first, begun before there is a page and answered before there is a core. */
export interface HeadStart {
  /** The core of this window, whose first check of this server is the one under way: with its progress and its cancellation. */
  readonly before: (core: CoreApi) => CoreApi;
  /**
   * Tells whether this process is to have the core, which every answer waits for. Where another process has it, that one answers for itself, of
   * whichever server it is, and the check ends.
   */
  readonly settle: (isOwn: boolean) => void;
  /** Resolves once the page was answered, or has asked too early, or did not ask in a second: what is loaded then keeps it from nothing. */
  readonly answered: () => Promise<void>;
  /** Writes down how the check failed, if it did. */
  readonly logTo: (log: Log) => void;
}

/** How long the page may take to ask, in milliseconds; it may be gone, or be another than expected. */
const askedWithinMs = 1_000;

/**
 * The operation that the contract's readiness.check calls, without its parsers, as the command line calls it: the input is known, the report
 * is our own, and to read the schemas takes longer than to check a Linux machine.
 */
const checkHere = async (watched: Watched): Promise<unknown> => {
  const { checkReadinessOf } = await import('../agent/readiness-here.ts');
  const noWorld = (): Promise<never> => Promise.reject(new Error('this server is in no world'));
  return checkReadinessOf({ source: { kind: 'live' } }, noWorld, watched);
};

const isFirstCheck = (method: string, input: unknown): boolean =>
  method === 'readiness.check' && Object.keys((input as object | null) ?? {}).length === 0;

/**
 * Begins to check this server.
 * @param check answers with the report; tests give one of their own
 */
export const checkAhead = (check: typeof checkHere = checkHere): HeadStart => {
  const controller = new AbortController();
  let last: Progress | null = null;
  let tell: CallOptions['onProgress'];
  let stack: string | undefined;
  const begun: Promise<Outcome> = check({
    signal: controller.signal,
    progress: (progress) => {
      last = progress;
      tell?.(progress);
    },
  }).then(
    (result) => ({ ok: true, result }),
    (error: unknown) => {
      stack = error instanceof Error ? error.stack : undefined;
      return { ok: false, error: ofReading(toEnvelope(error)) };
    },
  );
  let isOver = false;
  void begun.then(() => (isOver = true));
  let isTaken = false;
  let settle: HeadStart['settle'] = () => undefined;
  const isOurs = new Promise<boolean>((resolve) => (settle = resolve));
  let goOn: () => void = () => undefined;
  const mayGoOn = new Promise<void>((resolve) => (goOn = resolve));
  return {
    before: (core) => ({
      call: async (method, input, options) => {
        if (isTaken || !isFirstCheck(method, input)) return core.call(method, input, options);
        isTaken = true;
        if (!(await isOurs)) return core.call(method, input, options);
        tell = options.onProgress;
        if (last) tell?.(last);
        options.signal?.addEventListener('abort', () => controller.abort(), { once: true });
        if (options.signal?.aborted) controller.abort();
        // The answer leaves with the end of this turn.
        if (isOver) setImmediate(goOn);
        else goOn();
        return begun;
      },
    }),
    settle: (isOwn) => {
      settle(isOwn);
      if (!isOwn) controller.abort();
    },
    answered: () => {
      const timer = setTimeout(goOn, askedWithinMs);
      return mayGoOn.finally(() => clearTimeout(timer));
    },
    logTo: (log) =>
      void begun.then((outcome) => {
        if (outcome.ok) return;
        const { code } = outcome.error;
        if (code === 'INTERNAL_BUG') log.error({ stack }, 'the first check met a bug');
        else log.info({ code }, 'the first check failed');
      }),
  };
};
