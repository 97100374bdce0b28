import * as z from 'zod';
import { mkdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { pause } from '../../system/pause.ts';
import { worldAddress } from './address.ts';
import { WorldClient } from './client.ts';
import { lockFolder } from './folder-lock.ts';
import type { Answer } from './requests.ts';
import { bareServersSchema, type BareServers } from './scenarios/bare-servers.ts';
import { defaultScenario, scenarioNames, type ScenarioName } from './scenarios/index.ts';
import { ServedTargets } from './serve.ts';
import { serveWorld } from './socket-server.ts';
import { World } from './world.ts';

const options = {
  folder: { type: 'string' },
  scenario: { type: 'string', default: defaultScenario },
  /** A file with the servers to begin with, instead of a scenario. */
  servers: { type: 'string' },
  seed: { type: 'string', default: '1' },
  clock: { type: 'string', default: 'real' },
  'idle-minutes': { type: 'string', default: '15' },
  /** The other arguments come as one line of JSON on standard input, as soon as they are known. */
  later: { type: 'boolean', default: false },
} as const;

/** The exit code that says "another process is the world of this folder". */
const alreadyRuns = 3;

/** How long a process may hold the folder without listening, while it begins or ends. */
const silenceLimitMs = 10_000;

/** Waits for a world that is just ending; null when another one serves the folder. */
const takeFolder = async (folder: string): Promise<(() => void) | null> => {
  const deadline = performance.now() + silenceLimitMs;
  for (;;) {
    const unlock = lockFolder(folder, performance.now() > deadline);
    if (unlock) return unlock;
    const client = await WorldClient.connect(worldAddress(folder), 'a second world').catch(() => null);
    if (client) {
      client.close();
      return null;
    }
    await pause(25);
  }
};

export interface OpenWorldOptions {
  /** The folder that keeps the world; it is made where it is not there. */
  readonly folder: string;
  /** What an empty folder begins with. */
  readonly scenario: ScenarioName | BareServers;
  readonly seed: number;
  readonly clock: 'real' | 'driven';
  /** How long it goes on without a client, in minutes; 0: for ever. */
  readonly idleMinutes: number;
  readonly answer: Answer;
  /** The world has ended: it was asked to, or nobody was connected for so long. */
  readonly onEnd?: () => void;
}

/** A world that this process serves. */
export interface OpenWorld {
  /** Answers what was asked, gives the folder free and resolves; the second call waits for the first. */
  close(): Promise<void>;
}

/** Serves the world of a folder at the address that follows from it. Null when another process serves it already. */
export const openWorld = async (options: OpenWorldOptions): Promise<OpenWorld | null> => {
  const { folder } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const unlock = await takeFolder(folder);
  if (!unlock) return null;
  const world = new World(options);
  const targets = new ServedTargets(world);
  let timer: NodeJS.Timeout | null = null;
  let ending: Promise<void> | null = null;
  const end = async (): Promise<void> => {
    if (timer) clearTimeout(timer);
    try {
      await server.close();
      await targets.close();
      await world.close();
    } finally {
      unlock();
      options.onEnd?.();
    }
  };
  const close = (): Promise<void> => (ending ??= end());
  const server = await serveWorld(world, targets, worldAddress(folder), options.answer, () => void close());
  const idleMs = options.idleMinutes * 60_000;
  // What is due happens also when nobody asks, so that the log says when it did.
  const tick = (): void => {
    world.settle();
    if (idleMs > 0 && server.idleMs > idleMs && !targets.isServing) {
      void close();
      return;
    }
    const wait = world.nextDueMs === null ? 1000 : Math.min(1000, Math.max(20, world.nextDueMs - world.nowMs));
    timer = setTimeout(tick, wait);
  };
  tick();
  return { close };
};

/** Who prepared this process tells what for, or ends without having needed it. */
const readLaterArguments = async (): Promise<string[]> => {
  let text = '';
  for await (const part of process.stdin.setEncoding('utf8')) text += part as string;
  if (text === '') process.exit(0);
  return z.array(z.string()).parse(JSON.parse(text));
};

const run = async (answer: Answer): Promise<void> => {
  const later = parseArgs({ options }).values.later ? await readLaterArguments() : undefined;
  const { values } = parseArgs({ options, ...(later ? { args: later } : {}) });
  const { folder, scenario, seed, clock } = values;
  if (folder === undefined) throw new Error('--folder is needed');
  if (!(scenarioNames as string[]).includes(scenario)) throw new Error(`there is no scenario ${scenario}`);
  const world = await openWorld({
    folder,
    scenario:
      values.servers === undefined
        ? (scenario as ScenarioName)
        : bareServersSchema.parse(JSON.parse(readFileSync(values.servers, 'utf8'))),
    seed: Number(seed),
    clock: clock === 'driven' ? 'driven' : 'real',
    idleMinutes: Number(values['idle-minutes']),
    answer,
    onEnd: () => process.exit(0),
  });
  if (!world) process.exit(alreadyRuns);
  process.on('SIGTERM', () => void world.close());
  process.on('SIGINT', () => void world.close());
  process.stdout.write('ready\n');
};

/**
 * The world process, whose arguments are `--folder F [--scenario NAME | --servers FILE] [--seed N] [--clock real|driven] [--idle-minutes N]`, or
 * `--later`, when they come on standard input.
 * It listens at the address that follows from the folder, says `ready` on its standard output, and ends by itself when
 * nobody was connected for a while: its state is on disk, and a real clock goes on without it.
 */
export const runWorld = (answer: Answer): void => {
  run(answer).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
};
