import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { shipScripts } from '../../build/hash-scripts.mjs';
import { ensurePowerShell } from '../../build/setup/powershell.mjs';
import { guardRunner } from '../powershell/guard/guard.ts';
import type { Os } from '../powershell/signatures/catalogue.ts';
import { simulatedModules } from '../powershell/simulated/generate.ts';
import { createRunner, type Runner } from '../../main/powershell/index.ts';
import { findPowerShell, type PowerShellProgram } from '../../main/powershell/runner/locate.ts';
import type { RunnerOptions } from '../../main/powershell/runner/runner.ts';

/**
 * The PowerShell of the tests: QUORATE_POWERSHELL, else Windows' own powershell.exe, else the pinned tool of NuGet (installed
 * when it is first asked for, where there is a dotnet), else a pwsh on the PATH.
 */
export type EngineKind = 'named' | 'desktop' | 'tool' | 'pwsh';

interface FoundEngine {
  readonly program: PowerShellProgram;
  readonly kind: EngineKind;
}

const root = resolve(import.meta.dirname, '../..');

const findOnMachine = (): FoundEngine | null => {
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

const look = (): FoundEngine | { readonly missing: string } => {
  const here = findOnMachine();
  if (here && here.kind !== 'pwsh') return here;
  const tool = ensurePowerShell();
  if ('missing' in tool) return here ?? { missing: `no PowerShell is here, and ${tool.missing}` };
  // For every process that a test starts the program in. The second setting spares two mappings of memory for each method that is compiled, the third
  // the counting of calls for a second compilation that such short lives do not repay, the fourth the optimizing of what mostly runs once, the fifth
  // collections: a session keeps much that each looks at (learn.microsoft.com/dotnet/core/runtime-config/compilation and /garbage-collector,
  // /dotnet/core/compatibility/core-libraries/7.0/w^x; JITMinOpts and GCgen0size: clrconfignames.h and gcconfig.h of dotnet/runtime).
  if (tool.dotnetRoot) process.env.DOTNET_ROOT = tool.dotnetRoot;
  process.env.DOTNET_EnableWriteXorExecute ??= '0';
  process.env.DOTNET_TieredPGO ??= '0';
  process.env.DOTNET_JITMinOpts ??= '1';
  process.env.DOTNET_GCgen0size ??= '0x2000000';
  return { program: { path: tool.program, edition: 'core' }, kind: 'tool' };
};

const engine = look();

/** Why there is no engine here, or null when there is one. */
export const engineMissing: string | null = 'missing' in engine ? engine.missing : null;
if (engineMissing) console.warn(`PowerShell storey skipped: ${engineMissing}.`);

/** The engine's program. Throws where {@link engineMissing} says why there is none. */
export const findEngine = (): FoundEngine => {
  if ('missing' in engine) throw new Error(engine.missing);
  return engine;
};

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
    /** Modules that the server lacks; default Hyper-V and IscsiTarget, whose many commands cost each session a second. */
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
  shipScripts(folder, [join(root, 'main/powershell'), join(root, 'test/powershell/guard'), ...sources]);
  return folder;
};

/**
 * A simulated server is asked by one session: each imports some two hundred commands, which takes two seconds of a core, and compiles every script that
 * it runs for the first time, which takes seconds more; the next time takes a fraction. The pool itself is tried in runner.test.ts.
 */
const worldPool = { sessionsAtMost: 1, longAtMost: 1, idleKept: 1 };

/** A runner of the product's own on the real engine, guarded from this machine's own commands. Close it, or its processes stay. */
export const startEngine = async (options: EngineOptions = {}): Promise<Engine> => {
  const { sources, modulePath, world, ...runnerOptions } = options;
  // All of them are imported before the first script: a real command of the same name must never be called in a test.
  const simulated = world ? simulatedModules(world.os, world.without ?? ['Hyper-V', 'IscsiTarget']) : null;
  const searched = [...(simulated ? [simulated.folder] : []), ...(modulePath ?? [])];
  const found = options.program ? { program: options.program, kind: 'named' as const } : findEngine();
  const folder = shipTestScripts(sources);
  const runner = createRunner({
    program: found.program,
    ...(world ? { pool: worldPool } : {}),
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
    runner: guardRunner(runner, [...(simulated?.names ?? [])]),
    ...found,
    folder,
    close: async () => {
      await runner.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
