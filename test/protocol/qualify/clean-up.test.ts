import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { parseIsid, openSession, scsi } from '../../../main/iscsi/index.ts';
import { removeNotedKey, type KeyNote, type KeyNotes } from '../../../main/qualify/index.ts';
import { memoryKeyNotes } from '../../support/key-notes.ts';
import { failure } from '../../../shared/errors/failure.ts';
import type { ReservationSnapshot } from '../../../main/rehearsal/store/reservations.ts';
import { openSessions } from '../../support/iscsi-cli.ts';
import { measuredUntil } from '../../support/measured.ts';
import { caseOf, nodeName, startQualified, surroundings, type QualifiedTarget } from '../../support/qualification.ts';

/** With QUORATE_SWEEP every moment is tried, else a sample. */
const every = (sample: number): number => (process.env['QUORATE_SWEEP'] ? 1 : sample);

const unitOf = (target: QualifiedTarget): NonNullable<ReturnType<QualifiedTarget['store']['get']>> => {
  const unit = target.store.get(1);
  if (!unit) throw new Error('no LUN 1');
  return unit;
};

const chapOf = (kind: string): object =>
  kind === 'guarded' ? { chap: { name: 'node1', secret: 'twelve-bytes!' } } : {};

const expectFree = async (target: QualifiedTarget): Promise<void> => {
  expect(target.keys()).toBe(0);
  expect(unitOf(target).reservations.reservation).toBeNull();
  expect(await target.notes.list()).toEqual([]);
};

describe.each(surroundings)('a run that is cancelled (%s)', (kind) => {
  it('at any moment removes its own keys and ends its sessions', async () => {
    const own = kind === 'guarded' ? 1 : 0;
    for (let at = 1; ; at += every(29)) {
      const target = await startQualified(kind);
      const controller = new AbortController();
      let seen = 0;
      const outcome = await target.qualify({
        signal: controller.signal,
        nodes: 2,
        paths: 1,
        onProgress: () => (++seen === at ? controller.abort() : undefined),
      });
      if (seen < at) break;
      expect([at, outcome.kind === 'cancelled' ? outcome.leftBehind : []]).toEqual([at, []]);
      await expectFree(target);
      await expect.poll(() => openSessions(target)).toBe(own);
      if (outcome.kind === 'report') break;
    }
  });

  it('at a target that went silent ends within its deadline, and names what is left', async () => {
    const cancelAtSilence = async (): Promise<number> => {
      const target = await startQualified(kind);
      const { access } = target.settings();
      const controller = new AbortController();
      let begun = 0;
      const outcome = await target.qualify({
        access: { ...access, loginTimeoutMs: 2_000, commandTimeoutMs: 2_000 },
        nodes: 8,
        paths: 2,
        cases: ['Reservations.Registrations.*'],
        signal: controller.signal,
        onProgress: (event) => {
          if (begun > 0 || event.kind !== 'step' || target.keys() < 16) return;
          begun = performance.now();
          target.faults.add('stall:connect');
          target.faults.add('stall:scsi-response');
          target.faults.add('stall:data-in');
          controller.abort();
        },
      });
      const tookMs = performance.now() - begun;
      target.faults.clear();
      if (outcome.kind !== 'cancelled') throw new Error(outcome.kind);
      expect(outcome.leftBehind).toHaveLength(16);
      expect(outcome.leftBehind[0]).toMatch(/0x51524154\S+ of iqn.*clear-mine/);
      expect(await target.notes.list()).not.toEqual([]);
      return tookMs;
    };
    // On a busy machine it may take longer once; what waits for one key after the other does each time.
    await measuredUntil(cancelAtSilence, (tookMs) => expect(tookMs).toBeLessThan(15_000), 4);
  });
});

