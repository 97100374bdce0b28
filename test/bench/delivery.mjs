// What is carried to a server: the size of the core's zip, of the desktop's own code, and the start of the installed agent under Wine. Prints JSON.
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeCoreZip } from '../../build/delivery/core-zip.mjs';
import { desktopLimitBytes, desktopOwnBytes } from '../../build/delivery/desktop-size.mjs';
import { listFiles } from '../../build/delivery/reproduced.mjs';
import { shippedPackages } from '../../build/delivery/shipped-packages.mjs';
import { endWindows, prepareWine } from '../../build/setup/wine.mjs';

const root = join(import.meta.dirname, '..', '..');
const rounds = Number(process.env.QUORATE_BENCH_ROUNDS ?? 9);
const folder = mkdtempSync(join(tmpdir(), 'quorate-delivery-'));
const startDeadlineMs = 60_000;

const spread = (values) => {
  const sorted = [...values].sort((left, right) => left - right);
  return { min: sorted[0], median: sorted[Math.floor(sorted.length / 2)], max: sorted.at(-1) };
};
const sizeRow = (what, bytes, megabytes, more) => {
  const share = bytes / (megabytes * 1e6);
  return {
    what: `${what}: share of ${megabytes} MB`,
    goal: 'at most 1',
    ratio: { min: share, median: share, max: share },
    more: `${(bytes / 1e6).toFixed(2)} MB; ${more}`,
  };
};

const zipRow = async () => {
  const bytes = await writeCoreZip(join(folder, 'core.zip'));
  return sizeRow('the core as a zip, with its node.exe', bytes, 45, 'a fresh build');
};

/** What electron-builder.yml packs of ours: the bundles and the packages beside them, without runtime; not packed any further. */
const desktopRow = () => {
  const sum = (path, isCounted) =>
    listFiles(path).reduce((total, name) => (isCounted(name) ? total + statSync(join(path, name)).size : total), 0);
  const beside = shippedPackages('linux')
    .filter(({ path }) => existsSync(join(root, path)))
    .reduce(
      (total, { path }) =>
        total + sum(join(root, path), (name) => !/(^|\/)node_modules\/|\.(map|d\.[cm]?ts)$/.test(name)),
      0,
    );
  return sizeRow(
    'the desktop’s own code, unpacked: bundles, page, scripts, help',
    desktopOwnBytes(),
    desktopLimitBytes / 1e6,
    `and ${(beside / 1e6).toFixed(2)} MB of packages beside it`,
  );
};

/**
 * Under Wine: from process start until the agent has printed the address of its page, when its pipe listens and the page is served, against a
 * node.exe that does nothing, from start to end. The data folder is noted in the registry as an administrator's first start notes it on Windows, so
 * that a start asks reg.exe alone; without the note it would start a PowerShell, which this Wine does not have.
 */
const startRow = async () => {
  const prepared = await prepareWine(folder);
  if ('missing' in prepared) return { skipped: prepared.missing };
  const { wine, env, core } = prepared;
  // Each start takes that of Windows' own services with it, as in the figures of before.
  endWindows(prepared);
  const emptyMs = () => {
    const begun = performance.now();
    const { status } = spawnSync(wine, ['./node.exe', '-e', '0'], { cwd: core, env, stdio: 'ignore' });
    if (status !== 0) throw new Error(`node.exe -e 0 ended with ${status}`);
    return performance.now() - begun;
  };
  const data = 'C:\\Bench';
  const note = () => {
    const told = join(folder, 'identity');
    const file = openSync(told, 'w');
    const script = `fs.mkdirSync('C:/Bench'); const { dev, ino } = fs.statSync('C:/Bench', { bigint: true }); console.log(dev.toString(16) + '-' + ino.toString(16))`;
    spawnSync(wine, ['./node.exe', '-e', script], { cwd: core, env, stdio: ['ignore', file, 'ignore'] });
    closeSync(file);
    const identity = readFileSync(told, 'utf8').trim();
    const key = 'HKLM\\SOFTWARE\\Quorate\\ProtectedFolders';
    const { status } = spawnSync(wine, ['reg', 'add', key, '/v', identity, '/d', data, '/f'], { env, stdio: 'ignore' });
    if (identity === '' || status !== 0) throw new Error('the data folder could not be noted');
  };
  const agentMs = async (round) => {
    const out = join(folder, `agent-${round}.out`);
    const file = openSync(out, 'w');
    const begun = performance.now();
    const child = spawn(wine, ['./node.exe', 'app/dist/cli/quorate.mjs', '--data', data, 'agent'], {
      cwd: core,
      env,
      stdio: ['ignore', file, 'ignore'],
    });
    closeSync(file);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    while (!readFileSync(out, 'utf8').includes('http://')) {
      if (performance.now() - begun > startDeadlineMs) throw new Error('the agent printed no address in a minute');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const tookMs = performance.now() - begun;
    spawnSync(wine, ['./node.exe', 'app/dist/cli/quorate.mjs', '--data', data, 'agent', 'stop'], {
      cwd: core,
      env,
      stdio: 'ignore',
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
    await ended;
    clearTimeout(timer);
    return tookMs;
  };
  try {
    emptyMs();
    note();
    await agentMs('warm');
    const pairs = [];
    for (let round = 0; round < rounds; round += 1) pairs.push({ empty: emptyMs(), ours: await agentMs(round) });
    return {
      what: 'start of the core’s agent until its page is served, against `node.exe -e 0`, both under the same Wine with Node 20',
      goal: 'at most 2',
      ratio: spread(pairs.map(({ ours, empty }) => ours / empty)),
      oursMs: spread(pairs.map(({ ours }) => ours)),
      otherMs: spread(pairs.map(({ empty }) => empty)),
    };
  } finally {
    endWindows(prepared);
  }
};

try {
  const rows = [await zipRow(), desktopRow()];
  const start = await startRow();
  if ('skipped' in start) console.error(`The start was not measured: ${start.skipped}.`);
  else rows.push(start);
  console.log(JSON.stringify({ bench: 'delivery', rounds, rows }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
