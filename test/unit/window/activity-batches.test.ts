import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { inBatches } from '../../../renderer/api/activity-batches.ts';
import type { Activity } from '../../../shared/contract/core.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const activity = (done: number, state: Activity['state'] = 'running'): Activity =>
  ({ id: 'a1', method: 'iscsi.qualify', state, progress: { done, total: 9, text: '' } }) as unknown as Activity;

test('steps of running work come together, in their order, once in two frames', () => {
  const told: number[] = [];
  const { take } = inBatches(({ progress }) => told.push(progress?.done ?? -1));
  for (const done of [1, 2, 3]) take(activity(done));
  expect(told).toEqual([]);
  vi.advanceTimersByTime(40);
  expect(told).toEqual([1, 2, 3]);
  take(activity(4));
  vi.advanceTimersByTime(40);
  expect(told).toEqual([1, 2, 3, 4]);
});

test('how work ended is told at once, after everything that was held back', () => {
  const told: string[] = [];
  const { take } = inBatches(({ state }) => told.push(state));
  take(activity(1));
  take(activity(2, 'done'));
  expect(told).toEqual(['running', 'done']);
  vi.advanceTimersByTime(1000);
  expect(told).toEqual(['running', 'done']);
});

test('after the end nothing is told any more', () => {
  const told: unknown[] = [];
  const { take, stop } = inBatches((one) => told.push(one));
  take(activity(1));
  stop();
  vi.advanceTimersByTime(1000);
  expect(told).toEqual([]);
});
