import type { Progress } from '../../shared/contract/define.ts';
import { ofReading, toEnvelope, type Outcome } from '../../shared/errors/failure.ts';
import type { CallOptions, CoreApi, Log } from '../api/dispatcher.ts';

/** Who watches a check: it tells how far it is, and ends when the signal says so. */
export interface Watched {
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
}

/** The check of this server that the page asks for first, begun before there is a page. */
export interface HeadStart {
  /** The core, whose first check of this server is the one under way: with its progress and its cancellation. */
  readonly before: (core: CoreApi, log: Log) => CoreApi;
  /** Ends the check: another process has the core, and answers for itself. */
  readonly drop: () => void;
}

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
  let isTaken = false;
  return {
    before: (core, log) => {
      void begun.then((outcome) => {
        if (outcome.ok) return;
        const { code } = outcome.error;
        if (code === 'INTERNAL_BUG') log.error({ stack }, 'the first check met a bug');
        else log.info({ code }, 'the first check failed');
      });
      return {
        call: (method, input, options) => {
          if (isTaken || !isFirstCheck(method, input)) return core.call(method, input, options);
          isTaken = true;
          tell = options.onProgress;
          if (last) tell?.(last);
          options.signal?.addEventListener('abort', () => controller.abort(), { once: true });
          return begun;
        },
      };
    },
    drop: () => controller.abort(),
  };
};
