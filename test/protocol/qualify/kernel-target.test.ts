import { describe, expect, it } from 'vitest';
import type { CommandName } from '../../../main/rehearsal/faults/index.ts';
import { measuredUntil } from '../../support/measured.ts';
import { check, makeLie, type Told } from '../../support/lying-device.ts';
import { caseOf, nodeName, startQualified } from '../../support/qualification.ts';
import type { QualificationReport } from '../../../shared/model/qualification.ts';

/* What the Linux kernel's target and istgt do, on the embedded target with the same ways: each is seen on the real ones in test/lab. */

const writer = 'Reservations.Conflict.UnregisteredWriter';
const realWrite = 'Reservations.Conflict.RealWrite';
const like = 'only-data-refused';

const openOf = (report: QualificationReport): string[] =>
  report.cases.filter(({ verdict }) => verdict === 'failed' || verdict === 'inconclusive').map(({ id }) => id);

/** The informing cases that no target passes without a restart. */
const aptpl = 'Reservations.Register.PersistsThroughPowerLoss';

describe('a target that refuses under Write Exclusive only what carries data', () => {
  it('is qualified on a blank LUN: VERIFY tells, once a write of zeros has agreed with it', async () => {
    const target = await startQualified('open', { faults: [like] });
    const report = await target.run();
    expect(report).toMatchObject({ verdict: 'qualified', leftBehind: [] });
    expect(openOf(report)).toEqual([aptpl]);
    const steps = caseOf(report, writer).steps.map(({ text, answer }) => `${text}: ${answer ?? ''}`);
    const at = (text: string): number => steps.findIndex((step) => step.startsWith(text));
    expect(at('VERIFY')).toBeGreaterThan(0);
    expect(at('Write the same bytes to block 0 as the other initiator')).toBeGreaterThan(at('VERIFY'));
    expect(caseOf(report, realWrite)).toMatchObject({ verdict: 'passed', required: true });
    expect(report.accessTable.every(({ isAsTheStandardSays }) => isAsTheStandardSays)).toBe(true);
    // From then on VERIFY alone is asked.
    const later = caseOf(report, 'Reservations.Preempt.TakesOver').steps.map(({ text }) => text);
    expect(later.some((text) => text.startsWith('VERIFY'))).toBe(true);
    expect(later.some((text) => text.startsWith('SYNCHRONIZE CACHE'))).toBe(false);
  });

  it('is never called failed on a LUN with data, and nothing is written there', async () => {
    const target = await startQualified('open', { faults: [like] });
    await target.fill();
    const report = await target.run();
    expect(report.verdict).toBe('inconclusive');
    expect(report.cases.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
    expect(caseOf(report, writer).because).toContain('--allow-data-loss and --serial');
    expect(caseOf(report, realWrite).verdict).toBe('skipped');
  });

  it('is qualified on a LUN with data where its user gave leave', async () => {
    const target = await startQualified('open', { faults: [like] });
    await target.fill();
    expect(await target.run({ allowDataLoss: true })).toMatchObject({ verdict: 'qualified', leftBehind: [] });
  });

  it.each([
    writer,
    'Reservations.Preempt.TakesOver',
    'Reservations.Access.WERO',
    'Reservations.Persistence.SurvivesReset',
  ])('has %s proven when it is asked for alone', async (id) => {
    const target = await startQualified('open', { faults: [like] });
    const report = await target.run({ cases: [id] });
    expect(caseOf(report, id).verdict).toBe('passed');
  });

  it('is failed where a write of zeros is let through', async () => {
    const target = await startQualified('open', { faults: [like] });
    makeLie(target, { admits: ({ access, truth }) => access === 'write' || truth() });
    const report = await target.run({ cases: [writer, realWrite] });
    expect(report.verdict).toBe('notQualified');
    expect(caseOf(report, writer).because).toContain('the device ignores the reservation it shows');
  });
});

describe('a refusal that is none of the logical unit', () => {
  it('RESERVE answered with NOT READY is a refusal: TEST UNIT READY says that the unit is ready', async () => {
    const target = await startQualified('open', { faults: ['reserve-not-ready'] });
    const report = await target.run();
    expect(report.verdict).toBe('qualified');
    const { verdict, steps } = caseOf(report, 'Reservations.Reserve.NeedsRegistration');
    expect(verdict).toBe('passed');
    expect(steps.some(({ text, answer }) => text.startsWith('TEST UNIT READY, because') && answer === 'GOOD')).toBe(
      true,
    );
  });

  it('REGISTER that fails and registers is failed, and its key is found and removed', async () => {
    const target = await startQualified('open', { faults: ['register-fails-and-registers'] });
    const report = await target.run();
    expect(report.verdict).toBe('notQualified');
    expect(caseOf(report, 'Reservations.Register.Register')).toMatchObject({
      verdict: 'failed',
      because: expect.stringContaining('the key was registered all the same') as unknown,
    });
    expect(report.leftBehind).toEqual([]);
    expect(target.keys()).toBe(0);
    expect(await target.notes.list()).toEqual([]);
  });
});

describe('paths', () => {
  it('of one node share the first four bytes of their ISIDs; two nodes do not', async () => {
    const target = await startQualified('open');
    const isids = new Map<string, Set<string>>();
    makeLie(target, {
      onFormed: ({ initiatorName, isid }) =>
        void isids.set(initiatorName, (isids.get(initiatorName) ?? new Set()).add(isid)),
    });
    await target.run({ nodes: 4, paths: 2 });
    const prefixes = [...isids.values()].map((all) => new Set([...all].map((isid) => isid.slice(0, 8))));
    expect([...isids.values()].map(({ size }) => size > 1)).toEqual([true, true]);
    expect(prefixes.map(({ size }) => size)).toEqual([1, 1]);
    expect(new Set(prefixes.flatMap((one) => [...one])).size).toBe(2);
  });

  it('one that unregisters and takes the right of the other with it is a case of its own, which informs', async () => {
    const target = await startQualified('open', { faults: ['path-unregisters-name'] });
    const report = await target.run();
    expect(report.verdict).toBe('qualified');
    expect(openOf(report)).toEqual([aptpl, 'Reservations.Paths.OneUnregisters']);
    expect(caseOf(report, 'Reservations.Paths.OneUnregisters')).toMatchObject({
      verdict: 'failed',
      required: false,
      because: expect.stringContaining('still registered') as unknown,
    });
  });

  it('in standby (ALUA) is a state of that path: judged over the active one, keys read over both', async () => {
    const target = await startQualified('open', { portalGroups: [1, 2], faults: ['standby:2'] });
    const [first, second] = target.portals.map(({ host, port }) => `${host}:${port}`);
    const report = await target.run({ otherPaths: [{ portal: second ?? '' }] });
    expect(report.verdict).toBe('qualified');
    expect(caseOf(report, 'Behaviour.Portals.Consistent').figures).toMatchObject({ portals: 2, portalsInStandby: 1 });
    expect(caseOf(report, 'Identity.Vpd83.SameOverPortals').verdict).toBe('passed');
    const { access } = target.settings();
    const turned = await target.run({
      access: { ...access, portal: second ?? '' },
      otherPaths: [{ portal: first ?? '' }],
    });
    expect(turned.verdict).toBe('qualified');
    const alone = await target.run({ access: { ...access, portal: second ?? '' } });
    expect(alone.verdict).toBe('inconclusive');
    expect(caseOf(alone, 'Identity.Unit.Ready')).toMatchObject({
      verdict: 'inconclusive',
      because: expect.stringContaining('is in standby (ALUA)') as unknown,
    });
  });
});

it('one admitted name that the target takes for one initiator proves nothing: a second one is asked for', async () => {
  const target = await startQualified('open', { admit: [nodeName], faults: ['names-taken-for-initiators'] });
  const report = await target.run();
  expect(report).toMatchObject({ verdict: 'inconclusive', oneNameBecause: 'refused' });
  expect(report.cases.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
  for (const id of ['Reservations.Preempt.TakesOver', 'Reservations.Clear.Removes'])
    expect(caseOf(report, id)).toMatchObject({
      verdict: 'inconclusive',
      because: expect.stringContaining('--second-initiator') as unknown,
    });
});

describe('a question that is never answered', () => {
  const never = new Promise<never>(() => undefined);
  const isWriteOfNothing = ({ name, cdb }: Told): boolean => name === 'write-10' && cdb.readUInt16BE(7) === 0;
  const isNamed =
    (wanted: CommandName) =>
    ({ name }: Told): boolean =>
      name === wanted;

  it.each<{ question: string; is: (told: Told) => boolean; verdict: string }>([
    { question: 'READ FULL STATUS', is: ({ asked }) => asked === 'readFullStatus', verdict: 'qualified' },
    { question: 'a write of no block', is: isWriteOfNothing, verdict: 'inconclusive' },
    { question: 'MODE SENSE', is: isNamed('mode-sense-6'), verdict: 'inconclusive' },
  ])('$question costs the cases that ask it, and the rest goes on', async ({ is, verdict }) => {
    const runWith = async (silenceMs: number) => {
      const target = await startQualified('open');
      makeLie(target, { answers: (told) => (is(told) ? never : undefined) });
      const { access } = target.settings();
      const quick = { access: { ...access, commandTimeoutMs: silenceMs, taskManagementTimeoutMs: silenceMs } };
      const report = await target.run(quick);
      const { verdict: latency } = caseOf(report, 'Behaviour.Latency.Percentiles');
      return { verdict: report.verdict, latency, leftBehind: report.leftBehind, keys: target.keys() };
    };
    // Where a busy machine let the short time for an answer of others pass, it is longer the next time.
    await measuredUntil(
      (attempt) => runWith(200 * 5 ** (attempt - 1)),
      (told) => expect(told).toEqual({ verdict, latency: 'passed', leftBehind: [], keys: 0 }),
      4,
    );
  });

  it('is not asked a third time', async () => {
    const askedWith = async (silenceMs: number): Promise<number> => {
      const target = await startQualified('open');
      let asked = 0;
      makeLie(target, {
        answers: (told) => {
          if (!isWriteOfNothing(told)) return undefined;
          asked += 1;
          return never;
        },
      });
      const { access } = target.settings();
      await target.run({ access: { ...access, commandTimeoutMs: silenceMs, taskManagementTimeoutMs: silenceMs } });
      return asked;
    };
    await measuredUntil(
      (attempt) => askedWith(200 * 5 ** (attempt - 1)),
      (asked) => expect(asked).toBe(2),
      4,
    );
  });

  it('ends a run whose time is over', async () => {
    const target = await startQualified('open');
    const report = await target.run({ limitMs: 1 });
    expect(report.verdict).toBe('inconclusive');
    expect(caseOf(report, writer).because).toBe('the time for this run was over');
  });
});

it('a look at the owners asks for 65,000 bytes, and not at all where they might not fit', async () => {
  const target = await startQualified('open');
  const lengths: number[] = [];
  makeLie(target, {
    answers: ({ asked, cdb }) => {
      if (asked === 'readFullStatus') lengths.push(cdb.readUInt16BE(7));
      return undefined;
    },
  });
  await target.run();
  expect(new Set(lengths)).toEqual(new Set([65_000]));
});

describe('a case that failed is believed only of the logical unit that the run began with', () => {
  const id = 'Reservations.Preempt.TakesOver';
  const run = async (inquiry: () => ReturnType<typeof check> | Promise<never> | undefined) => {
    const target = await startQualified('open');
    let hasFailed = false;
    makeLie(target, {
      answers: ({ name, out }) => {
        // What the stand-in of the Linux kernel's target says where LUN 0 was unmapped.
        if (out !== null) {
          hasFailed = true;
          return check('writeProtected');
        }
        return hasFailed && name === 'inquiry' ? inquiry() : undefined;
      },
    });
    const { access } = target.settings();
    return caseOf(await target.run({ cases: [id], access: { ...access, commandTimeoutMs: 200 } }), id);
  };

  it('which still is there: failed', async () => {
    expect(await run(() => undefined)).toMatchObject({
      verdict: 'failed',
      because: expect.stringContaining('WRITE PROTECTED') as string,
    });
  });

  it.each([
    [
      'does not answer any more',
      () => new Promise<never>(() => undefined),
      /could not be asked after the case failed: /,
    ],
    [
      'refuses even INQUIRY',
      () => check('logicalUnitNotSupported'),
      /could not be asked .*: INQUIRY was answered with /,
    ],
  ])('which %s: inconclusive, with the reason', async (_what, inquiry, because) => {
    expect(await run(inquiry)).toMatchObject({
      verdict: 'inconclusive',
      because: expect.stringMatching(because) as string,
    });
  });
});
