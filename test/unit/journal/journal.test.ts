import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isOpen } from '../../../main/journal/entry.ts';
import { ServerSettings } from '../../../main/journal/server-settings.ts';
import { formatLine, JournalWriter, parseJournal } from '../../../main/journal/journal-file.ts';
import { Journal } from '../../../main/journal/journal.ts';
import type { JournalRecord } from '../../../main/journal/record.ts';
import { listEntries } from '../../../main/operations/plans/journal-view.ts';
import { journalEntrySchema } from '../../../shared/contract/journal.ts';
import type { PlannedStep } from '../../../shared/plan/draft.ts';
import { questionId } from '../../../shared/plan/plan.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-journal-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = '2026-01-05T08:00:00.000Z';
const step = (id: string): PlannedStep => ({
  id,
  node: 'NODE1',
  title: `Do ${id}`,
  why: 'It is not done.',
  requires: [],
  destructive: false,
  cutsConnection: false,
  restart: 'none',
  undo: 'Undo it.',
  manual: 'By hand.',
  script: null,
  change: { do: 'nic.rename', nic: '{1}', newName: id },
  undoChanges: [{ do: 'nic.rename', nic: '{1}', newName: 'old' }],
  locks: [],
  certainty: 'planned',
  questions: [],
});
const said = { at, node: 'NODE1', by: 'cli' };
const change = {
  server: 'rehearsal:lab',
  by: 'cli',
  node: 'NODE1',
  title: 'Set up the network of NODE1',
  method: 'nic.apply',
  desire: null,
  steps: [step('one'), step('two')],
  followUp: null,
};
const records: JournalRecord[] = [
  {
    type: 'begin',
    version: 2,
    id: 'x',
    at,
    pid: 1,
    kind: 'change',
    parent: null,
    coordinator: null,
    epoch: null,
    nodes: ['NODE1'],
    ...change,
  },
  { type: 'intent', ...said, step: 'one' },
  { type: 'result', ...said, step: 'one', state: 'done', proof: 'Namen: Straße \u{1F5A7}' },
  { type: 'end', ...said, state: 'done' },
];

describe('the lines of a journal', () => {
  const text = records.map(formatLine).join('');

  it('come back as they were written', () => {
    expect(parseJournal(text)).toMatchObject({ records, isTorn: false, damagedLine: null });
  });

  it('are a prefix of what was written, wherever a crash cut the file', () => {
    const bytes = Buffer.from(text);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length }), (length) => {
        const content = parseJournal(bytes.subarray(0, length).toString());
        expect(content.records).toEqual(records.slice(0, content.records.length));
        expect(content.damagedLine).toBeNull();
        expect(content.isTorn || content.soundBytes === length).toBe(true);
      }),
    );
  });

  it('are not trusted after a changed one, and the line is named', () => {
    const lines = text.split('\n');
    const damaged = [lines[0], lines[1]!.replace('one', 'two'), ...lines.slice(2)].join('\n');
    expect(parseJournal(damaged)).toMatchObject({ records: records.slice(0, 1), damagedLine: 2 });
  });
});

/** A whole line of a version that is not written yet. */
const newerLine = (record: object): string => formatLine(record as unknown as JournalRecord);

