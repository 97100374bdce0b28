import { describe, expect, it } from 'vitest';
import { formatIsid, openSession, scsi } from '../../../main/iscsi/index.ts';
import { allCases, qualify, selectCases } from '../../../main/qualify/index.ts';
import type { QualificationEvent } from '../../../shared/model/qualification.ts';
import { qualificationReportSchema } from '../../../shared/model/qualification.ts';
import { caseOf, nodeName, startQualified, surroundings } from '../../support/qualification.ts';

describe.each(surroundings)('a good target (%s)', (kind) => {
  it('is qualified, leaves no key, no note and no changed byte behind', async () => {
    const target = await startQualified(kind);
    const before = await target.digest();
    const report = await target.run({ nodes: 8, paths: 2 });
    expect(report.cases.filter(({ verdict }) => verdict === 'failed' || verdict === 'inconclusive')).toEqual([]);
    expect(report.verdict).toBe('qualified');
    expect(report.oneName).toBe(kind === 'guarded');
    expect(new Set(report.initiators.map(({ isid }) => isid)).size).toBe(2);
    expect(caseOf(report, 'Reservations.Registrations.Capacity').figures['registered']).toBe(16);
    expect(report.accessTable).toHaveLength(6);
    expect(report.accessTable.every((row) => row.isAsTheStandardSays)).toBe(true);
    expect(await target.digest()).toBe(before);
    expect(target.keys()).toBe(0);
    expect(await target.notes.list()).toEqual([]);
    expect(report.leftBehind).toEqual([]);
    expect(qualificationReportSchema.safeParse(report).error).toBeUndefined();
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
    expect(report.sentence).toContain('not asked for');
  });
});

/** What each fault of the target must be found by: the case, its verdict, the verdict on the target and the reason. */
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
    because: /holder of the reservation can not write/,
  },
  { fault: 'not-ready', id: 'Identity.Unit.Ready', because: /CHECK CONDITION, NOT READY/ },
];

describe.each(surroundings)('a faulty target (%s)', (kind) => {
  it.each(faulty)(
    '$fault is found by $id',
    async ({ fault, id, verdict = 'failed', overall = 'notQualified', because, options }) => {
      const target = await startQualified(kind, { faults: [fault] });
      const before = await target.digest();
      const report = await target.run(options);
      expect(caseOf(report, id)).toMatchObject({ verdict });
      expect(caseOf(report, id).because).toMatch(because);
      expect(report.verdict).toBe(overall);
      expect(await target.digest()).toBe(before);
      expect(target.keys()).toBe(0);
      expect(await target.notes.list()).toEqual([]);
    },
  );

  it('whose logical unit vanishes between two steps is never qualified, and the reason is the logical unit', async () => {
    const target = await startQualified(kind, { faults: ['lun-vanishes:60'] });
    const report = await target.run();
    expect(report.verdict).not.toBe('qualified');
    const broken = report.cases.filter(({ verdict }) => verdict === 'failed' || verdict === 'inconclusive');
    expect(broken.map(({ because }) => because).join(' ')).toContain('LOGICAL UNIT NOT SUPPORTED');
    // With its logical unit gone a key can not be removed: then it is named and stays noted, and else it is gone.
    target.faults.clear();
    expect(report.leftBehind).toHaveLength(target.keys());
    expect(await target.notes.list()).toHaveLength(target.keys());
  });

  it('with a storm of unit attentions is asked again and qualified', async () => {
    const target = await startQualified(kind, { faults: ['unit-attention-storm:5'] });
    expect((await target.run()).verdict).toBe('qualified');
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
  }, 60_000);

  it.each([
    'cut:command-persistent-reserve-out',
    'garbage:command-persistent-reserve-out',
    'stall:command-persistent-reserve-out',
  ])(
    'that breaks the conversation (%s) is inconclusive, and nothing stays once it speaks again',
    async (fault) => {
      const target = await startQualified(kind, { faults: [`${fault}@1`] });
      const report = await target.run({ cases: ['Reservations.Register.*'] });
      expect(report.verdict).toBe('inconclusive');
      expect(report.cases.some(({ verdict }) => verdict === 'inconclusive')).toBe(true);
      expect(target.keys()).toBe(0);
      expect(await target.notes.list()).toEqual([]);
    },
    60_000,
  );
});

