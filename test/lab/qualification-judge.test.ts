import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { qualify } from '../../main/qualify/index.ts';
import { allCases } from '../../main/qualify/suites/index.ts';
import { memoryKeyNotes } from '../support/key-notes.ts';
import { mebibytes, startTarget } from '../support/embedded-target.ts';
import { freePort } from '../support/free-port.ts';
import { runTestCu, testCuIsHere, type TestCuVerdict } from '../support/test-cu.ts';
import { forwarded, lioTarget, lioVersion, serveUsual, startLio, whyNoLio } from '../support/lio.ts';
import { istgtIsHere, istgtTarget, istgtVersion, startIstgt } from '../support/istgt.ts';
import { startTgt, tgtIsHere } from '../support/tgt.ts';
import { withoutNames } from '../../shared/model/alike.ts';
import type { QualificationReport } from '../../shared/model/qualification.ts';
import { titled } from '../support/skipped.ts';

/*
 * Our verdicts held against a foreign judge, case by case, on foreign targets and on our own: libiscsi's iscsi-test-cu. What
 * both say of each case stands in qualification-judge.json, from which docs/qualification.md is made; a difference needs its
 * reason there. What each target does, in the words of the report, stands in targets.json, from which docs/targets.md is made.
 * QUORATE_RECORD=1 writes what was found into both; the reasons are written by a person.
 */

interface Answers {
  readonly ours: string;
  readonly theirs: TestCuVerdict | null;
}

type TargetName = 'tgt' | 'embedded' | 'lio' | 'istgt';

interface Row {
  readonly case: string;
  /** `Family.Suite.Test` of libiscsi; null where it has no such test. */
  readonly test: string | null;
  readonly tgt: Answers;
  readonly embedded: Answers;
  readonly lio: Answers;
  readonly istgt: Answers;
  /** Why the two differ, or why ours is not a pass; null where all passed. */
  readonly because: string | null;
}

/** What one target does, in the words of its report, names taken out. */
interface Seen {
  readonly version: string;
  readonly device: string;
  readonly verdict: string;
  readonly cases: Record<string, { readonly verdict: string; readonly because: string | null }>;
}

const pathOf = (name: string): string => join(import.meta.dirname, name);
const rows = JSON.parse(readFileSync(pathOf('qualification-judge.json'), 'utf8')) as Row[];
const seenBefore = JSON.parse(readFileSync(pathOf('targets.json'), 'utf8')) as Record<string, Seen>;
const isRecording = process.env['QUORATE_RECORD'] === '1';

const noTool = testCuIsHere ? null : 'iscsi-test-cu is not installed (Debian: libiscsi-bin)';
const whyNot: Readonly<Record<TargetName, string | null>> = {
  tgt: noTool ?? (tgtIsHere ? null : 'tgtd is not installed (Debian: tgt)'),
  embedded: noTool,
  lio: noTool ?? whyNoLio,
  istgt: istgtIsHere ? null : 'istgt is not installed (Debian: istgt)',
};

interface Judged {
  readonly portals: readonly string[];
  readonly target: string;
  readonly lun: number;
  readonly version: string;
  readonly stop: () => Promise<void>;
}

const debianVersion = (name: string): string =>
  `Debian ${name} ${spawnSync('dpkg-query', ['-W', '-f', '${Version}', name], { encoding: 'utf8' }).stdout.trim()}`;

const serveTgt = async (): Promise<Judged> => {
  const portals = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const tgt = await startTgt(portals);
  const target = 'iqn.2026-01.example.quorate:judged';
  await tgt.admin('--op', 'new', '--mode', 'target', '--tid', '1', '-T', target);
  await tgt.admin(
    ...['--op', 'new', '--mode', 'logicalunit', '--tid', '1', '--lun', '1', '-b', tgt.makeDisk('disk', 100)],
  );
  await tgt.admin('--op', 'bind', '--mode', 'target', '--tid', '1', '-I', 'ALL');
  return { portals, target, lun: 1, version: debianVersion('tgt'), stop: () => tgt.stop() };
};

const serveEmbedded = async (): Promise<Judged> => {
  const started = await startTarget(
    { luns: [{ lun: 1, sizeBytes: mebibytes(100) }], portalGroups: [1, 2] },
    { closesItself: false },
  );
  const portals = started.portals.map(({ host, port }) => `${host}:${port}`);
  return { portals, target: started.name, lun: 1, version: 'of this build', stop: () => started.close() };
};

const serveLio = async (): Promise<Judged> => {
  const ports = [3260, 3261];
  const lio = await startLio(await forwarded(ports));
  await serveUsual(lio, ports);
  const version = `Debian linux ${lioVersion ?? ''}`;
  return { portals: lio.portals, target: lioTarget, lun: 1, version, stop: () => lio.kill() };
};

const serveIstgt = async (): Promise<Judged> => {
  const istgt = await startIstgt([await freePort(), await freePort()]);
  const version = `Debian istgt ${istgtVersion ?? ''}`;
  return { portals: istgt.portals, target: istgtTarget, lun: 0, version, stop: () => istgt.stop() };
};

const askOurs = async ({ portals, target, lun }: Judged): Promise<QualificationReport> => {
  const [portal = '', ...others] = portals;
  const outcome = await qualify({
    access: { portal, target },
    otherPaths: others.map((other) => ({ portal: other })),
    target,
    lun,
    purpose: 'vm',
    nodes: 4,
    paths: 2,
    allowReservations: true,
    allowDataLoss: false,
    initiatorA: 'iqn.2026-01.example:one',
    initiatorB: 'iqn.2026-01.example:two',
    clusterInitiators: [],
    notes: memoryKeyNotes(),
    now: () => new Date(),
    signal: new AbortController().signal,
    machine: 'lab',
    toolVersion: '0',
    isRehearsal: false,
    onProgress: () => undefined,
  });
  if (outcome.kind !== 'report') throw new Error(outcome.kind);
  expect(outcome.report.leftBehind).toEqual([]);
  return outcome.report;
};

