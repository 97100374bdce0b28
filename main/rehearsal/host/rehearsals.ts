import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { OutputOf, ParsedInputOf } from '../../../shared/contract/define.ts';
import type {
  rehearsalAct,
  rehearsalCreate,
  rehearsalLog,
  rehearsalSetFault,
  rehearsalShow,
} from '../../../shared/contract/rehearsal.ts';
import { Failure, failure } from '../../../shared/errors/failure.ts';
import { pause } from '../../system/pause.ts';
import { isProcessAlive } from '../../system/processes.ts';
import { worldAddress } from '../world/address.ts';
import { WorldClient } from '../world/client.ts';
import { defaultScenario, scenarioNames, scenarios } from '../world/scenarios/index.ts';
import { startWorld as start, type WorldStart } from './start-world.ts';

const endDeadlineMs = 10_000;

type Rehearsal = OutputOf<typeof rehearsalShow>;
/** What a world says of itself; the rest is in the contract's schema. */
type Described = NonNullable<Rehearsal['running']>;
type Listed = { readonly id: string; readonly kind: string };

const who = `quorate ${process.pid}`;

/** A world answers a wrong name with its own words; they are the reason of a refusal, not a bug of ours. */
const control = async (client: WorldClient, name: string, what: string, input: unknown = {}): Promise<unknown> => {
  try {
    return await client.control(what, input);
  } catch (error) {
    if (error instanceof Failure && error.code === 'INTERNAL_BUG')
      throw failure('REHEARSAL_REFUSED', { name, reason: String(error.detail['message'] ?? 'it gave no reason') });
    throw error;
  }
};

const describe = async (client: WorldClient, name: string): Promise<Rehearsal> => {
  const described = (await control(client, name, 'describe')) as Omit<Described, 'faults'>;
  const faults = (await control(client, name, 'listFaults')) as Described['faults'];
  return { name, running: { ...described, faults } };
};

/**
 * The rehearsals of a data folder, each a folder with its world's state and, while somebody uses it, a process. What is done to a
 * simulated server goes through its ports; here they are made, driven and removed. Every method about one throws
 * REHEARSAL_NOT_FOUND where there is none of that name, and REHEARSAL_REFUSED with the world's own reason.
 */
export class Rehearsals {
  readonly #home: string;
  readonly #start: typeof start;

  constructor(dataFolder: string, startWorld = start) {
    this.#home = join(dataFolder, 'rehearsal');
    this.#start = startWorld;
  }

  scenarios(): { name: string; what: string }[] {
    return Object.entries(scenarios).map(([name, { what }]) => ({ name, what }));
  }

  /** All of them; one that does not run is not started for it. */
  list(): Promise<Rehearsal[]> {
    return Promise.all(
      this.#names().map(async (name) => {
        const client = await this.#connect(name);
        if (!client) return { name, running: null };
        try {
          return await describe(client, name);
        } finally {
          client.close();
        }
      }),
    );
  }

  show(name: string): Promise<Rehearsal> {
    return this.#with(name, (client) => describe(client, name));
  }

  /** Throws REHEARSAL_EXISTS, and REHEARSAL_REFUSED for a scenario that there is not. */
  async create({ name, scenario, seed, clock }: ParsedInputOf<typeof rehearsalCreate>): Promise<Rehearsal> {
    if (existsSync(this.#folderOf(name))) throw failure('REHEARSAL_EXISTS', { name });
    const wanted = scenario ?? (scenarioNames.find((known) => known === name) || defaultScenario);
    const known = scenarioNames.find((candidate) => candidate === wanted);
    if (!known)
      throw failure('REHEARSAL_REFUSED', {
        name,
        reason: `there is no scenario ${wanted}; there are ${scenarioNames.join(', ')}`,
      });
    return this.#during(name, { scenario: known, seed, clock }, (client) => describe(client, name));
  }

  async setFault(name: string, fault: ParsedInputOf<typeof rehearsalSetFault>['fault']): Promise<string> {
    return this.#with(name, async (client) => (await control(client, name, 'setFault', fault)) as string);
  }

  /** Clears the fault with this id, all of this kind, or all: how many there were. */
  clearFault(name: string, id: string | null): Promise<number> {
    return this.#with(name, async (client) => {
      const faults = (await control(client, name, 'listFaults')) as Listed[];
      const wanted = faults.filter((fault) => id === null || fault.id === id || fault.kind === id);
      for (const fault of wanted) await control(client, name, 'clearFault', { id: fault.id });
      return wanted.length;
    });
  }

  log(name: string, limit: number): Promise<OutputOf<typeof rehearsalLog>> {
    return this.#with(
      name,
      async (client) => (await control(client, name, 'readLog', { limit })) as OutputOf<typeof rehearsalLog>,
    );
  }

  /** Moves the world's clock on, by milliseconds. */
  advance(name: string, byMs: number): Promise<{ now: string }> {
    return this.#with(name, async (client) => (await control(client, name, 'advance', { byMs })) as { now: string });
  }

  act(name: string, { do: what, ...input }: ParsedInputOf<typeof rehearsalAct>['act']): Promise<Rehearsal> {
    return this.#with(name, async (client) => {
      await control(client, name, what, input);
      return describe(client, name);
    });
  }

  /** Ends the process of a world, which keeps its state; false when none runs. Throws REHEARSAL_STILL_RUNS. */
  async stop(name: string): Promise<boolean> {
    this.#assertThere(name);
    const client = await this.#connect(name);
    if (!client) return false;
    let pid: number;
    try {
      ({ pid } = (await control(client, name, 'describe')) as { pid: number });
      await client.shutdown();
    } finally {
      client.close();
    }
    const deadline = performance.now() + endDeadlineMs;
    while (isProcessAlive(pid)) {
      if (performance.now() > deadline) throw failure('REHEARSAL_STILL_RUNS', { name, pid });
      await pause(25);
    }
    return true;
  }

  /** Ends it and forgets its state. */
  async remove(name: string): Promise<void> {
    await this.stop(name);
    rmSync(this.#folderOf(name), { recursive: true, force: true });
    // What a rehearsed formation kept of its servers says nothing about the next world of this name.
    rmSync(join(this.#home, '..', 'rehearsed', name), { recursive: true, force: true });
  }

  #folderOf(name: string): string {
    return join(this.#home, name);
  }

  #names(): string[] {
    return existsSync(this.#home)
      ? readdirSync(this.#home, { withFileTypes: true })
          .filter((entry) => entry.isDirectory())
          .map((entry) => entry.name)
          .sort()
      : [];
  }

  #assertThere(name: string): void {
    if (!existsSync(this.#folderOf(name))) throw failure('REHEARSAL_NOT_FOUND', { name });
  }

  #connect(name: string): Promise<WorldClient | null> {
    return WorldClient.connect(worldAddress(this.#folderOf(name)), who).catch(() => null);
  }

  #with<T>(name: string, work: (client: WorldClient) => Promise<T>): Promise<T> {
    this.#assertThere(name);
    return this.#during(name, {}, work);
  }

  async #during<T>(name: string, made: Partial<WorldStart>, work: (client: WorldClient) => Promise<T>): Promise<T> {
    const client = await this.#start({ folder: this.#folderOf(name), who, ...made });
    try {
      return await work(client);
    } finally {
      client.close();
    }
  }
}
