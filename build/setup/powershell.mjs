// A whole PowerShell for the tests: NuGet's tool of one pinned version, installed into .cache where there is a dotnet.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { root, run, say } from './steps.mjs';

/** Named, because a later PowerShell may want a later .NET. */
export const powershellVersion = '7.6.9';
/** What that version runs on. */
const runtime = '.NET 10';

const cache = join(root, '.cache');
const folder = join(cache, `powershell-${powershellVersion}`);
/** PowerShell itself: the tool's own starter is another process before it, which a test that ends its process would meet. */
const program = join(
  folder,
  ...['.store', 'powershell', powershellVersion, 'powershell', powershellVersion, 'tools', 'net10.0', 'any'],
  ...(process.platform === 'win32' ? ['win', 'pwsh.exe'] : ['unix', 'pwsh']),
);
const failedPath = join(cache, `powershell-${powershellVersion}.failed`);
/** For how long an installation that failed is not tried again, in milliseconds: every test file asks. */
const retryAfterMs = 10 * 60_000;

/** The real place of dotnet on the PATH, or null. */
const findDotnet = () => {
  const name = process.platform === 'win32' ? 'dotnet.exe' : 'dotnet';
  const found = (process.env.PATH ?? process.env.Path ?? '')
    .split(delimiter)
    .filter(Boolean)
    .map((one) => join(one, name))
    .find((path) => existsSync(path));
  return found ? realpathSync(found) : null;
};

const environment = (dotnet) => ({
  ...process.env,
  DOTNET_CLI_TELEMETRY_OPTOUT: '1',
  DOTNET_NOLOGO: '1',
  DOTNET_ROOT: process.env.DOTNET_ROOT ?? dirname(dotnet),
});

const found = (dotnet) => ({
  program,
  origin: `PowerShell ${powershellVersion}, the tool of NuGet`,
  // The program looks for .NET in a few known folders only; this names the one that was found.
  dotnetRoot: process.env.DOTNET_ROOT ?? (dotnet ? dirname(dotnet) : null),
});

/**
 * Compiles the engine's assemblies for this machine, in place: a start then takes 0.5 s of a core instead of 1.5 s, and the tests
 * start some sixty. Without it they only take longer.
 * @param {string} tool the folder of pwsh
 */
const precompile = (dotnet, tool, env) => {
  if (process.platform !== 'linux') return;
  const work = `${tool}.precompiled`;
  const compiled = run(
    dotnet,
    [
      'publish',
      join(root, 'build', 'setup', 'precompile.csproj'),
      ...['-c', 'Release', '-r', `linux-${process.arch}`, '--nologo', '-v', 'q', '-o', join(work, 'out')],
      `-p:Tool=${tool}`,
      `-p:BaseIntermediateOutputPath=${join(work, 'obj')}/`,
      `-p:OutputPath=${join(work, 'bin')}/`,
      ...['-nodeReuse:false', '-p:UseSharedCompilation=false'],
    ],
    { env, timeout: 600_000 },
  );
  if (compiled.ok) {
    const made = readdirSync(join(work, 'out')).filter((name) =>
      /^(System\.Management|Microsoft\.PowerShell)\..*dll$/.test(name),
    );
    for (const name of made) copyFileSync(join(work, 'out', name), join(tool, name));
  } else say('Its assemblies could not be compiled ahead; the tests only take longer.');
  rmSync(work, { recursive: true, force: true });
};

/**
 * The pinned PowerShell, installed when it is not there yet. Several processes may ask at once: each installs into a
 * folder of its own, and the first one's becomes the folder of all.
 * @returns {{ program: string, origin: string, dotnetRoot: string | null } | { missing: string }}
 */
export const ensurePowerShell = () => {
  const dotnet = findDotnet();
  if (existsSync(program)) return found(dotnet);
  if (!dotnet) return { missing: `there is no dotnet to install the tool PowerShell ${powershellVersion} with` };
  if (existsSync(failedPath) && Date.now() - statSync(failedPath).mtimeMs < retryAfterMs)
    return { missing: readFileSync(failedPath, 'utf8') };
  const env = environment(dotnet);
  const sdks = run(dotnet, ['--list-sdks'], { env });
  if (!/^10\./m.test(sdks.output))
    return {
      missing: `the dotnet at ${dotnet} has no SDK for ${runtime}, which PowerShell ${powershellVersion} needs`,
    };
  say(
    `Installing PowerShell ${powershellVersion} from NuGet for the tests and compiling it (once, about a minute) ...`,
  );
  mkdirSync(cache, { recursive: true });
  const half = `${folder}.${process.pid}`;
  rmSync(half, { recursive: true, force: true });
  const installed = run(
    dotnet,
    ['tool', 'install', '--tool-path', half, '--version', powershellVersion, 'PowerShell'],
    { env, timeout: 300_000 },
  );
  if (!installed.ok) {
    rmSync(half, { recursive: true, force: true });
    const reason = `the tool PowerShell ${powershellVersion} could not be installed (${installed.output.trim().split('\n').at(-1)})`;
    writeFileSync(failedPath, reason);
    return { missing: reason };
  }
  precompile(dotnet, dirname(program.replace(folder, half)), env);
  try {
    renameSync(half, folder);
  } catch {
    rmSync(half, { recursive: true, force: true });
  }
  rmSync(failedPath, { force: true });
  return found(dotnet);
};
