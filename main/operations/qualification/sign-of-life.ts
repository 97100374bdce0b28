import type { Progress } from '../../../shared/contract/define.ts';

/** Where a read is, for somebody who waits for a target that is slow or says nothing. */
export interface SignOfLife {
  /** Says what is waited for now; with a deadline, how long it is waited at most. */
  waitFor(doing: string, deadlineMs?: number): void;
  end(): void;
}

const everyMs = 1_000;

/** Tells a waiting caller every second what is waited for and how much of its deadline is left. */
export const signOfLife = (progress: (progress: Progress) => void): SignOfLife => {
  let current: { readonly doing: string; readonly until: number | null } | null = null;
  const tell = (): void => {
    if (current === null) return;
    const leftMs = current.until === null ? null : Math.max(0, Math.round(current.until - performance.now()));
    progress({ doing: current.doing, done: null, total: null, leftMs });
  };
  const timer = setInterval(tell, everyMs);
  return {
    waitFor: (doing, deadlineMs) => {
      current = { doing, until: deadlineMs === undefined ? null : performance.now() + deadlineMs };
      tell();
    },
    end: () => clearInterval(timer),
  };
};
