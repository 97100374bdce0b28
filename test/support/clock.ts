import { onTestFinished, vi } from 'vitest';

/** The clock by which limits are measured, put forward until the test ends; timers go on as they are. */
export const clock = (): { putForward(ms: number): void } => {
  let aheadMs = 0;
  const real = performance.now.bind(performance);
  const spy = vi.spyOn(performance, 'now').mockImplementation(() => real() + aheadMs);
  onTestFinished(() => spy.mockRestore());
  return { putForward: (ms) => void (aheadMs += ms) };
};
