import { onTestFinished, vi } from 'vitest';

/** Of the runtime, also where a test has put its clock forward already. */
const realNow = performance.now.bind(performance);

/**
 * The clock by which limits are measured, put forward until the test ends; timers go on as they are. One that `standsStill` is put forward by the test alone,
 * so that a busy machine comes no nearer to a limit.
 */
export const clock = ({ standsStill = false } = {}): { putForward(ms: number): void } => {
  let aheadMs = 0;
  const begun = realNow();
  const spy = vi.spyOn(performance, 'now').mockImplementation(() => (standsStill ? begun : realNow()) + aheadMs);
  onTestFinished(() => spy.mockRestore());
  return { putForward: (ms) => void (aheadMs += ms) };
};
