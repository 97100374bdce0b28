import { describe, expect, it } from 'vitest';
import { openSession, scsi } from '../../../main/iscsi/index.ts';
import { qualificationReportSchema } from '../../../shared/model/qualification.ts';
import { runCli, startCli, temporaryData, type RunningCli } from '../../support/built-cli.ts';
import { mebibytes, startTarget, type TestTarget } from '../../support/embedded-target.ts';
import {
  chap,
  expectNothingLeft,
  expectPlainFailure,
  keysOf,
  nodeName,
  openSessions,
  portalOf,
} from '../../support/iscsi-cli.ts';

const serve = (guarded = false): Promise<TestTarget> =>
  startTarget({
    luns: [{ lun: 1, sizeBytes: mebibytes(600), serial: 'QUORATE-1' }],
    ...(guarded ? { chap: { initiator: chap, target: null }, admit: [nodeName] } : {}),
  });

const where = (target: TestTarget): string[] => [
  ...['--portal', portalOf(target), '--target', target.name, '--lun', '1', '--initiator', nodeName],
];

/** Starts a case that reserves and then reads, from a disk that takes long: what happens then, happens in the middle. */
const startInTheMiddle = async (
  target: TestTarget,
  data: string,
  more: readonly string[] = [],
  { stdin = '', slowMs = 60_000 } = {},
): Promise<RunningCli> => {
  target.faults.add(`slow-disk:${slowMs}`);
  const running = startCli(
    [
      ...['iscsi', 'qualify', ...where(target), '--allow-reservations', ...more],
      ...['--case', 'Reservations.Conflict.UnregisteredReader'],
    ],
    { data, stdin },
  );
  await expect.poll(() => target.store.get(1)?.reservations.reservation ?? null).not.toBeNull();
  return running;
};

const registerStranger = async (target: TestTarget, key: bigint): Promise<void> => {
  const stranger = await openSession({
    portal: portalOf(target),
    target: target.name,
    initiatorName: 'iqn.2026-01.example:stranger',
  });
  await scsi.testUnitReady(stranger, scsi.lunFromNumber(1));
  await scsi.persistentReserveOut(stranger, scsi.lunFromNumber(1), { action: 'register', serviceActionKey: key });
  await stranger.close();
};

interface Cleared {
  readonly removed: { readonly key: string; readonly initiator: string }[];
  readonly gone: unknown[];
  readonly left: { readonly because: string }[];
}

describe('a run killed with -9', () => {
  it('is told of by the next one, and clear-mine removes exactly its own keys', async () => {
    const target = await serve();
    const data = temporaryData();
    const running = await startInTheMiddle(target, data);
    running.child.kill('SIGKILL');
    expect((await running.done).code).toBeNull();
    target.faults.clear();
    const [own] = keysOf(target);
    expect(keysOf(target)).toHaveLength(1);
    await registerStranger(target, 0xabcdn);

    const cases = ['--case', 'Reservations.Register.Register', '--json'];
    const next = await runCli(['iscsi', 'qualify', ...where(target), '--allow-reservations', ...cases], { data });
    expect(next.code).toBe(5);
    expect(next.err).toMatch(/\d+ keys? of an earlier run/);
    expect(next.err).toContain('quorate iscsi reservations clear-mine');
    const report = qualificationReportSchema.parse(JSON.parse(next.out));
    expect(report.cases[0]).toMatchObject({ verdict: 'inconclusive' });
    expect(report.cases[0]?.because).toContain('0x000000000000abcd of iqn.2026-01.example:stranger');
    expect(keysOf(target)).toEqual([own, 0xabcdn]);

    const cleared = await runCli(['iscsi', 'reservations', 'clear-mine', '--json'], { data });
    expect(cleared).toMatchObject({ code: 0, err: '' });
    const result = JSON.parse(cleared.out) as Cleared;
    expect(result.removed).toMatchObject([
      { key: `0x${own?.toString(16).padStart(16, '0')}`, initiator: nodeName, lun: 1, target: target.name },
    ]);
    expect(result).toMatchObject({ left: [], excluded: [] });
    expect(keysOf(target)).toEqual([0xabcdn]);
    expect(target.store.get(1)?.reservations.reservation ?? null).toBeNull();

    const again = await runCli(['iscsi', 'reservations', 'clear-mine'], { data });
    expect(again.out).toContain('nothing to remove');
    const after = await runCli(['iscsi', 'qualify', ...where(target), '--case', 'Identity.*'], { data });
    expect(after.err).toBe('');
  });

  it('against a target that wants CHAP is cleared with the same options; without them its keys stay noted', async () => {
    const target = await serve(true);
    const data = temporaryData();
    const secret = ['--chap-user', chap.user, '--chap-secret-file', '-'];
    const running = await startInTheMiddle(target, data, secret, { stdin: chap.secret });
    running.child.kill('SIGKILL');
    await running.done;
    target.faults.clear();
    const clear = ['iscsi', 'reservations', 'clear-mine', '--json'];
    const without = await runCli(clear, { data });
    expect(without.code).toBe(5);
    expect((JSON.parse(without.out) as Cleared).left[0]?.because).toContain('CHAP');
    expect(keysOf(target)).toHaveLength(1);
    const elsewhere = await runCli([...clear, '--portal', '192.0.2.1:3260'], { data });
    expect(JSON.parse(elsewhere.out)).toMatchObject({ removed: [], gone: [], left: [] });
    const other = await runCli([...clear, '--initiator', 'iqn.2026-01.example:other'], { data });
    expect(JSON.parse(other.out)).toMatchObject({ removed: [], gone: [], left: [] });
    const all = ['--portal', portalOf(target), '--initiator', nodeName, ...secret];
    const cleared = await runCli([...clear, ...all], { data, stdin: chap.secret });
    expect(cleared.code).toBe(0);
    expect((JSON.parse(cleared.out) as Cleared).removed).toHaveLength(1);
    await expectNothingLeft(target);
  });
});

