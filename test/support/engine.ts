import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Os } from '../powershell/signatures/catalogue.ts';
import { simulatedModules } from '../powershell/simulated/generate.ts';
import {
  createRunner,
  findPowerShell,
  type PowerShellProgram,
  type Runner,
  type RunnerOptions,
} from '../../main/powershell/index.ts';

/**
 * The real PowerShell engine for tests: QUORATE_POWERSHELL, else powershell.exe, else pwsh on the PATH, else the small
 * host of test/powershell/host, which is built on demand where there is a .NET 10 SDK.
 */
export type EngineKind = 'named' | 'desktop' | 'pwsh' | 'host';

const root = resolve(import.meta.dirname, '../..');
const hostSource = join(root, 'test/powershell/host');
const hostBuild = join(root, '.cache/powershell-host');
const hostProgram = join(hostBuild, process.platform === 'win32' ? 'quorate-pwsh.exe' : 'quorate-pwsh');

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** A full PowerShell (not the small host), or null. */
export const findFullPowerShell = (): { program: PowerShellProgram; kind: EngineKind } | null => {
  try {
    const program = findPowerShell();
    return {
      program,
      kind: process.env.QUORATE_POWERSHELL ? 'named' : program.edition === 'desktop' ? 'desktop' : 'pwsh',
    };
  } catch {
    return null;
  }
};

const hasDotnet10 = (): boolean => {
  try {
    const listed = execFileSync('dotnet', ['--list-sdks'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return /^10\./m.test(listed);
  } catch {
    return false;
  }
};

const sourceFiles = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => !/^(bin|obj)([\\/]|$)/.test(name))
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .sort();

const sourceDigest = (): string => {
  const hash = createHash('sha256');
  for (const path of sourceFiles(hostSource)) hash.update(path.slice(root.length)).update(readFileSync(path));
  return hash.digest('hex');
};

const stampPath = join(hostBuild, 'built-from');
const hostIsBuilt = (): boolean =>
  isProgram(hostProgram) && existsSync(stampPath) && readFileSync(stampPath, 'utf8') === sourceDigest();

/** Builds the small host when its sources changed; several processes may ask at once. */
export const buildHost = async (): Promise<string> => {
  const lock = join(root, '.cache', 'powershell-host.lock');
  mkdirSync(join(root, '.cache'), { recursive: true });
  const until = Date.now() + 170_000;
  while (!hostIsBuilt()) {
    try {
      mkdirSync(lock);
    } catch {
      // Another process builds; one that was killed left its lock behind.
      if (existsSync(lock) && Date.now() - statSync(lock).mtimeMs > 160_000)
        rmSync(lock, { recursive: true, force: true });
      if (Date.now() > until) throw new Error(`the host was not built in time; remove ${lock}`);
      await new Promise((settled) => setTimeout(settled, 200));
      continue;
    }
    try {
      const digest = sourceDigest();
      await promisify(execFile)(
        'dotnet',
        [
          'build',
          'host.csproj',
          '-c',
          'Release',
          '-o',
          hostBuild,
          '--nologo',
          '-v',
          'q',
          '-p:RestoreLockedMode=true',
          '-nodeReuse:false',
          '-p:UseSharedCompilation=false',
        ],
        {
          cwd: hostSource,
          env: { ...process.env, DOTNET_CLI_TELEMETRY_OPTOUT: '1', DOTNET_NOLOGO: '1' },
          maxBuffer: 10_000_000,
        },
      );
      writeFileSync(stampPath, digest);
    } finally {
      rmSync(lock, { recursive: true, force: true });
    }
  }
  return hostProgram;
};

/** Why there is no engine here, or null when there is one. */
export const engineMissing: string | null =
  findFullPowerShell() || hostIsBuilt() || hasDotnet10()
    ? null
    : 'no QUORATE_POWERSHELL, no powershell.exe, no pwsh on the PATH and no .NET 10 SDK to build the small host with';
if (engineMissing) console.warn(`PowerShell storey skipped: ${engineMissing}.`);

/** The engine's program; builds the host when it is the one. */
export const findEngine = async (): Promise<{ program: PowerShellProgram; kind: EngineKind }> =>
  findFullPowerShell() ?? { program: { path: await buildHost(), edition: 'core' }, kind: 'host' };

export interface EngineOptions extends Partial<Omit<RunnerOptions, 'folder'>> {
  /** More folders that hold scripts/ (or session/), beside the product's own. */
  readonly sources?: readonly string[];
  /** Folders to search for modules, before all others. */
  readonly modulePath?: readonly string[];
  /** The world process that simulated modules ask, and the server that they play. */
  readonly world?: {
    readonly address: string;
    readonly server: string;
    /** Which Windows Server the simulated modules are those of; default 2025. */
    readonly os?: Os;
    /** Modules that the server lacks; default Hyper-V, which no simulated server has yet. */
    readonly without?: readonly string[];
  };
}

export interface Engine {
  readonly runner: Runner;
  readonly kind: EngineKind;
  readonly program: PowerShellProgram;
  /** Where the hashed scripts lie. */
  readonly folder: string;
  close(): Promise<void>;
}

/** Hashes the product's scripts (and more) into a folder of their own, as the build does. */
export const shipTestScripts = (sources: readonly string[] = []): string => {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-scripts-'));
  execFileSync(process.execPath, [
    join(root, 'build/hash-scripts.mjs'),
    folder,
    join(root, 'main/powershell'),
    ...sources,
  ]);
  return folder;
};

/** A runner of the product's own on the real engine. Close it, or its processes stay. */
export const startEngine = async (options: EngineOptions = {}): Promise<Engine> => {
  const { sources, modulePath, world, ...runnerOptions } = options;
  // All of them are imported before the first script: a real command of the same name must never be called in a test.
  const simulated = world ? simulatedModules(world.os, world.without ?? ['Hyper-V']) : null;
  const searched = [...(simulated ? [simulated.folder] : []), ...(modulePath ?? [])];
  const found = options.program ? { program: options.program, kind: 'named' as const } : await findEngine();
  const folder = shipTestScripts(sources);
  const runner = createRunner({
    program: found.program,
    ...runnerOptions,
    folder,
    modules: [...(simulated?.names ?? []), ...(options.modules ?? [])],
    env: {
      ...(searched.length > 0
        ? { PSModulePath: [...searched, process.env.PSModulePath].filter(Boolean).join(delimiter) }
        : {}),
      ...(world ? { QUORATE_WORLD: world.address, QUORATE_WORLD_SERVER: world.server } : {}),
      ...options.env,
    },
  });
  return {
    runner,
    ...found,
    folder,
    close: async () => {
      await runner.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
