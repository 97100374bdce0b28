import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pack, type Item } from '../../../shared/availability/packing.ts';

/** An exact solver of its own kind: the sets of items that one bin can hold, and which of them cover everything. */
const canBePacked = (
  items: readonly Item[],
  room: readonly number[],
  taken: readonly (ReadonlySet<number> | undefined)[],
): boolean => {
  const full = (1 << items.length) - 1;
  let reached = new Set([0]);
  room.forEach((free, bin) => {
    const held: number[] = [];
    for (let set = 0; set <= full; set += 1) {
      const members = items.filter((_, index) => set & (1 << index));
      const classes = members.flatMap((item) => [...new Set(item.classes ?? [])]);
      if (
        members.reduce((sum, { size }) => sum + size, 0) <= free &&
        members.every(({ bins }) => bins === null || bins.includes(bin)) &&
        new Set(classes).size === classes.length &&
        !classes.some((one) => taken[bin]?.has(one))
      )
        held.push(set);
    }
    const next = new Set<number>();
    for (const before of reached) for (const set of held) if ((before & set) === 0) next.add(before | set);
    reached = next;
  });
  return reached.has(full);
};

const cases = fc
  .record({
    room: fc.array(fc.integer({ min: 0, max: 24 }), { minLength: 1, maxLength: 4 }),
    items: fc.array(
      fc.record({
        size: fc.integer({ min: 0, max: 16 }),
        bins: fc.option(fc.uniqueArray(fc.integer({ min: 0, max: 3 }), { maxLength: 4 }), { freq: 2 }),
        classes: fc.uniqueArray(fc.integer({ min: 0, max: 2 }), { maxLength: 2 }),
      }),
      { maxLength: 8 },
    ),
    taken: fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 2 }), { maxLength: 1 }), { minLength: 4, maxLength: 4 }),
  })
  .map(({ room, items, taken }) => ({ room, items, taken: room.map((_, bin) => new Set(taken[bin])) }));

describe('packing against an exact solver', () => {
  test('never "fits" without an arrangement, never "does not fit" where there is one', () => {
    const seen = { fits: 0, doesNotFit: 0, unknown: 0 };
    fc.assert(
      fc.property(cases, ({ room, items, taken }) => {
        const answer = pack(items, room, { taken });
        seen[answer.verdict] += 1;
        if (answer.verdict === 'unknown') return;
        expect(answer.verdict === 'fits').toBe(canBePacked(items, room, taken));
      }),
      { numRuns: 1200 },
    );
    expect(seen.fits).toBeGreaterThan(60);
    expect(seen.doesNotFit).toBeGreaterThan(60);
    expect(seen.unknown).toBe(0);
  });

  test('an arrangement keeps every rule', () => {
    fc.assert(
      fc.property(cases, ({ room, items, taken }) => {
        const answer = pack(items, room, { taken });
        if (answer.verdict !== 'fits') return;
        room.forEach((free, bin) => {
          const inside = items.filter((_, index) => answer.bins[index] === bin);
          expect(inside.reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(free);
          expect(inside.every(({ bins }) => bins === null || bins.includes(bin))).toBe(true);
          const classes = inside.flatMap((item) => item.classes ?? []);
          expect(new Set(classes).size).toBe(classes.length);
          expect(classes.some((one) => taken[bin]?.has(one))).toBe(false);
        });
        expect(answer.bins).toHaveLength(items.length);
      }),
      { numRuns: 500 },
    );
  });

  test('with no steps to spend it says unknown rather than guess', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(cases, ({ room, items, taken }) => {
        const answer = pack(items, room, { taken, budget: 0 });
        seen.add(answer.verdict);
        if (answer.verdict === 'unknown') return;
        expect(answer.verdict === 'fits').toBe(canBePacked(items, room, taken));
      }),
      { numRuns: 500 },
    );
    expect([...seen].sort()).toEqual(['doesNotFit', 'fits', 'unknown']);
  });

  const items = (...sizes: number[]): Item[] => sizes.map((size) => ({ size, bins: null }));
  test('a sum that fits and does not pack comes with its proof', () => {
    expect(pack(items(6, 6, 6), [10, 10])).toEqual({
      verdict: 'doesNotFit',
      proof: { kind: 'count', size: 6, items: 3, places: 2 },
    });
    expect(pack(items(11), [10, 10])).toEqual({ verdict: 'doesNotFit', proof: { kind: 'item', item: 0 } });
    expect(pack(items(9, 9, 9), [10, 10])).toEqual({
      verdict: 'doesNotFit',
      proof: { kind: 'sum', needed: 27, free: 20 },
    });
    expect(pack(items(7, 5, 5, 3), [10, 10])).toMatchObject({ verdict: 'fits' });
    expect(pack(items(8, 7, 4), [10, 9])).toEqual({ verdict: 'doesNotFit', proof: { kind: 'search' } });
  });
  test('nothing fits anywhere, and nowhere is room for nothing', () => {
    expect(pack([], [])).toMatchObject({ verdict: 'fits' });
    expect(pack(items(1), [])).toMatchObject({ verdict: 'doesNotFit' });
  });
});
