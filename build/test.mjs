// `npm test`: sets up what is missing, then runs every check and every storey of tests.
// `npm test -- unit protocol` runs the named storeys only. The last line is `N passed, N failed, N skipped`.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePowerShell } from './setup/powershell.mjs';
import { winePackages } from './setup/wine.mjs';
import { installSystemPackages, labPackages, prepareBase, root, say, windowPackages } from './setup/steps.mjs';

const started = Date.now();
const wanted = process.argv.slice(2);
const summaryPath = join(root, '.cache', 'test-summary.json');
const bin = (name, script) => [process.execPath, join(root, 'node_modules', name, script)];

/** Checks that are no vitest tests; each counts as one. */
const checks = [
  { name: 'format', command: bin('oxfmt', 'bin/oxfmt'), args: ['--check', '.'] },
  { name: 'types', command: bin('typescript-native', 'bin/tsc'), args: ['-b'] },
  { name: 'lint', command: bin('oxlint', 'bin/oxlint'), args: ['--max-warnings', '0'] },
  { name: 'layers', command: [process.execPath], args: [join(root, 'build', 'lint', 'layers.mjs')] },
  { name: 'docs', command: [process.execPath], args: [join(root, 'build', 'docs.mjs'), '--check'] },
];

/** Storeys that run together; what starts engines, worlds and windows has the machine for itself, so that times mean something. */
const groups = [['unit', 'protocol'], ['powershell'], ['integration'], ['wine'], ['lab'], ['e2e']];

const runForeground = (command, args, env) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env });
    child.on('error', () => resolve(1));
    child.on('close', (code) => resolve(code ?? 1));
  });

const runQuietly = (command, args) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('error', (error) => resolve({ code: 1, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });

await prepareBase();
const missing = installSystemPackages([...windowPackages, ...labPackages, ...winePackages]);
for (const one of missing) say(`Not here: ${one.what}; ${one.why}. The tests that need it are skipped and say so.`);
const powershell = ensurePowerShell();
say(
  'missing' in powershell
    ? `No PowerShell: ${powershell.missing}. Unless another one is found, the tests that need it are skipped and say so.`
    : `PowerShell: ${powershell.origin}.`,
);
const { ensureElectron } = await import('./setup/electron-runtime.mjs');
const runtime = await ensureElectron();
say(
  'missing' in runtime
    ? `No Electron: ${runtime.missing}. The tests that need it are skipped and say so.`
    : `Electron: ${runtime.origin}.`,
);

const totals = { passed: 0, failed: 0, skipped: 0 };
const chosen = groups
  .map((group) => group.filter((storey) => wanted.length === 0 || wanted.includes(storey)))
  .filter((group) => group.length > 0);

/** Runs one check and says how it ended. */
const runCheck = async (check) => {
  const [command, ...first] = check.command;
  const begun = Date.now();
  const { code, output } = await runQuietly(command, [...first, ...check.args]);
  totals[code === 0 ? 'passed' : 'failed'] += 1;
  say(`${code === 0 ? 'passed' : 'FAILED'}  ${check.name}  (${((Date.now() - begun) / 1000).toFixed(1)} s)`);
  if (code !== 0) say(output.trimEnd());
};
const asked = checks.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
// Compiler and linter use every core by themselves; layers and documents wait for one.
const native = ['format', 'types', 'lint'];
await Promise.all(
  [asked.filter(({ name }) => native.includes(name)), asked.filter(({ name }) => !native.includes(name))].map(
    async (some) => {
      for (const check of some) await runCheck(check);
    },
  ),
);

for (const group of chosen) {
  mkdirSync(join(root, '.cache'), { recursive: true });
  rmSync(summaryPath, { force: true });
  const begun = Date.now();
  const [command, ...first] = bin('vitest', 'vitest.mjs');
  const args = [
    ...first,
    'run',
    '--reporter=default',
    `--reporter=${join(root, 'build', 'vitest-summary.mjs')}`,
    ...group.flatMap((storey) => ['--project', storey]),
    // These wait for deadlines more than they compute; one worker, the default on two cores, would wait for one after the other.
    ...(group.includes('protocol') ? ['--maxWorkers=3'] : []),
  ];
  const needsDisplay =
    group.includes('e2e') && process.platform === 'linux' && !process.env.DISPLAY && existsSync('/usr/bin/xvfb-run');
  const env = { ...process.env, QUORATE_TEST_SUMMARY: summaryPath, NO_COLOR: '1' };
  const code = needsDisplay
    ? await runForeground('xvfb-run', ['-a', '-s', '-screen 0 1280x1024x24', command, ...args], env)
    : await runForeground(command, args, env);
  if (!existsSync(summaryPath)) {
    say(`The tests of ${group.join(' and ')} ended without a summary.`);
    totals.failed += 1;
    continue;
  }
  const { counts, skips } = JSON.parse(readFileSync(summaryPath, 'utf8'));
  for (const key of /** @type {const} */ (['passed', 'failed', 'skipped'])) totals[key] += counts[key];
  if (code !== 0 && counts.failed === 0) totals.failed += 1;
  const byReason = new Map();
  for (const { test, reason } of skips) byReason.set(reason, [...(byReason.get(reason) ?? []), test]);
  for (const [reason, tests] of byReason)
    say(`skipped  ${tests.length === 1 ? tests[0] : `${tests.length} tests, such as "${tests[0]}"`}: ${reason}`);
  say(
    `${counts.failed === 0 && code === 0 ? 'passed' : 'FAILED'}  ${group.join(', ')}  (${Math.round((Date.now() - begun) / 1000)} s)`,
  );
}

say(`Took ${Math.round((Date.now() - started) / 1000)} s.`);
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0;
