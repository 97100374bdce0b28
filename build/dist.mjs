// `npm run dist`: packs the product for every platform that can be packed here and says plainly what was not and why.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ensureElectron } from './setup/electron-runtime.mjs';
import { installSystemPackages, prepareBase, root, run, say } from './setup/steps.mjs';
import { coreFiles, writeCoreZip } from './delivery/core-zip.mjs';
import { fileDigest } from './delivery/file-digest.mjs';
import { writeInstaller } from './delivery/installer.mjs';
import { writeWinget } from './delivery/winget.mjs';
import { inspectPayload } from './payload.mjs';

const out = join(root, 'out');
const launcher = join(root, '.cache', 'launcher', 'quorate.exe');
const builder = (args) =>
  run(process.execPath, [join(root, 'node_modules', 'electron-builder', 'cli.js'), ...args, '--publish', 'never'], {
    timeout: 1_200_000,
    env: { ...process.env, CSC_IDENTITY_AUTO_DISCOVERY: 'false' },
  });

/** The console launcher for Windows needs a C compiler for Windows. */
const buildLauncher = () => {
  const compiler = 'x86_64-w64-mingw32-gcc';
  const wanted = {
    what: 'a C compiler for Windows',
    probe: () => run('which', [compiler]).ok,
    packages: ['gcc-mingw-w64-x86-64'],
  };
  const [missing] = process.platform === 'win32' ? [] : installSystemPackages([wanted]);
  if (missing) return missing.why;
  mkdirSync(dirname(launcher), { recursive: true });
  const made = run(compiler, [
    '-Wall',
    '-Wextra',
    '-O2',
    '-s',
    '-mconsole',
    '-o',
    launcher,
    join(root, 'build', 'launcher', 'quorate.c'),
    '-lshell32',
  ]);
  return made.ok ? null : made.output.trim();
};

/** A clean copy of the runtime: the one for development has a link to this folder in it. */
const cleanRuntime = (runtime) => {
  if (runtime.args.length > 0) return null;
  const copy = join(root, '.cache', 'electron-clean');
  rmSync(copy, { recursive: true, force: true });
  cpSync(dirname(runtime.executable), copy, {
    recursive: true,
    filter: (path) => !path.endsWith(join('resources', 'app')),
  });
  return copy;
};

/** The line of a builder's output that says why it stopped. */
const reasonIn = (output) => {
  const host = /getaddrinfo \w+ (\S+)/.exec(output)?.[1];
  if (host) return `it needs a download from ${host}, which is out of reach here`;
  const lines = output.trim().split('\n');
  return (lines.find((line) => line.includes('\u2a2f')) ?? lines.at(-1) ?? 'no reason was given').trim().slice(0, 400);
};

const results = [];
await prepareBase();
rmSync(out, { recursive: true, force: true });

if (process.platform === 'linux') {
  const runtime = await ensureElectron();
  if ('missing' in runtime) results.push({ what: 'Linux directory', why: runtime.missing });
  else {
    const clean = cleanRuntime(runtime);
    const made = builder([
      '--linux',
      'dir',
      ...(clean ? [`--config.electronDist=${clean}`, '--config.electronVersion=33.2.1'] : []),
    ]);
    results.push({
      what: 'Linux directory',
      path: join(out, 'linux-unpacked'),
      why: made.ok ? null : reasonIn(made.output),
    });
  }
}

/** What a server without a desktop gets; needs nothing but npm. */
const buildCore = async () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const path = join(out, `quorate-core-${version}-win-x64.zip`);
  const what = 'core for Windows Server, Server Core included (zip)';
  try {
    await writeCoreZip(path);
    const again = join(root, '.cache', 'core-again.zip');
    await writeCoreZip(again);
    const isSame = fileDigest(again) === fileDigest(path);
    rmSync(again);
    return { what, path, why: null, proof: isSame ? 'a second build has the same digest' : 'A SECOND BUILD DIFFERS' };
  } catch (error) {
    return { what, path, why: error instanceof Error ? error.message : String(error) };
  }
};
results.push(await buildCore());

