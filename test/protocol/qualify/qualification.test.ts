import { describe, expect, it } from 'vitest';
import { formatReservationKey } from '../../../main/iscsi/index.ts';
import { selectCases } from '../../../main/qualify/index.ts';
import { allCases } from '../../../main/qualify/suites/index.ts';
import {
  qualificationReportSchema,
  type QualificationEvent,
  type QualificationVerdict,
} from '../../../shared/model/qualification.ts';
import { busyResult } from '../../../main/rehearsal/target/scsi/result.ts';
import { clock } from '../../support/clock.ts';
import { openSessions } from '../../support/iscsi-cli.ts';
import { makeLie } from '../../support/lying-device.ts';
import {
  caseOf,
  nodeName,
  startQualified,
  surroundings,
  type QualifiedTarget,
  type Surroundings,
} from '../../support/qualification.ts';

const range = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, at) => from + at * step);

/** Of a run with every case: a target that ignores reservations is never qualified. */
const expected = (kind: Surroundings, verdict: QualificationVerdict): QualificationVerdict =>
  kind === 'ignoring' ? 'notQualified' : verdict;

/** What the target has to be left like, whatever the verdict. */
const expectNothingLeft = async (target: QualifiedTarget): Promise<void> => {
  expect(target.keys()).toBe(0);
  expect(target.store.get(1)?.reservations.reservation ?? null).toBeNull();
  expect(await target.notes.list()).toEqual([]);
};

describe.each(surroundings)('a target without a fault (%s)', (kind) => {
  it('is qualified if it enforces, and left without key, reservation or note', async () => {
    const target = await startQualified(kind);
    const report = await target.run({ nodes: 8, paths: 2 });
    expect(report.verdict).toBe(expected(kind, 'qualified'));
    const open = report.cases.filter(({ verdict }) => verdict === 'failed' || verdict === 'inconclusive');
    if (kind === 'ignoring')
      expect(open.map(({ id }) => id)).toEqual(expect.arrayContaining(['Reservations.Conflict.UnregisteredWriter']));
    // Without a restart nothing is proven about what outlives one.
    else expect(open.map(({ id }) => id)).toEqual(['Reservations.Register.PersistsThroughPowerLoss']);
    expect(report.oneNameBecause).toBe(kind === 'guarded' ? 'refused' : null);
    expect(report.oneName).toBe(kind === 'guarded');
    expect(new Set(report.initiators.map(({ isid }) => isid)).size).toBe(2);
    expect(caseOf(report, 'Reservations.Registrations.Capacity').figures['registered']).toBe(16);
    expect(report.accessTable).toHaveLength(6);
    expect(report.accessTable.every((row) => row.isAsTheStandardSays)).toBe(kind !== 'ignoring');
    expect(report.leftBehind).toEqual([]);
    expect(qualificationReportSchema.safeParse(report).error).toBeUndefined();
    await expectNothingLeft(target);
  });

  it('is read only unless told otherwise, and then inconclusive for what was not asked', async () => {
    const target = await startQualified(kind);
    const report = await target.run({ allowReservations: false });
    expect(report.verdict).toBe('inconclusive');
    expect(caseOf(report, 'Identity.Vpd83.Present').verdict).toBe('passed');
    expect(caseOf(report, 'Reservations.Reserve.Held')).toMatchObject({ verdict: 'inconclusive' });
    expect(caseOf(report, 'Reservations.Reserve.Held').because).toContain('--allow-reservations');
    expect(target.store.get(1)?.reservations.generation).toBe(0);
  });

  it('is told apart from a selection of cases', async () => {
    const target = await startQualified(kind);
    const report = await target.run({ cases: ['Identity.*'] });
    expect(report.cases.every(({ id }) => id.startsWith('Identity.'))).toBe(true);
    expect(report.verdict).toBe('inconclusive');
    expect(report.sentence).toMatch(/^Not known yet: \d+ required cases were not asked for\./);
    expect(report.notAsked).toContain('Reservations.Reserve.Held');
  });
});