describe.each(surroundings)('somebody else on the logical unit (%s)', (kind) => {
  it('refuses the reservation cases, with key, type and holder, and keeps what is there', async () => {
    const target = await startQualified(kind);
    const foreign = await target.foreign();
    const lun = scsi.lunFromNumber(1);
    await scsi.testUnitReady(foreign, lun);
    await scsi.persistentReserveOut(foreign, lun, { action: 'register', serviceActionKey: 0xabcdn });
    await scsi.persistentReserveOut(foreign, lun, {
      action: 'reserve',
      key: 0xabcdn,
      type: 'writeExclusiveRegistrantsOnly',
    });
    const report = await target.run();
    expect(report.verdict).toBe('inconclusive');
    const refused = caseOf(report, 'Reservations.Register.Register');
    expect(refused.verdict).toBe('inconclusive');
    expect(refused.because).toContain('0x000000000000abcd');
    expect(refused.because).toContain(nodeName);
    expect(refused.because).toContain('Write Exclusive - Registrants Only');
    expect(target.store.get(1)?.reservations.registrations.map(({ key }) => key)).toEqual([0xabcdn]);
  });

  it.each([
    [
      'a node of the own cluster, by its exact name',
      { clusterInitiators: [nodeName.toUpperCase()] },
      'in use by the cluster',
    ],
    ['this server’s own initiator', { findOwnInitiator: async () => nodeName }, 'in use by the cluster'],
    ['a node whose name only begins alike', { clusterInitiators: [nodeName.slice(0, -1)] }, 'somebody else uses'],
  ])('is told apart: %s', async (_who, options, words) => {
    const target = await startQualified(kind);
    const foreign = await target.foreign();
    const lun = scsi.lunFromNumber(1);
    await scsi.testUnitReady(foreign, lun);
    await scsi.persistentReserveOut(foreign, lun, { action: 'register', serviceActionKey: 0xabcdn });
    const report = await target.run({ cases: ['Reservations.Register.*'], ...options });
    expect(report.cases.map(({ verdict }) => verdict)).toEqual(report.cases.map(() => 'inconclusive'));
    expect(caseOf(report, 'Reservations.Register.Register').because).toContain(words);
    expect(target.keys()).toBe(1);
  });

  it('that is an earlier run of ours is told by its notes, and one of another server by its key', async () => {
    const target = await startQualified(kind);
    const foreign = await target.foreign();
    const lun = scsi.lunFromNumber(1);
    await scsi.testUnitReady(foreign, lun);
    const key = 0x5152415400000001n;
    await scsi.persistentReserveOut(foreign, lun, { action: 'register', serviceActionKey: key });
    const cases = ['Reservations.Register.Register'];
    const other = await target.run({ cases, findOwnInitiator: async () => nodeName });
    expect(other.cases[0]?.because).toContain('a run of Quorate on another server');
    await target.notes.add({
      portal: `${target.host}:${target.port}`,
      target: target.name,
      lun: 1,
      initiator: nodeName,
      isid: '400001370000',
      key: '0x5152415400000001',
      since: new Date().toISOString(),
    });
    const own = await target.run({ cases });
    expect(own.cases[0]?.because).toContain('clear-mine');
    expect(target.keys()).toBe(1);
  });

  it('that is the own cluster is in use, not a fault', async () => {
    const target = await startQualified(kind);
    const foreign = await target.foreign();
    await scsi.testUnitReady(foreign, scsi.lunFromNumber(1));
    await scsi.persistentReserveOut(foreign, scsi.lunFromNumber(1), { action: 'register', serviceActionKey: 0xabcdn });
    const report = await target.run({ clusterInitiators: [nodeName] });
    expect(caseOf(report, 'Reservations.Register.Register').because).toContain(
      'in use by the cluster that this server belongs to',
    );
    expect(report.cases.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
  });
});

describe.each(surroundings)('bytes (%s)', (kind) => {
  const fill = async (target: Awaited<ReturnType<typeof startQualified>>): Promise<void> => {
    await target.store.get(1)?.medium.write(0, Buffer.alloc(1048576, 0x5a));
  };

  it('of a disk with data are never written, even where reservations are ignored', async () => {
    const target = await startQualified(kind, { faults: ['reservations-ignored'] });
    await fill(target);
    const before = await target.digest();
    const report = await target.run();
    expect(caseOf(report, 'Reservations.Conflict.RealWrite')).toMatchObject({ verdict: 'skipped', required: false });
    expect(caseOf(report, 'Reservations.Conflict.RealWrite').because).toContain('not blank');
    expect(await target.digest()).toBe(before);
  });

  it('are written with leave, and only the very same', async () => {
    const target = await startQualified(kind);
    await fill(target);
    const before = await target.digest();
    const report = await target.run({ allowDataLoss: true });
    expect(caseOf(report, 'Reservations.Conflict.RealWrite')).toMatchObject({ verdict: 'passed' });
    expect(await target.digest()).toBe(before);
  });
});

describe('cancellation', () => {
  it.each(surroundings)('removes the own keys first (%s)', async (kind) => {
    const target = await startQualified(kind);
    const controller = new AbortController();
    const seen: QualificationEvent[] = [];
    const outcome = await qualify(
      target.settings({
        signal: controller.signal,
        onProgress: (event) => {
          seen.push(event);
          if (event.kind === 'step' && event.step.text.startsWith('Putting PR reserve')) controller.abort();
        },
      }),
    );
    expect(outcome).toEqual({ kind: 'cancelled', leftBehind: [] });
    expect(target.keys()).toBe(0);
    expect(await target.notes.list()).toEqual([]);
    expect(seen.at(-1)?.kind).toBe('step');
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

it('a LUN that is not there is said to be missing', async () => {
  const target = await startQualified('open');
  expect(await qualify(target.settings({ lun: 9 }))).toEqual({ kind: 'noSuchLun' });
});

it('a target without room for a session is named, before anything is done', async () => {
  const target = await startQualified('open', { faults: ['target-full'] });
  await expect(qualify(target.settings())).rejects.toMatchObject({
    code: 'LOGIN_OUT_OF_RESOURCES',
    portal: `${target.host}:${target.port}`,
    target: target.name,
  });
});

it.each(['admit-one', 'luns-masked'])('a target of %s is qualified with two ISIDs of the one name', async (fault) => {
  const target = await startQualified('open', { faults: [`${fault}:${nodeName}`] });
  const report = await target.run();
  expect(report).toMatchObject({ verdict: 'qualified', oneName: true });
});

it('ends the sessions of a case with the case', async () => {
  const target = await startQualified('open');
  const report = await target.run({ cases: ['Reservations.Registrations.*', 'Behaviour.*'], nodes: 16, paths: 2 });
  expect(caseOf(report, 'Reservations.Registrations.Capacity').figures['registered']).toBe(32);
  const logins = target.events.filter(({ kind }) => kind === 'login' || kind === 'sessionEnded');
  let open = 0;
  const most = Math.max(...logins.map(({ kind }) => (open += kind === 'login' ? 1 : -1)));
  expect(open).toBe(0);
  // The two initiators and one session for each registration; later cases do not find them still there.
  expect(most).toBe(34);
});

it('ISIDs of ours are none that Windows uses', async () => {
  const target = await startQualified('open');
  const session = await openSession({
    portal: `${target.host}:${target.port}`,
    target: target.name,
    initiatorName: nodeName,
  });
  expect(session.info.isid.startsWith('4')).toBe(false);
  expect(formatIsid(Buffer.from(session.info.isid, 'hex')).slice(0, 1)).toMatch(/[89ab]/);
  await session.close();
});
