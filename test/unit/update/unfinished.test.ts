import { describe, expect, it } from 'vitest';
import { listUnfinished, type Begun } from '../../../main/operations/update/unfinished.ts';
import type { Activity, Unfinished } from '../../../shared/contract/core.ts';
import type { RunningDrill } from '../../../shared/contract/drill.ts';
import type { FormationStatus } from '../../../shared/contract/formation.ts';
import type { JournalEntry } from '../../../shared/contract/journal.ts';

const at = '2026-11-28T10:00:00.000Z';
const nothing: Begun = { activities: [], changes: [], formation: null, drill: null };
const kindsOf = (begun: Partial<Begun>): Unfinished['kind'][] =>
  listUnfinished({ ...nothing, ...begun }).map(({ kind }) => kind);

const activity = (method: string): Activity => ({
  ...{ id: 'a-1', method, title: 'Forming a cluster', server: null, caller: 'cli', input: {}, state: 'running' },
  ...{ startedAt: at, endedAt: null, progress: null, error: null },
});
const change = (state: JournalEntry['state'], server = 'local'): JournalEntry => ({
  ...{ id: 'c-1', kind: 'change', parent: null, coordinator: null, nodes: ['HV01'], by: 'cli', server, node: 'HV01' },
  ...{ title: 'Rename the server', method: 'host.apply', state, startedAt: at, endedAt: null, steps: [] },
  ...{ summary: 'It goes on after a restart.', isOpen: true, canFinish: true, canUndo: true, undoLimits: null },
  ...{ secretsNeeded: [], revert: null },
});
const formation = (state: FormationStatus['state']): FormationStatus => ({
  ...{
    formation: 'form-1',
    cluster: 'CLU1',
    path: 'cluster.yaml',
    text: '{}',
    direction: 'form',
    state,
    startedAt: at,
    endedAt: null,
  },
  steps: [
    {
      ...{ id: 's-1', node: 'HV01', stage: 'host', title: 'Restart HV01', state: 'running', proof: null, error: null },
      ...{ why: '', doing: null, expectedMs: null, canSkip: false, startedAt: at, endedAt: null },
    },
  ],
  ...{
    isPaused: false,
    doing: null,
    earlier: [],
    coordinator: null,
    servers: [],
    wanted: null,
    skips: [],
    error: null,
  },
});
const drill = (isRehearsal: boolean): RunningDrill => ({
  ...{ id: 'd-1', at, by: 'cli', kind: 'nic', element: 'nic:HV01/A', title: 'Lose the NIC A', cluster: 'CLU1' },
  ...{ isRehearsal, observer: 'HV02', journal: [], pid: 1, servers: [], guardSeconds: 60 },
});

describe('what stands against replacing the program', () => {
  it('is nothing where nothing was begun', () => expect(kindsOf({})).toEqual([]));

  it('is what runs, once', () => {
    expect(kindsOf({ activities: [activity('formation.apply')], formation: formation('running') })).toEqual([
      'activity',
    ]);
    expect(kindsOf({ activities: [activity('drill.run')], drill: drill(false) })).toEqual(['activity']);
    expect(kindsOf({ activities: [activity('iscsi.qualify')] })).toEqual(['activity']);
  });

  it.each<[JournalEntry['state'], Unfinished['kind'][]]>([
    ['restartNeeded', ['restart']],
    ['waitingForConfirmation', ['confirmation']],
    ['interrupted', []],
    ['failed', []],
    ['done', []],
  ])('is a change that waits: %s', (state, kinds) => {
    expect(kindsOf({ changes: [change(state)] })).toEqual(kinds);
    expect(kindsOf({ changes: [change(state, 'rehearsal:lab/HV01')] })).toEqual([]);
  });

  it.each<[FormationStatus['state'], number]>([
    ['running', 1],
    ['paused', 1],
    ['interrupted', 1],
    ['formed', 0],
    ['undone', 0],
    ['failed', 0],
    ['cancelled', 0],
  ])('is a formation that has not come to its end: %s', (state, count) => {
    expect(kindsOf({ formation: formation(state) })).toHaveLength(count);
  });

  it('is said with what it is, where it stands, and how it goes on', () => {
    const [one] = listUnfinished({ ...nothing, formation: formation('interrupted') });
    expect(one).toMatchObject({ id: 'form-1', title: 'The formation of CLU1' });
    expect(one!.next).toContain('at "Restart HV01" on HV01');
    expect(one!.next).toContain('quorate form resume');
    expect(one!.next).toContain('"quorate form undo --file cluster.yaml"');
    // The record of a formation that was cut has no step that runs.
    const cut = formation('interrupted');
    const record = { ...cut, direction: 'undo' as const, steps: [{ ...cut.steps[0]!, state: 'interrupted' as const }] };
    const [undo] = listUnfinished({ ...nothing, formation: record });
    expect(undo!.next).toContain('at "Restart HV01" on HV01');
    expect(undo!.next).not.toContain('form undo');
  });

  it('is a drill whose process is gone, unless it was rehearsed', () => {
    expect(kindsOf({ drill: drill(false) })).toEqual(['drill']);
    expect(kindsOf({ drill: drill(true) })).toEqual([]);
  });
});
