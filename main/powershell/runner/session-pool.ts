import type { Session } from './session.ts';

export interface PoolOptions {
  /** All sessions together. */
  readonly sessionsAtMost: number;
  /** How many of them calls that may take long can hold; the rest stays free for quick ones. */
  readonly longAtMost: number;
  /** How many idle sessions are kept; more are ended after `idleMs`. */
  readonly idleKept: number;
  readonly idleMs: number;
}

interface Waiter {
  readonly long: boolean;
  readonly wake: () => void;
}

/** Sessions that are handed out to one call at a time. A session that is not given back whole is replaced by a new one. */
export interface SessionPool {
  /** An idle session or a new one; waits while too many are in use. `signal` ends the waiting and the starting. */
  take(long: boolean, signal: AbortSignal): Promise<Session>;
  /** Gives a session back; one that is not usable any more, or not `whole`, is ended. */
  giveBack(session: Session, long: boolean, whole: boolean): void;
  close(): Promise<void>;
  readonly counts: { readonly idle: number; readonly busy: number; readonly started: number };
}

export const createSessionPool = (start: () => Promise<Session>, options: PoolOptions): SessionPool => {
  const idle: Session[] = [];
  const waiters: Waiter[] = [];
  const ending = new Set<Promise<void>>();
  const starting = new Set<Promise<unknown>>();
  let spare: Promise<void> | null = null;
  let busy = 0;
  let busyLong = 0;
  let started = 0;
  let closed = false;
  let idleTimer: NodeJS.Timeout | null = null;

  const mayRun = (long: boolean): boolean => busy < options.sessionsAtMost && (!long || busyLong < options.longAtMost);
  const endSession = (session: Session): void => {
    const end = session.end().finally(() => ending.delete(end));
    ending.add(end);
  };
  const wakeNext = (): void => {
    const at = waiters.findIndex((waiter) => mayRun(waiter.long));
    if (at >= 0) waiters.splice(at, 1)[0]!.wake();
  };
  const trimLater = (): void => {
    if (idleTimer || idle.length <= options.idleKept) return;
    idleTimer = setTimeout(() => {
      idleTimer = null;
      while (idle.length > options.idleKept) endSession(idle.shift()!);
    }, options.idleMs);
    idleTimer.unref();
  };
  const leave = (long: boolean): void => {
    busy--;
    if (long) busyLong--;
    wakeNext();
  };

  const takeIdle = (): Session | null => {
    for (let session = idle.pop(); session; session = idle.pop()) if (session.usable) return session;
    return null;
  };
  const begin = (): Promise<Session> => {
    started++;
    const begun = start();
    starting.add(begun);
    begun.catch(() => undefined).finally(() => starting.delete(begun));
    return begun;
  };
  const keep = (session: Session): void => {
    if (closed) endSession(session);
    else idle.push(session);
  };
  const startSpare = (): void => {
    if (spare || closed || idle.length > 0) return;
    // A start that fails is told to the call that needs a session.
    spare = begin()
      .then(keep, () => undefined)
      .finally(() => (spare = null));
  };
  /** Waits for `work` unless the signal comes first, whose reason is then thrown. */
  const unlessAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
    new Promise((settled, refused) => {
      const onAbort = (): void => refused(signal.reason as Error);
      signal.addEventListener('abort', onAbort, { once: true });
      work.then(settled, refused).finally(() => signal.removeEventListener('abort', onAbort));
    });
  const waitForSpare = async (signal: AbortSignal): Promise<Session | null> => {
    if (!spare) return null;
    await unlessAborted(spare, signal);
    return takeIdle();
  };
  const startOne = async (signal: AbortSignal): Promise<Session> => {
    const begun = begin();
    try {
      return await unlessAborted(begun, signal);
    } catch (error) {
      // A start that is not waited for any more still ends somewhere: its session becomes an idle one.
      if (signal.aborted) begun.then(keep, () => undefined);
      throw error;
    }
  };

  return {
    async take(long, signal) {
      while (!mayRun(long)) {
        await new Promise<void>((settled, refused) => {
          const waiter: Waiter = {
            long,
            wake: () => {
              signal.removeEventListener('abort', onAbort);
              settled();
            },
          };
          const onAbort = (): void => {
            const at = waiters.indexOf(waiter);
            if (at >= 0) waiters.splice(at, 1);
            refused(signal.reason as Error);
          };
          signal.throwIfAborted();
          signal.addEventListener('abort', onAbort, { once: true });
          waiters.push(waiter);
        });
      }
      busy++;
      if (long) busyLong++;
      try {
        const session = takeIdle() ?? (await waitForSpare(signal)) ?? (await startOne(signal));
        // The next quick call should not have to wait for a start while the machine is busy with this one.
        if (long) startSpare();
        return session;
      } catch (error) {
        leave(long);
        throw error;
      }
    },
    giveBack(session, long, whole) {
      if (whole && session.usable && !closed) {
        idle.push(session);
        trimLater();
      } else if (session.usable) {
        endSession(session);
      }
      leave(long);
    },
    async close() {
      closed = true;
      if (idleTimer) clearTimeout(idleTimer);
      while (idle.length > 0) endSession(idle.pop()!);
      await Promise.allSettled(starting);
      await Promise.all(ending);
    },
    get counts() {
      return { idle: idle.length, busy, started };
    },
  };
};
