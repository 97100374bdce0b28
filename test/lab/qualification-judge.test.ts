import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allCases, memoryKeyNotes, qualify } from '../../main/qualify/index.ts';
import { mebibytes, startTarget } from '../support/embedded-target.ts';
import { freePort } from '../support/free-port.ts';
import { runTestCu, testCuIsHere, type TestCuVerdict } from '../support/test-cu.ts';
import { startTgt, tgtIsHere } from '../support/tgt.ts';

/*
 * Our verdicts held against a foreign judge, case by case, on a foreign target and on our own: libiscsi's iscsi-test-cu. What
 * both say of each case stands in qualification-judge.json, from which docs/qualification.md is made; a difference needs its
 * reason there.
 */

interface Answers {
  readonly ours: string;
  readonly theirs: TestCuVerdict | null;
}

interface Row {
  readonly case: string;
  /** `Family.Suite.Test` of libiscsi; null where it has no such test. */
  readonly test: string | null;
  readonly tgt: Answers;
  readonly embedded: Answers;
  /** Why the two differ, or why ours is not a pass; null where all passed. */
  readonly because: string | null;
}

const rows = JSON.parse(readFileSync(join(import.meta.dirname, 'qualification-judge.json'), 'utf8')) as Row[];

const reason = !testCuIsHere
  ? 'iscsi-test-cu is not installed (Debian: libiscsi-bin)'
  : tgtIsHere
    ? null
    : 'tgtd is not installed (Debian: tgt)';
if (reason !== null) console.warn(`skipped: our verdicts against iscsi-test-cu, because ${reason}`);

interface Judged {
  readonly portals: readonly string[];
  readonly target: string;
  readonly lun: number;
  readonly stop: () => Promise<void>;
}

const serveTgt = async (): Promise<Judged> => {
  const portals = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const tgt = await startTgt(portals);
  const target = 'iqn.2026-01.example.quorate:judged';
  await tgt.admin('--op', 'new', '--mode', 'target', '--tid', '1', '-T', target);
  await tgt.admin(
    ...['--op', 'new', '--mode', 'logicalunit', '--tid', '1', '--lun', '1', '-b', tgt.makeDisk('disk', 100)],
  );
  await tgt.admin('--op', 'bind', '--mode', 'target', '--tid', '1', '-I', 'ALL');
  return { portals, target, lun: 1, stop: () => tgt.stop() };
};

const serveEmbedded = async (): Promise<Judged> => {
  const started = await startTarget(
    { luns: [{ lun: 1, sizeBytes: mebibytes(100) }], portalGroups: [1, 2] },
    { closesItself: false },
  );
  const portals = started.portals.map(({ host, port }) => `${host}:${port}`);
  return { portals, target: started.name, lun: 1, stop: () => started.close() };
};

const askOurs = async ({ portals, target, lun }: Judged): Promise<Map<string, string>> => {
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
  return new Map(outcome.report.cases.map(({ id, verdict }) => [id, verdict]));
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
    const answers = [row.tgt.ours, row.embedded.ours, row.tgt.theirs, row.embedded.theirs];
    const isPlain = answers.every((answer) => answer === 'passed' || answer === null);
    expect([row.case, row.because !== null]).toEqual([row.case, !isPlain]);
  }
});

describe.skipIf(reason !== null).each([
  ['tgt', serveTgt],
  ['embedded', serveEmbedded],
] as const)('our verdicts and libiscsi’s on %s', (name, serve) => {
  let judged: Judged;
  let ours: Map<string, string>;
  let theirs: Map<string, TestCuVerdict>;
  beforeAll(async () => {
    judged = await serve();
    ours = await askOurs(judged);
    theirs = await askTheirs(judged);
    if (process.env['QUORATE_JUDGE']) console.log(JSON.stringify({ name, ours: [...ours], theirs: [...theirs] }));
  });
  afterAll(() => judged?.stop());

  it.each(rows)('$case', (row) => {
    const found: Answers = {
      ours: ours.get(row.case) ?? 'missing',
      theirs: row.test === null ? null : (theirs.get(row.test) ?? null),
    };
    expect(found).toEqual(row[name]);
  });
});
