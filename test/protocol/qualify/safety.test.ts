import { describe, expect, it } from 'vitest';
import { lunFromNumber, openSession, scsi } from '../../../main/iscsi/index.ts';
import { Deadline, type KeyNotes } from '../../../main/qualify/index.ts';
import { Nexus } from '../../../main/qualify/runner/nexus.ts';
import { reserveOut } from '../../support/reserve-request.ts';
import {
  expectLeftAsFound,
  good,
  isRegistering,
  isUnregistering,
  lyingIn,
  makeLie,
} from '../../support/lying-device.ts';
import { caseOf, nodeName, startQualified, type QualifiedTarget } from '../../support/qualification.ts';

/* What a run must never do, looked at from the device: what it was sent, and what stood in the notes by then. */

const precondition = 'Reservations.Preconditions.NobodyElse';
const strangersKey = 0xabcdn;
const stranger = { initiatorName: 'iqn.2026-01.example:stranger', isid: '400001370001', portalGroupTag: 1 };

const unitOf = (target: QualifiedTarget): NonNullable<ReturnType<QualifiedTarget['store']['get']>> => {
  const unit = target.store.get(1);
  if (!unit) throw new Error('no LUN 1');
  return unit;
};

const intrude = (target: QualifiedTarget): void =>
  void unitOf(target).persistentReserveOut(stranger, reserveOut({ action: 'register', actionKey: strangersKey }));

describe.each(lyingIn)('a run that only reads (%s)', (kind) => {
  it.each([
    ['a key', false, /^somebody else uses this logical unit: 0x000000000000abcd of iqn\.2026-01\.example:stranger/],
    ['a reservation', true, /0x000000000000abcd of iqn\S+ \(ISID \w+\); Exclusive Access \(3\) held with/],
  ])('finds %s of somebody else, and sends nothing that changes anything', async (_what, holds, because) => {
    const target = await startQualified(kind);
    const device = makeLie(target, {}, { oneName: kind === 'guarded' });
    intrude(target);
    if (holds)
      unitOf(target).persistentReserveOut(stranger, reserveOut({ action: 'reserve', key: strangersKey, type: 3 }));
    const report = await target.run({ allowReservations: false });
    expect(caseOf(report, precondition)).toMatchObject({
      verdict: 'inconclusive',
      because: expect.stringMatching(because) as unknown,
    });
    expect(report.verdict).toBe('inconclusive');
    expect(new Set(device.seen.map(({ name }) => name))).not.toContain('persistent-reserve-out');
    expect(device.seen.filter(({ name }) => name?.startsWith('write') || name?.startsWith('unmap'))).toEqual([]);
    expect(unitOf(target).reservations.registrations).toHaveLength(1);
  });

  it('finds a reservation that nobody has a key for', async () => {
    const target = await startQualified(kind);
    makeLie(
      target,
      {
        answers: ({ asked, showing, unit }) =>
          asked === 'readReservation'
            ? showing({ ...unit.reservations, reservation: { type: 1, holder: stranger } })
            : undefined,
      },
      { oneName: kind === 'guarded' },
    );
    for (const allowReservations of [false, true]) {
      const report = await target.run({ allowReservations });
      expect(caseOf(report, precondition)).toMatchObject({
        verdict: 'inconclusive',
        because: expect.stringContaining('a reservation without a key; Write Exclusive (1)') as unknown,
      });
      expect(report.verdict).toBe('inconclusive');
    }
    expect(unitOf(target).reservations.generation).toBe(0);
  });
});

