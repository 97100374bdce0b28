import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startWorld } from '../../main/rehearsal/host/start-world.ts';
import { readOutcome } from '../../main/rehearsal/host/world-outcome.ts';
import type { WorldClient } from '../../main/rehearsal/world/client.ts';
import type { WorldState } from '../../main/rehearsal/world/state.ts';
import type { FormationStatus } from '../../shared/contract/formation.ts';
import { clusterFileSchema } from '../../shared/model/cluster-file.ts';
import { exampleClusterFile } from '../../shared/model/cluster-file-example.ts';
import { askCore } from './ask-core.ts';
import { builtCli, startCli, type RunningCli } from './built-cli.ts';
import { freePort } from './free-port.ts';
import { until } from './peers.ts';
import { removeFolder } from './remove-folder.ts';

/** One simulated server of a formation with the process that is its Quorate. */
export interface FormationAgent {
  readonly name: string;
  readonly data: string;
  /** Where it listens for the other, on loopback. */
  readonly port: number;
  /** Starts its Quorate, as a person does; waits until it listens. */
  readonly start: () => Promise<void>;
  /** Starts the very command that the task of a restart has; waits until that says that it goes on. */
  readonly resume: () => Promise<void>;
  /** Ends all of it by force, as a restart of Windows does. */
  readonly kill: () => Promise<void>;
  readonly isUp: boolean;
  /** What its Quorate said on standard error since it was started. */
  readonly said: () => string;
  readonly quorate: (...words: string[]) => RunningCli;
}

