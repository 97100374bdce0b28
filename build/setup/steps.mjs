// The set-up that `npm start` and `npm test` do by themselves. Runs on a bare clone: only Node's own modules here.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { missingLioPackages } from './lio-guest.mjs';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const cache = join(root, '.cache');

/** @param {string} text */
export const say = (text) => process.stderr.write(`${text}\n`);

const stampPath = (name) => join(cache, `${name}.stamp`);
const readStamp = (name) => (existsSync(stampPath(name)) ? readFileSync(stampPath(name), 'utf8') : '');
const writeStamp = (name, value) => {
  mkdirSync(cache, { recursive: true });
  writeFileSync(stampPath(name), value);
};

/** Runs a program quietly; on failure its last lines are shown. */
export const run = (command, args, options = {}) => {
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, ...options });
  return {
    ok: result.status === 0,
    output: `${result.stdout ?? ''}${result.stderr ?? ''}${result.error ? result.error.message : ''}`,
  };
};

const tail = (text, lines = 15) => text.trimEnd().split('\n').slice(-lines).join('\n');

export const npm = (args) => {
  const cli = process.env.npm_execpath;
  return cli && cli.endsWith('.js')
    ? run(process.execPath, [cli, ...args])
    : run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, { shell: process.platform === 'win32' });
};

const checkNode = () => {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  say(`Quorate needs Node 20.19 or newer; this is ${process.versions.node}. Install a newer Node and start again.`);
  process.exit(1);
};

const installPackages = () => {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (readStamp('packages') === wanted && existsSync(join(root, 'node_modules'))) return;
  say('Installing the npm packages (once, about a minute) ...');
  const result = npm(['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  if (!result.ok) {
    say(`The packages could not be installed:\n${tail(result.output)}\nCheck the network connection and start again.`);
    process.exit(1);
  }
  writeStamp('packages', wanted);
};

const listSources = (folder, found = []) => {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) listSources(path, found);
    else found.push(path);
  }
  return found;
};

