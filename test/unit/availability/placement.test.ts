import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { placeAll, type Comer, type Fate } from '../../../shared/availability/placement.ts';

/** Plays every order and every choice of a node to its end, without memory of states: slow, and plain to read. */
const playAll = (
  comers: readonly Comer[],
  free: readonly number[],
  taken: readonly ReadonlySet<number>[],
  byPriority: boolean,
): Fate[] => {
  const up = comers.map(() => false);
  const down = comers.map(() => false);
  const play = (left: readonly number[], room: readonly number[], held: readonly ReadonlySet<number>[]): void => {
    if (left.length === 0) return;
    const first = byPriority ? Math.max(...left.map((index) => comers[index]!.rank)) : null;
    for (const index of left) {
      const comer = comers[index]!;
      if (first !== null && comer.rank !== first) continue;
      const rest = left.filter((other) => other !== index);
      const nodes = room.flatMap((memory, node) =>
        memory >= comer.memoryMB &&
        (comer.nodes === null || comer.nodes.includes(node)) &&
        !comer.classes.some((one) => held[node]!.has(one))
          ? [node]
          : [],
      );
      if (nodes.length === 0) {
        down[index] = true;
        play(rest, room, held);
      }
      for (const node of nodes) {
        up[index] = true;
        play(
          rest,
          room.map((memory, at) => (at === node ? memory - comer.memoryMB : memory)),
          held.map((classes, at) => (at === node ? new Set([...classes, ...comer.classes]) : classes)),
        );
      }
    }
  };
  play(
    comers.map((_, index) => index),
    free,
    taken,
  );
  return comers.map((_, index) => (down[index] ? (up[index] ? 'depends' : 'down') : 'restarts'));
};

const cases = fc.record({
  free: fc.array(fc.integer({ min: -1, max: 14 }), { minLength: 1, maxLength: 3 }),
  comers: fc.array(
    fc.record({
      memoryMB: fc.integer({ min: 0, max: 9 }),
      rank: fc.integer({ min: 1, max: 3 }),
      nodes: fc.option(fc.uniqueArray(fc.integer({ min: 0, max: 2 }), { maxLength: 3 }), { freq: 3 }),
      classes: fc.uniqueArray(fc.integer({ min: 0, max: 1 }), { maxLength: 1 }),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  held: fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 1 }), { maxLength: 1 }), { minLength: 3, maxLength: 3 }),
  byPriority: fc.boolean(),
});

describe('every order of restarts', () => {
  test('small cases are decided exactly', () => {
    const seen = new Set<Fate>();
    fc.assert(
      fc.property(cases, ({ free, comers, held, byPriority }) => {
        const taken = free.map((_, node) => new Set(held[node]));
        const placed = placeAll({ comers, free, taken, byPriority });
        const expected = playAll(comers, free, taken, byPriority);
        for (const fate of expected) seen.add(fate);
        expect(placed.fates).toEqual(expected);
      }),
      { numRuns: 600 },
    );
    expect([...seen].sort()).toEqual(['depends', 'down', 'restarts']);
  });

  test('what is too large to be tried never promises and never denies wrongly', () => {
    // Padding that takes no room brings a case over the limit of the exhaustive search without changing its outcome.
    const padding: Comer[] = Array.from({ length: 11 }, () => ({ memoryMB: 0, rank: 1, nodes: [], classes: [] }));
    const seen = new Set<Fate>();
    fc.assert(
      fc.property(cases, ({ free, comers, held, byPriority }) => {
        const taken = free.map((_, node) => new Set(held[node]));
        const { fates, isExact } = placeAll({ comers: [...comers, ...padding], free, taken, byPriority });
        const expected = playAll(comers, free, taken, byPriority);
        expect(isExact).toBe(false);
        comers.forEach((_, index) => {
          const fate = fates[index]!;
          seen.add(fate);
          if (fate !== 'depends') expect(fate).toBe(expected[index]);
        });
      }),
      { numRuns: 600 },
    );
    expect([...seen].sort()).toEqual(['depends', 'down', 'restarts']);
  });

  const comer = (memoryMB: number, more: Partial<Comer> = {}): Comer => ({
    memoryMB,
    rank: 2,
    nodes: null,
    classes: [],
    ...more,
  });
  const place = (comers: readonly Comer[], free: readonly number[]) =>
    placeAll({ comers, free, taken: [], byPriority: true });

  test('memory that sums but does not pack: any of three may stay down, and the worst is told', () => {
    expect(place([comer(6), comer(6), comer(6)], [10, 10])).toEqual({
      fates: ['depends', 'depends', 'depends'],
      areAllSafe: false,
      isExact: true,
      worst: { memoryMB: 6, down: expect.any(Array) as number[] },
    });
  });
  test('a high priority comes first and takes the room', () => {
    expect(place([comer(8, { rank: 3 }), comer(8, { rank: 1 })], [10]).fates).toEqual(['restarts', 'down']);
  });
  test('priority says nothing where losses came one after the other', () => {
    expect(
      placeAll({ comers: [comer(8, { rank: 3 }), comer(8, { rank: 1 })], free: [10], taken: [], byPriority: false })
        .fates,
    ).toEqual(['depends', 'depends']);
  });
  test('thousands are decided by sums', () => {
    const many = Array.from({ length: 4000 }, () => comer(100));
    expect(new Set(place(many, [300_000, 300_000]).fates)).toEqual(new Set(['restarts']));
    expect(place([...many, comer(500_000)], [300_000, 300_000]).fates.at(-1)).toBe('down');
  });
});
