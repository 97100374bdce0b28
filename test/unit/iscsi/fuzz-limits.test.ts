import { describe, expect, test } from 'vitest';
import { IscsiError } from '../../../main/iscsi/index.ts';
import { measuredUntil } from '../../support/measured.ts';
import { FUZZ_LIMITS, judgeFuzz, measureFuzz } from '../../support/iscsi-fuzz.ts';

// A million, with the same limits: node --expose-gc test/bench/fuzz-iscsi.mjs
test('forty thousand damaged inputs: none is slow, and nothing of them stays', () => {
  expect(judgeFuzz(measureFuzz(40_000, 20_260_101))).toEqual([]);
});

describe('a decoder that', () => {
  const kept: unknown[] = [];

  test('keeps buffers is found', () => {
    const result = measureFuzz(2000, 1, [() => kept.push(Buffer.alloc(16_384))]);
    kept.length = 0;
    expect(judgeFuzz(result).join()).toMatch(/externalGrowthMiB is (2\d|3\d)/);
  });

  test('keeps objects is found', () => {
    const result = measureFuzz(2000, 1, [() => kept.push(new Array(2048).fill(0.5))]);
    kept.length = 0;
    expect(judgeFuzz(result).join()).toMatch(/heapGrowthMiB is (2\d|3\d)/);
  });

  test('is slow for one input is found, with its round', async () => {
    const measure = () =>
      measureFuzz(500, 1, [
        () => undefined,
        (random) => {
          if (random(200) !== 7) return;
          const end = performance.now() + FUZZ_LIMITS.slowestMs + 20;
          while (performance.now() < end);
        },
      ]);
    // The machine may hold another round up for longer.
    await measuredUntil(measure, (result) => {
      expect(judgeFuzz(result).join()).toMatch(/^slowestMs is [1-9]\d\d/);
      expect(result.slowestRound % 2).toBe(1);
    });
  });

  test('throws anything but an IscsiError is found, with seed and round', () => {
    expect(() =>
      measureFuzz(100, 5, [
        () => {
          throw new IscsiError('PDU_MALFORMED');
        },
        () => {
          throw new RangeError('beyond the end');
        },
      ]),
    ).toThrow('fuzz: seed 6, round 1'); // 6: the warm-up has a seed of its own
  });
});

test('one that was only held up by the machine is not called slow', () => {
  let calls = 0;
  const result = measureFuzz(400, 1, [
    () => {
      // Behind the warm-up, which is not measured; and not once more when its turn comes again.
      const end = performance.now() + (++calls === 200 ? FUZZ_LIMITS.slowestMs + 20 : 0);
      while (performance.now() < end);
    },
  ]);
  expect(calls).toBeGreaterThan(400 + 80);
  expect(judgeFuzz(result)).toEqual([]);
});

test('what a broken target may send reaches the decoders, and is not refused by the fuzzer’s own encoder', () => {
  const { refused, iterations } = measureFuzz(8000, 3);
  expect((refused['OPTION_OUT_OF_RANGE'] ?? 0) / iterations).toBeLessThan(0.05);
  for (const code of [
    'NEGOTIATION_FAILED',
    'TEXT_MALFORMED',
    'DISCOVERY_FAILED',
    'LOGIN_PROTOCOL_ERROR',
    'PDU_MALFORMED',
  ]) {
    expect([code, (refused[code] ?? 0) > 0]).toEqual([code, true]);
  }
});
