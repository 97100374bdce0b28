// `npm run bench`: runs every bench and writes docs/benchmarks.md. `npm run bench -- iscsi cli` runs the named ones only and
// writes nothing. Ratios against a named peer in one run; a bench that misses its goal is shown as it is.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, type } from 'node:os';
import { join } from 'node:path';
import { prepareBase, root, say } from './setup/steps.mjs';

/**
 * A row of a bench: what is measured against what, and the spread of the ratio (ours divided by theirs).
 * @typedef {{ what: string, goal: string | null, ratio: { min: number, median: number, max: number }, reached?: boolean | null, more?: string }} Row
 */

const number = (value) =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value >= 0.1 ? value.toFixed(2) : value.toFixed(4);
const spreadText = ({ min, median, max }) => `${number(min)} / ${number(median)} / ${number(max)}`;

/** `at most 3`, `at least 0.9`: whether the median reaches it. */
const isReached = (goal, ratio) => {
  const match = /^at (most|least) ([\d.]+)/.exec(goal ?? '');
  if (!match) return null;
  return match[1] === 'most' ? ratio.median <= Number(match[2]) : ratio.median >= Number(match[2]);
};

/** A bench that prints `{ rows: [{ what, goal, ratio, oursMs?, otherMs?, more? }] }`. */
const readRows = ({ rows }) =>
  rows.map((row) => ({
    ...row,
    more: row.oursMs ? `${spreadText(row.oursMs)} ms against ${spreadText(row.otherMs)} ms` : (row.more ?? ''),
  }));

/** @returns {Row[]} */
const readPowerShell = ({ warmCall, oneProcessPerCall, ratio, engine }) => [
  {
    what: `a warm call of the runner against one process per call (${engine})`,
    goal: `at most ${ratio.goal}`,
    ratio: {
      min: warmCall.min / oneProcessPerCall.median,
      median: warmCall.median / oneProcessPerCall.median,
      max: warmCall.max / oneProcessPerCall.median,
    },
    more: `${spreadText(warmCall)} ms against ${spreadText(oneProcessPerCall)} ms`,
  },
];

const workloadNames = {
  '64k-32': 'read 64 KiB, 32 in flight, against iscsi-perf (IOPS)',
  '4k-1': 'read 4 KiB, 1 in flight, against iscsi-perf (IOPS)',
  '4k-32': 'read 4 KiB, 32 in flight, against iscsi-perf (IOPS)',
};

/** @returns {Row} */
const memoryRow = (memory, what) => ({
  what: `memory after ${memory.gib} GiB read ${what} against memory after the first twentieth (resident)`,
  goal: 'at most 1.1',
  ratio: {
    min: memory.last.rssMiB / memory.first.rssMiB,
    median: memory.last.rssMiB / memory.first.rssMiB,
    max: memory.maxRssMiB / memory.first.rssMiB,
  },
  more: `${memory.first.rssMiB} MiB first, ${memory.last.rssMiB} MiB last, ${memory.maxRssMiB} MiB at most; alive on the heap ${memory.heapBytesPerCommand.toFixed(2)} bytes more per command, over ${memory.commands} commands`,
});

/**
 * A million damaged inputs: whether any was slow or left something behind.
 * @returns {Row[]}
 */
const readFuzz = ({ iterations, slowestMs, seconds, seed, rssGrowthMiB, externalGrowthMiB, heapGrowthMiB }) => [
  {
    what: `${iterations} damaged inputs: the slowest one, in seconds`,
    goal: 'at most 1',
    ratio: { min: slowestMs / 1000, median: slowestMs / 1000, max: slowestMs / 1000 },
    more: `${seconds} s in all; grown by ${heapGrowthMiB} MiB on the heap${externalGrowthMiB === undefined ? '' : `, ${externalGrowthMiB} MiB beside it`}${rssGrowthMiB === undefined ? '' : `, ${rssGrowthMiB} MiB resident`}; seed ${seed}`,
  },
];

/** @returns {Row[]} */
const readIscsi = ({ workloads, digests, memory, memoryOwn }) => [
  ...Object.entries(workloads).map(([name, one]) => ({
    what: workloadNames[name] ?? name,
    goal: `at least ${one.goal}`,
    ratio: one.ratio,
    more: `${Math.max(...one.ours)} reads/s against ${Math.max(...one.theirs)} at best`,
  })),
  ...(digests
    ? [
        {
          what: `${workloadNames[digests.workload]?.split(',')[0] ?? ''} with digests against without`,
          goal: null,
          ratio: digests.ratio,
          more: `${Math.max(...digests.with)} reads/s with header and data digests, ${Math.max(...digests.without)} without`,
        },
      ]
    : []),
  ...Object.entries(workloads)
    .filter(([, one]) => one.beside)
    .map(([name, one]) => ({
      what: `${(workloadNames[name] ?? name).replace(/, against.*/, '')}: processor per read against build a0d3eae, in turn`,
      goal: 'at most 0.75',
      ratio: one.beside.cpuRatio,
      more: `${spreadText(one.cpuMicrosecondsPerRead)} µs against ${spreadText(one.beside.cpuMicrosecondsPerRead)} µs`,
    })),
  ...Object.entries(workloads).map(([name, one]) => ({
    what: `${(workloadNames[name] ?? name).replace(/, against.*/, '')}: share of the time that the garbage collector takes`,
    goal: 'at most 0.05',
    ratio: one.garbageShare,
    more: `${spreadText(one.cpuMicrosecondsPerRead)} µs of processor a read, system calls included`,
  })),
  ...(memory ? [memoryRow(memory, 'into buffers of the caller')] : []),
  ...(memoryOwn ? [memoryRow(memoryOwn, 'into buffers of the initiator')] : []),
];

