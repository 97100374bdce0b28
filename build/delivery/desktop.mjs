// The desktop builds, made by electron-builder from the runtime that can be had here.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ensureElectron } from '../setup/electron-runtime.mjs';
import { installSystemPackages, root, run } from '../setup/steps.mjs';
import { differingFiles, folderDigests } from './reproduced.mjs';
import { makeSbom } from './sbom.mjs';

const cache = join(root, '.cache');
const out = join(root, 'out');
const launcher = join(cache, 'launcher', 'quorate.exe');
const sbom = join(cache, 'sbom-desktop', 'sbom.cdx.json');

const builder = (args) =>
  run(process.execPath, [join(root, 'node_modules', 'electron-builder', 'cli.js'), ...args, '--publish', 'never'], {
    timeout: 1_200_000,
    env: { ...process.env, CSC_IDENTITY_AUTO_DISCOVERY: 'false' },
  });

/** The line of a builder's output that says why it stopped. */
const reasonIn = (output) => {
  const host = /getaddrinfo \w+ (\S+)/.exec(output)?.[1];
  if (host) return `it needs a download from ${host}, which is out of reach here`;
  const lines = output.trim().split('\n');
  return (lines.find((line) => line.includes('\u2a2f')) ?? lines.at(-1) ?? 'no reason was given').trim().slice(0, 400);
};

/** The console launcher for Windows needs a C compiler for Windows. @returns {string | null} why it was not built */
const compileLauncher = (target) => {
  mkdirSync(dirname(target), { recursive: true });
  const made = run('x86_64-w64-mingw32-gcc', [
    '-Wall',
    '-Wextra',
    '-O2',
    '-s',
    // The linker would write the time of the build into the program.
    '-Wl,--no-insert-timestamp',
    '-mconsole',
    '-o',
    target,
    join(root, 'build', 'launcher', 'quorate.c'),
    '-lshell32',
  ]);
  return made.ok ? null : made.output.trim();
};

/** @returns {Promise<{ what: string, path?: string, why: string | null, differing?: string[] }>} */
export const buildLauncher = async () => {
  const what = 'console launcher of the desktop, quorate.exe';
  const compiler = 'x86_64-w64-mingw32-gcc';
  const wanted = {
    what: 'a C compiler for Windows',
    probe: () => run('which', [compiler]).ok,
    packages: ['gcc-mingw-w64-x86-64'],
  };
  const [missing] = process.platform === 'win32' ? [] : await installSystemPackages([wanted]);
  if (missing) return { what, why: missing.why };
  const why = compileLauncher(launcher);
  if (why) return { what, why };
  const again = join(cache, 'launcher-again');
  compileLauncher(join(again, 'quorate.exe'));
  const differing = differingFiles(folderDigests(dirname(launcher)), folderDigests(again));
  rmSync(again, { recursive: true, force: true });
  return { what, path: launcher, why: null, differing };
};

/** A clean copy of the runtime: the one for development has a link to this folder in it. */
const cleanRuntime = (runtime) => {
  const copy = join(cache, 'electron-clean');
  rmSync(copy, { recursive: true, force: true });
  cpSync(dirname(runtime.executable), copy, {
    recursive: true,
    filter: (path) => !path.endsWith(join('resources', 'app')),
  });
  return copy;
};

/** What the runtime says of itself: Electron, and the Chromium and Node inside it. */
const readVersions = (executable) => {
  const told = run(executable, ['-p', 'JSON.stringify(process.versions)'], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
  });
  const { electron, chrome, node } = JSON.parse(told.output.slice(told.output.indexOf('{')).split('\n', 1)[0]);
  return { electron, chrome, node };
};

/** @returns {{ name: string, version: string, licence: string }[]} for the bill of materials */
const runtimeParts = ({ electron, chrome, node }) => [
  { name: 'electron', version: electron, licence: 'MIT' },
  { name: 'chromium', version: chrome, licence: 'BSD-3-Clause' },
  { name: 'node', version: node, licence: 'MIT' },
];

const packLinux = (runtime, versions, output) =>
  builder([
    '--linux',
    'dir',
    `--config.directories.output=${output}`,
    ...(runtime.args.length > 0
      ? []
      : [`--config.electronDist=${cleanRuntime(runtime)}`, `--config.electronVersion=${versions.electron}`]),
  ]);

/**
 * The desktop as an unpacked folder for Linux: what proves on a machine without Windows that the packed product starts.
 * @returns {Promise<{ what: string, path?: string, why: string | null, differing?: string[] }>}
 */
export const buildLinux = async () => {
  const what = 'desktop for Linux, unpacked';
  const runtime = await ensureElectron();
  if ('missing' in runtime) return { what, why: runtime.missing };
  const versions = readVersions(runtime.executable);
  mkdirSync(dirname(sbom), { recursive: true });
  writeFileSync(sbom, makeSbom({ target: 'desktop linux-x64', runtime: runtimeParts(versions), os: 'linux' }));
  const path = join(out, 'linux-unpacked');
  const made = packLinux(runtime, versions, out);
  if (!made.ok) return { what, why: reasonIn(made.output) };
  const again = join(cache, 'out-again');
  rmSync(again, { recursive: true, force: true });
  const second = packLinux(runtime, versions, again);
  const differing = second.ok
    ? differingFiles(folderDigests(path), folderDigests(join(again, 'linux-unpacked')))
    : [`nothing: the second build failed, ${reasonIn(second.output)}`];
  rmSync(again, { recursive: true, force: true });
  return { what, path, why: null, differing };
};

const windowsParts = [
  { what: 'desktop for Windows, installer', target: 'nsis', file: /[Ss]etup.*\.exe$/ },
  { what: 'desktop for Windows, portable program', target: 'portable', file: /^Quorate [\d.]+\.exe$/ },
  { what: 'desktop for Windows, zip', target: 'zip', file: /^Quorate.*win.*\.zip$/ },
];

/**
 * The three forms of the desktop for Windows, each for itself: they need the Electron runtime for Windows and electron-builder's tools.
 * @param {string | null} noLauncher why there is no console launcher
 * @returns {{ what: string, path?: string, why: string | null }[]}
 */
export const buildWindowsDesktop = (noLauncher) => {
  if (noLauncher) return windowsParts.map(({ what }) => ({ what, why: 'the console launcher is missing' }));
  // Electron's own version names its Chromium and Node; it cannot be started here to be asked.
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules', 'electron', 'package.json'), 'utf8'));
  mkdirSync(dirname(sbom), { recursive: true });
  writeFileSync(
    sbom,
    makeSbom({ target: 'desktop win-x64', runtime: [{ name: 'electron', version, licence: 'MIT' }] }),
  );
  let shared = null;
  return windowsParts.map(({ what, target, file }) => {
    // All three begin with the same download: where it is out of reach for one, it is so for the others.
    if (shared) return { what, why: shared };
    const before = new Set(existsSync(out) ? readdirSync(out) : []);
    const made = builder(['--win', target]);
    if (!made.ok) {
      const why = reasonIn(made.output);
      if (why.includes('out of reach')) shared = why;
      return { what, why };
    }
    const name = readdirSync(out).find((one) => !before.has(one) && file.test(one));
    return name ? { what, path: join(out, name), why: null } : { what, why: 'electron-builder left no such file' };
  });
};