export interface FormationAgents {
  readonly agents: readonly [FormationAgent, FormationAgent];
  readonly world: WorldClient;
  /** The cluster file. */
  readonly path: string;
  readonly snapshot: () => Promise<WorldState>;
  /** What the world carried out on a server, in order: `kind:subject`. */
  readonly applied: (server: string) => Promise<readonly string[]>;
  /** How the formation stands, as the first server's own core tells it; null: nobody tells. */
  readonly status: () => Promise<FormationStatus | null>;
  /** Agrees at the second server to whatever is asked there, until the command has ended. */
  readonly agreeing: <T>(command: { readonly done: Promise<T> }) => Promise<T>;
  /** Somebody works on the server by Remote Desktop, over its production network. */
  readonly logOnFromAfar: (server: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/**
 * Two simulated servers in one world whose time is driven, each with an agent of its own as a process; paired over TLS on loopback, the first one
 * coordinates. `change`: what of the example file is to be otherwise.
 */
export const startFormationAgents = async (
  change: (file: ReturnType<typeof exampleClusterFile>) => void = () => undefined,
): Promise<FormationAgents> => {
  const home = mkdtempSync(join(tmpdir(), 'quorate-agents-'));
  const file = exampleClusterFile({ servers: 2 });
  change(file);
  const path = join(home, 'cluster.json');
  writeFileSync(path, JSON.stringify(file));
  const servers = join(home, 'servers.json');
  writeFileSync(servers, JSON.stringify({ file: clusterFileSchema.parse(file), version: '2022' }));
  mkdirSync(join(home, 'worlds'));
  const world = await startWorld({
    folder: join(home, 'worlds', 'lab'),
    who: 'agents',
    servers,
    clock: 'driven',
    endsWithMe: true,
  });

  const agentOf = async (name: string): Promise<FormationAgent> => {
    const data = join(home, name);
    mkdirSync(data, { mode: 0o700 });
    // Both servers are in one world; all else they have for themselves.
    symlinkSync(join(home, 'worlds'), join(data, 'rehearsal'));
    const port = await freePort();
    const settings = ['--server', `rehearsal:lab/${name}`, '--listen', `127.0.0.1:${port}`];
    let running: RunningCli[] = [];
    const run = async (words: readonly string[], isThere: RegExp): Promise<void> => {
      const own = startCli([...words, ...settings], { data });
      running.push(own);
      await until(
        `${name} says ${isThere}`,
        () => {
          if (own.child.exitCode !== null) throw new Error(own.soFar().err);
          return isThere.test(own.soFar().err);
        },
        120_000,
      );
    };
    return {
      name,
      data,
      port,
      start: () => run(['agent', '--no-page'], /Listens for peers/),
      resume: async () => {
        const words = ['--data', data, 'journal', 'resume', '--yes'];
        const { servers: made } = (await world.control('snapshot')) as WorldState;
        const task = made[name]!.tasks.find((one) => one.name.startsWith('Resume-'));
        const does = `${task?.execute} ${task?.arguments}`;
        if (does !== [process.execPath, builtCli, ...words].join(' ')) throw new Error(`the task starts ${does}`);
        // The number that it had before the restart belongs to some other program by now.
        const log = join(data, 'formation');
        for (const name of existsSync(log) ? readdirSync(log).filter((one) => one.startsWith('form-')) : []) {
          const file = join(log, name);
          writeFileSync(file, readFileSync(file, 'utf8').replace(/"pid":\d+/, `"pid":${process.pid}`));
        }
        return run(words, /Going on with|is part of a formation/);
      },
      kill: async () => {
        const all = running;
        running = [];
        for (const { child } of all) child.kill('SIGKILL');
        await Promise.all(all.map(({ done }) => done));
      },
      get isUp() {
        return running.length > 0;
      },
      said: () => running.map((one) => one.soFar().err).join(''),
      quorate: (...more) => startCli(more, { data }),
    };
  };
  const agents = [await agentOf('NODE1'), await agentOf('NODE2')] as const;
  const [first, second] = agents;
  const close = async (): Promise<void> => {
    for (const agent of agents) await agent.kill();
    await world.shutdown().catch(() => undefined);
    world.close();
    await removeFolder(home);
  };
  const told = async (agent: FormationAgent, ...words: string[]): Promise<string> => {
    const { code, out, err } = await agent.quorate(...words).done;
    if (code !== 0) throw new Error(`${words.join(' ')}: ${err}`);
    return out;
  };
  try {
    await Promise.all(agents.map((agent) => agent.start()));
    const { code, endpoints } = JSON.parse(await told(first, 'peers', 'invite', '--json')) as {
      code: string;
      endpoints: { address: string; port: number }[];
    };
    const at = endpoints.find(({ address }) => address === '127.0.0.1') ?? endpoints[0]!;
    await told(second, 'peers', 'join', code, '--address', `127.0.0.1:${at.port}`);
    await told(first, 'peers', 'coordinator', '--take');
  } catch (error) {
    await close();
    throw error;
  }
  return {
    agents,
    world,
    path,
    close,
    snapshot: async () => (await world.control('snapshot')) as WorldState,
    applied: async (server) =>
      (await readOutcome(world)).applied.filter(({ node }) => node === server).map(({ step }) => step),
    logOnFromAfar: async (server) => {
      const { servers } = (await world.control('snapshot')) as WorldState;
      const [production] = servers[server]!.nics;
      const address = production!.addresses.find(({ family }) => family === 'ipv4')!.address;
      const session = { service: 'rdp', localAddress: address, localPort: 3389, remoteAddress: '192.0.2.250' };
      await world.control('alterServer', { server, values: { remoteSessions: [session] } });
    },
    status: () => askCore<FormationStatus>(first.data, 'formation.status'),
    agreeing: async (command) => {
      let isOver = false;
      const agree = async (): Promise<void> => {
        while (!isOver) {
          const asked = await askCore<{ consents: { formation: string; state: string }[] }>(
            second.data,
            'formation.consents',
          );
          for (const { formation, state } of asked?.consents ?? [])
            if (state === 'needed') await askCore(second.data, 'formation.consent', { formation, agrees: true });
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      };
      const agreed = agree();
      const result = await command.done;
      isOver = true;
      await agreed;
      return result;
    },
  };
};
