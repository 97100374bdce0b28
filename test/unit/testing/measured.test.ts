import { expect, it } from 'vitest';
import { measuredUntil } from '../../support/measured.ts';

const isNear = (measure: number): void => expect(measure).toBeLessThan(1.1);

it('takes a measure again where the machine was busy, and no more than it needs', async () => {
  const taken: number[] = [];
  await measuredUntil((attempt) => {
    taken.push(attempt);
    return attempt < 3 ? 5 : 1;
  }, isNear);
  expect(taken).toEqual([1, 2, 3]);
});

it('fails with what was found last where every measure is wrong', async () => {
  let taken = 0;
  const wrong = measuredUntil(() => ++taken + 1, isNear, 4);
  await expect(wrong).rejects.toThrow('expected 5 to be less than 1.1');
  expect(taken).toBe(4);
});

it('shows all that was taken to what judges', async () => {
  await measuredUntil(
    (attempt) => 10 - attempt,
    (newest, all) => {
      expect(all.at(-1)).toBe(newest);
      expect(Math.min(...all)).toBe(6);
    },
  );
});

it('does not take a measure again that could not be taken at all', async () => {
  let taken = 0;
  const broken = measuredUntil(() => {
    taken += 1;
    throw new Error('no such machine');
  }, isNear);
  await expect(broken).rejects.toThrow('no such machine');
  expect(taken).toBe(1);
});
