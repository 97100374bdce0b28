// Two machines with two links between them, each of a known speed: network namespaces, veth and tbf. Needs root.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../../dist/cli/quorate.mjs', import.meta.url));
const target = 'iqn.2026-01.dev.quorate.bench:shaped';

const need = (command, ...args) => {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr || error?.message}`);
};

/** Bits per second of each link, as tc writes them: far below what one processor reads. */
export const linkRate = '100mbit';

/**
 * A target with a portal on each of two links, and `measure`, which runs `quorate iscsi bench` on the other machine over the first one or over both and
 * tells how many reads it did a second. Rejects where there are no namespaces or no tbf.
 * @returns {Promise<{ measure: (count: 1 | 2, seconds: number) => Promise<number>, stop: () => void }>}
 */
export const startShaped = async () => {
  const [host, storage] = ['host', 'storage'].map((name) => `qb${process.pid}${name}`);
  const data = mkdtempSync(join(tmpdir(), 'quorate-shaped-'));
  const made = [];
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let server;
  const stop = () => {
    server?.kill('SIGTERM');
    for (const name of made) spawnSync('ip', ['netns', 'delete', name]);
    rmSync(data, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    for (const name of [host, storage]) {
      need('ip', 'netns', 'add', name);
      made.push(name);
      need('ip', '-n', name, 'link', 'set', 'lo', 'up');
    }
    const links = [1, 2];
    for (const link of links) {
      const name = `link${link}`;
      need('ip', '-n', host, 'link', 'add', name, 'type', 'veth', 'peer', 'name', name, 'netns', storage);
      for (const [end, space] of [host, storage].entries()) {
        need('ip', '-n', space, 'address', 'add', `10.92.${link}.${end + 1}/24`, 'dev', name);
        need('ip', '-n', space, 'link', 'set', name, 'up');
        const shape = ['tbf', 'rate', linkRate, 'burst', '256kb', 'latency', '50ms'];
        need('ip', 'netns', 'exec', space, 'tc', 'qdisc', 'add', 'dev', name, 'root', ...shape);
      }
    }
    const portals = links.map((link) => `10.92.${link}.2:3260`);
    const inside = (space, args) => ['netns', 'exec', space, process.execPath, cli, ...args];
    const env = (name) => ({ ...process.env, QUORATE_DATA: join(data, name) });
    const listen = portals.flatMap((portal) => ['--listen', portal]);
    const serve = ['target', 'serve', '--lab', ...listen, '--lun', '128M', '--name', target];
    const serving = spawn('ip', inside(storage, serve), { stdio: ['ignore', 'pipe', 'pipe'], env: env('target') });
    server = serving;
    await new Promise((resolve, reject) => {
      let said = '';
      for (const stream of [serving.stdout, serving.stderr])
        stream.on('data', (text) => {
          said += text;
          if (said.includes('LUN 0')) resolve(undefined);
        });
      serving.once('exit', (code) => reject(new Error(`the target ended with ${code}: ${said}`)));
    });
    const measure = (count, seconds) =>
      new Promise((resolve, reject) => {
        const over = portals.slice(0, count).flatMap((portal) => ['--portal', portal]);
        const what = [
          '--target',
          target,
          '--lun',
          '0',
          '--block',
          '64K',
          '--depth',
          '32',
          '--seconds',
          String(seconds),
        ];
        const bench = spawn('ip', inside(host, ['iscsi', 'bench', ...over, ...what, '--json']), { env: env('host') });
        let out = '';
        let err = '';
        bench.stdout.on('data', (text) => (out += text));
        bench.stderr.on('data', (text) => (err += text));
        bench.once('close', (code) => {
          if (code === 0) resolve(JSON.parse(out).iops);
          else reject(new Error(`iscsi bench ended with ${code}: ${err}${out}`));
        });
      });
    return { measure, stop };
  } catch (error) {
    stop();
    throw error;
  }
};
