import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** Debian's istgt in user space: a target that we did not write. It prints its version and ends with 0 for -h. */
export const istgtIsHere = spawnSync('istgt', ['-h']).error === undefined;

/** Debian's package; null where it is not here. */
export const istgtVersion = istgtIsHere
  ? spawnSync('dpkg-query', ['-W', '-f', '${Version}', 'istgt'], { encoding: 'utf8' }).stdout.trim()
  : null;

export const istgtTarget = 'iqn.2026-01.example.quorate:istgt';

export interface Istgt {
  readonly portals: readonly string[];
  stop(): Promise<void>;
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

/** Starts an istgt of our own with one target for everybody: LUN 0, all zeros, a portal group for each port. */
export const startIstgt = async (ports: readonly number[], mebibytes = 100): Promise<Istgt> => {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-istgt-'));
  const disk = join(folder, 'disk');
  writeFileSync(disk, '');
  truncateSync(disk, mebibytes * 1024 * 1024);
  mkdirSync(join(folder, 'media'));
  const groups = ports.map((port, at) => `[PortalGroup${at + 1}]\n  Portal DA1 127.0.0.1:${port}\n`).join('\n');
  const maps = ports.map((_, at) => `  Mapping PortalGroup${at + 1} InitiatorGroup1`).join('\n');
  writeFileSync(
    join(folder, 'istgt.conf'),
    `[Global]
  NodeBase "iqn.2026-01.example.quorate"
  PidFile ${join(folder, 'pid')}
  AuthFile ${join(folder, 'auth')}
  MediaDirectory ${join(folder, 'media')}
  LogFacility "local7"
  Timeout 30
  NopInInterval 20
  DiscoveryAuthMethod None
  MaxSessions 64
  MaxConnections 4
  MaxR2T 32

[UnitControl]

${groups}
[InitiatorGroup1]
  InitiatorName "ALL"
  Netmask ALL

[LogicalUnit1]
  TargetName istgt
  TargetAlias "disk"
${maps}
  AuthMethod None
  UnitType Disk
  LUN0 Storage ${disk} ${mebibytes}MB
`,
  );
  writeFileSync(join(folder, 'auth'), '', { mode: 0o600 });
  const daemon = spawn('istgt', ['-D', '-c', join(folder, 'istgt.conf')], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [daemon.stdout, daemon.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4_000)));
  const ended = new Promise((resolve) => daemon.once('close', resolve));
  const stop = async (): Promise<void> => {
    daemon.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const deadline = performance.now() + 120_000;
  while (!(await accepts(ports[0] ?? 0))) {
    if (performance.now() > deadline || daemon.exitCode !== null) {
      await stop();
      throw new Error(`istgt does not start: ${said}`);
    }
    await setTimeout(20);
  }
  return { portals: ports.map((port) => `127.0.0.1:${port}`), stop };
};
