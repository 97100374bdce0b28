import { expect, it } from 'vitest';
import { keepConnection } from '../../../main/operations/formation/keep-connection.ts';
import { failure } from '../../../shared/errors/failure.ts';

const { signal } = new AbortController();
const revert = { id: 'form-1', dueAt: '2026-03-01T10:05:00.000Z', what: 'Puts it back.' };

/** A server that takes something back by itself, and cannot be asked as often as is said. */
const setUp = (failures: number, tokens: readonly string[]) => {
  const written: string[] = [];
  const disarmed: string[] = [];
  let left = failures;
  const own = { revert: revert as typeof revert | null, entry: { write: (type: string) => void written.push(type) } };
  const nics = {
    readReverts: () => Promise.resolve(tokens.map((token) => ({ token, dueAt: revert.dueAt }))),
    disarmRevert: (token: string) => {
      if ((left -= 1) >= 0)
        return Promise.reject(failure('POWERSHELL_SESSION_DIED', { script: 'Get-NicRevert', reason: 'it was ended' }));
      disarmed.push(token);
      return Promise.resolve();
    },
  };
  return { own, written, disarmed, keep: () => keepConnection(own, nics, signal) };
};

it('calls off what would put an adapter back, also where that failed before', async () => {
  const { own, written, disarmed, keep } = setUp(2, ['form-0', 'form-1']);
  for (let failed = 0; failed < 2; failed += 1) {
    await expect(keep()).rejects.toMatchObject({ code: 'POWERSHELL_SESSION_DIED' });
    expect(own.revert).toBe(revert);
  }
  await keep();
  await keep();
  expect({ written, disarmed, left: own.revert }).toEqual({
    written: ['confirmed'],
    disarmed: ['form-1'],
    left: null,
  });
});

it('writes down that the adapter was put back where that has happened', async () => {
  const { own, written, disarmed, keep } = setUp(0, ['form-0']);
  await keep();
  expect({ written, disarmed, left: own.revert }).toEqual({ written: ['reverted'], disarmed: [], left: null });
});
