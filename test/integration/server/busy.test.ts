import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { JournalEntry } from '../../../shared/contract/journal.ts';
import type { NetworkView } from '../../../shared/contract/nic.ts';
import { explain, type Envelope } from '../../../shared/errors/failure.ts';
import { startCore, type TestCore } from '../../support/cores.ts';
import { removeFolder } from '../../support/remove-folder.ts';

let data: string;
let core: TestCore;
beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'quorate-busy-'));
  core = startCore(data, '.');
  await core.call('rehearsal.create', { name: 'lab' });
});
afterEach(async () => {
  await core.close();
  await removeFolder(data);
});

const server = 'rehearsal:lab/NODE1';
const renamer = async (): Promise<(name: string) => object> => {
  const { nics } = await core.call<NetworkView>('nic.list', { server });
  return (name) => ({ server, desire: { nics: [{ nic: nics[1]!.interfaceGuid, name }] }, answers: {} });
};
const hangOn = (on: string): Promise<unknown> =>
  core.call('rehearsal.setFault', { name: 'lab', fault: { kind: 'hang', server: 'NODE1', on } });
const newest = async (): Promise<JournalEntry> =>
  (await core.call<JournalEntry[]>('journal.list', { server })).toSorted((left, right) =>
    right.id.localeCompare(left.id),
  )[0]!;

it('leaves a change that was cancelled in a step to a decision, until the server shows what became of it', async () => {
  const rename = await renamer();
  await hangOn('nic.rename');
  const cancelled = core.call('nic.apply', rename('A')).catch((error: unknown) => error);
  await expect.poll(async () => (await newest())?.steps[0]?.result.state).toBe('running');
  const [activity] = await core.call<{ id: string }[]>('activity.list', {});
  await core.call('activity.cancel', { id: activity!.id });
  expect(await cancelled).toMatchObject({ code: 'CANCELLED' });
  expect(await newest()).toMatchObject({
    state: 'cancelled',
    isOpen: true,
    canFinish: true,
    summary: expect.stringContaining('Cancelled at "Rename Ethernet 2 to A"; it is not known whether') as string,
  });
  const { id } = await newest();
  await core.call('rehearsal.clearFault', { name: 'lab', id: null });
  await core.call('nic.apply', rename('A'));
  const entries = await core.call<JournalEntry[]>('journal.list', { server });
  expect(entries.find((one) => one.id === id)).toMatchObject({ isOpen: false });
});

it('names the change that runs and since when, at once, where another one is planned while the server hangs', async () => {
  const rename = await renamer();
  await hangOn('nic.rename');
  const running = core.call('nic.apply', rename('A'));
  const plan = (): Promise<unknown> => core.call('nic.plan', rename('B'));
  const busy = {
    code: 'PLAN_BUSY',
    effect: 'none',
    detail: {
      server: 'NODE1',
      title: expect.stringMatching(/^(Set up the network|Rename Ethernet 2 to A)$/) as string,
      since: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC(?:[+-]\d\d:\d\d)?$/) as string,
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

it('says at once that a change which was cancelled left an adapter without an address, and how it gets it back', async () => {
  const { nics } = await core.call<NetworkView>('nic.list', { server });
  const nic = nics[1]!;
  const desire = { nics: [{ nic: nic.interfaceGuid, dhcp: { ipv4: false }, addresses: { ipv4: ['192.0.2.77/24'] } }] };
  await hangOn('nic.addAddress');
  const cancelled = core.call('nic.apply', { server, desire, answers: {} }).catch((error: unknown) => error);
  await expect.poll(async () => (await newest())?.steps.map(({ result }) => result.state)).toContain('running');
  await expect.poll(async () => (await newest())?.steps[0]?.result.state).toBe('done');
  const [activity] = await core.call<{ id: string }[]>('activity.list', {});
  await core.call('activity.cancel', { id: activity!.id });
  const failed = await cancelled;
  const { id } = await newest();
  expect(failed).toMatchObject({ code: 'CANCELLED' });
  expect(explain(failed as Envelope).next).toBe(
    `${nic.name} has no IPv4 address now. Undo this change in History (quorate journal undo ${id}) to give back what was there. Start it again when you are ready.`,
  );
});
