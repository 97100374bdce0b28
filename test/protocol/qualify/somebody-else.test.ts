import { describe, expect, it } from 'vitest';
import { openSession, scsi, type Session } from '../../../main/iscsi/index.ts';
import { memoryKeyNotes } from '../../support/key-notes.ts';
import type { QualificationOutcome } from '../../../main/qualify/runner/run.ts';
import type { QualificationEvent, QualificationReport } from '../../../shared/model/qualification.ts';
import { caseOf, nodeName, startQualified, surroundings, type QualifiedTarget } from '../../support/qualification.ts';

const lun = scsi.lunFromNumber(1);
const strangersKey = 0xabcdn;

/** Nobody that this run did not make may be blamed on the target, and whatever else is there stays. */
const failedOf = (report: QualificationReport): string[] =>
  report.cases
    .filter(({ verdict, id, required }) => verdict === 'failed' && required && id.startsWith('Reservations'))
    .map(({ id, because }) => `${id}: ${because}`);

const strangerKeys = (target: QualifiedTarget): bigint[] =>
  (target.store.get(1)?.reservations.registrations ?? []).map(({ key }) => key);

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

const register = (session: Session, key = strangersKey): Promise<unknown> =>
  scsi.persistentReserveOut(session, lun, { action: 'register', serviceActionKey: key });

