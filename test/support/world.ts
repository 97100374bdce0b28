import { build } from 'esbuild';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Ports } from '../../main/ports/ports.ts';
import { rehearsalPorts } from '../../main/rehearsal/host/rehearsal-host.ts';
import { worldAddress } from '../../main/rehearsal/world/address.ts';
import { WorldClient } from '../../main/rehearsal/world/client.ts';
import type { FaultInput } from '../../shared/model/rehearsal-faults.ts';
import type { ScenarioName } from '../../main/rehearsal/world/scenarios/index.ts';
import type { WorldState } from '../../main/rehearsal/world/state.ts';
import { removeFolder } from './remove-folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bundled = new Map<string, Promise<string>>();

/** A world process as one file, made from the source once for each test process. */
const bundleEntry = (entry: string): Promise<string> => {
  const known = bundled.get(entry);
  if (known) return known;
  const made = (async () => {
    const folder = mkdtempSync(join(tmpdir(), 'quorate-bundle-'));
    const outfile = join(folder, 'world.mjs');
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
    await build({
      absWorkingDir: root,
      entryPoints: [entry],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      // Found at run time where it is there; the world computes no digests.
      external: ['@node-rs/crc32'],
      logLevel: 'warning',
      banner: { js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);" },
    });
    return outfile;
  })();
  bundled.set(entry, made);
  return made;
};

/** The world process that ships. */
export const bundleWorld = (): Promise<string> => bundleEntry('main/rehearsal/world/process.ts');
/** The same with the cmdlets that simulated PowerShell modules ask for. */
const bundleCmdletWorld = (): Promise<string> => bundleEntry('test/powershell/world/process.ts');

/** Asks until it is so; fails at the deadline with what was seen last. */
export const until = async <T>(
  ask: () => Promise<T> | T,
  isSo: (value: T) => boolean,
  what: string,
  timeoutMs = 180_000,
): Promise<T> => {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await ask();
    if (isSo(value)) return value;
    if (performance.now() > deadline) throw new Error(`${what}: not so in time; last seen ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

export interface TestWorld {
  readonly folder: string;
  readonly address: string;
  readonly client: WorldClient;
  /** The process of this run; another one after {@link TestWorld.start}. */
  readonly process: ChildProcess;
  /** Ports of a server, over a connection of their own that is closed with the world. */
  ports(server?: string): Promise<Ports>;
  connect(who: string): Promise<WorldClient>;
  fault(fault: FaultInput): Promise<string>;
  clearFault(id: string): Promise<void>;
  advance(ms: number): Promise<void>;
  snapshot(): Promise<WorldState>;
  /** SIGKILL: no handler of the process runs. */
  kill(): Promise<void>;
  /** Starts the process again on the same folder. */
  start(): Promise<void>;
  /** Ends everything and removes the folder. */
  stop(): Promise<void>;
}

export interface TestWorldOptions {
  /** Where it is kept; a folder of its own when it is left out. {@link TestWorld.stop} removes it. */
  readonly folder?: string;
  /** A file with the servers to begin with, instead of a scenario. */
  readonly servers?: string;
  readonly scenario?: ScenarioName;
  readonly seed?: number;
  readonly clock?: 'real' | 'driven';
}

const ended = (child: ChildProcess): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once('exit', () => resolve()));

/** A world in a folder of its own, in its own process, with a driven clock unless said otherwise. */
export const startTestWorld = async (options: TestWorldOptions = {}): Promise<TestWorld> => {
  const entry = await bundleCmdletWorld();
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'quorate-world-'));
  const address = worldAddress(folder);
  const clients = new Set<WorldClient>();
  let child: ChildProcess | null = null;
  let client: WorldClient | null = null;
  let errors = '';

  const connect = async (who: string): Promise<WorldClient> => {
    const made = await WorldClient.connect(address, who);
    clients.add(made);
    return made;
  };

  const start = async (): Promise<void> => {
    const args = ['--folder', folder, '--clock', options.clock ?? 'driven', '--idle-minutes', '0'];
    if (options.scenario) args.push('--scenario', options.scenario);
    if (options.servers) args.push('--servers', options.servers);
    if (options.seed !== undefined) args.push('--seed', String(options.seed));
    const started = spawn(process.execPath, [entry, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    started.stderr.on('data', (bytes: Buffer) => (errors += bytes.toString()));
    child = started;
    await new Promise<void>((resolve, reject) => {
      started.stdout.on('data', (bytes: Buffer) => {
        if (bytes.toString().includes('ready')) resolve();
      });
      started.once('exit', (code) => reject(new Error(`the world ended with ${code}: ${errors}`)));
    });
    client = await connect('test');
  };

  const endClients = (): void => {
    for (const one of clients) one.close();
    clients.clear();
  };

  const kill = async (): Promise<void> => {
    child!.kill('SIGKILL');
    await ended(child!);
    endClients();
  };

  await start();
  const world: TestWorld = {
    folder,
    address,
    get client() {
      return client!;
    },
    get process() {
      return child!;
    },
    connect,
    ports: async (server = 'NODE1') => rehearsalPorts(await connect(`ports of ${server}`), 'world', server),
    fault: async (fault) => (await client!.control('setFault', fault)) as string,
    clearFault: async (id) => {
      await client!.control('clearFault', { id });
    },
    advance: async (ms) => {
      await client!.control('advance', { byMs: ms });
    },
    snapshot: async () => (await client!.control('snapshot')) as WorldState,
    kill,
    start,
    stop: async () => {
      if (child!.exitCode === null && child!.signalCode === null) {
        child!.kill('SIGTERM');
        await ended(child!);
      }
      endClients();
      await removeFolder(folder);
      if (errors !== '') throw new Error(`the world wrote to its standard error: ${errors}`);
    },
  };
  return world;
};
