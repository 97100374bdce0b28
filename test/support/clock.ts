import { onTestFinished, vi } from 'vitest';

/** Of the runtime, also where a test has put its clock forward already. */
const realNow = performance.now.bind(performance);

/** The clock by which limits are measured, put forward until the test ends; timers go on as they are. */
export const clock = (): { putForward(ms: number): void } => {
  let aheadMs = 0;
  const spy = vi.spyOn(performance, 'now').mockImplementation(() => realNow() + aheadMs);
  onTestFinished(() => spy.mockRestore());
  return { putForward: (ms) => void (aheadMs += ms) };
};