describe.each(surroundings)('somebody who holds the logical unit (%s)', (kind) => {
  it.each(['writeExclusive', 'exclusiveAccess', 'exclusiveAccessRegistrantsOnly'] as const)(
    'the own cluster under %s is in use, and nothing fails for it',
    async (type) => {
      const target = await startQualified(kind);
      const foreign = await target.foreign();
      await scsi.testUnitReady(foreign, lun);
      await register(foreign);
      await scsi.persistentReserveOut(foreign, lun, { action: 'reserve', key: strangersKey, type });
      for (const allowReservations of [true, false]) {
        const report = await target.run({ clusterInitiators: [nodeName], allowReservations });
        expect(report.verdict).toBe('inconclusive');
        expect(report.cases.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
        expect(caseOf(report, 'Reservations.Preconditions.NobodyElse').because).toContain('in use by the cluster');
      }
      expect(strangerKeys(target)).toEqual([strangersKey]);
      expect(target.store.get(1)?.reservations.reservation).not.toBeNull();
    },
  );

  it('a reservation of SPC-2 is somebody, not a fault', async () => {
    const target = await startQualified(kind, { faults: ['reserve-6-held'] });
    for (const allowReservations of [true, false]) {
      const report = await target.run({ allowReservations });
      expect(report.verdict).toBe('inconclusive');
      expect(report.cases.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
      expect(caseOf(report, 'Reservations.Preconditions.NobodyElse').because).toContain('RESERVE(6)');
    }
    expect(target.store.get(1)?.reservations.generation).toBe(0);
  });
});

describe.each(surroundings)('a stranger who comes in the middle (%s)', (kind) => {
  /** The stranger registers through the store, at the very moment of a step: no waiting for another session. */
  const intrude = (target: QualifiedTarget, key = 0n, actionKey = strangersKey): void => {
    target.store.get(1)?.persistentReserveOut(
      { initiatorName: 'iqn.2026-01.example:stranger', isid: '400001370001', portalGroupTag: 1 },
      {
        action: 'register',
        key,
        actionKey,
        type: null,
        scope: 0,
        aptpl: false,
        allTargetPorts: false,
        specifiedPorts: null,
        move: null,
      },
    );
  };

  it.each([
    'Registering PR key',
    'Putting PR reserve',
    'SYNCHRONIZE CACHE',
    'Unregistering PR key',
    'Preempting PR of the first',
    'Releasing PR reserve',
    'The holder logged out',
    'LOGICAL UNIT RESET',
  ])('at "%s": nothing fails for it, and its key stays', async (step) => {
    const target = await startQualified(kind);
    let isThere = false;
    const report = await target.run({
      onProgress: (event) => {
        if (isThere || event.kind !== 'step' || !event.step.text.startsWith(step)) return;
        isThere = true;
        intrude(target);
      },
    });
    expect(isThere).toBe(true);
    if (kind !== 'ignoring') expect(failedOf(report)).toEqual([]);
    expect(report.verdict).not.toBe('qualified');
    expect(strangerKeys(target)).toEqual([strangersKey]);
    expect(report.cases.map(({ because }) => because).join()).toContain('0x000000000000abcd');
    expect(await target.notes.list()).toEqual([]);
  });

  it('between a look and RESERVE is not reserved over, also in the moment after a case', async () => {
    const target = await startQualified(kind);
    const unit = target.store.get(1);
    if (!unit) throw new Error('no LUN 1');
    const reserved: string[] = [];
    const original = unit.persistentReserveOut.bind(unit);
    let isThere = false;
    unit.persistentReserveOut = (nexus, request) => {
      if (isThere && request.action === 'reserve') reserved.push(nexus.initiatorName);
      return original(nexus, request);
    };
    const report = await target.run({
      cases: ['Reservations.Reserve.Held', 'Reservations.Access.EA'],
      onProgress: (event) => {
        if (event.kind !== 'begin' || event.caseId !== 'Reservations.Access.EA') return;
        isThere = true;
        intrude(target);
      },
    });
    expect(caseOf(report, 'Reservations.Access.EA')).toMatchObject({ verdict: 'inconclusive' });
    expect(reserved).toEqual([]);
    expect(strangerKeys(target)).toEqual([strangersKey]);
  });

  it('whom CLEAR may have taken a key from is said loudly', async () => {
    const target = await startQualified(kind);
    const unit = target.store.get(1);
    if (!unit) throw new Error('no LUN 1');
    const original = unit.persistentReserveOut.bind(unit);
    unit.persistentReserveOut = (nexus, request) => {
      if (request.action === 'clear' && unit.keyOf(nexus) === request.key) intrude(target);
      return original(nexus, request);
    };
    const report = await target.run({ cases: ['Reservations.Clear.*'] });
    expect(report.cases[0]).toMatchObject({ verdict: 'inconclusive' });
    expect(report.leftBehind.join()).toContain('a foreign registration may have been lost');
  });

  it('who registers after CLEAR has lost nothing, and is not said to', async () => {
    const target = await startQualified(kind);
    const unit = target.store.get(1);
    if (!unit) throw new Error('no LUN 1');
    const original = unit.persistentReserveOut.bind(unit);
    unit.persistentReserveOut = (nexus, request) => {
      const answer = original(nexus, request);
      if (request.action === 'clear' && answer.status === 'good') intrude(target);
      return answer;
    };
    const report = await target.run({ cases: ['Reservations.Clear.*'] });
    expect(report.cases[0]).toMatchObject({ verdict: 'inconclusive' });
    expect(report.leftBehind).toEqual([]);
    expect(strangerKeys(target)).toEqual([strangersKey]);
  });

  it('whose changes were seen a moment ago is not cleared away', async () => {
    const target = await startQualified(kind);
    const unit = target.store.get(1);
    if (!unit) throw new Error('no LUN 1');
    const original = unit.persistentReserveOut.bind(unit);
    let cleared = 0;
    unit.persistentReserveOut = (nexus, request) => {
      if (request.action === 'clear' && unit.keyOf(nexus) === request.key) cleared += 1;
      const answer = original(nexus, request);
      if (request.action === 'reserve') {
        intrude(target);
        intrude(target, strangersKey, 0n);
      }
      return answer;
    };
    // The case before shows that the counter can be believed.
    const report = await target.run({ cases: ['Reservations.Register.*', 'Reservations.Clear.*'] });
    expect(caseOf(report, 'Reservations.Clear.Removes')).toMatchObject({ verdict: 'inconclusive' });
    expect(cleared).toBe(0);
  });
});

describe.each(surroundings)('two runs of Quorate on one logical unit (%s)', (kind) => {
  it.each([true, false])('never fail each other (one data folder: %s)', async (isOneFolder) => {
    const target = await startQualified(kind);
    const run = (more: Parameters<QualifiedTarget['run']>[0]): Promise<QualificationOutcome> => target.qualify(more);
    const outcomes = await Promise.all([run({}), run(isOneFolder ? {} : { notes: memoryKeyNotes() })]);
    for (const outcome of outcomes) {
      if (outcome.kind !== 'report') throw new Error(outcome.kind);
      if (kind !== 'ignoring') expect(failedOf(outcome.report)).toEqual([]);
      // SPC has no CLEAR that asks first: what one run registers in the moment before the CLEAR of the other goes with it, and that one says so.
      const isOfTheMoment = (text: string): boolean => text.startsWith('Between the last look and CLEAR somebody else');
      expect(outcome.report.leftBehind.filter((text) => !isOfTheMoment(text))).toEqual([]);
    }
    expect(target.keys()).toBe(0);
    expect(target.store.get(1)?.reservations.reservation ?? null).toBeNull();
  });
});

describe.each(surroundings)('a stranger who writes (%s)', (kind) => {
  it('between our read and our write loses nothing', async () => {
    const target = await startQualified(kind);
    target.expectOtherBytes();
    const unit = target.store.get(1);
    if (!unit) throw new Error('no LUN 1');
    const written: number[] = [];
    const write = unit.write.bind(unit);
    unit.write = (nexus, lba, data) => {
      if (data.length > 0) written.push(data[0] ?? -1);
      return write(nexus, lba, data);
    };
    let isInCase = false;
    const read = unit.read.bind(unit);
    unit.read = async (nexus, lba, count) => {
      const answer = await read(nexus, lba, count);
      // On a target that does not enforce, this is a stranger's write right after the bytes were read.
      if (isInCase && lba === 0n && count === 1 && unit.reservations.reservation && kind === 'ignoring')
        await unit.medium.write(0, Buffer.alloc(512, 0x55));
      return answer;
    };
    await target.run({
      onProgress: (event: QualificationEvent) => {
        if (event.kind === 'begin') isInCase = event.caseId === 'Reservations.Conflict.RealWrite';
      },
    });
    if (kind === 'ignoring') expect(written).toEqual([]);
    else expect(written).not.toEqual([]);
  });

  it('before the reservation is noticed: no zeros over its data', async () => {
    const target = await startQualified(kind);
    target.expectOtherBytes();
    const unit = target.store.get(1);
    if (!unit) throw new Error('no LUN 1');
    let isInCase = false;
    const report = await target.run({
      cases: ['Reservations.Conflict.RealWrite'],
      onProgress: (event) => {
        if (event.kind === 'begin') isInCase = true;
        if (!isInCase || event.kind !== 'step' || !event.step.text.startsWith('Registering PR key')) return;
        isInCase = false;
        void unit.medium.write(0, Buffer.alloc(512, 0x55));
      },
    });
    expect(report.cases[0]).toMatchObject({ verdict: 'skipped' });
    expect((await unit.medium.read(0, 512)).every((byte) => byte === 0x55)).toBe(true);
  });
});

describe('the session of a stranger', () => {
  it('is none of ours: ISIDs of ours are none that an operating system uses', async () => {
    const target = await startQualified('open');
    const session = await openSession({
      portal: `${target.host}:${target.port}`,
      target: target.name,
      initiatorName: nodeName,
    });
    expect(session.info.isid).toMatch(/^[89ab]/);
    await session.close();
  });
});
