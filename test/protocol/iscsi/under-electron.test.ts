import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findElectron } from '../../../build/setup/electron-runtime.mjs';
import { titled } from '../../support/skipped.ts';

/**
 * Electron's crypto is another library than Node's and lacks some of CHAP's algorithms. What depends on the runtime (CHAP, digests, sockets
 * that end) runs once more inside Electron's own Node, in a vitest of its own: the logons of both sides, discovery, data with and without digests. With
 * QUORATE_SWEEP (`npm run electron-protocol`) all tests of the initiator and of the practice target do.
 *
 * Of the qualification only a sample does: the target without a fault, in every surrounding (CHAP among them), which is all of its cases once over both
 * sides. The whole folder takes minutes; its other tests differ in what the target does wrong and not in what the runtime must compute.
 */

const root = join(import.meta.dirname, '..', '..', '..');
const electron = findElectron();
const isInside = process.versions['electron'] !== undefined;
const reason = isInside ? 'this is Electron already' : electron ? null : 'there is no Electron runtime';

/** What runs inside unless all is asked for. */
const sample = [
  'test/protocol/iscsi/discovery.test.ts',
  'test/protocol/iscsi/login.test.ts',
  'test/protocol/iscsi/transfers.test.ts',
  'test/protocol/target/login.test.ts',
  'test/protocol/target/transfers.test.ts',
];

interface Summary {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numFailedTestSuites: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    /** Why a file could not even be loaded. */
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** Runs vitest inside Electron: its exit code and its own report. */
const runInside = async (
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly summary: Summary }> => {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-electron-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const report = join(folder, 'report.json');
  const child = spawn(
    electron!.executable,
    [
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      '--project=protocol',
      '--maxWorkers=3', // most of their time these tests wait for deadlines
      '--reporter=json',
      `--outputFile=${report}`,
      ...args,
    ],
    { cwd: root, stdio: 'ignore', env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', QUORATE_EXPECT_ELECTRON: '1' } },
  );
  onTestFinished(() => {
    child.kill();
  });
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { code, summary: JSON.parse(readFileSync(report, 'utf8')) as Summary };
};

const fileOf = (name: string): string => relative(root, name).replaceAll('\\', '/');

/** Nothing failed, no file is missing, none could not be loaded, and in each something was really run. */
const expectAllRan = (
  { code, summary }: Awaited<ReturnType<typeof runInside>>,
  files: readonly string[],
  mayBeEmpty: readonly string[] = [],
): void => {
  const failed = summary.testResults.flatMap(({ name, status, message, assertionResults }) => [
    ...(status === 'failed' && message !== '' ? [`${fileOf(name)}: ${message}`] : []),
    ...assertionResults.filter((one) => one.status === 'failed').map(({ fullName }) => `${fileOf(name)}: ${fullName}`),
  ]);
  expect(failed).toEqual([]);
  expect(summary).toMatchObject({ success: true, numFailedTests: 0, numFailedTestSuites: 0 });
  expect(code).toBe(0);
  const ran = summary.testResults
    .filter(({ assertionResults }) => assertionResults.some(({ status }) => status === 'passed'))
    .map(({ name }) => fileOf(name));
  expect([...ran, ...mayBeEmpty].sort()).toEqual([...files].sort());
};

test.skipIf(reason !== null)(
  titled('the protocol tests of the initiator and of the target, in Electron', reason),
  async () => {
    const folders = ['test/protocol/iscsi', 'test/protocol/target'];
    const files = folders.flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.test.ts'))
        .map((name) => fileOf(join(root, folder, name))),
    );
    expect(files).toEqual(expect.arrayContaining(sample));
    if (process.env['QUORATE_SWEEP'] === undefined) expectAllRan(await runInside(sample), sample);
    // This file is skipped inside.
    else expectAllRan(await runInside(folders), files, [fileOf(import.meta.filename)]);
  },
);

test.skipIf(reason !== null)(titled('a sample of the qualification, in Electron', reason), async () => {
  const file = 'test/protocol/qualify/qualification.test.ts';
  const result = await runInside([file, '--testNamePattern=^ *a target without a fault']);
  expectAllRan(result, [file]);
  expect(result.summary.numPassedTests).toBeGreaterThanOrEqual(6);
});