describe.each(surroundings)('a run that is killed (%s)', (kind) => {
  it('at any moment leaves notes with which everything is removed, and nothing else', async () => {
    const target = await startQualified(kind);
    const unit = unitOf(target);
    const moments: { snapshot: ReservationSnapshot; notes: readonly KeyNote[] }[] = [];
    let noted: KeyNote[] = [];
    const notes: KeyNotes = {
      add: async (...more) => {
        await target.notes.add(...more);
        noted = await target.notes.list();
      },
      remove: async (...registrations) => {
        await target.notes.remove(...registrations);
        noted = await target.notes.list();
      },
      list: () => target.notes.list(),
    };
    const reserveOut = unit.persistentReserveOut.bind(unit);
    unit.persistentReserveOut = (nexus, request) => {
      const answer = reserveOut(nexus, request);
      moments.push({ snapshot: unit.reservationSnapshot(), notes: noted });
      return answer;
    };
    await target.run({ notes });
    unit.persistentReserveOut = reserveOut;
    expect(moments.length).toBeGreaterThan(100);
    const stranger = { initiatorName: 'iqn.2026-01.example:stranger', isid: '400001370001', portalGroupTag: 1 };
    for (let at = 0; at < moments.length; at += every(17)) {
      const moment = moments[at];
      if (!moment || moment.snapshot.registrations.length === 0) continue;
      unit.restoreReservations({
        ...moment.snapshot,
        registrations: [
          ...moment.snapshot.registrations,
          { nexus: stranger, key: 0xabcdn.toString(), allTargetPorts: false },
        ],
      });
      const left = memoryKeyNotes();
      await left.add(...moment.notes);
      for (const note of moment.notes) {
        const removal = await removeNotedKey(note, { loginTimeoutMs: 60_000, ...chapOf(kind) }, left);
        expect([at, removal.kind === 'left' ? removal.because : null]).toEqual([at, null]);
        await left.remove(note);
      }
      expect([at, unit.reservations.registrations.map(({ key }) => key)]).toEqual([at, [0xabcdn]]);
      expect(unit.reservations.reservation?.holder ?? null).toBeNull();
    }
  });

  it('is cleared through unit attentions and BUSY', async () => {
    const target = await startQualified(kind);
    const unit = unitOf(target);
    const note = await leaveKey(target, kind);
    target.faults.add('unit-attention-storm:3');
    target.faults.add('busy:2');
    expect(await removeNotedKey(note, chapOf(kind), target.notes)).toEqual({ kind: 'removed' });
    expect(unit.reservations.registrations).toEqual([]);
  });

  it.each([
    ['a key that is none of ours', { key: '0x000000000000abcd' }],
    ['a key that is no number', { key: 'zzz' }],
    ['an ISID that Windows uses', { isid: '400001370000' }],
  ])('whose note has %s is not followed', async (_what, more) => {
    const target = await startQualified(kind);
    const note = { ...(await leaveKey(target, kind)), ...more };
    const logins = target.events.length;
    expect(await removeNotedKey(note, chapOf(kind), target.notes)).toMatchObject({ kind: 'left' });
    expect(target.events).toHaveLength(logins);
    expect(target.keys()).toBe(1);
  });
});

/** A registered key with its note, as a killed run leaves it. */
const leaveKey = async (target: QualifiedTarget, kind: string): Promise<KeyNote> => {
  const note: KeyNote = {
    portal: `${target.host}:${target.port}`,
    target: target.name,
    lun: 1,
    initiator: nodeName,
    isid: '800000000001',
    key: '0x5152415400000001',
    since: new Date().toISOString(),
  };
  const session = await openSession({
    portal: note.portal,
    target: note.target,
    initiatorName: nodeName,
    isid: parseIsid(note.isid),
    ...chapOf(kind),
  });
  await scsi.testUnitReady(session, 1n << 48n);
  await scsi.persistentReserveOut(session, scsi.lunFromNumber(1), {
    action: 'registerAndIgnoreExistingKey',
    serviceActionKey: BigInt(note.key),
  });
  await session.close();
  await target.notes.add(note);
  return note;
};