/** The same files with an entry in the list of programs, silent set-up and removal. */
const buildInstaller = () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const path = join(out, `quorate-core-setup-${version}-win-x64.exe`);
  const what = 'installer of the core for Windows Server';
  try {
    return { what, path, why: writeInstaller({ version, files: coreFiles(), target: path }) };
  } catch (error) {
    return { what, path, why: error instanceof Error ? error.message : String(error) };
  }
};
const installer = buildInstaller();
results.push(installer);

/** `--release-url FOLDER`: the https address below which the files will lie; winget downloads the installer from there. */
const buildWinget = () => {
  const what = 'manifests for winget';
  const at = process.argv.indexOf('--release-url');
  const folder = at < 0 ? undefined : process.argv[at + 1];
  if (installer.why) return { what, why: 'the installer was not built' };
  if (folder === undefined)
    return {
      what,
      why: 'no address is known to download the installer from; npm run dist -- --release-url https://...',
    };
  const { version, description, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const path = join(out, 'winget');
  try {
    writeWinget(path, {
      version,
      description,
      license,
      // As in the list of programs (installer.nsi).
      publisher: 'the Quorate developers',
      url: `${folder.replace(/\/+$/, '')}/${basename(installer.path)}`,
      sha256: fileDigest(installer.path),
    });
    return { what, path, why: null };
  } catch (error) {
    return { what, path, why: error instanceof Error ? error.message : String(error) };
  }
};
results.push(buildWinget());

const launcherProblem = buildLauncher();
results.push({ what: 'console launcher quorate.exe', path: launcher, why: launcherProblem });
if (launcherProblem)
  results.push({ what: 'Windows installer, portable program and zip', why: 'the console launcher is missing' });
else {
  const made = builder(['--win']);
  results.push({
    what: 'Windows installer, portable program and zip',
    path: out,
    why: made.ok ? null : reasonIn(made.output),
  });
}

let failed = false;
const sums = [];
for (const { what, path, why, proof } of results) {
  if (why) {
    console.log(`not built: ${what}: ${why}`);
    continue;
  }
  const isFile = path !== undefined && existsSync(path) && statSync(path).isFile();
  const size = isFile ? `, ${(statSync(path).size / 1e6).toFixed(1)} MB, SHA-256 ${fileDigest(path)}` : '';
  console.log(`built: ${what}: ${path}${size}${proof ? `; ${proof}` : ''}`);
}
// The list that goes beside the files: what an administrator checks after the transport.
for (const name of existsSync(out) ? readdirSync(out).sort() : [])
  if (/\.(zip|exe)$/.test(name)) sums.push(`${fileDigest(join(out, name))}  ${name}\n`);
if (sums.length > 0) writeFileSync(join(out, 'SHA256SUMS'), sums.join(''));
for (const folder of existsSync(out) ? readdirSync(out).filter((name) => name.endsWith('-unpacked')) : []) {
  if (!existsSync(join(out, folder, 'resources', 'app.asar'))) continue;
  const problems = await inspectPayload(join(out, folder));
  for (const problem of problems) say(`payload of ${folder}: ${problem}`);
  if (problems.length > 0) failed = true;
  else
    console.log(
      `payload of ${folder}: every script present and hashed, no source map, no development package, licences there`,
    );
}
process.exitCode = failed || !results.some(({ why }) => !why) ? 1 : 0;

/** Starts what was packed and takes its first verdict. */
const packed = join(out, 'linux-unpacked', 'quorate');
if (existsSync(packed)) {
  const answer = run(packed, ['readiness', '--json']);
  try {
    const { verdict } = JSON.parse(answer.output.slice(answer.output.indexOf('{')));
    console.log(`started: the packed Linux build says "${verdict}" about this machine`);
  } catch {
    say(`The packed Linux build gave no verdict: ${answer.output.slice(0, 400)}`);
    process.exitCode = 1;
  }
}
