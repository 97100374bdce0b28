import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findElectron } from '../../../build/setup/electron-runtime.mjs';

/**
 * Electron's crypto is another library than Node's and lacks some of CHAP's algorithms. All tests of this folder run once more inside
 * Electron's own Node, in a vitest of their own.
 */

const root = join(import.meta.dirname, '..', '..', '..');
const electron = findElectron();
const isInside = process.versions['electron'] !== undefined;
const reason = isInside ? 'this is Electron already' : electron ? null : 'there is no Electron runtime';
if (reason !== null) console.log(`skipped: the initiator under Electron, because ${reason}`);

interface Summary {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

test.skipIf(reason !== null)(
  'the protocol tests of the initiator, in Electron',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'quorate-electron-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const report = join(folder, 'report.json');
    const child = spawn(
      electron!.executable,
      [
        join(root, 'node_modules', 'vitest', 'vitest.mjs'),
        'run',
        '--project=protocol',
        '--reporter=json',
        `--outputFile=${report}`,
        'test/protocol/iscsi',
      ],
      { cwd: root, stdio: 'ignore', env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', QUORATE_EXPECT_ELECTRON: '1' } },
    );
    onTestFinished(() => {
      child.kill();
    });
    await new Promise((resolve) => child.once('exit', resolve));
    const summary = JSON.parse(readFileSync(report, 'utf8')) as Summary;
    const failed = summary.testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ status }) => status === 'failed')
      .map(({ fullName }) => fullName);
    expect(failed).toEqual([]);
    expect(summary.numFailedTests).toBe(0);
    expect(summary.numPassedTests).toBeGreaterThan(150);
  },
  180_000,
);
