import { execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Debian's tgt in user space: a target that we did not write. */
export const tgtIsHere = spawnSync('tgtd', ['--version']).error === undefined;

const run = promisify(execFile);

export interface Tgt {
  admin(...args: string[]): Promise<string>;
  /** What a script of tgtadm calls needs to reach this tgtd. */
  readonly env: NodeJS.ProcessEnv;
  /** A file that is the disk of a LUN. */
  makeDisk(name: string, mebibytes: number): string;
  stop(): Promise<void>;
}

let started = 0;

/** Starts a tgtd of our own: its control socket and disks go with it. `inside` runs it elsewhere: `ip netns exec NAME`. */
export const startTgt = async (portals: readonly string[], inside: readonly string[] = []): Promise<Tgt> => {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-tgt-'));
  // tgt keeps its control number in a signed 16-bit number.
  const control = String(1000 + ((process.pid * 7 + started++) % 30_000));
  const env = { ...process.env, TGT_IPC_SOCKET: join(folder, 'control') };
  const [program = 'tgtd', ...args] = [
    ...inside,
    'tgtd',
    '-f',
    '-C',
    control,
    '--iscsi',
    portals.map((portal) => `portal=${portal}`).join(','),
  ];
  const daemon = spawn(program, args, { stdio: 'ignore', env });
  const ended = new Promise((resolve) => daemon.once('exit', resolve));
  const admin = async (...more: string[]): Promise<string> =>
    (await run('tgtadm', ['-C', control, '--lld', 'iscsi', ...more], { env })).stdout;
  const stop = async (): Promise<void> => {
    daemon.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const deadline = Date.now() + 120_000;
  for (;;) {
    try {
      await admin('--op', 'show', '--mode', 'target');
      break;
    } catch (error) {
      if (Date.now() > deadline || daemon.exitCode !== null) {
        await stop();
        throw new Error('tgtd does not start', { cause: error });
      }
    }
  }
  return {
    admin,
    env: { ...env, TGT_CONTROL_PORT: control },
    makeDisk: (name, mebibytes) => {
      const path = join(folder, name);
      writeFileSync(path, '');
      truncateSync(path, mebibytes * 1024 * 1024);
      return path;
    },
    stop,
  };
};
