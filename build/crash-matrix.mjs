// `npm run crash-matrix`: every fault of the conversation at every moment of a qualification, and whatever other tests try a sample
// of only because the whole takes long: all moments of a cancellation, of a kill, of a vanished logical unit. Half an hour.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './setup/steps.mjs';

const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
/** `--formation`: instead, a formation that is killed at every write into the journals of its coordinator and of a peer. An hour. */
const isFormation = process.argv.includes('--formation');
/** `--scripts`: instead, a formation whose servers are all reached through the scripts on the real PowerShell engine. */
const isScripts = process.argv.includes('--scripts');
/** `npm run fault-matrix`: a formation that meets every fault of a rehearsal before each of its steps. */
const isFaults = process.argv.includes('--faults');
const switches = ['--formation', '--scripts', '--faults'];
const args = [
  'run',
  '--project',
  ...(isFormation
    ? ['integration', 'test/integration/formation/crash.test.ts']
    : isScripts
      ? ['powershell', 'test/powershell/formation.test.ts']
      : isFaults
        ? ['integration', 'test/integration/formation/faults.test.ts']
        : ['protocol', 'test/protocol/qualify']),
  '--testTimeout',
  '1800000',
  ...process.argv.slice(2).filter((word) => !switches.includes(word)),
];
const { status } = spawnSync(process.execPath, [vitest, ...args], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, QUORATE_SWEEP: '1' },
});
process.exitCode = status ?? 1;
