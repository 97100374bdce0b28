import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { journalImplementations } from '../../../main/agent/compose-journal.ts';
import { Dispatcher } from '../../../main/api/dispatcher.ts';
import { rehearsedEntry } from '../../../main/operations/plans/rehearsed-changes.ts';
import { Journal } from '../../../main/journal/journal.ts';
import type { JournalEntry } from '../../../shared/contract/journal.ts';

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'quorate-rehearsed-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const step = {
  ...{ id: 'NODE1/host.rename:NODE1', node: 'NODE1', title: 'Rename the server', why: '', requires: [], locks: [] },
  ...{ certainty: 'planned', questions: [], destructive: false, cutsConnection: false, restart: 'after' },
  ...{ undo: 'Undo it.', manual: 'By hand.', script: null },
  ...{
    change: { do: 'nic.rename', nic: '{1}', newName: 'Storage' },
    undoChanges: [{ do: 'nic.rename', nic: '{1}', newName: 'Ethernet' }],
  },
} as const;

const begin = (dataFolder: string, server: string, title: string, steps: readonly unknown[], isCut = false): string => {
  const entry = new Journal(dataFolder, undefined, 'process').begin({
    ...{ server, by: 'cli', node: 'NODE1', title, method: 'formation.take', desire: null, followUp: null },
    steps: steps as never,
  });
  if (steps.length > 0) {
    entry.write('intent', { step: step.id });
    entry.write('result', { step: step.id, state: 'done', proof: 'it is called NODE1' });
  }
  if (!isCut) entry.write('end', { state: 'done' });
  entry.close();
  return entry.id;
};

it('are in the History of a simulated server, with the way back, and nowhere else', async () => {
  const cores = join(folder, 'rehearsed', 'first');
  const single = begin(folder, 'rehearsal:first/NODE1', 'A single change', [step]);
  const formed = begin(join(cores, 'NODE1'), 'rehearsal:first/NODE1', 'Formation form-1', [step]);
  begin(join(cores, 'NODE1'), 'rehearsal:first/NODE1', 'Form CLUSTER1 on its servers', []);
  begin(join(cores, 'NODE2'), 'rehearsal:first/NODE2', 'Formation form-1', [step]);
  begin(join(folder, 'rehearsed', 'other', 'NODE1'), 'rehearsal:other/NODE1', 'Formation form-2', [step]);
  const core = new Dispatcher(
    journalImplementations(folder, {
      openJournal: () => Promise.resolve(new Journal(folder)),
      onServer: () => Promise.reject(new Error('no server is asked')),
    } as never),
  );
  const ask = async (method: string, input: object): Promise<unknown> => {
    const outcome = await core.call(method, input, { caller: { kind: 'cli' } });
    if (!outcome.ok) throw new Error(outcome.error.code);
    return outcome.result;
  };
  const list = (input: object) => ask('journal.list', input) as Promise<JournalEntry[]>;
  const shown = await list({ server: 'rehearsal:first/NODE1' });
  expect(shown.map(({ id }) => id)).toEqual([formed, single].toSorted().toReversed());
  expect(shown.find(({ id }) => id === formed)).toMatchObject({
    ...{ title: 'Formation form-1', state: 'done', isOpen: false, canUndo: false, canFinish: false },
    undoLimits: expect.stringContaining('quorate rehearse --name first --undo') as string,
    steps: [{ step: { title: 'Rename the server' }, result: { state: 'done', proof: 'it is called NODE1' } }],
  });
  expect(await list({ server: 'rehearsal:first/NODE1', open: true })).toEqual([]);
  expect((await list({ server: 'local' })).length).toBe(0);
  expect(await ask('journal.inspect', { id: formed })).toMatchObject({ id: formed, title: 'Formation form-1' });
  await expect(ask('journal.inspect', { id: '20260101-000000-000-abcdef' })).rejects.toThrow('JOURNAL_ENTRY_NOT_FOUND');
});

it('names both ways on of a formation that was cut, and of an undo the way that it went', async () => {
  const cores = join(folder, 'rehearsed', 'first');
  const formed = begin(join(cores, 'NODE1'), 'rehearsal:first/NODE1', 'Formation form-1', [step], true);
  const undone = begin(join(cores, 'NODE2'), 'rehearsal:first/NODE2', 'Undo: formation form-2', [step], true);
  const limits = (id: string) => rehearsedEntry(folder, id)?.undoLimits;
  expect(limits(formed)).toBe(
    'A rehearsed formation did it. It is continued on all of its servers with "quorate rehearse --name first --resume", or undone with "quorate rehearse --name first --undo".',
  );
  expect(limits(undone)).toBe(
    'The undo of a rehearsed formation did it, and is continued on all of its servers with "quorate rehearse --name first --undo"; "quorate rehearse --name first --resume" forms the cluster again.',
  );
});
