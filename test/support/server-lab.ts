import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ServerSettings } from '../../main/journal/server-settings.ts';
import { Journal } from '../../main/journal/journal.ts';
import type { Server } from '../../main/operations/plans/server.ts';
import type { runCli } from '../../main/cli/run.ts';
import { rehearsalPorts } from '../../main/rehearsal/host/rehearsal-host.ts';
import { worldAddress } from '../../main/rehearsal/world/address.ts';
import { WorldClient } from '../../main/rehearsal/world/client.ts';
import type { FaultInput } from '../../shared/model/rehearsal-faults.ts';
import type { answer } from '../../main/rehearsal/world/requests.ts';
import type { openWorld } from '../../main/rehearsal/world/run.ts';
import { defaultScenario, type ScenarioName } from '../../main/rehearsal/world/scenarios/index.ts';
import type { InterruptedChange } from './interrupted-change.ts';
import { shipScripts } from '../../build/hash-scripts.mjs';
import { removeFolder } from './remove-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Bundle {
  readonly folder: string;
  readonly run: typeof runCli;
  readonly world: { readonly openWorld: typeof openWorld; readonly answer: typeof answer };
}

let bundled: Promise<Bundle> | null = null;

/**
 * The command line, the world process and the scripts as they are shipped, made from the source once for each test
 * process: what a step runs is printed from the hashed scripts beside the bundle.
 */
const bundleProduct = (): Promise<Bundle> => {
  bundled ??= (async () => {
    mkdirSync(join(root, '.cache'), { recursive: true });
    // Below the repository, because the packages that stay outside of the bundle are found from there.
    const folder = mkdtempSync(join(root, '.cache', 'server-lab-'));
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
    await build({
      absWorkingDir: root,
      entryPoints: {
        'cli/run': 'main/cli/run.ts',
        'cli/quorate': 'main/cli/quorate.ts',
        'cli/interrupted': 'test/support/interrupted-change.ts',
        'world/world': 'main/rehearsal/world/process.ts',
        'world/run': 'main/rehearsal/world/run.ts',
        'world/requests': 'main/rehearsal/world/requests.ts',
      },
      outdir: folder,
      bundle: true,
      splitting: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      chunkNames: 'chunks/[name]-[hash]',
      outExtension: { '.js': '.mjs' },
      logLevel: 'warning',
      // As build/bundle.mjs has it: its CommonJS form is UMD, whose inner imports no bundler sees.
      alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
      external: ['electron', '@node-rs/crc32', 'systeminformation', 'node-powershell', 'pino'],
      banner: { js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);" },
    });
    shipScripts(join(folder, 'powershell'), [join(root, 'main', 'powershell')]);
    const load = <T>(name: string) => import(pathToFileURL(join(folder, name)).href) as Promise<T>;
    const { runCli: run } = await load<{ runCli: typeof runCli }>('cli/run.mjs');
    const { openWorld: open } = await load<{ openWorld: typeof openWorld }>('world/run.mjs');
    const { answer: answers } = await load<{ answer: typeof answer }>('world/requests.mjs');
    return { folder, run, world: { openWorld: open, answer: answers } };
  })();
  return bundled;
};

export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** The one document of a `--json` run. */
  json<T = Record<string, unknown>>(): T;
}

export interface RunOptions {
  /** Lines that are typed on a terminal; without them there is no terminal. */
  readonly typed?: readonly string[];
}

