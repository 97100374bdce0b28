// `npm test`: sets up what is missing, then runs every check and every storey of tests, several at a time.
// `npm test -- unit protocol` runs the named ones only, `npm test -- --changed [REF]` what a change can reach.
// The last line is `N passed, N failed, N skipped`.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { installSystemPackages, labPackages, preparePackages, root, say, windowPackages } from './setup/steps.mjs';
import { winePackages } from './setup/wine.mjs';
import { parseArguments } from './testing/arguments.mjs';
import { listFailures } from './testing/failures.mjs';
import { endPrograms, runProgram } from './testing/program.mjs';
import { runTasks } from './testing/schedule.mjs';
import { filesToTryAgain, hasPassed } from './testing/second-try.mjs';
import { checks, fileArguments, limitMsOf, preparations, storeys } from './testing/storeys.mjs';
import { makeTemporaryFolder } from './testing/temporary.mjs';

const started = Date.now();
/** Milliseconds of all processors since the machine started: busy, and altogether. */
const processorTimes = () =>
  cpus().reduce(
    ({ busy, all }, { times: { user, nice, sys, irq, idle } }) => ({
      busy: busy + user + nice + sys + irq,
      all: all + user + nice + sys + irq + idle,
    }),
    { busy: 0, all: 0 },
  );
const timesBefore = processorTimes();
const secondsSince = (begun) => ((Date.now() - begun) / 1000).toFixed(1);

const readArguments = () => {
  try {
    return parseArguments(process.argv.slice(2), [...new Set([...checks, ...storeys].map(({ name }) => name))]);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    return process.exit(2);
  }
};
const asked = readArguments();

/** Packages of the system for these storeys, told where they cannot be had. @param {readonly unknown[]} wanted */
const installFor = async (wanted) => {
  if (wanted.length === 0) return;
  for (const one of await installSystemPackages([...windowPackages, ...labPackages, ...winePackages]))
    say(`Not here: ${one.what}; ${one.why}. The tests that need it are skipped and say so.`);
};
const isNamed = ({ name }) => asked.names.length === 0 || asked.names.includes(name);

// npm and the packages of the system are loaded at the same time; what a change can reach is not known before npm's are here.
const installed = asked.changed ? null : installFor(storeys.filter(isNamed));
preparePackages();

/** For each check and storey that is to run, its files; null: all of them. */
const chosen = new Map();
if (asked.changed) {
  const { listChanges, whatToRun } = await import('./testing/changed.mjs');
  const { files, since } = listChanges(asked.ref);
  const reach = await whatToRun(files);
  for (const one of [...checks, ...storeys].filter(isNamed))
    if (reach.run.has(one.name)) chosen.set(one.name, reach.run.get(one.name));
  say(`${files.length} files changed since ${since}.`);
  for (const [name, some] of chosen) if (some !== null) say(`${name}: ${some.join(' ')}`);
  for (const sentence of reach.leftOut) say(sentence);
  if (chosen.size === 0) {
    say('Nothing of what changed is tried by a check or a test.');
    process.exit(0);
  }
} else for (const one of [...checks, ...storeys].filter(isNamed)) chosen.set(one.name, null);

const wantedStoreys = storeys.filter(
  (storey) => chosen.has(storey.name) && fileArguments(storey, chosen.get(storey.name)) !== null,
);
await (installed ?? installFor(wantedStoreys));

const totals = { passed: 0, failed: 0, skipped: 0 };
/** @type {{ part: string, test: string, because: string }[]} what failed, told once more at the end */
const failures = [];
/** @type {{ part: string, test: string, because: string }[]} what ran in a storey that had to be ended */
const hung = [];
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
  process.once(signal, () => {
    endPrograms(signal);
    process.exit(1);
  });

/** @param {string} part @param {number} limitMs */
const lateness = (part, limitMs) => `${part} did not end within ${Math.round(limitMs / 1000)} s and was ended.`;

const prepare = async (one) => {
  const { name, args } = one;
  const limitMs = limitMsOf(one);
  const { code, output, isLate } = await runProgram(process.execPath, args, { limitMs });
  if (output.trim() !== '') say(output.trimEnd());
  if (code === 0) return;
  const because = isLate ? lateness(name, limitMs) : 'what it wrote stands above';
  say(`FAILED  ${name}: ${because}`);
  failures.push({ part: name, test: name, because });
  totals.failed += 1;
};

const runCheck = async (one) => {
  const { name, args } = one;
  const begun = Date.now();
  const limitMs = limitMsOf(one);
  const all = [...args, ...(chosen.get(name) ?? [])];
  const env = { ...process.env, ...one.env };
  const { code, output, isLate } = await runProgram(process.execPath, all, { env, limitMs });
  totals[code === 0 ? 'passed' : 'failed'] += 1;
  say(`${code === 0 ? 'passed' : 'FAILED'}  ${name}  (${secondsSince(begun)} s)`);
  if (code === 0) return;
  say(output.trimEnd());
  failures.push({ part: name, test: name, because: isLate ? lateness(name, limitMs) : 'what it wrote stands above' });
};

const temporary = makeTemporaryFolder();
process.on('exit', () => temporary.remove());
mkdirSync(join(root, '.cache'), { recursive: true });

/** @type {{ file: string, ms: number }[]} */
const timed = [];
const isAlone = chosen.size === 1 && wantedStoreys.length === 1;

/**
 * Runs tests of a storey: those that were asked for, or `file` alone. The summary is null where it had to be ended, or ended without one.
 * @param {(typeof storeys)[number]} storey @param {string | null} [file]
 */
