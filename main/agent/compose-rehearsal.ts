import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  rehearsalAct,
  rehearsalAdvance,
  rehearsalClearFault,
  rehearsalCreate,
  rehearsalList,
  rehearsalLog,
  rehearsalRemove,
  rehearsalScenarios,
  rehearsalSetFault,
  rehearsalShow,
  rehearsalStop,
  type Rehearsal,
} from '../../shared/contract/rehearsal.ts';
import { Failure, failure } from '../../shared/errors/failure.ts';
import { implement, type Implementation } from '../api/registry.ts';
import type { WorldClient } from '../rehearsal/world/client.ts';
import { pause } from '../system/pause.ts';
import { isProcessAlive } from '../system/processes.ts';
import type { CoreSettings } from './core-settings.ts';

const endDeadlineMs = 10_000;

/** What a world says of itself; the rest is in the contract's schema. */
type Described = NonNullable<Rehearsal['running']>;

/** The methods that make, drive and remove simulated servers. What is done to a server goes through its ports. */
export const rehearsalImplementations = ({ dataFolder }: CoreSettings): Implementation[] => {
  const home = join(dataFolder, 'rehearsal');
  const folderOf = (name: string): string => join(home, name);
  const names = (): string[] =>
    existsSync(home)
      ? readdirSync(home, { withFileTypes: true })
          .filter((entry) => entry.isDirectory())
          .map((entry) => entry.name)
          .sort()
      : [];

  const connectIfRunning = async (name: string): Promise<WorldClient | null> => {
    const [{ WorldClient }, { worldAddress }] = await Promise.all([
      import('../rehearsal/world/client.ts'),
      import('../rehearsal/world/address.ts'),
    ]);
    return WorldClient.connect(worldAddress(folderOf(name)), `quorate ${process.pid}`).catch(() => null);
  };

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

  const withWorld = async <T>(name: string, work: (client: WorldClient) => Promise<T>): Promise<T> => {
    if (!existsSync(folderOf(name))) throw failure('REHEARSAL_NOT_FOUND', { name });
    const { startWorld } = await import('../rehearsal/host/start-world.ts');
    const client = await startWorld({ folder: folderOf(name), who: `quorate ${process.pid}` });
    try {
      return await work(client);
    } finally {
      client.close();
    }
  };

  /** Ends the process of a world, which keeps its state; false when none runs. */
  const stop = async (name: string): Promise<boolean> => {
    if (!existsSync(folderOf(name))) throw failure('REHEARSAL_NOT_FOUND', { name });
    const client = await connectIfRunning(name);
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
  };

  return [
    implement(rehearsalScenarios, async () => {
      const { scenarios } = await import('../rehearsal/world/scenarios/index.ts');
      return Object.entries(scenarios).map(([name, { what }]) => ({ name, what }));
    }),
    implement(rehearsalList, async () =>
      Promise.all(
        names().map(async (name) => {
          const client = await connectIfRunning(name);
          if (!client) return { name, running: null };
          try {
            return await describe(client, name);
          } finally {
            client.close();
          }
        }),
      ),
    ),
    implement(rehearsalShow, ({ name }) => withWorld(name, (client) => describe(client, name))),
    implement(rehearsalCreate, async ({ name, scenario, seed, clock }) => {
      const [{ startWorld }, { scenarioNames, defaultScenario }] = await Promise.all([
        import('../rehearsal/host/start-world.ts'),
        import('../rehearsal/world/scenarios/index.ts'),
      ]);
      if (existsSync(folderOf(name))) throw failure('REHEARSAL_EXISTS', { name });
      const wanted = scenario ?? (scenarioNames.find((known) => known === name) || defaultScenario);
      const known = scenarioNames.find((candidate) => candidate === wanted);
      if (!known)
        throw failure('REHEARSAL_REFUSED', {
          name,
          reason: `there is no scenario ${wanted}; there are ${scenarioNames.join(', ')}`,
        });
      const client = await startWorld({
        folder: folderOf(name),
        who: `quorate ${process.pid}`,
        scenario: known,
        seed,
        clock,
      });
      try {
        return await describe(client, name);
      } finally {
        client.close();
      }
    }),
    implement(rehearsalSetFault, ({ name, fault }) =>
      withWorld(name, async (client) => ({ id: (await control(client, name, 'setFault', fault)) as string })),
    ),
    implement(rehearsalClearFault, ({ name, id }) =>
      withWorld(name, async (client) => {
        const faults = (await control(client, name, 'listFaults')) as { id: string; kind: string }[];
        const wanted = faults.filter((fault) => id === null || fault.id === id || fault.kind === id);
        for (const fault of wanted) await control(client, name, 'clearFault', { id: fault.id });
        return { cleared: wanted.length };
      }),
    ),
    implement(rehearsalLog, ({ name, limit }) =>
      withWorld(
        name,
        async (client) =>
          (await control(client, name, 'readLog', { limit })) as { at: string; who: string; what: string }[],
      ),
    ),
    implement(rehearsalAdvance, ({ name, byMs }) =>
      withWorld(name, async (client) => (await control(client, name, 'advance', { byMs })) as { now: string }),
    ),
    implement(rehearsalAct, ({ name, act }) =>
      withWorld(name, async (client) => {
        const { do: what, ...input } = act;
        await control(client, name, what, input);
        return describe(client, name);
      }),
    ),
    implement(rehearsalStop, async ({ name }) => ({ stopped: await stop(name) })),
    implement(rehearsalRemove, async ({ name }) => {
      await stop(name);
      rmSync(folderOf(name), { recursive: true, force: true });
      return { removed: true };
    }),
  ];
};
