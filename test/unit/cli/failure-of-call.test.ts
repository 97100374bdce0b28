import { expect, it } from 'vitest';
import { createCore } from '../../../main/agent/compose.ts';
import { failureOfCall } from '../../../main/cli/context.ts';
import { failure, toEnvelope } from '../../../shared/errors/failure.ts';

it('is one that changed nothing where the method only reads, also where the connection ended', async () => {
  const core = createCore({ dataFolder: 'nowhere', host: 'cli' });
  const effectOf = async (method: string): Promise<string> =>
    failureOfCall(await core.find(method), toEnvelope(failure('CORE_CONNECTION_LOST', { method }))).effect;
  expect(await effectOf('core.info')).toBe('none');
  expect(await effectOf('activity.cancel')).toBe('unknown');
});
