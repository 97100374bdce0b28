// From process start to the verdict on screen, against the same runtime opening an empty window, with new folders and with those that earlier starts
// left, where the runtime has kept the compiled page. Prints JSON.
// Both are started and watched alike, by Playwright; on a machine without a display run it under xvfb-run.
import { cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { _electron } from 'playwright-core';
import { findElectron, sessionArguments } from '../../build/setup/electron-runtime.mjs';

const root = join(import.meta.dirname, '..', '..');
const rounds = Number(process.env.QUORATE_BENCH_ROUNDS ?? 9);
const runtime = findElectron();
if (!runtime) {
  console.log(JSON.stringify({ bench: 'startup', skipped: 'there is no Electron runtime' }));
  process.exit(0);
}

const emptyApp = (folder) => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"name":"empty","version":"0.0.0","main":"main.cjs"}');
  writeFileSync(
    join(folder, 'main.cjs'),
    `const { app, BrowserWindow } = require('electron');
app.whenReady().then(() => {
  const window = new BrowserWindow({ width: 1180, height: 800, webPreferences: { sandbox: true, contextIsolation: true } });
  window.loadFile('index.html');
});
app.on('window-all-closed', () => app.quit());
`,
  );
  writeFileSync(
    join(folder, 'index.html'),
    '<!doctype html><meta charset="utf-8"><title>empty</title><p data-verdict>empty</p>',
  );
  return folder;
};

/** The same runtime with another program in it: a copy where the program lies inside the runtime. */
const emptyRuntime = () => {
  const folder = join(root, '.cache', 'electron-empty');
  if (runtime.args.length > 0) return { executable: runtime.executable, args: [emptyApp(folder)] };
  if (!existsSync(join(folder, 'electron')))
    cpSync(dirname(runtime.executable), folder, {
      recursive: true,
      filter: (path) => !(path.endsWith(join('resources', 'app')) && lstatSync(path).isSymbolicLink()),
    });
  emptyApp(join(folder, 'resources', 'app'));
  return { executable: join(folder, 'electron'), args: [] };
};

/** @param {string | null} kept the folder that earlier starts used; null: a new one, which goes again */
const timeMs = async ({ executable, args }, kept = null) => {
  const data = kept ?? mkdtempSync(join(tmpdir(), 'quorate-bench-'));
  const begun = performance.now();
  const app = await _electron.launch({
    executablePath: executable,
    args: [...args, ...sessionArguments(), '--data', data, `--user-data-dir=${join(data, 'user')}`],
    timeout: 60_000,
  });
  const page = await app.firstWindow();
  await page.waitForSelector('[data-verdict]', { timeout: 60_000 });
  const tookMs = performance.now() - begun;
  await app.close();
  if (kept === null) rmSync(data, { recursive: true, force: true });
  return tookMs;
};

const spread = (values) => {
  const sorted = [...values].sort((left, right) => left - right);
  return { min: sorted[0], median: sorted[Math.floor(sorted.length / 2)], max: sorted.at(-1) };
};

const empty = emptyRuntime();
const kept = {
  ours: mkdtempSync(join(tmpdir(), 'quorate-bench-')),
  empty: mkdtempSync(join(tmpdir(), 'quorate-bench-')),
};
// The runtime keeps what it compiled from the second start on.
for (let start = 0; start < 4; start += 1) {
  await timeMs(runtime, kept.ours);
  await timeMs(empty, kept.empty);
}
const first = [];
const later = [];
for (let round = 0; round < rounds; round += 1) {
  first.push({ ours: await timeMs(runtime), empty: await timeMs(empty) });
  later.push({ ours: await timeMs(runtime, kept.ours), empty: await timeMs(empty, kept.empty) });
}
for (const folder of Object.values(kept)) rmSync(folder, { recursive: true, force: true });

const row = (which, pairs) => ({
  what: `process start to verdict on screen, ${which}, against an empty window of the same runtime`,
  goal: 'at most 1.2',
  ratio: spread(pairs.map((pair) => pair.ours / pair.empty)),
  oursMs: spread(pairs.map((pair) => pair.ours)),
  otherMs: spread(pairs.map((pair) => pair.empty)),
});
console.log(
  JSON.stringify({
    bench: 'startup',
    rounds,
    rows: [row('the first start in a data folder', first), row('later starts', later)],
  }),
);