/** Every bench. One that is not here runs as well when its file is test/bench/NAME.bench.mjs and it prints rows. */
const benches = [
  { name: 'startup', title: 'Start of the window', script: 'startup.mjs', needsDisplay: true, read: readRows },
  { name: 'cli', title: 'Command line', script: 'cli.mjs', read: readRows },
  { name: 'powershell', title: 'PowerShell', script: 'powershell.mjs', read: readPowerShell },
  {
    name: 'iscsi',
    title: 'iSCSI initiator',
    script: 'iscsi.mjs',
    nodeArgs: ['--expose-gc'],
    args: ['--rounds', '9', '--seconds', '1', '--gib', '10', '--beside', 'a0d3eae'],
    read: readIscsi,
  },
  { name: 'qualify', title: 'Qualification', script: 'qualify.mjs', read: readRows },
  {
    name: 'qualify-lio',
    title: 'Qualification of the Linux kernel’s target',
    script: 'qualify-lio.mjs',
    args: ['--rounds', '9'],
    read: readRows,
  },
  { name: 'formation', title: 'Formation', script: 'formation.bench.mjs', read: ({ rows }) => rows },
  { name: 'availability', title: 'Availability', script: 'availability.mjs', read: ({ rows }) => rows },
  { name: 'delivery', title: 'What is carried to a server', script: 'delivery.mjs', read: readRows },
  { name: 'fuzz', title: 'Damaged input', script: 'fuzz-iscsi.mjs', nodeArgs: ['--expose-gc'], read: readFuzz },
];
const folder = join(root, 'test', 'bench');
for (const file of readdirSync(folder)
  .filter((one) => one.endsWith('.bench.mjs') && benches.every(({ script }) => script !== one))
  .sort())
  benches.push({
    name: file.slice(0, -'.bench.mjs'.length),
    title: file.slice(0, -'.bench.mjs'.length),
    script: file,
    read: readRows,
  });

const longestMs = 180_000;

/** @param {{ script: string, needsDisplay?: boolean, nodeArgs?: string[], args?: string[] }} bench */
const runBench = ({ script, needsDisplay, nodeArgs = [], args = [] }) =>
  new Promise((resolve) => {
    const own = [process.execPath, ...nodeArgs, join(folder, script), ...args];
    const isBare = needsDisplay && process.platform === 'linux' && !process.env.DISPLAY;
    const [program, ...rest] =
      isBare && existsSync('/usr/bin/xvfb-run') ? ['xvfb-run', '-a', '-s', '-screen 0 1280x1024x24', ...own] : own;
    const child = spawn(program, rest, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let out = '';
    let err = '';
    child.stdout.on('data', (text) => (out += text));
    child.stderr.on('data', (text) => (err += text));
    // Its own group: what it started goes with it.
    const timer = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), longestMs);
    child.on('error', (error) => resolve({ failed: error.message }));
    child.on('close', (code) => {
      clearTimeout(timer);
      try {
        resolve({ result: JSON.parse(out) });
      } catch {
        const last = err.trim().split('\n').at(-1);
        resolve({ failed: last || `it ended with ${code ?? 'a signal'} and said nothing` });
      }
    });
  });

const cell = (text) => String(text).replaceAll('|', '\\|');

const tableOf = (rows) => {
  const lines = rows.map((row) => {
    const reached = row.reached ?? isReached(row.goal, row.ratio);
    const goal = row.goal === null ? 'shown' : row.goal;
    const mark = reached === null ? '' : reached ? 'yes' : '**no**';
    return `| ${[row.what, spreadText(row.ratio), goal, mark, row.more ?? ''].map(cell).join(' | ')} |`;
  });
  return `| What, against what | Ratio: min / median / max | Goal | Reached | In figures |\n|---|---|---|---|---|\n${lines.join('\n')}`;
};

await prepareBase();
const wanted = process.argv.slice(2);
const chosen = benches.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const loadBefore = loadavg()[0];
const started = Date.now();
const sections = [];
let isWhole = true;
for (const bench of chosen) {
  const begun = Date.now();
  say(`Running ${bench.name} ...`);
  const { result, failed } = await runBench(bench);
  const seconds = Math.round((Date.now() - begun) / 1000);
  const command = `node ${[...(bench.nodeArgs ?? []), `test/bench/${bench.script}`, ...(bench.args ?? [])].join(' ')}`;
  let text;
  if (failed !== undefined) {
    isWhole = false;
    text = `Failed: ${failed}`;
  } else if (result.skipped) text = `Skipped: ${result.skipped}.`;
  else text = tableOf(bench.read(result));
  // What a person has to say about the numbers stands beside the bench.
  const notes = join(folder, `${bench.name}.md`);
  const said = existsSync(notes) ? `\n\n${readFileSync(notes, 'utf8').trim()}` : '';
  sections.push(`## ${bench.title}\n\n\`${command}\` (${seconds} s)\n\n${text}${said}`);
  console.log(`${bench.title} (${seconds} s)\n${text}\n`);
}

if (wanted.length === 0) {
  const [cpu] = cpus();
  writeFileSync(
    join(root, 'docs', 'benchmarks.md'),
    `# Benchmarks

Written by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}, in ${Math.round((Date.now() - started) / 1000)} s, on ${type()} ${release()}, ${cpus().length} x ${cpu?.model ?? 'unknown'}, Node ${process.versions.node}.
Load before the run: ${number(loadBefore ?? 0)} (a machine that is busy otherwise widens the spread, and hits both sides of a ratio).

A ratio is ours divided by the peer's, both measured in turn in one run on one machine; the median is held against the goal.
Times: less is better. IOPS: more is better.

${sections.join('\n\n')}
`,
  );
  say('Wrote docs/benchmarks.md.');
}
process.exitCode = isWhole ? 0 : 1;