describe('a record of a newer version', () => {
  const future = newerLine({ type: 'lease', at, epoch: 4 });

  it('is newer and not damaged, also as the last line, and nothing is cut off', () => {
    const text = records.slice(0, 2).map(formatLine).join('') + future;
    expect(parseJournal(text)).toMatchObject({
      records: records.slice(0, 2),
      isTorn: false,
      damagedLine: null,
      newer: { line: 3 },
      soundBytes: Buffer.byteLength(text),
    });
    const path = join(folder, 'x.jsonl');
    writeFileSync(path, text);
    expect(() => new JournalWriter(path)).toThrow(expect.objectContaining({ code: 'JOURNAL_NEWER' }) as Error);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('is shown with what is understood before it, and neither finished nor undone', () => {
    const journal = new Journal(folder);
    const entry = journal.begin(change);
    entry.write('intent', { step: 'one' });
    entry.close();
    appendFileSync(join(folder, 'journal', `${entry.id}.jsonl`), future);
    expect(journal.read(entry.id)).toMatchObject({ isNewer: true });
    expect(() => journal.continue(entry.id, 'cli')).toThrow(
      expect.objectContaining({ code: 'JOURNAL_NEWER' }) as Error,
    );
    const [view] = listEntries(journal, null, false);
    expect(view).toMatchObject({ id: entry.id, state: 'newer', isOpen: false, canFinish: false, canUndo: false });
  });

  it('at the beginning is listed by what can be read of it, beside a file that is damaged', () => {
    const journal = new Journal(folder);
    journal.begin(change).close();
    const first = { type: 'begin', version: 9, id: 'y', at, title: 'Form the cluster', node: 'NODE1', host: 'local' };
    writeFileSync(join(folder, 'journal', '20270101-000000-000-abcdef.jsonl'), newerLine(first));
    writeFileSync(join(folder, 'journal', '20280101-000000-000-abcdef.jsonl'), `no line\n${future}`);
    const views = listEntries(journal, null, false);
    expect(views.map(({ state, title, startedAt }) => [state, title, startedAt.slice(0, 4)])).toEqual([
      ['damaged', 'A change whose file is damaged', '2028'],
      ['newer', 'Form the cluster', '2026'],
      ['interrupted', change.title, expect.any(String)],
    ]);
    expect(views.map((view) => journalEntrySchema.safeParse(view).success)).toEqual([true, true, true]);
    expect(listEntries(journal, null, true)).toHaveLength(1);
  });
});

describe('a journal of version 1', () => {
  const old = fileURLToPath(new URL('../../fixtures/journal-1', import.meta.url));
  beforeEach(() => cpSync(old, join(folder, 'journal'), { recursive: true }));
  const ids = readdirSync(old).map((name) => name.slice(0, -'.jsonl'.length));

  it('is read as version 2: states, results, questions and what follows', () => {
    const { entries, unreadable } = new Journal(folder).list();
    expect(unreadable).toEqual([]);
    expect(entries.map(({ state }) => state).reverse()).toEqual([
      'done',
      'done',
      'failed',
      'done',
      'interrupted',
      'restartNeeded',
      'interrupted',
    ]);
    const format = entries.find(({ begin }) => begin.title === 'Set up disks of NODE1')!;
    const disk = '351E15B95E30F756';
    expect(format.begin).toMatchObject({ version: 2, server: 'rehearsal:lab/NODE1', nodes: ['NODE1'], by: 'unknown' });
    expect(format.steps[0]!.step).toMatchObject({
      id: `NODE1/disk.format:${disk}`,
      questions: [questionId('NODE1', 'sharedDisk', disk), questionId('NODE1', 'serialNumber', disk)],
      change: { do: 'disk.format', disk },
    });
    expect(format.steps.map(({ result }) => result.state)).toEqual(['unknown', 'waiting']);
    const feature = entries.find(({ state }) => state === 'restartNeeded')!;
    expect(feature.followUp).toMatchObject({
      waitsFor: 'restart',
      text: expect.stringContaining('restarted') as string,
    });
  });

  it('is gone on with in version 2, and read to its end then', () => {
    const [id] = ids;
    const journal = new Journal(folder);
    const entry = journal.continue(id!, 'ui');
    entry.write('undoBegin', { pid: process.pid });
    entry.write('undoResult', { step: journal.read(id!).steps[0]!.step.id, proof: 'it is back' });
    entry.write('end', { state: 'undone' });
    entry.close();
    expect(journal.read(id!)).toMatchObject({ state: 'undone', isNewer: false });
    expect(journal.read(id!).steps[0]!.result).toMatchObject({ state: 'undone', proof: 'it is back' });
  });

  it('is noted by what is over at the first change, and planning reads only the rest from then on', () => {
    expect(new Journal(folder).listOpen()).toHaveLength(3);
    new Journal(folder).begin(change).close();
    // What is over is not even opened: a file of it may be gone, and nobody notices.
    for (const { begin } of new Journal(folder).list().entries)
      if (!new Journal(folder).listOpen().some((open) => open.begin.id === begin.id))
        rmSync(join(folder, 'journal', `${begin.id}.jsonl`));
    expect(new Journal(folder).list().entries).toHaveLength(4);
    expect(new Journal(folder).listOpen()).toHaveLength(4);
  });
});

describe('a step that was begun', () => {
  const states = (): string[] =>
    listEntries(new Journal(folder), null, false)[0]!.steps.map(({ result }) => result.state);

  it('runs while its change runs; when nobody runs it any more, nobody knows', () => {
    const journal = new Journal(folder);
    const entry = journal.begin(change);
    entry.write('intent', { step: 'one' });
    expect(listEntries(journal, null, false)[0]!.steps.map(({ result }) => result.state)).toEqual([
      'running',
      'waiting',
    ]);
    entry.close();
    expect(states()).toEqual(['unknown', 'waiting']);
    // Continued: it is not known yet whether this one is done, and it does not run.
    const again = journal.continue(entry.id, 'ui');
    again.write('continued', { pid: process.pid, steps: change.steps, followUp: null });
    expect(listEntries(journal, null, false)[0]).toMatchObject({ state: 'running' });
    expect(listEntries(journal, null, false)[0]!.steps.map(({ result }) => result.state)).toEqual([
      'unknown',
      'waiting',
    ]);
    again.close();
  });
});

describe('the index of what is over', () => {
  const open = (): string[] => new Journal(folder).listOpen().map(({ begin }) => begin.id);

  it('takes an entry in when it ends, and out before it is written to again', () => {
    const journal = new Journal(folder);
    const entry = journal.begin(change);
    expect(open()).toEqual([entry.id]);
    entry.write('end', { state: 'done' });
    entry.close();
    expect(open()).toEqual([]);
    const again = journal.continue(entry.id, 'cli');
    again.write('undoBegin', { pid: process.pid });
    expect(open()).toEqual([entry.id]);
    again.close();
    expect(new Journal(folder).listOpen()).toMatchObject([{ state: 'interrupted', isUndoing: true }]);
  });

  it('never hides an open entry, whatever a crash left of its file', () => {
    const journal = new Journal(folder);
    const over = journal.begin(change);
    over.write('end', { state: 'done' });
    over.close();
    const waiting = journal.begin(change);
    waiting.close();
    const index = join(folder, 'journal', 'closed.txt');
    const bytes = readFileSync(index);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length }), (length) => {
        writeFileSync(index, bytes.subarray(0, length));
        expect(open()).toContain(waiting.id);
      }),
    );
    writeFileSync(index, `+${waiting.id}\nsomething else\n`);
    expect(open()).toContain(waiting.id);
  });
});

