import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { cleanUpDeadlineMs } from '../../../main/agent/clean-up-deadline.ts';
import { closePatienceMs, whenClosed } from '../../../main/electron/closing.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

it('waits for activities that use all of their time to undo what must not stay', async () => {
  const order: string[] = [];
  const closed = after(cleanUpDeadlineMs)
    .then(() => after(500))
    .then(() => void order.push('closed'));
  const ended = whenClosed(closed).then(() => void order.push('exit'));
  await vi.advanceTimersByTimeAsync(cleanUpDeadlineMs + 500);
  await ended;
  expect(order).toEqual(['closed', 'exit']);
});

it('waits no longer than that for a core that does not close, and not at all for one that failed', async () => {
  const exits: number[] = [];
  const began = Date.now();
  void whenClosed(new Promise(() => undefined)).then(() => exits.push(Date.now() - began));
  await whenClosed(Promise.reject(new Error('it could not be closed')));
  await vi.advanceTimersByTimeAsync(closePatienceMs - 1);
  expect(exits).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(exits).toEqual([closePatienceMs]);
});
