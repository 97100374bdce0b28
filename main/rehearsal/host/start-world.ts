import { mkdirSync } from 'node:fs';
import { pause } from '../../system/pause.ts';
import { Failure, failure } from '../../../shared/errors/failure.ts';
import { worldAddress } from '../world/address.ts';
import { WorldClient } from '../world/client.ts';
import type { ScenarioName } from '../world/scenarios/index.ts';
import { findEntry, launchChild, type Launch } from './world-process.ts';

export interface WorldStart {
  /** The folder that keeps the world. */
  readonly folder: string;
  /** The client's name in the world's log. */
  readonly who: string;
  /** The bundled world process; found beside this product's bundles when it is left out. */
  readonly entry?: string;
  /** How to start it; a child process of this Node when it is left out. */
  readonly launch?: Launch;
  /** For a world that does not exist yet. */
  readonly scenario?: ScenarioName;
  /** For a world that does not exist yet: a file with its servers, instead of a scenario. */
  readonly servers?: string;
  readonly seed?: number;
  readonly clock?: 'real' | 'driven';
  /** The world ends with the connection that this gives, as soon as nobody else is connected: also where this process is killed. */
  readonly endsWithMe?: boolean;
  /** Minutes without a client after which the process ends; 0: never. */
  readonly idleMinutes?: number;
  readonly timeoutMs?: number;
}

/**
 * Folders whose world is being started from here. Who opens one at the same moment waits for that start: a second process would find
 * the folder taken or, when the first world has ended by then, raise it again.
 */
const starting = new Set<string>();

/** How often a world may end just when it is found; each end is another one's, and it takes two to disagree. */
const mostEnds = 5;

/** Connects to the world of a folder and starts it when none runs. Throws `HOST_UNREACHABLE`. */
export const startWorld = async (start: WorldStart): Promise<WorldClient> => {
  for (let ends = 1; ; ends += 1) {
    const client = await findOrStart(start);
    if (!start.endsWithMe) return client;
    try {
      await client.control('endWithMe');
      return client;
    } catch (error) {
      client.close();
      // It was about to end when it was found, because the one before was killed: its state is on the disk.
      if (!(error instanceof Failure) || error.code !== 'HOST_UNREACHABLE' || ends >= mostEnds) throw error;
    }
  }
};

const findOrStart = async (start: WorldStart): Promise<WorldClient> => {
  mkdirSync(start.folder, { recursive: true, mode: 0o700 });
  const address = worldAddress(start.folder);
  const running = await WorldClient.connect(address, start.who).catch(() => null);
  if (running) return running;
  const args = ['--folder', start.folder];
  if (start.scenario !== undefined) args.push('--scenario', start.scenario);
  if (start.servers !== undefined) args.push('--servers', start.servers);
  if (start.seed !== undefined) args.push('--seed', String(start.seed));
  if (start.clock !== undefined) args.push('--clock', start.clock);
  // Who is killed before it is connected can't tell the world that it is to end with it.
  const idleMinutes = start.idleMinutes ?? (start.endsWithMe ? 1 : undefined);
  if (idleMinutes !== undefined) args.push('--idle-minutes', String(idleMinutes));
  const isFirst = !starting.has(start.folder);
  if (isFirst) {
    starting.add(start.folder);
    (start.launch ?? launchChild)(start.entry ?? findEntry(), args);
  }
  try {
    return await connectWhenReady(start, address);
  } finally {
    if (isFirst) starting.delete(start.folder);
  }
};

const connectWhenReady = async (start: WorldStart, address: string): Promise<WorldClient> => {
  const deadline = performance.now() + (start.timeoutMs ?? 20_000);
  for (;;) {
    try {
      return await WorldClient.connect(address, start.who);
    } catch (error) {
      if (performance.now() > deadline) {
        throw failure(
          'HOST_UNREACHABLE',
          { server: 'The rehearsal', reason: 'its process did not start' },
          { cause: error as Failure, effect: 'none' },
        );
      }
      await pause(25);
    }
  }
};
