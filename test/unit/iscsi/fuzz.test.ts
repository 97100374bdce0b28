import { expect, test } from 'vitest';
import { runFuzz } from '../../support/iscsi-fuzz.ts';
import { measuredUntil } from '../../support/measured.ts';

// A million: node test/bench/fuzz-iscsi.mjs
test('twenty thousand damaged inputs: taken or refused with a code, nothing else', async () => {
  const result = runFuzz(20_000, 1);
  expect(result.accepted).toBeGreaterThan(1000);
  // All kinds of refusal are reached, or the fuzzer would only scratch the surface.
  expect(Object.keys(result.refused)).toEqual(
    expect.arrayContaining([
      'PDU_MALFORMED',
      'PDU_TOO_LONG',
      'HEADER_DIGEST_WRONG',
      'DATA_DIGEST_WRONG',
      'TEXT_MALFORMED',
      'NEGOTIATION_FAILED',
      'DATA_MALFORMED',
      'LOGIN_PROTOCOL_ERROR',
    ]),
  );
  // An input that was only held up by the machine is not slow each time.
  await measuredUntil(
    (attempt) => (attempt === 1 ? result : runFuzz(20_000, 1)).slowestMs,
    (slowestMs) => expect(slowestMs).toBeLessThan(1000),
  );
});

test('the same seed brings the same', () => {
  const { slowestMs: _slow, heapGrowthMiB: _heap, ...first } = runFuzz(500, 7);
  const { slowestMs: _slower, heapGrowthMiB: _more, ...second } = runFuzz(500, 7);
  expect(second).toEqual(first);
});
