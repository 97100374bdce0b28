// `npm run dist`: packs the product for every platform that can be packed here and says plainly what was not and why.
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ensureElectron } from './setup/electron-runtime.mjs';
import { installSystemPackages, prepareBase, root, run, say } from './setup/steps.mjs';
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
for (const { what, path, why } of results) {
  if (why) console.log(`not built: ${what}: ${why}`);
  else console.log(`built: ${what}: ${path}`);
}
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