describe.each(lyingIn)('the notes of a run (%s)', (kind) => {
  /** Notes on a slow disk: what is not written yet is not there. */
  const slow = (target: QualifiedTarget): { notes: KeyNotes; writes: () => number } => {
    let writes = 0;
    return {
      notes: {
        ...target.notes,
        add: async (...more) => {
          writes += 1;
          await new Promise((resolve) => setTimeout(resolve, 15));
          await target.notes.add(...more);
        },
      },
      writes: () => writes,
    };
  };

  it('are on the disk before the key is on the device, every one of them', async () => {
    const target = await startQualified(kind);
    const { notes } = slow(target);
    const unnoted: string[] = [];
    let registrations = 0;
    const checks: Promise<void>[] = [];
    makeLie(
      target,
      {
        answers: ({ out, nexus }) => {
          if (!out || !isRegistering(out)) return undefined;
          registrations += 1;
          const key = `0x${out.actionKey.toString(16)}`;
          // Answered from memory, as it stands at this moment.
          checks.push(
            target.notes.list().then((noted) => {
              if (
                !noted.some(
                  (note) => note.key === key && note.isid === nexus.isid && note.initiator === nexus.initiatorName,
                )
              )
                unnoted.push(`${key} of ${nexus.isid}`);
            }),
          );
          return undefined;
        },
      },
      { oneName: kind === 'guarded' },
    );
    const report = await target.run({ notes, nodes: 8, paths: 4 });
    await Promise.all(checks);
    expect(registrations).toBeGreaterThan(60);
    expect(unnoted).toEqual([]);
    expect(report.verdict).toBe('qualified');
    await expectLeftAsFound(target);
  });

  it('that are not written yet keep everything from the device', async () => {
    const target = await startQualified(kind);
    const device = makeLie(target, {}, { oneName: kind === 'guarded' });
    let write = (): void => undefined;
    const writing = new Promise<void>((resolve) => (write = resolve));
    let isAsked = false;
    const notes: KeyNotes = {
      ...target.notes,
      add: async (...more) => {
        isAsked = true;
        await writing;
        await target.notes.add(...more);
      },
    };
    const run = target.run({ notes, cases: ['Reservations.Reserve.Held'] });
    await expect.poll(() => isAsked).toBe(true);
    // Long enough for a registration that does not wait: the device is on the loopback.
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(device.seen.filter(({ out }) => out !== null)).toEqual([]);
    expect(target.keys()).toBe(0);
    write();
    expect((await run).cases[0]?.verdict).toBe('passed');
    await expectLeftAsFound(target);
  });

  it('of many registrations are written in a few goes', async () => {
    const target = await startQualified(kind);
    const { notes, writes } = slow(target);
    const report = await target.run({ notes, cases: ['Reservations.Registrations.*'], nodes: 16, paths: 4 });
    expect(caseOf(report, 'Reservations.Registrations.Capacity').figures['registered']).toBe(64);
    expect(writes()).toBeLessThanOrEqual(3);
    await expectLeftAsFound(target);
  });
});

describe.each(lyingIn)('a stranger in the middle of a run (%s)', (kind) => {
  it('who registers right before CLEAR keeps its key: CLEAR is not sent', async () => {
    const target = await startQualified(kind);
    const device = makeLie(target, {}, { oneName: kind === 'guarded' });
    let registered = 0;
    const report = await target.run({
      cases: ['Reservations.Clear.Removes'],
      onProgress: (event) => {
        if (event.kind !== 'step' || !event.step.text.startsWith('Registering PR key')) return;
        registered += 1;
        if (registered === 2) intrude(target);
      },
    });
    expect(registered).toBe(2);
    expect(report.cases[0]).toMatchObject({
      verdict: 'inconclusive',
      because: expect.stringContaining('0x000000000000abcd') as unknown,
    });
    expect(device.seen.flatMap(({ out }) => (out ? [out.action] : []))).not.toContain('clear');
    expect(unitOf(target).reservations.registrations.map(({ key }) => key)).toEqual([strangersKey]);
    expect(report.leftBehind).toEqual([]);
    expect(await target.notes.list()).toEqual([]);
  });

  it.each([0, 80])('who registers between two cases (%i ms after) is never reserved over', async (waitMs) => {
    const target = await startQualified(kind);
    const device = makeLie(target, {}, { oneName: kind === 'guarded' });
    let from = 0;
    const report = await target.run({
      cases: ['Reservations.Reserve.Held', 'Reservations.Access.EA'],
      onProgress: (event) => {
        if (event.kind !== 'begin' || event.caseId !== 'Reservations.Access.EA') return;
        // The next case begins right after this: the run is one thread.
        const end = performance.now() + waitMs;
        while (performance.now() < end);
        from = device.seen.length;
        intrude(target);
      },
    });
    expect(caseOf(report, 'Reservations.Access.EA').verdict).toBe('inconclusive');
    const sent = device.seen.slice(from).flatMap(({ out }) => (out ? [out] : []));
    expect(sent.filter(({ action }) => action !== 'register' && action !== 'registerAndIgnore')).toEqual([]);
    // Later than a moment nothing at all is sent: the device was looked at anew.
    if (waitMs > 50) expect(sent).toEqual([]);
    expect(unitOf(target).reservations.registrations.map(({ key }) => key)).toEqual([strangersKey]);
  });
});