const runVitest = async (storey, file = null) => {
  const { name, title, projects, workers } = storey;
  const summaryPath = join(root, '.cache', `test-summary-${title.replace(/\W+/g, '-')}.json`);
  const runningPath = `${summaryPath}.running`;
  for (const path of [summaryPath, runningPath]) rmSync(path, { force: true });
  const args = [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--reporter=default',
    `--reporter=${join(root, 'build', 'testing', 'vitest-summary.mjs')}`,
    `--maxWorkers=${workers}`,
    ...projects.flatMap((project) => ['--project', project]),
    ...(fileArguments(storey, file === null ? chosen.get(name) : [file]) ?? []),
  ];
  const env = { ...process.env, QUORATE_TEST_SUMMARY: summaryPath, NO_COLOR: '1', TMPDIR: temporary.folder };
  const needsDisplay =
    // Windows are opened by e2e, and by the lab where a target of its own is asked from one.
    ['e2e', 'lab'].includes(name) &&
    process.platform === 'linux' &&
    !process.env.DISPLAY &&
    existsSync('/usr/bin/xvfb-run');
  const [command, first] = needsDisplay
    ? ['xvfb-run', ['-a', '-s', '-screen 0 1280x1024x24', process.execPath]]
    : [process.execPath, []];
  const limitMs = limitMsOf(storey);
  const { code, output, isLate } = await runProgram(command, [...first, ...args], { env, isShown: isAlone, limitMs });
  say(output.trimEnd());
  if (isLate || !existsSync(summaryPath)) {
    const because = isLate ? lateness(title, limitMs) : `The tests of ${title} ended without a summary.`;
    const running = existsSync(runningPath) ? JSON.parse(readFileSync(runningPath, 'utf8')) : [];
    return { code, summary: null, because, running };
  }
  return { code, summary: JSON.parse(readFileSync(summaryPath, 'utf8')), because: '', running: [] };
};

const runStorey = async (storey) => {
  const { title } = storey;
  const begun = Date.now();
  if (!isAlone) say(`started  ${title}`);
  const { code, summary, because, running } = await runVitest(storey);
  if (summary === null) {
    say(`FAILED  ${title}  (${secondsSince(begun)} s): ${because}`);
    for (const test of running.length > 0 ? running : [title]) hung.push({ part: title, test, because });
    totals.failed += 1;
    return;
  }
  const { counts, skips, files, failures: failed } = summary;
  timed.push(...files);
  for (const key of /** @type {const} */ (['passed', 'failed', 'skipped'])) totals[key] += counts[key];
  failures.push(...failed.map((one) => ({ part: title, ...one })));
  if (code !== 0 && counts.failed === 0) {
    totals.failed += 1;
    failures.push({ part: title, test: title, because: `no test failed, and yet it ended with the exit code ${code}` });
  }
  const byReason = new Map();
  for (const { test, reason } of skips) byReason.set(reason, [...(byReason.get(reason) ?? []), test]);
  for (const [reason, tests] of byReason)
    say(`skipped  ${tests.length === 1 ? tests[0] : `${tests.length} tests, such as "${tests[0]}"`}: ${reason}`);
  say(`${counts.failed === 0 && code === 0 ? 'passed' : 'FAILED'}  ${title}  (${secondsSince(begun)} s)`);
};

/** What failed beside everything else and passed alone. @type {import('./testing/failures.mjs').FailureOfRun[]} */
const unsteady = [];

/** Tries once more, alone, what failed while everything ran at once. */
const tryAgain = async () => {
  // Who hung would do so for as long again.
  if (hung.length > 0) return;
  for (const { part, file, failures: before } of filesToTryAgain(failures)) {
    const storey = wantedStoreys.find(({ title }) => title === part);
    if (!storey) continue;
    say(`again    ${file}, with nothing beside it, because it failed:\n${listFailures(before)}`);
    const { code, summary } = await runVitest(storey, file);
    if (!hasPassed(code, summary, before)) continue;
    for (const one of before) failures.splice(failures.indexOf(one), 1);
    totals.failed -= before.length;
    totals.passed += before.length;
    unsteady.push(...before);
  }
};

const parts = new Set(wantedStoreys.flatMap(({ waitsFor }) => waitsFor));
const neededParts = preparations.filter(({ part }) => parts.has(part));
// One more than there are cores: what waits for a deadline leaves its core to another.
await runTasks(
  [
    ...neededParts.map((one) => ({ ...one, run: () => prepare(one) })),
    ...checks.filter(({ name }) => chosen.has(name)).map((one) => ({ ...one, run: () => runCheck(one) })),
    ...wantedStoreys.map((one) => ({
      ...one,
      name: one.title,
      after: neededParts.filter(({ part }) => one.waitsFor.includes(part)).map(({ name }) => name),
      run: () => runStorey(one),
    })),
  ],
  availableParallelism() + 1,
);
await tryAgain();
failures.push(...hung);

if (timed.length > 10) {
  say('The longest test files:');
  for (const { file, ms } of timed.sort((a, b) => b.ms - a.ms).slice(0, 10))
    say(`  ${Math.round(ms / 1000)} s  ${file}`);
}
if (unsteady.length > 0)
  say(`What failed beside everything else, and passed when it was tried again alone:\n${listFailures(unsteady)}`);
if (failures.length > 0) say(`What failed:\n${listFailures(failures)}`);
const timesAfter = processorTimes();
const busy = (timesAfter.busy - timesBefore.busy) / Math.max(1, timesAfter.all - timesBefore.all);
say(
  `Took ${Math.round((Date.now() - started) / 1000)} s; the ${cpus().length} processors were busy for ${Math.round(busy * 100)} % of it.`,
);
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0;