describe('Ctrl-C in the middle', () => {
  it.runIf(process.platform !== 'win32')('removes the own keys first, ends with 3 and leaves no note', async () => {
    const target = await serve();
    const data = temporaryData();
    const running = await startInTheMiddle(target, data);
    running.child.kill('SIGINT');
    const { code, out, err } = await running.done;
    expect(code).toBe(3);
    expect(out).toBe('');
    expect(err).toContain('[CANCELLED]');
    await expectNothingLeft(target);
    target.faults.clear();
    const cleared = await runCli(['iscsi', 'reservations', 'clear-mine'], { data });
    expect(cleared.out).toContain('nothing to remove');
  });
});

describe('a run that is under way', () => {
  it('keeps its keys: another command neither calls them leftovers nor removes them', async () => {
    const target = await serve();
    const data = temporaryData();
    const running = await startInTheMiddle(target, data);
    const cleared = await runCli(['iscsi', 'reservations', 'clear-mine', '--json'], { data });
    expect(JSON.parse(cleared.out)).toMatchObject({ removed: [], gone: [], left: [] });
    expect(keysOf(target)).toHaveLength(1);
    running.child.kill('SIGINT');
    await running.done;
    await expectNothingLeft(target);
  });
});

describe('a target that changes under way', () => {
  it('whose LUN vanishes between two steps: said, with the sense data; what stays is named and removed later', async () => {
    const target = await serve();
    const data = temporaryData();
    const running = await startInTheMiddle(target, data, ['--json', '--case', 'Reservations.Clear.*'], {
      slowMs: 1_000,
    });
    target.faults.add('lun-vanishes:0');
    const { code, out, err } = await running.done;
    expect([4, 5]).toContain(code);
    const report = qualificationReportSchema.parse(JSON.parse(out));
    expect(report.verdict).not.toBe('qualified');
    expect(report.cases.map(({ because }) => because).join('\n')).toContain('LOGICAL UNIT NOT SUPPORTED');
    // A key cannot be removed while its logical unit is gone: it is named, and removed once it is back.
    target.faults.clear();
    expect(keysOf(target)).toHaveLength(1);
    expect(report.leftBehind).toHaveLength(1);
    expect(err).toContain('clear-mine');
    expect((await runCli(['iscsi', 'reservations', 'clear-mine'], { data })).code).toBe(0);
    await expectNothingLeft(target);
  });

  it('that has no room for a session: named, and nothing stays', async () => {
    const target = await serve();
    target.faults.add('target-full');
    const { code, out, err } = await runCli(['iscsi', 'qualify', ...where(target), '--allow-reservations'], {
      data: temporaryData(),
    });
    expect([code, out]).toEqual([1, '']);
    expectPlainFailure(err, ['no room for another session', target.name, portalOf(target)]);
    await expectNothingLeft(target);
  });

  it.each([
    ['a few sessions, which follow one another', 3, 'passed', 8],
    ['the two initiators only: the count that it got to', 2, 'inconclusive', 0],
  ])('that has room for %s, and nothing stays', async (_what, maxSessions, verdict, registered) => {
    const target = await startTarget({
      luns: [{ lun: 1, sizeBytes: mebibytes(600), serial: 'QUORATE-1' }],
      maxSessions,
    });
    const args = ['--allow-reservations', '--nodes', '8', '--case', 'Reservations.Registrations.*', '--json'];
    const { code, out } = await runCli(['iscsi', 'qualify', ...where(target), ...args], { data: temporaryData() });
    expect(code).toBe(5);
    const [one] = qualificationReportSchema.parse(JSON.parse(out)).cases;
    expect(one).toMatchObject({ verdict, figures: { wanted: 8, registered } });
    if (verdict !== 'passed')
      expect(one?.because).toMatch(/after \d+ registrations?.*no room for another session.*8 are needed/);
    await expectNothingLeft(target);
  });

  it('that cuts the connection at every PERSISTENT RESERVE OUT keeps no key, or the report names it', async () => {
    const target = await serve();
    target.faults.add('cut:command-persistent-reserve-out@2');
    const args = ['--allow-reservations', '--case', 'Reservations.Reserve.*', '--json'];
    const { code, out } = await runCli(['iscsi', 'qualify', ...where(target), ...args], { data: temporaryData() });
    expect(code).toBe(5);
    expect(qualificationReportSchema.parse(JSON.parse(out)).leftBehind).toEqual([]);
    await expect.poll(() => openSessions(target)).toBe(0);
    expect(keysOf(target)).toEqual([]);
  });
});
