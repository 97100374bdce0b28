import { describe, expect, it } from 'vitest';
import { IscsiError } from '../../../main/iscsi/index.ts';
import { parseFault } from '../../../main/rehearsal/faults/index.ts';
import type { QualificationReport } from '../../../shared/model/qualification.ts';
import {
  crash,
  crashSlowly,
  kinds,
  moments,
  momentsOfChap,
  reconnect,
  spread,
  type Crash,
  type Crashed,
} from '../../support/crash-matrix.ts';
import { freePort } from '../../support/free-port.ts';
import { measuredUntil } from '../../support/measured.ts';

/*
 * Every fault of the conversation at a spread of moments of a whole qualification. A sample here; the whole matrix with
 * `npm run crash-matrix`, which sets QUORATE_SWEEP.
 */

const isWhole = process.env['QUORATE_SWEEP'] !== undefined;
const surroundings = ['open', 'guarded'] as const;
/** Of the whole matrix every so many-th: prime to the number of moments, so that each kind of fault meets other ones. */
const every = isWhole ? 1 : 53;

interface Cell extends Crash {
  readonly fault: string;
}

const cellsOf = (kind: Crash['kind']): Cell[] =>
  kinds.flatMap((fault) =>
    Object.entries({ ...moments, ...(kind === 'guarded' ? momentsOfChap : {}) }).flatMap(([step, most]) =>
      spread(most).flatMap((time) => {
        const text = `${fault}:${step}@${time}`;
        const cell = { kind, fault: text, faults: () => [text], mutual: step === 'chap-result' };
        return parseFault(text).ok ? [cell] : [];
      }),
    ),
  );

const sample = <T>(cells: readonly T[], step = every): T[] => cells.filter((_, at) => at % step === 0);

const reportOf = ({ outcome }: Crashed): QualificationReport | null =>
  !(outcome instanceof IscsiError) && outcome.kind === 'report' ? outcome.report : null;

/** What the clean-up sends: it goes on over a new session where the first one broke, and judges nothing. */
const cleaning =
  /^(Unregistering PR key|Releasing PR reserve|Clearing PR|Attempting to read (PR|the registered PR keys)|Preempting PR of the own|Registering PR key \S+ \(REGISTER\))$/;

/** Where the conversation broke a case has not passed, and no device is blamed for it. */
const expectNotBelieved = (report: QualificationReport): void => {
  const blamed = report.cases.filter(({ verdict, id }) => verdict === 'failed' && id !== reconnect);
  expect(blamed.map(({ id, because }) => [id, because])).toEqual([]);
  for (const { id, verdict, steps } of report.cases) {
    if (verdict !== 'passed' || id === reconnect) continue;
    const broken = steps.filter(({ answer }) => answer?.startsWith('no answer')).map(({ text }) => text);
    expect([id, broken.filter((text) => !cleaning.test(text))]).toEqual([id, []]);
  }
};

/** A fault that nobody met does no harm. Where a busy machine let the short time for an answer pass, it is tried once more with ten times as long. */
const expectQualified = async (cell: Crash, { verdict }: QualificationReport): Promise<void> => {
  if (verdict === 'qualified') return;
  const judge = ({ struck, verdict }: { struck: boolean; verdict: string | undefined }): void => {
    if (!struck) expect(verdict).toBe('qualified');
  };
  await measuredUntil(
    async () => {
      const again = await crashSlowly(cell, 60_000);
      return { struck: again.struck, verdict: reportOf(again)?.verdict };
    },
    judge,
    3,
  );
};

describe.each(surroundings)('a fault of the conversation at one moment (%s)', (kind) => {
  it.each(sample(cellsOf(kind)))('$fault', async (cell) => {
    const crashed = await crash(cell, 45_000);
    const report = reportOf(crashed);
    // Nobody was there to begin with: that is told, and nothing was done.
    if (!report) return expect(crashed.outcome).toBeInstanceOf(IscsiError);
    expectNotBelieved(report);
    if (!crashed.struck) await expectQualified(cell, report);
  });
});

describe.each(surroundings)('a fault of the conversation from one moment on (%s)', (kind) => {
  const lasting = kinds.flatMap((fault) =>
    ['connect', 'scsi-response', 'data-in', 'command-persistent-reserve-out', 'command-persistent-reserve-in'].flatMap(
      (step) =>
        [0, 1, 15, 40, 120, 260].flatMap((fromStep): Cell[] => {
          const text = `${fault}:${step}`;
          return parseFault(text).ok ? [{ kind, fault: text, fromStep, faults: () => [text] }] : [];
        }),
    ),
  );
  it.each(sample(lasting, isWhole ? 1 : 37))('$fault from step $fromStep on', async (cell) => {
    const crashed = await crash(cell, 60_000);
    const report = reportOf(crashed);
    if (!report) return expect(crashed.outcome).toBeInstanceOf(IscsiError);
    expectNotBelieved(report);
    const isBack = report.cases.find(({ id }) => id === reconnect)?.verdict !== 'failed';
    if (crashed.struck) expect(report.verdict).toBe(isBack ? 'inconclusive' : 'notQualified');
    else await expectQualified(cell, report);
  });
});

describe.each(surroundings)('a logon that is refused or led astray from one moment on (%s)', (kind) => {
  const refusals: readonly { fault: string; make: () => Promise<string>; mutual?: boolean }[] = [
    ...['0201', '0202', '0203', '0206', '0300', '0301', '0302', '0200', '0207'].map((status) => ({
      fault: `login-status:${status}`,
      make: async () => `login-status:${status}`,
    })),
    { fault: 'redirect-temporary', make: async () => `redirect-temporary:127.0.0.1:${await freePort()}` },
    { fault: 'redirect-permanent', make: async () => `redirect-permanent:127.0.0.1:${await freePort()}` },
    { fault: 'target-full', make: async () => 'target-full' },
    ...(kind === 'guarded' ? [{ fault: 'chap-proof-wrong', make: async () => 'chap-proof-wrong', mutual: true }] : []),
  ];
  const cells = refusals.flatMap((refusal) => [0, 1, 30, 120, 240].map((fromStep) => ({ ...refusal, fromStep })));
  it.each(sample(cells, isWhole ? 1 : 7))(
    '$fault from step $fromStep on',
    async ({ make, fromStep, mutual = false }) => {
      const text = await make();
      const crashed = await crash({ kind, faults: () => [text], fromStep, mutual, isAnswered: true }, 75_000);
      const report = reportOf(crashed);
      if (fromStep === 0) return expect(crashed.outcome).toBeInstanceOf(IscsiError);
      if (!report) throw new Error('no report');
      // The persistence cases log on anew, and so does every further session.
      expect(report.verdict).not.toBe('qualified');
    },
  );
});

it('text keys without end at SendTargets are of no interest: a qualification asks for no targets', async () => {
  const crashed = await crash({ kind: 'open', faults: () => ['text-flood'], isAnswered: true }, 60_000);
  expect(reportOf(crashed)?.verdict).toBe('qualified');
});