describe.each(surroundings)('notes that cannot be written (%s)', (kind) => {
  it('prevent the registration; the sessions end', async () => {
    const target = await startQualified(kind);
    const own = openSessions(target);
    const notes: KeyNotes = {
      ...memoryKeyNotes(),
      add: () => Promise.reject(failure('FILE_NOT_WRITABLE', { path: 'x', reason: 'the disk is full' })),
    };
    await expect(target.qualify({ notes })).rejects.toMatchObject({ code: 'FILE_NOT_WRITABLE' });
    expect(unitOf(target).reservations.generation).toBe(0);
    await expect.poll(() => openSessions(target)).toBe(own);
  });

  it('at the end become a sentence, and the report is there', async () => {
    const target = await startQualified(kind);
    const own = openSessions(target);
    const notes: KeyNotes = {
      ...target.notes,
      remove: () => Promise.reject(failure('FILE_NOT_WRITABLE', { path: 'x', reason: 'the disk is full' })),
    };
    const report = await target.run({ notes, cases: ['Reservations.Reserve.Held'] });
    expect(report.leftBehind).toEqual([expect.stringContaining('the disk is full')]);
    expect(target.keys()).toBe(0);
    await expect.poll(() => openSessions(target)).toBe(own);
  });

  it('or read are no hindrance where nothing is registered', async () => {
    const target = await startQualified(kind);
    const foreign = await target.foreign();
    await scsi.testUnitReady(foreign, scsi.lunFromNumber(1));
    await scsi.persistentReserveOut(foreign, scsi.lunFromNumber(1), { action: 'register', serviceActionKey: 1n });
    const notes: KeyNotes = {
      ...target.notes,
      list: () => Promise.reject(failure('KEY_NOTES_DAMAGED', { path: 'x', reason: 'y', aside: 'z' })),
    };
    const report = await target.run({ notes, allowReservations: false });
    expect(caseOf(report, 'Reservations.Preconditions.NobodyElse').verdict).toBe('inconclusive');
  });
});

describe.each(surroundings)('sessions (%s)', (kind) => {
  it('that are too few for all registrations take turns', async () => {
    const own = kind === 'guarded' ? 1 : 0;
    const target = await startQualified(kind, { maxSessions: 8 + own });
    const report = await target.run({ nodes: 8, paths: 4, cases: ['Reservations.Registrations.*'] });
    expect(report.cases[0]).toMatchObject({ verdict: 'passed', figures: { registered: 32, sessionsTookTurns: true } });
    await expectFree(target);
    await expect.poll(() => openSessions(target)).toBe(own);
  });

  it('of the second initiator end when the first one is refused', async () => {
    const target = await startQualified(kind);
    const own = openSessions(target);
    target.faults.add('admit-one:iqn.1991-05.com.microsoft:node2.example');
    await expect(target.qualify()).rejects.toMatchObject({ code: 'LOGIN_NOT_AUTHORIZED' });
    // Also one that was still being opened then.
    await setTimeout(0);
    await expect.poll(() => openSessions(target)).toBe(own);
  });
});

describe.each(surroundings)('the step log (%s)', (kind) => {
  it('has every command, the clean-up included', async () => {
    const target = await startQualified(kind);
    const unit = unitOf(target);
    let sent = 0;
    const reserveOut = unit.persistentReserveOut.bind(unit);
    unit.persistentReserveOut = (nexus, request) => {
      sent += 1;
      return reserveOut(nexus, request);
    };
    const report = await target.run({ cases: ['Reservations.Reserve.Held', 'Reservations.Preempt.UnitAttention'] });
    const steps = report.cases.flatMap((one) => one.steps);
    const out = /^(Registering|Unregistering|Putting|Releasing|Preempting)/;
    expect(steps.filter(({ text }) => out.test(text))).toHaveLength(sent);
    const held = caseOf(report, 'Reservations.Reserve.Held').steps.map(({ text }) => text);
    // Sent at once over the one session, and recorded as they are answered.
    expect(held.slice(-4).sort()).toEqual([
      'Attempting to read PR',
      'Attempting to read the registered PR keys',
      'Releasing PR reserve',
      'Unregistering PR key',
    ]);
  });
});
