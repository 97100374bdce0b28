import { describe, expect, it, vi } from 'vitest';
import type { Activity } from '../../../shared/contract/core.ts';
import type { FormationStatus, FormationStepResult } from '../../../shared/contract/formation.ts';
import type { SeenServer } from '../../../shared/model/formation.ts';
import { openWarnings } from '../../../renderer/features/formation/accept-part.tsx';
import { seenText } from '../../../renderer/features/formation/stage-view.tsx';
import { stateOfNone } from '../../../renderer/features/formation/stage-words.ts';
import { watch } from '../../../renderer/features/formation/store.ts';
import { useServer } from '../../../renderer/ui/server-store.ts';
import { useStageStates } from '../../../renderer/ui/stage-states.ts';
import {
  afterActivity,
  allSteps,
  canRetry,
  withStatus,
  withSteps,
  type Run,
} from '../../../renderer/features/formation/run.ts';
import { lanesOf, standingOf } from '../../../renderer/features/formation/standing.ts';
import { isClusterThere, isPhaseDone, isSwitchThere, machineNode } from '../../../shared/model/topology.ts';

const step = (id: string, what: Partial<FormationStepResult> = {}): FormationStepResult => ({
  id,
  node: id.split('/')[0]!,
  stage: 'network',
  title: id,
  state: 'waiting',
  proof: null,
  error: null,
  why: '',
  doing: null,
  expectedMs: null,
  canSkip: false,
  startedAt: null,
  endedAt: null,
  ...what,
});

const activity = (what: Partial<Activity> = {}): Activity => ({
  id: 'a1',
  method: 'formation.rehearse',
  title: 'Rehearsal of a formation',
  server: null,
  caller: 'cli',
  input: { name: 'night' },
  state: 'running',
  startedAt: '2026-01-01T00:00:00.000Z',
  endedAt: null,
  progress: null,
  error: null,
  ...what,
});

const changed = (...steps: FormationStepResult[]): Activity =>
  activity({ progress: { doing: steps[0]!.title, done: 0, total: 2, leftMs: null, data: { changed: steps } } });

describe('a formation as a page follows it', () => {
  it('is shown wherever it was begun, with the steps in the order of the plan', () => {
    let run = afterActivity(null, activity())!;
    expect(run).toMatchObject({ activityId: 'a1', rehearsal: 'night', state: 'running' });
    run = afterActivity(run, changed(step('NODE1/a', { state: 'running' })))!;
    run = withStatus(run, {
      ...({} as FormationStatus),
      state: 'running',
      steps: [step('NODE1/a'), step('NODE2/b')],
      earlier: [],
      servers: [],
      wanted: null,
    });
    run = afterActivity(run, changed(step('NODE2/b', { state: 'done' })))!;
    expect(run.steps.map(({ id, state }) => [id, state])).toEqual([
      ['NODE1/a', 'waiting'],
      ['NODE2/b', 'done'],
    ]);
  });

  it('stays paused while what was running comes to its end', () => {
    const paused: Run = { ...afterActivity(null, activity())!, state: 'paused' };
    expect(afterActivity(paused, changed(step('NODE1/a', { state: 'done' })))!.state).toBe('paused');
  });

  it('ends as the work ended, and keeps no step that was only expected', () => {
    const run = withSteps([step('NODE1/a')], []);
    const shown: Run = { ...afterActivity(null, activity())!, steps: run };
    const result = {
      schema: 'quorate.rehearse/1',
      outcome: 'failed',
      rehearsal: 'night',
      cluster: null,
      vms: [],
      steps: [step('NODE1/a', { state: 'failed' }), step('NODE1/b')],
      applied: [],
      error: { code: 'ROLE_INSTALL_FAILED', detail: {}, retry: 'later', effect: 'partial', cause: null },
      faultsNotSet: [],
      switchedOn: [],
      tookMs: 1,
    };
    const ended = afterActivity(shown, activity({ state: 'done', endedAt: '2026-01-01T00:01:00.000Z', result }))!;
    expect(ended).toMatchObject({ state: 'failed', error: { code: 'ROLE_INSTALL_FAILED' } });
    expect(ended.steps.map(({ id }) => id)).toEqual(['NODE1/a']);
    expect(
      afterActivity(shown, activity({ state: 'cancelled', error: { ...result.error, code: 'CANCELLED' } as never }))!
        .state,
    ).toBe('cancelled');
  });

  it('leaves other work alone', () => {
    expect(afterActivity(null, activity({ method: 'iscsi.qualify' }))).toBeNull();
    const shown = afterActivity(null, activity())!;
    expect(afterActivity(shown, activity({ id: 'a2', state: 'done' }))).toBe(shown);
  });
});