describe('a writer', () => {
  it('cuts a torn line off and goes on', () => {
    const path = join(folder, 'x.jsonl');
    const first = new JournalWriter(path);
    for (const record of records.slice(0, 2)) first.append(record);
    first.close();
    appendFileSync(path, formatLine(records[2]!).slice(0, 20));
    const second = new JournalWriter(path);
    second.append(records[3]!);
    second.close();
    expect(parseJournal(readFileSync(path, 'utf8')).records).toEqual([records[0], records[1], records[3]]);
  });

  it('refuses a file that is damaged in the middle', () => {
    const path = join(folder, 'x.jsonl');
    writeFileSync(path, `00000000 {}\n${formatLine(records[0]!)}`);
    expect(() => new JournalWriter(path)).toThrow(expect.objectContaining({ code: 'JOURNAL_DAMAGED' }));
  });
});

describe('a journal', () => {
  it('tells a running change from an interrupted one, and shows the step that nobody knows of', () => {
    const journal = new Journal(folder);
    const entry = journal.begin(change);
    entry.write('intent', { step: 'one' });
    expect(journal.read(entry.id).state).toBe('running');
    entry.close();
    const later = new Journal(folder).read(entry.id);
    expect(later.state).toBe('interrupted');
    expect(later.steps.map(({ result }) => result.state)).toEqual(['unknown', 'waiting']);
  });

  it('leaves a change alone that another living process works on', () => {
    const journal = new Journal(folder);
    const entry = journal.begin(change);
    entry.close();
    const path = join(folder, 'journal', `${entry.id}.jsonl`);
    const [begin] = parseJournal(readFileSync(path, 'utf8')).records;
    writeFileSync(path, formatLine({ ...begin, pid: process.ppid } as JournalRecord));
    expect(new Journal(folder).read(entry.id).state).toBe('running');
    // Begun before this machine was started: the number is that of another program now.
    writeFileSync(path, formatLine({ ...begin, at: '2001-01-01T00:00:00.000Z', pid: process.ppid } as JournalRecord));
    expect(new Journal(folder).read(entry.id).state).toBe('interrupted');
  });

  it('forgets a change whose very first line was torn: it was never begun', () => {
    const journal = new Journal(folder);
    journal.begin(change).close();
    const name = readdirSync(join(folder, 'journal'))[0]!;
    truncateSync(join(folder, 'journal', name), 30);
    expect(new Journal(folder).list()).toEqual({ entries: [], unreadable: [] });
  });

  it('waits for a confirmation until it is due, and calls it reverted afterwards', () => {
    let now = new Date(at);
    const journal = new Journal(folder, () => now);
    const entry = journal.begin(change);
    entry.write('armed', { token: entry.id, dueAt: '2026-01-05T08:01:00.000Z', what: 'It goes back.' });
    entry.write('end', { state: 'done' });
    expect(journal.read(entry.id)).toMatchObject({ state: 'waitingForConfirmation', revert: { token: entry.id } });
    now = new Date('2026-01-05T08:02:00.000Z');
    expect(journal.read(entry.id).state).toBe('reverted');
    entry.write('confirmed', {});
    expect(journal.read(entry.id).state).toBe('done');
    entry.close();
  });

  it('lists the newest first and refuses ids that are paths', () => {
    const journal = new Journal(folder);
    const ids = [1, 2, 3].map((number) => {
      const entry = new Journal(folder, () => new Date(`2026-01-05T08:00:0${number}.000Z`)).begin(change);
      entry.close();
      return entry.id;
    });
    expect(journal.list().entries.map((entry) => entry.begin.id)).toEqual(ids.reverse());
    expect(() => journal.read('../settings')).toThrow(expect.objectContaining({ code: 'JOURNAL_ENTRY_NOT_FOUND' }));
  });
});

