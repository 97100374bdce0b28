/**
 * Formation: the plan for 64 bare servers; two simulated servers from nothing to the drill in a cold process, and sixteen against two; a
 * second run, which plans and changes nothing, against the first; memory; how long a formation that was killed takes from its cold start to the
 * first step that it goes on with. In one run. Prints JSON rows. It measures dist/, which `npm run bench` builds.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadTypeScript } from './load-initiator.mjs';

const cli = join(import.meta.dirname, '..', '..', 'dist', 'cli', 'quorate.mjs');
const hook = join(import.meta.dirname, '..', 'support', 'crash-at-journal.mjs');
/** In the middle: adapters are set up, and disks, cluster and machine are still to come. */
const crash = { CRASH_CORE: 'NODE1', CRASH_AT: '60', CRASH_MOMENT: 'after' };
const rounds = Number(process.env.QUORATE_BENCH_ROUNDS ?? 3);

const spread = (numbers) => {
  const sorted = [...numbers].sort((one, other) => one - other);
  return { min: sorted[0], median: sorted[Math.floor(sorted.length / 2)], max: sorted.at(-1) };
};
const figures = ({ min, median, max }, unit, digits = 1) =>
  `${min.toFixed(digits)} / ${median.toFixed(digits)} / ${max.toFixed(digits)} ${unit}`;

/** Resident memory in MiB of a process and of all that it started, at one moment; 0 where the system does not tell. */
const residentOf = (pid) => {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
    return (pages * 4096) / 1024 ** 2 + children.reduce((sum, child) => sum + residentOf(child), 0);
  } catch {
    return 0;
  }
};

/** `env`: kills it at a write into a journal (test/support/crash-at-journal.mjs); then it has no result. */
const rehearse = async (data, args, env) => {
  const begunAt = Date.now();
  const begun = performance.now();
  const program = env === undefined ? [cli] : ['--import', hook, cli];
  const child = spawn(process.execPath, [...program, 'rehearse', ...args, '--data', data, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  let out = '';
  let mostMiB = 0;
  child.stdout.on('data', (part) => (out += part));
  const sampler = setInterval(() => (mostMiB = Math.max(mostMiB, residentOf(child.pid))), 50);
  const code = await new Promise((resolve) => child.once('close', resolve));
  clearInterval(sampler);
  const tookMs = performance.now() - begun;
  if (env !== undefined) {
    if (code !== null) throw new Error(`the rehearsal was to be killed, and ended with ${code}`);
    return null;
  }
  if (code !== 0) throw new Error(`a rehearsal of ${args.join(' ')} ended with ${code}: ${out.slice(0, 500)}`);
  const { outcome, steps } = JSON.parse(out);
  const starts = steps.flatMap(({ startedAt }) => (startedAt === null ? [] : [Date.parse(startedAt)]));
  return { tookMs, mostMiB, outcome, firstStepMs: starts.length === 0 ? null : Math.min(...starts) - begunAt };
};

const { preparePlan } = await loadTypeScript('test/bench/formation-parts.ts');
const plan = preparePlan(64);
let steps = plan();
const planMs = Array.from({ length: 9 }, () => {
  const begun = performance.now();
  steps = plan();
  return performance.now() - begun;
});

const two = [];
const again = [];
const sixteen = [];
const resumed = [];
for (let round = 0; round < rounds; round += 1) {
  const data = mkdtempSync(join(tmpdir(), 'quorate-bench-'));
  try {
    two.push(await rehearse(data, ['--name', 'two']));
    again.push(await rehearse(data, ['--name', 'two', '--resume']));
    sixteen.push(await rehearse(data, ['--name', 'sixteen', '--nodes', '16']));
    await rehearse(data, ['--name', 'killed'], crash);
    resumed.push(await rehearse(data, ['--name', 'killed', '--resume']));
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}
if (resumed.some(({ outcome, firstStepMs }) => outcome !== 'formed' || firstStepMs === null))
  throw new Error('a killed formation did not go on');
if (again.some(({ outcome }) => outcome !== 'nothingToChange')) throw new Error('a second run changed something');

const shareOf = (numbers, goal) => spread(numbers.map((one) => one / goal));
const times = (runs) => runs.map(({ tookMs }) => tookMs);
const pair = (runs, others) => spread(runs.map(({ tookMs }, index) => tookMs / others[index].tookMs));
console.log(
  JSON.stringify({
    rows: [
      {
        what: `plan for 64 bare servers (${steps} steps): share of 300 ms`,
        goal: 'at most 1',
        ratio: shareOf(planMs, 300),
        more: figures(spread(planMs), 'ms'),
      },
      {
        what: 'two servers rehearsed from nothing to the drill, cold process: share of 6 s',
        goal: 'at most 1',
        ratio: shareOf(times(two), 6000),
        more: figures(spread(times(two).map((ms) => ms / 1000)), 's'),
      },
      {
        what: 'the same, resident memory of all its processes: share of 400 MB',
        goal: 'at most 1',
        ratio: shareOf(
          two.map(({ mostMiB }) => mostMiB),
          400,
        ),
        more: figures(spread(two.map(({ mostMiB }) => mostMiB)), 'MiB', 0),
      },
      {
        what: 'sixteen servers against two',
        goal: 'at most 5',
        ratio: pair(sixteen, two),
        more: figures(spread(times(sixteen).map((ms) => ms / 1000)), 's'),
      },
      {
        what: 'killed in the middle: from the cold start to the first step that it goes on with: share of 1 s',
        goal: 'at most 1',
        ratio: shareOf(
          resumed.map(({ firstStepMs }) => firstStepMs),
          1000,
        ),
        more: figures(spread(resumed.map(({ firstStepMs }) => firstStepMs / 1000)), 's', 2),
      },
      {
        what: 'a second run, which finds everything done, against the first',
        goal: null,
        ratio: pair(again, two),
        more: figures(spread(times(again).map((ms) => ms / 1000)), 's'),
      },
    ],
  }),
);