describe('a run that stopped', () => {
  const envelope = (code: string, detail: Record<string, unknown> = {}, retry = 'afterChange') =>
    ({ code, detail, retry, effect: 'none', cause: null }) as unknown as NonNullable<Run['error']>;
  const failed: Run = { ...afterActivity(null, activity())!, state: 'failed', error: envelope('FORM_STOPPED') };

  it('is tried again here where this console coordinates and trying can help', () => {
    const real: Run = { ...failed, rehearsal: null, file: { path: 'cluster.json', text: '{}' } };
    expect(canRetry(failed)).toBe(true);
    expect(canRetry(real)).toBe(true);
    for (const not of [
      { state: 'formed' },
      { coordinator: 'NODE2' },
      { file: null },
      // Its name is typed again.
      { direction: 'undo' },
      { error: envelope('FORM_NOT_IN_FILE', {}, 'never') },
    ] as const)
      expect(canRetry({ ...real, ...not }), JSON.stringify(not)).toBe(false);
  });

  it('names the warnings that it waits for', () => {
    expect(openWarnings(envelope('FORM_WARNINGS_OPEN', { names: 'bandwidth iSCSI A, clock' }))).toEqual([
      'bandwidth iSCSI A',
      'clock',
    ]);
    expect(openWarnings(envelope('FORM_VALIDATION_OPEN', { tests: 'Validate All Drivers Signed' }))).toEqual([
      'Validate All Drivers Signed',
    ]);
    expect(openWarnings(envelope('FORM_VALIDATION_FAILED', { tests: 'List Disks' }))).toEqual([]);
    expect(openWarnings(null)).toEqual([]);
  });
});

describe('what a server showed', () => {
  const seen = {
    ...{
      server: 'NODE1',
      computerName: 'WIN-1',
      isAdministrator: true,
      account: 'WIN-1\\Admin',
      windows: 'Windows 2022',
    },
    nics: [
      { mac: '1', name: 'A', role: 'production', isConnected: true, addresses: ['192.0.2.1'] },
      { mac: '2', name: 'B', role: 'iscsiA', isConnected: false, addresses: [] },
    ],
    ...{ sessions: null, disks: [], offered: null, letters: null },
  };

  it('is told by the stage that it is about, and what was not read is not counted as none', () => {
    expect(seenText('servers', seen)).toBe('WIN-1, Quorate runs as WIN-1\\Admin');
    expect(seenText('network', seen)).toBe('A 192.0.2.1; B (no link)');
    const [first] = seen.nics;
    const withOwn = { ...seen, nics: [{ ...first!, addresses: ['fe80::1', '192.0.2.1'] }] };
    expect(seenText('network', withOwn)).toBe('A 192.0.2.1');
    expect(seenText('network', { ...seen, nics: [{ ...first!, addresses: ['fe80::1'] }] })).toBe('A fe80::1');
    expect(seenText('storage', seen)).toBe('iSCSI sessions not read, 0 shared disks');
    expect(seenText('drill', seen)).toBeNull();
  });
});

