import { expect, it } from 'vitest';
import { failureOfCall } from '../../../main/cli/context.ts';
import { failure, toEnvelope } from '../../../shared/errors/failure.ts';

it('is one that changed nothing where the method only reads, also where the connection ended', async () => {
  const effectOf = async (method: string): Promise<string> =>
    (await failureOfCall(method, toEnvelope(failure('CORE_CONNECTION_LOST', { method })))).effect;
  expect(await effectOf('core.info')).toBe('none');
  expect(await effectOf('activity.cancel')).toBe('unknown');
});