describe.each(lyingIn)('the clean-up (%s)', (kind) => {
  const cutOff = ['cut:connect', 'cut:scsi-response', 'cut:data-in'];

  it('at the end of the run removes what the one at the end of the case could not', async () => {
    const target = await startQualified(kind);
    const before = target.faults.list().length;
    const report = await target.run({
      cases: ['Reservations.Reserve.Held'],
      onProgress: (event) => {
        if (event.kind === 'step' && event.step.text.startsWith('Putting PR reserve'))
          for (const fault of cutOff) target.faults.add(fault);
        if (event.kind === 'case') {
          expect(target.keys()).toBe(1);
          for (const fault of cutOff) target.faults.removeText(fault);
        }
      },
    });
    expect(target.faults.list()).toHaveLength(before);
    expect(report.cases[0]?.verdict).toBe('inconclusive');
    expect(report.leftBehind).toEqual([]);
    await expectLeftAsFound(target);
  });

  it('names what is left where the target does not come back, and keeps its note', async () => {
    const target = await startQualified(kind);
    const report = await target.run({
      cases: ['Reservations.Reserve.Held'],
      onProgress: (event) => {
        if (event.kind === 'step' && event.step.text.startsWith('Putting PR reserve'))
          for (const fault of cutOff) target.faults.add(fault);
      },
    });
    for (const fault of cutOff) target.faults.removeText(fault);
    expect(report.leftBehind.join()).toMatch(
      /^The key 0x51524154\w{8} of iqn\S+ \(ISID \w+\) could not be removed: .*clear-mine/,
    );
    const [held] = unitOf(target).reservations.registrations;
    expect((await target.notes.list()).map(({ key, isid }) => ({ key, isid }))).toContainEqual({
      key: `0x${held?.key.toString(16)}`,
      isid: held?.nexus.isid,
    });
  });

  it('tries a second time over a new session, as the same nexus', async () => {
    const target = await startQualified(kind);
    const isids = (): string[] => target.events.flatMap((event) => (event.kind === 'login' ? [event.isid] : []));
    const report = await target.run({
      cases: ['Reservations.Register.Register'],
      onProgress: (event) => {
        if (event.kind === 'step' && event.step.text.startsWith('Registering PR key'))
          // The session breaks at the first command of the clean-up.
          target.faults.add('cut:command-persistent-reserve-out@1');
      },
    });
    expect(report.cases[0]).toMatchObject({ verdict: 'passed' });
    expect(report.cases[0]?.steps.some(({ answer }) => answer?.startsWith('no answer'))).toBe(true);
    expect(report.leftBehind).toEqual([]);
    const logons = isids().filter((isid) => isid === report.initiators[0]?.isid);
    expect(logons).toHaveLength(2);
    await expectLeftAsFound(target);
  });

  it('goes on where the session breaks twice before anything is carried out, still at the end of the case', async () => {
    const target = await startQualified(kind);
    let broken = 0;
    makeLie(
      target,
      {
        answers: ({ out, role, nexus }) => {
          if (role !== 'B' || !isUnregistering(out) || broken === 2) return undefined;
          broken += 1;
          target.target.cutConnections(({ isid }) => isid === nexus.isid);
          return good;
        },
      },
      { oneName: kind === 'guarded' },
    );
    let left = -1;
    const report = await target.run({
      cases: ['Reservations.Second.RegistersAndWrites'],
      onProgress: (event) => {
        if (event.kind === 'case') left = target.keys();
      },
    });
    expect({ broken, left }).toEqual({ broken: 2, left: 0 });
    expect(report.leftBehind).toEqual([]);
    await expectLeftAsFound(target);
  });

  it.each(['A', 'B'] as const)('a session of %s that breaks in a case costs that case alone', async (broken) => {
    const target = await startQualified(kind);
    let isIn = false;
    makeLie(
      target,
      {
        answers: ({ name, role, nexus }) => {
          if (!isIn || name !== 'test-unit-ready' || role !== broken) return undefined;
          isIn = false;
          target.target.cutConnections(({ isid }) => isid === nexus.isid);
          return good;
        },
      },
      { oneName: kind === 'guarded' },
    );
    const report = await target.run({
      onProgress: (event) => {
        if (event.kind === 'begin') isIn = event.caseId === 'Identity.Unit.Ready';
      },
    });
    const open = report.cases.filter(
      ({ required, verdict }) => required && (verdict === 'inconclusive' || verdict === 'failed'),
    );
    expect(open.map(({ id, verdict }) => [id, verdict])).toEqual([['Identity.Unit.Ready', 'inconclusive']]);
    expect(report.verdict).toBe('inconclusive');
    await expectLeftAsFound(target);
  });

  it('waits for a logon that cancellation ends, and then logs on itself', async () => {
    const target = await startQualified(kind, { powerOnAttention: false });
    const controller = new AbortController();
    const { access } = target.settings();
    const nexus = new Nexus('A', nodeName, access, { signal: controller.signal });
    target.faults.add('stall:login-final@1');
    const begun = target.events.length;
    const first = nexus.session();
    first.catch(() => undefined);
    await expect.poll(() => target.events.slice(begun).some((event) => event.kind === 'fault')).toBe(true);
    controller.abort();
    const answer = await scsi.testUnitReady(nexus.afterwards(new Deadline(60_000)), lunFromNumber(1));
    expect(answer.ok).toBe(true);
    await expect(first).rejects.toThrow();
    await nexus.close();
  });
});

it('a session of somebody else under the ISID of an operating system is none that a run could end', async () => {
  const target = await startQualified('open');
  const foreign = await target.foreign();
  let isEnded = false;
  void foreign.closed.then(() => (isEnded = true));
  const report = await target.run();
  expect(report.verdict).toBe('qualified');
  expect(isEnded).toBe(false);
  // The same name and ISID does end it: that is what must not happen.
  const same = await openSession({
    portal: `${target.host}:${target.port}`,
    target: target.name,
    initiatorName: nodeName,
    isid: Buffer.from('400001370000', 'hex'),
  });
  await expect.poll(() => isEnded).toBe(true);
  await same.close();
});