describe('how a formation stands', () => {
  const steps = [
    step('NODE1/a', { state: 'done' }),
    step('NODE1/b', { state: 'running' }),
    step('NODE2/a', { state: 'alreadyDone' }),
    step('NODE1/vm.create:VM1', { stage: 'machines', state: 'done' }),
    step('NODE1/c', { stage: 'form', state: 'failed' }),
    step('NODE1/d', { stage: 'drill' }),
  ];

  it('says it of each stage', () => {
    const words = Object.fromEntries(standingOf(steps, 'running').map(({ stage, word }) => [stage, word]));
    expect(words).toMatchObject({
      network: 'Running 2/3',
      machines: 'Done 1/1',
      form: 'Stopped 0/1',
      drill: 'Waiting 0/1',
      roles: 'Nothing planned',
    });
    expect(isPhaseDone(steps, 'machines')).toBe(true);
    expect(isPhaseDone(steps, 'roles')).toBe(false);
  });

  it('says of a run that was cut short what is certain, and claims no total', () => {
    const cut = steps
      .filter(({ state }) => state !== 'waiting' && state !== 'failed')
      .map((one) => (one.state === 'running' ? { ...one, state: 'interrupted' as const } : one));
    const standing = standingOf(cut, 'interrupted');
    const words = Object.fromEntries(standing.map(({ stage, word }) => [stage, word]));
    expect(words).toMatchObject({
      network: 'Interrupted, 2 done',
      machines: '1 done',
      roles: 'Nothing done',
      form: 'Nothing done',
      drill: 'Not started',
    });
    expect(standing.find(({ stage }) => stage === 'network')?.outcome).toBe('interrupted');
    expect(standing.filter(({ outcome }) => outcome === 'pass')).toEqual([]);
    expect(lanesOf(cut).get('NODE1')).toMatchObject({ current: { id: 'NODE1/b', state: 'interrupted' }, done: 2 });
  });

  it('leaves no step running when the work has ended', () => {
    const shown: Run = { ...afterActivity(null, activity())!, steps };
    const ended = afterActivity(shown, activity({ state: 'cancelled' }))!;
    expect(ended.steps.map(({ state }) => state)).toEqual(['done', 'interrupted', 'alreadyDone', 'done', 'failed']);
  });

  it('has a virtual switch once it is on every server that was to get it', () => {
    const made = (state: FormationStepResult['state']) => [
      step('NODE1/switch.create:Machines', { state: 'done' }),
      step('NODE2/switch.create:Machines', { state }),
    ];
    expect(isSwitchThere('Machines', { steps: made('done'), isWhole: true })).toBe(true);
    expect(isSwitchThere('Machines', { steps: made('running'), isWhole: true })).toBe(false);
    expect(isSwitchThere('Other', { steps: made('done'), isWhole: true })).toBe(false);
  });

  it('counts what the runs before a continued one had done', () => {
    const run = {
      earlier: [step('NODE1/a', { state: 'done' }), step('NODE1/b', { state: 'done' })],
      steps: [step('NODE1/b', { state: 'alreadyDone' }), step('NODE1/c', { state: 'done' })],
    };
    expect(allSteps(run).map(({ id, state }) => [id, state])).toEqual([
      ['NODE1/a', 'done'],
      ['NODE1/b', 'alreadyDone'],
      ['NODE1/c', 'done'],
    ]);
    expect(standingOf(allSteps(run), 'formed').find(({ stage }) => stage === 'network')?.word).toBe('Done 3/3');
    expect(lanesOf(allSteps(run)).get('NODE1')).toMatchObject({ done: 3, total: 3 });
  });

  it('claims no change for a stage that a continued run found done', () => {
    const left = [step('NODE1/a', { state: 'done' })];
    const words = Object.fromEntries(standingOf(left, 'formed').map(({ stage, word }) => [stage, word]));
    expect(words).toMatchObject({ network: 'Done 1/1', servers: 'Nothing left to do' });
  });

  it('has the cluster while it is not taken back, and no more when it is', () => {
    const servers = [{ disks: [{ isClustered: true }] } as SeenServer];
    const form = (state: FormationStepResult['state']): FormationStepResult[] => [
      step('NODE1/x', { stage: 'form', state }),
    ];
    expect(isClusterThere({ direction: 'form', servers: [], steps: form('done'), isWhole: true })).toBe(true);
    expect(isClusterThere({ direction: 'form', servers: [], steps: form('running'), isWhole: true })).toBe(false);
    expect(isClusterThere({ direction: 'undo', servers, steps: form('running'), isWhole: true })).toBe(true);
    expect(isClusterThere({ direction: 'undo', servers, steps: form('done'), isWhole: true })).toBe(false);
    expect(isClusterThere({ direction: 'undo', servers: [], steps: [], isWhole: true })).toBe(false);
  });

  it('shows what each server is at', () => {
    const lanes = lanesOf(steps);
    expect(lanes.get('NODE1')).toMatchObject({ current: { id: 'NODE1/b' }, done: 2, total: 5 });
    expect(lanes.get('NODE2')).toMatchObject({ current: { id: 'NODE2/a' }, done: 1, total: 1 });
    expect(lanes.get('NODE3')).toBeUndefined();
  });

  it('puts a machine where it was created, until the end says where it runs', () => {
    expect(machineNode('VM1', steps, [])).toBe('NODE1');
    expect(machineNode('VM1', steps, [{ name: 'VM1', node: 'NODE2' }])).toBe('NODE2');
    expect(machineNode('VM2', steps, [])).toBeNull();
  });
});