/** What each fault of the target must be found by: the case, its verdict, the verdict on the target and the reason. */
const realWrite = 'Reservations.Conflict.RealWrite';
const faulty: readonly {
  fault: string;
  id: string;
  verdict?: 'failed' | 'inconclusive';
  overall?: 'qualified' | 'notQualified' | 'inconclusive';
  because: RegExp;
  options?: Parameters<Awaited<ReturnType<typeof startQualified>>['run']>[0];
}[] = [
  { fault: 'no-reservations', id: 'Reservations.Preconditions.NobodyElse', because: /no persistent reservations/ },
  {
    fault: 'reservations-forgotten',
    id: 'Reservations.Persistence.SurvivesLogout',
    because: /logout its reservation is gone/,
  },
  { fault: 'reservations-ignored', id: 'Reservations.Conflict.UnregisteredWriter', because: /ignores the reservation/ },
  {
    fault: 'registrations-short:2',
    id: 'Reservations.Registrations.Capacity',
    because: /after 2 registrations.*4 are needed/,
    options: { nodes: 2, paths: 2 },
  },
  { fault: 'reservation-types:1,3', id: 'Reservations.Reserve.Held', because: /RESERVE/ },
  { fault: 'generation-stuck', id: 'Reservations.Preempt.Generation', because: /left the generation at/ },
  {
    fault: 'unit-attentions-missing',
    id: 'Reservations.Preempt.UnitAttention',
    overall: 'qualified',
    because: /instead of a unit attention/,
  },
  { fault: 'vpd83-missing', id: 'Identity.Vpd83.Present', because: /no NAA/ },
  { fault: 'vpd83-not-unique', id: 'Identity.Vpd83.Unique', because: /LUN 2 has the same identity/ },
  { fault: 'serial-missing', id: 'Identity.Serial.Present', overall: 'qualified', because: /VPD page 80h/ },
  { fault: 'write-protected', id: 'Identity.WriteProtect.Off', because: /write-protected/ },
  { fault: 'read-error', id: 'Behaviour.Latency.Percentiles', because: /refused/ },
  {
    fault: 'aptpl-refused',
    id: 'Reservations.Register.PersistsThroughPowerLoss',
    overall: 'qualified',
    because: /APTPL was answered with CHECK CONDITION/,
  },
  {
    fault: 'space-exhausted',
    id: 'Reservations.Conflict.RealWrite',
    because: /holder of the reservation cannot write/,
  },
  { fault: 'not-ready', id: 'Identity.Unit.Ready', because: /CHECK CONDITION, NOT READY/ },
  {
    fault: 'writes-not-enforced',
    id: 'Reservations.Conflict.UnregisteredWriter',
    because: /ignores the reservation it shows \(.*WRITE of no block: GOOD.*its real write was GOOD/,
  },
  {
    fault: 'reservation-kept-on-unregister',
    id: 'Reservations.Release.ByUnregister',
    because: /outlived the registration/,
  },
  {
    fault: 'reservations-forgotten-on-cut',
    id: 'Reservations.Persistence.SurvivesCut',
    because: /cut the reservation is gone/,
  },
  {
    fault: 'reservations-lost-on-reset',
    id: 'Reservations.Persistence.SurvivesReset',
    because: /RESET the reservation is gone|not among the registered/,
  },
  { fault: 'keys-unchecked', id: 'Reservations.Keys.Checked', because: /instead of RESERVATION CONFLICT/ },
  { fault: 'one-key-once', id: 'Reservations.Paths.OneKey', because: /REGISTER AND IGNORE EXISTING KEY was answered/ },
  { fault: 'preempt-removes-one', id: 'Reservations.Paths.OneKey', because: /registered/ },
  { fault: 'preempt-of-absent-refused', id: 'Reservations.Preempt.OfGoneNode', because: /PREEMPT was answered/ },
];

describe.each(surroundings)('a faulty target (%s)', (kind) => {
  it.each(faulty)(
    '$fault is found by $id',
    async ({ fault, id, verdict = 'failed', overall = 'notQualified', because, options }) => {
      const target = await startQualified(kind, { faults: [fault] });
      const report = await target.run(options);
      // Nothing is written where the harmless commands were not refused: then the write does not meet the fault either.
      if (kind === 'ignoring' && id === realWrite) expect(caseOf(report, id).verdict).toBe('skipped');
      else if (kind !== 'ignoring' || fault !== 'writes-not-enforced') {
        expect(caseOf(report, id)).toMatchObject({ verdict });
        expect(caseOf(report, id).because).toMatch(because);
      }
      // A thin disk that is full refuses every write, so nothing is known about reservations.
      if (kind === 'ignoring' && fault === 'space-exhausted') expect(report.verdict).toBe('inconclusive');
      else expect(report.verdict).toBe(expected(kind, overall));
      expect(report.leftBehind).toEqual([]);
      await expectNothingLeft(target);
    },
  );

  it('that says no word about who may write is inconclusive, and its access table says so', async () => {
    const target = await startQualified(kind, { faults: ['write-protected'] });
    const report = await target.run();
    const row = report.accessTable.find(({ type }) => type === 'Write Exclusive - Registrants Only');
    expect(row).toMatchObject({ registeredMayWrite: null, isAsTheStandardSays: null });
    expect(caseOf(report, 'Reservations.Second.RegistersAndWrites').verdict).toBe('inconclusive');
    expect(caseOf(report, 'Reservations.Release.Ends').verdict).toBe('inconclusive');
  });

  it.each(['busy:3', 'task-set-full:3', 'busy:2'])('that answers %s is asked again', async (fault) => {
    const target = await startQualified(kind, { faults: [fault] });
    const report = await target.run({ nodes: 2, paths: 1 });
    expect(report.verdict).toBe(expected(kind, 'qualified'));
    const steps = report.cases.flatMap((one) => one.steps);
    expect(steps.some(({ answer }) => /^(BUSY|TASK SET FULL); the command was sent again/.test(answer ?? ''))).toBe(
      true,
    );
    await expectNothingLeft(target);
  });

  it('that is busy is asked again although this machine stood still in between', async () => {
    const target = await startQualified(kind);
    const time = clock();
    let asked = 0;
    makeLie(
      target,
      {
        answers: ({ name }) => {
          if (name !== 'mode-sense-6' || ++asked > 3) return undefined;
          time.putForward(6_000);
          return busyResult;
        },
      },
      { oneName: kind === 'guarded' },
    );
    const report = await target.run({ nodes: 2, paths: 1 });
    expect(asked).toBeGreaterThan(3);
    expect(report.verdict).toBe(expected(kind, 'qualified'));
  });

  it('whose logical unit vanishes between two steps is never qualified, and the reason is the logical unit', async () => {
    for (const after of process.env['QUORATE_SWEEP'] ? range(12, 560, 3) : [12, 30, 60, 95, 170, 300]) {
      const target = await startQualified(kind, { faults: [`lun-vanishes:${after}`] });
      const report = await target.run();
      expect(report.verdict).not.toBe('qualified');
      const gone = report.cases.findIndex(({ because }) => because?.includes('is gone since the step'));
      const broken = report.cases[gone];
      expect([after, broken?.verdict, broken?.because]).toEqual([
        after,
        'inconclusive',
        expect.stringMatching(/^LUN 1 of iqn\S+ at \S+ is gone since the step ".*LOGICAL UNIT NOT SUPPORTED\)$/),
      ]);
      // The rest is not asked one by one, and blames nobody.
      const rest = report.cases.slice(gone + 1);
      expect(rest.every(({ because, steps }) => because === broken?.because && steps.length === 0)).toBe(true);
      // With its logical unit gone a key cannot be removed: then it is named and stays noted.
      target.faults.clear();
      if (kind === 'ignoring') target.faults.add('reservations-ignored');
      const noted = (await target.notes.list()).map(({ key }) => key);
      for (const { key } of target.store.get(1)?.reservations.registrations ?? []) {
        expect(noted).toContain(formatReservationKey(key));
        expect(report.leftBehind.join()).toContain(formatReservationKey(key));
      }
      // Where a nexus had changed its key at that moment, nobody can tell which of the two is left.
      expect(report.leftBehind.length - target.keys()).toBeLessThan(2);
      expect(noted).toHaveLength(report.leftBehind.length);
    }
  });

  it('with a storm of unit attentions is asked again and qualified', async () => {
    const target = await startQualified(kind, { faults: ['unit-attention-storm:5'] });
    const report = await target.run();
    expect(report.verdict).toBe(expected(kind, 'qualified'));
    const [first] = report.cases;
    expect(first?.steps.filter(({ answer }) => answer?.includes('UNIT ATTENTION'))).not.toEqual([]);
  });

  it('whose identity depends on the portal is found over two portals', async () => {
    const target = await startQualified(kind, { faults: ['vpd83-per-portal'], portalGroups: [1, 2] });
    const [, second] = target.portals;
    const report = await target.run({ otherPaths: [{ portal: `${second?.host}:${second?.port}` }] });
    expect(caseOf(report, 'Identity.Vpd83.SameOverPortals')).toMatchObject({ verdict: 'failed' });
    expect(report.verdict).toBe('notQualified');
  });

  it('that is slow fails for its latency', async () => {
    const target = await startQualified(kind, { faults: ['slow-disk:1100'] });
    const report = await target.run({ cases: ['Behaviour.Latency.*'] });
    expect(caseOf(report, 'Behaviour.Latency.Percentiles')).toMatchObject({ verdict: 'failed' });
    expect(Number(caseOf(report, 'Behaviour.Latency.Percentiles').figures['p99Ms'])).toBeGreaterThan(1000);
  });

  it('is not slow because this machine stood still for a moment', async () => {
    const target = await startQualified(kind);
    const { medium } = target.store.get(1)!;
    const read = medium.read.bind(medium);
    let isReading = false;
    let reads = 0;
    medium.read = (...where) => {
      // Everything in this process stops, the qualification as well.
      if (isReading && ++reads === 20) for (const end = performance.now() + 1_500; performance.now() < end;);
      return read(...where);
    };
    const report = await target.run({
      cases: ['Behaviour.Latency.*'],
      onProgress: (event) => {
        if (event.kind === 'begin') isReading = event.caseId === 'Behaviour.Latency.Percentiles';
      },
    });
    medium.read = read;
    expect(reads).toBeGreaterThan(20);
    expect(caseOf(report, 'Behaviour.Latency.Percentiles')).toMatchObject({ verdict: 'passed' });
  });

  it.each([
    'cut:command-persistent-reserve-out',
    'garbage:command-persistent-reserve-out',
    'stall:command-persistent-reserve-out',
  ])('that breaks the conversation (%s) is inconclusive, and nothing stays once it speaks again', async (fault) => {
    const target = await startQualified(kind, { faults: [`${fault}@1`] });
    const { access } = target.settings();
    // Silence is not waited for longer than it has to be.
    const report = await target.run({
      access: { ...access, loginTimeoutMs: 2_000, commandTimeoutMs: 2_000 },
      cases: ['Reservations.Register.*'],
    });
    expect(report.verdict).toBe('inconclusive');
    expect(report.cases.some(({ verdict }) => verdict === 'inconclusive')).toBe(true);
    await expectNothingLeft(target);
  });
});

describe.each(surroundings)('bytes (%s)', (kind) => {
  it('of a disk with data are never written', async () => {
    const target = await startQualified(kind);
    await target.fill();
    const report = await target.run();
    expect(caseOf(report, realWrite)).toMatchObject({ verdict: 'skipped', required: false });
    expect(caseOf(report, realWrite).because).toContain('not blank');
  });

  it('are written with leave, and only the very same, where others are kept from writing', async () => {
    const target = await startQualified(kind);
    await target.fill();
    const report = await target.run({ allowDataLoss: true });
    expect(caseOf(report, realWrite)).toMatchObject({ verdict: kind === 'ignoring' ? 'skipped' : 'passed' });
  });
});

describe('cancellation', () => {
  it.each(surroundings)('removes the own keys first (%s)', async (kind) => {
    const target = await startQualified(kind);
    const controller = new AbortController();
    const seen: QualificationEvent[] = [];
    const outcome = await target.qualify({
      signal: controller.signal,
      onProgress: (event) => {
        seen.push(event);
        if (event.kind === 'step' && event.step.text.startsWith('Putting PR reserve')) controller.abort();
      },
    });
    expect(outcome).toEqual({ kind: 'cancelled', leftBehind: [] });
    await expectNothingLeft(target);
    const cleanUp = seen.findIndex(({ kind: one }) => one === 'cleanUp');
    expect(cleanUp).toBeGreaterThan(0);
    const after = seen.slice(cleanUp + 1).map((event) => (event.kind === 'step' ? event.step.text : event.kind));
    expect(after).toContain('Unregistering PR key');
  });
});

describe('the catalogue', () => {
  it('has ids of three parts that are unique, each with meaning, question and source', () => {
    expect(new Set(allCases.map(({ id }) => id)).size).toBe(allCases.length);
    for (const one of allCases) {
      expect(one.id).toMatch(/^[A-Z]\w+\.[A-Z]\w+\.[A-Z]\w+$/);
      for (const text of [one.title, one.meaning, one.askVendor, one.source]) expect(text.length).toBeGreaterThan(10);
    }
  });

  it('is selected by glob', () => {
    expect(selectCases(['*.Preempt.*']).map(({ id }) => id)).toEqual(
      allCases.map(({ id }) => id).filter((id) => id.includes('.Preempt.')),
    );
    expect(selectCases(['reservations.access.wero'])).toHaveLength(1);
    expect(selectCases(['Nothing.*'])).toEqual([]);
  });
});

describe.each(surroundings)('circumstances (%s)', (kind) => {
  it('a LUN that is not there is said to be missing', async () => {
    const target = await startQualified(kind);
    expect(await target.qualify({ lun: 9 })).toEqual({ kind: 'noSuchLun' });
  });

  it('a target without room for a session is named, before anything is done', async () => {
    const target = await startQualified(kind);
    target.faults.add('target-full');
    await expect(target.qualify()).rejects.toMatchObject({
      code: 'LOGIN_OUT_OF_RESOURCES',
      portal: `${target.host}:${target.port}`,
      target: target.name,
    });
  });

  it.each([
    ['admit-one', 'refused'],
    ['luns-masked', 'masked'],
  ])('a target of %s is qualified with two ISIDs of the one name: %s', async (fault, because) => {
    const target = await startQualified(kind, { faults: [`${fault}:${nodeName}`] });
    const report = await target.run();
    expect(report).toMatchObject({
      verdict: expected(kind, 'qualified'),
      oneName: true,
      oneNameBecause: kind === 'guarded' ? 'refused' : because,
    });
  });

  it.each(['chosen', 'impossible'] as const)('one name for both is said to be %s', async (because) => {
    const target = await startQualified(kind);
    const report = await target.run({ cases: ['Identity.Unit.*'], initiatorB: nodeName, sameNameBecause: because });
    expect(report).toMatchObject({ oneName: true, oneNameBecause: because });
  });

  it('ends the sessions of a case with the case', async () => {
    const target = await startQualified(kind);
    const before = openSessions(target);
    const report = await target.run({ cases: ['Reservations.Registrations.*', 'Behaviour.*'], nodes: 16, paths: 2 });
    expect(caseOf(report, 'Reservations.Registrations.Capacity').figures['registered']).toBe(32);
    const logins = target.events.filter(({ kind: one }) => one === 'login' || one === 'sessionEnded');
    let open = 0;
    const most = Math.max(...logins.map(({ kind: one }) => (open += one === 'login' ? 1 : -1)));
    await expect.poll(() => openSessions(target)).toBe(before);
    // The two initiators and one session for each registration; later cases do not find them still there.
    expect(most).toBe(34 + before);
  });
});
