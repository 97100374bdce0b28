// How long `quorate readiness --json` takes as a whole process, against a Node process that does nothing. Prints JSON.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const cli = join(import.meta.dirname, '..', '..', 'dist', 'cli', 'quorate.mjs');
const rounds = Number(process.env.QUORATE_BENCH_ROUNDS ?? 15);

const timeMs = (args) => {
  const begun = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const tookMs = performance.now() - begun;
  if (![0, 4, 5].includes(status)) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return tookMs;
};

const spread = (values) => {
  const sorted = [...values].sort((left, right) => left - right);
  return { min: sorted[0], median: sorted[Math.floor(sorted.length / 2)], max: sorted.at(-1) };
};

const ours = ['readiness', '--json'];
timeMs([cli, ...ours]);
timeMs(['-e', '0']);
const pairs = Array.from({ length: rounds }, () => ({ ours: timeMs([cli, ...ours]), empty: timeMs(['-e', '0']) }));
console.log(
  JSON.stringify({
    bench: 'cli',
    rounds,
    rows: [
      {
        what: '`quorate readiness --json` against `node -e 0`, whole process',
        goal: 'at most 3',
        ratio: spread(pairs.map((pair) => pair.ours / pair.empty)),
        oursMs: spread(pairs.map((pair) => pair.ours)),
        otherMs: spread(pairs.map((pair) => pair.empty)),
      },
    ],
  }),
);