describe('what the list of stages says of a cluster that nobody began to form', () => {
  const run = (what: Partial<Run>): Run => ({ ...afterActivity(null, activity())!, ...what });
  it.each([
    [null, 'Not started'],
    [run({ rehearsal: null, state: 'formed' }), 'Not started'],
    [run({ state: 'running' }), 'Rehearsal running', 'running'],
    [run({ state: 'formed' }), 'Only rehearsed'],
    [run({ state: 'paused' }), 'Rehearsal paused', 'paused'],
    [run({ state: 'failed' }), 'Rehearsal stopped'],
    [run({ state: 'interrupted' }), 'Rehearsal interrupted'],
    [run({ state: 'undone' }), 'Not started'],
  ] as [Run | null, string, string?][])('%#: %s', (shown, word, outcome = 'waiting') => {
    expect(stateOfNone(shown)).toEqual({ outcome, word });
  });
});

it('tells of the rehearsal that is shown while a server of one is open whose formation was undone', async () => {
  let tell: (told: unknown) => void = () => undefined;
  const answers: Readonly<Record<string, unknown>> = {
    'activity.list': [],
    'rehearsal.list': [],
    'formation.status': null,
  };
  vi.stubGlobal('window', {
    quorate: {
      call: (method: string) => Promise.resolve({ ok: true, result: answers[method] }),
      subscribe: (onActivity: typeof tell) => ((tell = onActivity), () => undefined),
    },
  });
  const word = (subject: string): string | undefined => useStageStates.getState()[subject]?.['form']?.word;
  const run = (id: string, name: string, result: unknown): void => {
    const told = activity({ id, input: { name, ...(result === null ? {} : { direction: 'undo' }) } });
    tell(told);
    tell({ ...told, state: 'done', endedAt: told.startedAt, result });
  };
  try {
    await watch();
    useServer.setState({ host: 'rehearsal:first/NODE1' });
    run('a1', 'first', { schema: 'quorate.rehearsal/1', outcome: 'undone', steps: [], error: null, vms: [] });
    expect(word('rehearsal:first')).toBe('Undone');
    expect(word('local')).toBe('Not started');
    tell(activity({ id: 'a2', input: { name: 'second' } }));
    tell(activity({ id: 'a2', input: { name: 'second' }, state: 'failed' }));
    expect(word('rehearsal:second')).toBe('Stopped');
    expect(word('rehearsal:first')).toBe('Rehearsal stopped');
    expect(word('local')).toBe('Rehearsal stopped');
    // A third one, in which nothing was begun, does not speak against what the page shows.
    useServer.setState({ host: 'rehearsal:third/NODE1' });
    await expect.poll(() => word('rehearsal:third')).toBe('Not started here');
    tell(activity({ id: 'a3', input: { name: 'third' } }));
    await expect.poll(() => word('rehearsal:third')).toBe('Running');
  } finally {
    vi.unstubAllGlobals();
  }
});

it('shows the plan with a field for each secret, also where what lacked them is told after its answer', async () => {
  let tell: (told: unknown) => void = () => undefined;
  const draft = { path: 'c.json', text: '{}' };
  const refused = {
    code: 'FORM_SECRET_MISSING',
    detail: {},
    retry: 'afterChange',
    effect: 'none',
    cause: null,
  } as const;
  const answers: Readonly<Record<string, unknown>> = {
    ...{ 'activity.list': [], 'rehearsal.list': [], 'formation.status': null },
    ...{ 'formation.checkFile': { outcome: 'right' }, 'formation.plan': { questions: [] } },
  };
  vi.stubGlobal('window', {
    quorate: {
      call: (method: string) =>
        Promise.resolve(
          method === 'formation.apply' ? { ok: false, error: refused } : { ok: true, result: answers[method] },
        ),
      subscribe: (onActivity: typeof tell) => ((tell = onActivity), () => undefined),
    },
  });
  vi.resetModules();
  try {
    const fresh = await import('../../../renderer/features/formation/store.ts');
    await fresh.watch();
    const stopped = { ...afterActivity(null, activity())!, rehearsal: null, state: 'failed', file: draft } as Run;
    await fresh.retry(stopped);
    const told = activity({ id: 'a9', method: 'formation.apply', caller: 'ui', input: draft });
    tell(told);
    tell({ ...told, state: 'failed', endedAt: told.startedAt, error: refused });
    expect(fresh.useFormation.getState()).toMatchObject({ run: null, draft, plan: { questions: [] } });
    // What is begun then, and lacks something all the same, says so itself.
    await fresh.form();
    tell({ ...told, id: 'a10' });
    tell({ ...told, id: 'a10', state: 'failed', endedAt: told.startedAt, error: refused });
    expect(fresh.useFormation.getState().run).toMatchObject({ state: 'failed', error: refused });
  } finally {
    vi.unstubAllGlobals();
    vi.resetModules();
  }
});
