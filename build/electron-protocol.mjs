// `npm run electron-protocol`: every protocol test of initiator, practice target and peers inside Electron's own Node; `npm test` runs a sample of them.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './setup/steps.mjs';

const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    ...['--project', 'protocol', '--project', 'integration'],
    'test/protocol/iscsi/under-electron.test.ts',
    'test/integration/peers/in-electron.test.ts',
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, QUORATE_SWEEP: '1' } },
);
process.exitCode = status ?? 1;