/** Simulated servers, a data folder, and the command line on both. */
export interface ServerLab {
  readonly dataFolder: string;
  readonly bundle: string;
  readonly client: WorldClient;
  quorate(args: readonly string[], options?: RunOptions): Promise<Run>;
  /** The same on the server NODE1, and with `--yes` unless said otherwise. */
  verb(args: readonly string[], options?: RunOptions): Promise<Run>;
  /** NODE1 as operations see it, with short waits. */
  server(): Promise<Server>;
  fault(fault: FaultInput): Promise<string>;
  repair(id: string): Promise<void>;
  control(name: string, input?: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

export interface LabOptions {
  /** What its rehearsal is called; `lab` where it is left out. */
  readonly name?: string;
  readonly scenario?: ScenarioName;
  readonly clock?: 'real' | 'driven';
  /** Makes the rehearsal beforehand, in the data folder under that name; the scenario is then what was made. */
  readonly prepare?: (dataFolder: string, name: string) => Promise<void>;
}

export const labHost = 'rehearsal:lab';

/**
 * Makes the changes in one process of their own, each stopped for ever in the middle of its call, and ends that process with SIGKILL once all of them
 * are there. Rejects where one of them is never reached.
 */
export const interruptChanges = async (changes: readonly InterruptedChange[]): Promise<void> => {
  const { folder } = await bundleProduct();
  const child = spawn(
    process.execPath,
    [join(folder, 'cli', 'interrupted.mjs'), ...changes.map((change) => JSON.stringify(change))],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let said = '';
  child.stdout.setEncoding('utf8');
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (text: string) => {
      said += text;
      if (said.split('reached\n').length > changes.length) resolve();
    });
    child.once('exit', (code) => reject(new Error(`a change ended with ${code} before it was interrupted`)));
  });
  child.removeAllListeners('exit');
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGKILL');
  await closed;
};

/** The world of the lab is served by this process: what is killed is the process that makes a change. */
export const startServerLab = async (options: LabOptions = {}): Promise<ServerLab> => {
  const { folder: bundle, run, world: product } = await bundleProduct();
  const dataFolder = mkdtempSync(join(tmpdir(), 'quorate-lab-'));
  const { name = 'lab' } = options;
  const host = `rehearsal:${name}`;
  const folder = join(dataFolder, 'rehearsal', name);
  await options.prepare?.(dataFolder, name);
  const world = await product.openWorld({
    folder,
    scenario: options.scenario ?? defaultScenario,
    seed: 1,
    clock: options.clock ?? 'real',
    idleMinutes: 0,
    answer: product.answer,
  });
  if (!world) throw new Error(`another process is the world of ${folder}`);
  const clients: WorldClient[] = [];
  const connect = async (who: string): Promise<WorldClient> => {
    const client = await WorldClient.connect(worldAddress(folder), who);
    clients.push(client);
    return client;
  };
  const client = await connect('test');

  const quorate = async (words: readonly string[], runOptions: RunOptions = {}): Promise<Run> => {
    let out = '';
    let err = '';
    const stdin = new PassThrough();
    for (const line of runOptions.typed ?? []) stdin.write(`${line}\n`);
    stdin.end();
    const code = await run(
      words,
      {
        stdout: { write: (text: string) => (out += text), isTTY: false, columns: 100 },
        stderr: { write: (text: string) => (err += text), isTTY: false },
        stdin: Object.assign(stdin, { isTTY: runOptions.typed !== undefined }),
        env: { QUORATE_DATA: dataFolder },
      },
      new AbortController().signal,
    );
    return { code, out, err, json: <T>() => JSON.parse(out) as T };
  };

  return {
    dataFolder,
    bundle,
    client,
    quorate,
    verb: (words, runOptions = {}) =>
      quorate([...words, '--server', host, ...(runOptions.typed === undefined ? ['--yes'] : [])], runOptions),
    server: async () => ({
      name: `${host}/NODE1`,
      ports: rehearsalPorts(await connect('operations'), name, 'NODE1'),
      settings: new ServerSettings(dataFolder, `${host}/NODE1`),
      journal: new Journal(dataFolder),
      patience: { pollMs: 20, verifyMs: 20_000, restartMs: 60_000 },
      now: () => new Date(),
      renderScripts: async (actions) => actions.map(() => null),
      resumeCommand: { program: 'quorate', arguments: ['journal', 'resume', '--yes'] },
    }),
    fault: async (fault) => (await client.control('setFault', fault)) as string,
    repair: async (id) => {
      await client.control('clearFault', { id });
    },
    control: (name, input) => client.control(name, input),
    stop: async () => {
      for (const one of clients) one.close();
      await world.close();
      await removeFolder(dataFolder);
    },
  };
};
