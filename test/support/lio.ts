import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ensureLioGuest } from '../../build/setup/lio-guest.mjs';
import { freePort } from './free-port.ts';

/*
 * The Linux kernel's target (LIO) in a guest: Debian's kernel under QEMU, without any virtualization of the machine. It is the target that
 * most storage boxes are built on, and one that we did not write.
 */

const guest = ensureLioGuest();

/** Why there is no guest here; null where there is one. */
export const whyNoLio = 'missing' in guest ? guest.missing : null;

/** Debian's kernel package. */
export const lioVersion = 'missing' in guest ? null : guest.version;

const bootLimitMs = 600_000;
const commandLimitMs = 120_000;

export interface Lio {
  /** `127.0.0.1:PORT` for each portal of the guest, in the order of `guestPorts`. */
  readonly portals: readonly string[];
  /** Runs a line in the guest's shell, with its functions unit, block, group, map, serve; what it printed. Throws where its code is not 0. */
  run(line: string): Promise<string>;
  /** Stops the guest as it stands, as a machine whose power is gone. */
  kill(): Promise<void>;
  /** Freezes the guest and lets it go on. */
  freeze(isFrozen: boolean): void;
}

/** What of QEMU's command line depends on the network. */
export interface LioNetwork {
  readonly portals: readonly string[];
  /** To be put before QEMU: `ip netns exec NAME`. */
  readonly inside: readonly string[];
  readonly args: readonly string[];
  /** What the guest does to be reached. */
  readonly setUp: readonly string[];
}

/** Portals of the guest on loopback ports of this machine: the guest sees 10.0.2.15. */
export const forwarded = async (guestPorts: readonly number[]): Promise<LioNetwork> => {
  const ports: number[] = [];
  for (const _ of guestPorts) ports.push(await freePort());
  const rules = ports.map((port, at) => `hostfwd=tcp:127.0.0.1:${port}-:${guestPorts[at]}`);
  return {
    portals: ports.map((port) => `127.0.0.1:${port}`),
    inside: [],
    args: ['-netdev', ['user', 'id=n0', ...rules].join(','), '-device', 'virtio-net-pci,netdev=n0,romfile='],
    setUp: ['ip addr add 10.0.2.15/24 dev eth0', 'ip route add default via 10.0.2.2'],
  };
};

/** Portals of the guest at addresses of another machine, in whose network QEMU runs: `address` on each, and the guest's own port for it. */
export const forwardedAt = (
  inside: readonly string[],
  portals: readonly { readonly address: string; readonly guestPort: number }[],
): LioNetwork => {
  const rules = portals.map(({ address, guestPort }) => `hostfwd=tcp:${address}:3260-:${guestPort}`);
  return {
    portals: portals.map(({ address }) => `${address}:3260`),
    inside,
    args: ['-netdev', ['user', 'id=n0', ...rules].join(','), '-device', 'virtio-net-pci,netdev=n0,romfile='],
    setUp: ['ip addr add 10.0.2.15/24 dev eth0', 'ip route add default via 10.0.2.2'],
  };
};

/** Boots a guest without any target in it yet. */
export const startLio = async (network: LioNetwork): Promise<Lio> => {
  if ('missing' in guest) throw new Error(guest.missing);
  const folder = mkdtempSync(join(tmpdir(), 'quorate-lio-'));
  const consolePath = join(folder, 'console');
  const [program = 'qemu-system-x86_64', ...args] = [
    ...network.inside,
    'qemu-system-x86_64',
    ...[
      '-accel',
      'tcg',
      '-m',
      '1536',
      '-smp',
      '1',
      '-display',
      'none',
      '-monitor',
      'none',
      '-no-reboot',
      '-nodefaults',
    ],
    ...['-kernel', guest.kernel, '-initrd', guest.initrd, '-append', 'console=ttyS0 quiet panic=-1 mitigations=off'],
    ...['-serial', `file:${consolePath}`, '-serial', 'stdio'],
    ...network.args,
  ];
  const qemu = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  let complaint = '';
  qemu.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  qemu.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  qemu.stdin.on('error', () => undefined);
  const ended = new Promise((resolve) => qemu.once('close', resolve));
  const onExit = (): void => void qemu.kill('SIGKILL');
  process.once('exit', onExit);
  const kill = async (): Promise<void> => {
    process.removeListener('exit', onExit);
    qemu.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const shown = (): string => {
    try {
      return readFileSync(consolePath, 'utf8');
    } catch {
      return '';
    }
  };
  const until = async (isSo: () => boolean, limitMs: number, what: string): Promise<void> => {
    const deadline = performance.now() + limitMs;
    while (!isSo()) {
      if (performance.now() > deadline || qemu.exitCode !== null || qemu.signalCode !== null)
        throw new Error(`${what}: ${complaint}${shown().slice(-2_000)}${said.slice(-2_000)}`);
      await setTimeout(10);
    }
  };
  let last = Promise.resolve('');
  const runOne = async (line: string): Promise<string> => {
    if (line.includes('\n')) throw new Error('one line at a time');
    said = '';
    qemu.stdin.write(`${line}\n`);
    await until(() => /=\d+=\r?\n$/.test(said), commandLimitMs, `the guest does not answer "${line}"`);
    const [, out = '', code = ''] = /^([\s\S]*)=(\d+)=\r?\n$/.exec(said) ?? [];
    if (code !== '0') throw new Error(`in the guest "${line}" ended with ${code}: ${out}`);
    return out;
  };
  const runInTurn = (line: string): Promise<string> => {
    last = last.catch(() => '').then(() => runOne(line));
    return last;
  };
  try {
    await until(() => shown().includes('LIO-READY'), bootLimitMs, 'the guest does not boot');
    for (const line of network.setUp) await runInTurn(line);
  } catch (error) {
    await kill();
    throw error;
  }
  return {
    portals: network.portals,
    run: runInTurn,
    kill,
    freeze: (isFrozen) => void qemu.kill(isFrozen ? 'SIGSTOP' : 'SIGCONT'),
  };
};

export const lioTarget = 'iqn.2026-01.example.quorate:lio';

/** Serials whose first 25 hexadecimal digits differ: the kernel cuts the NAA designator from them. */
const serials = ['1a0b0c0d-0000-4000-8000-000000000001', '2b0b0c0d-0000-4000-8000-000000000002'];

/**
 * The usual set-up: one target with a portal group for each port of the guest, everybody admitted, LUN 0 (600 MiB, file) and LUN 1 (1 GiB, block
 * device) in every group.
 */
export const serveUsual = async (lio: Lio, guestPorts: readonly number[]): Promise<void> => {
  await lio.run(`unit 0 witness 600 ${serials[0]}`);
  await lio.run(`block 1 vm 1024 ${serials[1]}`);
  for (const [at, port] of guestPorts.entries()) {
    const tag = at + 1;
    await lio.run(`group ${lioTarget} ${tag} 0.0.0.0:${port}`);
    await lio.run(`map ${lioTarget} ${tag} 0 fileio_0/witness`);
    await lio.run(`map ${lioTarget} ${tag} 1 iblock_1/vm`);
    await lio.run(`serve ${lioTarget} ${tag}`);
  }
};