describe('what Quorate keeps of a server', () => {
  const path = {
    targetNodeAddress: 'iqn.2004-04.test.lab:array1',
    initiatorPortalAddress: '10.1.0.1',
    targetPortalAddress: '10.1.0.100',
    targetPortalPort: 3260,
  };

  it('survives, one file for each server', () => {
    const settings = new ServerSettings(folder, 'rehearsal:lab');
    settings.setRole({ interfaceGuid: '{1}', permanentAddress: 'A' }, 'iscsiA');
    settings.setRole({ interfaceGuid: '{2}', permanentAddress: 'A' }, 'iscsiB');
    settings.setPathWanted(path, true);
    const again = new ServerSettings(folder, 'rehearsal:lab').read();
    expect(again.roles, 'the burned-in address is the key').toEqual([
      { interfaceGuid: '{2}', permanentAddress: 'A', role: 'iscsiB' },
    ]);
    expect(again.paths).toEqual([path]);
    expect(new ServerSettings(folder, 'local').read()).toEqual({ roles: [], paths: [] });

    // What a unit is for, beside the rest; what was chosen last stays longest.
    settings.setPurpose('naa.1', 'witness');
    settings.setPurpose('naa.2', 'vm');
    settings.setPurpose('naa.1', 'data');
    expect(Object.entries(new ServerSettings(folder, 'rehearsal:lab').purposes())).toEqual([
      ['naa.2', 'vm'],
      ['naa.1', 'data'],
    ]);
    expect(new ServerSettings(folder, 'rehearsal:lab').read()).toEqual(again);
    expect(new ServerSettings(folder, 'local').purposes()).toEqual({});
    // More than anybody looks at: the oldest go first.
    const [file] = readdirSync(join(folder, 'servers')).filter((name) => name.startsWith('rehearsal'));
    const path200 = join(folder, 'servers', file!);
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`unit ${at}`, 'vm']));
    writeFileSync(path200, JSON.stringify({ ...JSON.parse(readFileSync(path200, 'utf8')), purposes: many }));
    settings.setPurpose('naa.1', 'data');
    expect(Object.keys(settings.purposes())).toHaveLength(200);
    expect(settings.purposes()['unit 0']).toBeUndefined();
    settings.setPathWanted({ ...path, initiatorPortalAddress: '10.1.0.1' }, false);
    expect(settings.read().paths).toEqual([]);
  });

  it('is never taken for empty when it is damaged', () => {
    new ServerSettings(folder, 'local').setPathWanted(path, true);
    const file = join(folder, 'servers', readdirSync(join(folder, 'servers'))[0]!);
    writeFileSync(file, '{"version":1');
    expect(() => new ServerSettings(folder, 'local').read()).toThrow(
      expect.objectContaining({ code: 'SETTINGS_DAMAGED' }),
    );
  });
});

it('a change that was cancelled waits for a decision only where nobody knows whether its last step was done', () => {
  type Steps = Parameters<typeof isOpen>[0]['steps'];
  const steps = (...results: object[]): Steps => results.map((result) => ({ result })) as unknown as Steps;
  const failed = (effect: string): object => ({ state: 'failed', error: { effect } });
  const opens = (...results: object[]): boolean => isOpen({ state: 'cancelled', steps: steps(...results) });
  expect(opens({ state: 'done' }, { state: 'waiting' })).toBe(false);
  expect(opens({ state: 'done' }, failed('none'))).toBe(false);
  expect(opens({ state: 'done' }, failed('unknown'))).toBe(true);
  expect(opens({ state: 'unknown' })).toBe(true);
});