const askTheirs = async ({ portals, target, lun }: Judged): Promise<Map<string, TestCuVerdict>> => {
  const urls = portals.map((portal) => `iscsi://${portal}/${target}/${lun}`);
  const verdicts = new Map<string, TestCuVerdict>();
  const suites = new Set(rows.flatMap(({ test }) => (test === null ? [] : [test.split('.').slice(0, 2).join('.')])));
  for (const suite of suites) {
    const answers = await runTestCu(suite, suite.includes('Multipath') ? urls : urls.slice(0, 1));
    for (const [test, verdict] of answers) verdicts.set(test, verdict);
  }
  return verdicts;
};

it('every case has its row, and every difference its reason', () => {
  expect(rows.map((row) => row.case)).toEqual(allCases.map(({ id }) => id));
  for (const row of rows) {
    // Of istgt, which is no target for a cluster, targets.json says the reasons.
    const answers = [row.tgt, row.embedded, row.lio].flatMap(({ ours, theirs }) => [ours, theirs]);
    const isPlain = answers.every((answer) => answer === 'passed' || answer === null);
    expect([row.case, row.because !== null]).toEqual([row.case, !isPlain]);
  }
});

const sentenceOf = (because: string | null): string | null =>
  because === null ? null : withoutNames(because, 'NAME').replace(/NAME(?:, NAME)+/g, 'NAME ...');

const toSeen = (report: QualificationReport, version: string): Seen => ({
  version,
  device: `${report.lun.vendor} ${report.lun.product} ${report.lun.revision}`.trim(),
  verdict: report.verdict,
  cases: Object.fromEntries(
    report.cases.map(({ id, verdict, because }) => [id, { verdict, because: sentenceOf(because) }]),
  ),
});

/** Writes what was found: one target at a time, because each has a suite of its own below. */
const record = (name: TargetName, seen: Seen, theirs: ReadonlyMap<string, TestCuVerdict>): void => {
  const write = (file: string, value: unknown): void =>
    writeFileSync(pathOf(file), `${JSON.stringify(value, null, 2)}\n`);
  const before = JSON.parse(readFileSync(pathOf('targets.json'), 'utf8')) as Record<string, Seen>;
  write('targets.json', { ...before, [name]: seen });
  const old = JSON.parse(readFileSync(pathOf('qualification-judge.json'), 'utf8')) as Row[];
  const answersOf = ({ case: id, test }: Row): Answers => ({
    ours: seen.cases[id]?.verdict ?? 'missing',
    theirs: test === null ? null : (theirs.get(test) ?? null),
  });
  write(
    'qualification-judge.json',
    old.map(({ because, ...row }) => ({ ...row, [name]: answersOf({ because, ...row }), because })),
  );
};

/**
 * What follows READ FULL STATUS, which istgt never answers: for some seconds after that connection was given up, it shows a key that was removed, and closes
 * connections of the cases after it. How many cases that costs, and which, depends on how quick the machine is; each passes or is inconclusive with its reason,
 * none may fail, and most pass.
 */
const settling: ReadonlySet<string> = new Set(
  allCases.map(({ id }) => id).slice(allCases.findIndex(({ id }) => id === 'Reservations.Status.Owners') + 1),
);

/** True where this case passed, or says what kept it from an answer. */
const isSettled = ({ verdict, because }: Seen['cases'][string]): boolean =>
  verdict === 'passed' || (verdict === 'inconclusive' && (because ?? '') !== '');

describe.each([
  ['tgt', serveTgt],
  ['embedded', serveEmbedded],
  ['lio', serveLio],
  ['istgt', serveIstgt],
] as const)('our verdicts and libiscsi’s on %s', (name, serve) => {
  describe.skipIf(whyNot[name] !== null)(titled('case by case', whyNot[name]), () => {
    let judged: Judged;
    let seen: Seen;
    let theirs: Map<string, TestCuVerdict>;
    beforeAll(async () => {
      judged = await serve();
      seen = toSeen(await askOurs(judged), judged.version);
      // istgt leaves questions unanswered, and the tool waits for every one of them.
      theirs = name === 'istgt' ? new Map<string, TestCuVerdict>() : await askTheirs(judged);
      if (isRecording) record(name, seen, theirs);
    });
    afterAll(() => judged?.stop());

    it.each(rows)('$case', (row) => {
      const found: Answers = {
        ours: seen.cases[row.case]?.verdict ?? 'missing',
        theirs: row.test === null ? null : (theirs.get(row.test) ?? null),
      };
      if (name === 'istgt' && settling.has(row.case)) {
        expect(seen.cases[row.case]).toSatisfy(isSettled);
        expect(found.theirs).toBe(row.istgt.theirs);
        return;
      }
      expect(found).toEqual(row[name]);
      expect(seen.cases[row.case]).toEqual(seenBefore[name]?.cases[row.case]);
    });

    it('ends in the verdict that docs/targets.md shows', () => {
      expect(seen.verdict).toBe(seenBefore[name]?.verdict);
      const passed = (cases: Seen['cases'] | undefined): string[] =>
        [...settling].filter((id) => cases?.[id]?.verdict === 'passed');
      // As many as were recorded, but for istgt, of which a few may be kept from it.
      const wanted = passed(seenBefore[name]?.cases).length;
      expect(passed(seen.cases).length).toBeGreaterThanOrEqual(name === 'istgt' ? wanted / 2 : wanted);
    });
  });
});
