import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { NetworkView } from '../../../shared/contract/nic.ts';
import { startCore, type TestCore } from '../../support/cores.ts';
import { endWorlds } from '../../support/end-worlds.ts';

let data: string;
let core: TestCore;
beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'quorate-busy-'));
  core = startCore(data, '.');
  await core.call('rehearsal.create', { name: 'lab' });
});
afterEach(async () => {
  await core.close();
  await endWorlds(data);
  rmSync(data, { recursive: true, force: true });
});

it('names the change that runs and since when, at once, where another one is planned while the server hangs', async () => {
  const server = 'rehearsal:lab/NODE1';
  const { nics } = await core.call<NetworkView>('nic.list', { server });
  const rename = (name: string) => ({
    server,
    desire: { nics: [{ nic: nics[1]!.interfaceGuid, name }] },
    answers: {},
  });
  await core.call('rehearsal.setFault', { name: 'lab', fault: { kind: 'hang', server: 'NODE1', on: 'nic.rename' } });
  const running = core.call('nic.apply', rename('A'));
  const plan = (): Promise<unknown> => core.call('nic.plan', rename('B'));
  const busy = {
    code: 'PLAN_BUSY',
    effect: 'none',
    detail: {
      server: 'NODE1',
      title: expect.stringMatching(/^(Set up the network|Rename Ethernet 2 to A)$/) as string,
      since: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/) as string,
    },
  };
  await expect
    .poll(() =>
      plan().then(
        () => null,
        (error: unknown) => error,
      ),
    )
    .toMatchObject(busy);
  await expect
    .poll(() => core.call<{ state: string; id: string }[]>('journal.list', { server }).then(([first]) => first?.state))
    .toBe('running');
  await expect(core.call('nic.apply', rename('B'))).rejects.toMatchObject(busy);
  await core.call('rehearsal.clearFault', { name: 'lab', id: null });
  await running;
  expect(await core.call('nic.apply', rename('B'))).toMatchObject({ outcome: 'changed' });
});