/** What the bundles are made of, by path, size and time: cheap enough for every start. */
const sourceState = () => {
  const hash = createHash('sha256');
  const files = ['shared', 'main', 'renderer'].flatMap((folder) => listSources(join(root, folder)));
  // The help is made of the documents.
  const help = [
    join(root, 'README.md'),
    ...listSources(join(root, 'docs')),
    ...listSources(join(root, 'build', 'help')),
  ];
  for (const path of [...files, ...help, join(root, 'package.json'), join(root, 'build', 'bundle.mjs')].sort()) {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${path}|${size}|${mtimeMs}\n`);
  }
  return hash.digest('hex');
};

/** Builds dist/ where its sources have changed since; ends the process where that fails. */
export const buildBundles = async () => {
  const state = sourceState();
  if (readStamp('bundles') === state && existsSync(join(root, 'dist', 'version.json'))) return;
  say('Building Quorate ...');
  const { bundle } = await import('../bundle.mjs');
  try {
    await bundle();
  } catch (error) {
    say(`The build failed: ${error instanceof Error ? error.message : error}`);
    process.exit(1);
  }
  writeStamp('bundles', state);
};

const has = (program) => run(process.platform === 'win32' ? 'where' : 'which', [program]).ok;
export const isDebianRoot = () =>
  process.platform === 'linux' && existsSync('/etc/debian_version') && process.getuid?.() === 0;

/** What maintainer scripts ask before they start or stop a service (Debian Policy 9.3.3.1, invoke-rc.d(8)); 101 forbids it. */
const servicePolicy = '/usr/sbin/policy-rc.d';
const ownPolicy =
  '#!/bin/sh\n# Quorate, while it installs packages for its tests: none of their services is to start.\nexit 101\n';

/**
 * Installs without starting the services of what is installed: the tests start targets and responders of their own, and nothing of this machine is
 * to serve LUNs or to answer on its network from then on. A policy that is there already stays as it is.
 * @template T
 * @param {() => Promise<T>} work
 */
const withoutServices = async (work) => {
  // One of ours is of an installation that was ended in the middle.
  const isOurs = !existsSync(servicePolicy) || readFileSync(servicePolicy, 'utf8') === ownPolicy;
  if (!isOurs) return work();
  const allow = () => rmSync(servicePolicy, { force: true });
  writeFileSync(servicePolicy, ownPolicy, { mode: 0o755 });
  process.once('exit', allow);
  try {
    return await work();
  } finally {
    process.off('exit', allow);
    allow();
  }
};

/** apt-get with a list of packages; true where it says that they are installed. What it wrote goes into a file: nobody reads a pipe meanwhile. */
const installDebian = (names, logFile) =>
  new Promise((resolve) => {
    const log = openSync(logFile, 'w');
    const words = 'apt-get update -qq; exec apt-get install -y -qq --no-install-recommends "$@"';
    const child = spawn('sh', ['-c', words, 'sh', ...names], {
      stdio: ['ignore', log, log],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    closeSync(log);
    child.once('error', () => resolve(false));
    child.once('close', (code) => resolve(code === 0));
  });

/**
 * Installs missing Debian packages; it goes on while this process is busy with something else. Resolves to what is still missing, with the reason.
 * @param {{ probe: () => boolean, packages: string[], what: string }[]} wanted
 */
export const installSystemPackages = async (wanted) => {
  const missing = wanted.filter((one) => !one.probe());
  if (missing.length === 0) return [];
  const names = missing.flatMap((one) => one.packages);
  if (!isDebianRoot())
    return missing.map((one) => ({
      ...one,
      why: `needs the packages ${one.packages.join(' ')}; only on Debian as root they are installed by themselves`,
    }));
  say(`Installing Debian packages: ${names.join(' ')} ...`);
  mkdirSync(cache, { recursive: true });
  const logFile = join(cache, 'system-packages.log');
  if (!(await withoutServices(() => installDebian(names, logFile)))) say(tail(readFileSync(logFile, 'utf8')));
  return missing
    .filter((one) => !one.probe())
    .map((one) => ({ ...one, why: `the packages ${one.packages.join(' ')} could not be installed` }));
};

const hasLibrary = (name) => run('sh', ['-c', `ldconfig -p | grep -q ${name}`]).ok;

/** What an Electron window needs on Debian. */
export const windowPackages = [
  { what: 'a virtual display', probe: () => has('Xvfb') && has('xauth'), packages: ['xvfb', 'xauth'] },
  {
    what: 'the libraries of the Electron runtime',
    probe: () =>
      ['libgtk-3.so.0', 'libnss3.so', 'libasound.so.2', 'libgbm.so.1', 'libatk-bridge-2.0.so.0'].every(hasLibrary),
    packages: ['libgtk-3-0', 'libnss3', 'libasound2', 'libgbm1', 'libatk-bridge2.0-0'],
  },
  {
    what: 'fonts for names in any script',
    probe: () => run('sh', ['-c', 'fc-list | grep -qi noto.*cjk']).ok,
    packages: ['fontconfig', 'fonts-noto-core', 'fonts-noto-cjk'],
  },
];

/** What tests and benchmarks need besides on Debian. */
export const labPackages = [
  { what: 'a foreign iSCSI target', probe: () => has('tgtd') && has('tgtadm'), packages: ['tgt'] },
  { what: 'a second foreign iSCSI target', probe: () => has('istgt'), packages: ['istgt'] },
  {
    what: 'a machine for the kernel’s own iSCSI target (LIO)',
    probe: () => process.arch !== 'x64' || missingLioPackages().length === 0,
    packages: ['qemu-system-x86', 'busybox-static', 'cpio', 'kmod'],
  },
  {
    what: "libiscsi's tools as judges",
    probe: () => has('iscsi-test-cu') && has('iscsi-perf'),
    packages: ['libiscsi-bin'],
  },
  { what: 'network namespaces', probe: () => has('ip') && has('tc'), packages: ['iproute2'] },
  {
    what: 'judges of round trip, packet size and bandwidth',
    probe: () => has('ping') && has('iperf3'),
    packages: ['iputils-ping', 'iperf3'],
  },
  {
    what: 'a foreign responder for the discovery of servers (mDNS)',
    probe: () => ['avahi-daemon', 'avahi-browse', 'avahi-publish', 'dbus-daemon'].every(has),
    packages: ['avahi-daemon', 'avahi-utils', 'dbus'],
  },
  { what: 'a second browser for the page of an agent', probe: () => has('chromium'), packages: ['chromium'] },
  { what: 'a reader of PDF files', probe: () => has('pdftotext'), packages: ['poppler-utils'] },
  { what: 'unzip', probe: () => has('unzip'), packages: ['unzip'] },
];

/** Node and the npm packages: what the tools themselves need. */
export const preparePackages = () => {
  checkNode();
  installPackages();
};

/** Packages and bundles: what every command needs. */
export const prepareBase = async () => {
  preparePackages();
  await buildBundles();
};
