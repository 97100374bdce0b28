import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { checks } from '../../../build/testing/storeys.mjs';

const root = join(import.meta.dirname, '..', '..', '..');

/** A program of three files. `forTests` is asked for by a test alone, `forNobody` by nothing, and one file is imported by no program. */
const tree = {
  'package.json': '{ "name": "canary", "type": "module" }',
  'main/cli/quorate.ts': "import { used } from '../thing.ts';\nused();\n",
  'main/thing.ts':
    'export const used = () => 1;\nexport const forTests = () => 2;\nexport const forNobody = () => 3;\n',
  'main/alone.ts': 'export const alone = 1;\n',
  'test/unit/thing.test.ts':
    "import { forTests } from '../../main/thing.ts';\nimport { alone } from '../../main/alone.ts';\nforTests(alone);\n",
};

test('what ships and only a test uses, or nothing, is reported', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(root, '.cache', 'exports-canary-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(tree)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  cpSync(join(root, 'knip.json'), join(folder, 'knip.json'));
  const args = checks.find(({ name }) => name === 'exports')!.args;
  const { stdout, stderr, status } = spawnSync(process.execPath, [...args, '--no-gitignore', '--reporter', 'json'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(1);
  const { issues } = JSON.parse(stdout) as {
    issues: { file: string; files?: unknown[]; exports?: { name: string }[] }[];
  };
  const exported = issues.flatMap(({ exports = [] }) => exports.map(({ name }) => name));
  expect(exported.sort()).toEqual(['forNobody', 'forTests']);
  expect(issues.filter(({ files = [] }) => files.length > 0).map(({ file }) => file)).toEqual(['main/alone.ts']);
});
