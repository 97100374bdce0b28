// `npm run crash-matrix`: every fault of the conversation at every moment of a qualification, and whatever other tests try a sample
// of only because the whole takes long: all moments of a cancellation, of a kill, of a vanished logical unit. Half an hour. With one of the words
// below another matrix is tried instead.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './setup/steps.mjs';

const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
/** By its word: the storey and the file of a matrix. */
const matrices = {
  /** A formation that is killed at every write into the journals of its coordinator and of a peer. An hour. */
  '--formation': ['integration', 'test/integration/formation/crash.test.ts'],
  /** `npm run fault-matrix`: a formation that meets every fault of a rehearsal before each of its steps. */
  '--faults': ['integration', 'test/integration/formation/faults.test.ts'],
  /** A formation between separate machines, a cable of which is pulled at every stage. */
  '--cables': ['lab', 'test/lab/formation.test.ts'],
  /** A formation whose servers are all reached through the scripts on the real PowerShell engine. */
  '--scripts': ['powershell', 'test/powershell/formation.test.ts'],
};
const words = process.argv.slice(2);
const asked = Object.keys(matrices).find((word) => words.includes(word));
const [storey, file] = matrices[asked] ?? ['protocol', 'test/protocol/qualify'];
const more = words.filter((word) => !Object.hasOwn(matrices, word));
const { status } = spawnSync(
  process.execPath,
  [vitest, 'run', '--project', storey, file, '--testTimeout', '1800000', ...more],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, QUORATE_SWEEP: '1' },
  },
);
process.exitCode = status ?? 1;
