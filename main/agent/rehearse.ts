import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OutputOf, ParsedInputOf, Progress } from '../../shared/contract/define.ts';
import type {
  FormationResult,
  FormationStatus,
  FormationStepResult,
  Rehearsed,
  formationExport,
  formationRehearse,
} from '../../shared/contract/formation.ts';
import { Failure, failure, fromEnvelope, toEnvelope } from '../../shared/errors/failure.ts';
import { clusterFileSchema, type ClusterFile } from '../../shared/model/cluster-file.ts';
import { exampleClusterFile } from '../../shared/model/cluster-file-example.ts';
import { machinesOf } from '../../shared/model/cluster-file-storage-host.ts';
import type { FormationStep } from '../../shared/model/formation.ts';
import { restartQuestion } from '../../shared/plan/formation/restart.ts';
import type { ReachPortal } from '../operations/formation/qualify-lun.ts';
import { exportFormation } from '../operations/formation/export-formation.ts';
import { FormationLog, statusOfRecord } from '../operations/formation/formation-log.ts';
import { parseClusterFile } from '../operations/formation/parse-cluster-file.ts';
import { labAccount } from '../rehearsal/world/scenarios/index.ts';
import { startWorld } from '../rehearsal/host/start-world.ts';
import type { WorldClient } from '../rehearsal/world/client.ts';
import { pause } from '../system/pause.ts';
import { isProcessAlive } from '../system/processes.ts';
import type { CoreApi } from '../api/dispatcher.ts';
import type { Endpoint } from '../../shared/model/peer.ts';
import type { PdfPrinter } from '../ports/pdf-printer.ts';
import type { CoreSettings } from './core-settings.ts';
import { localFiles } from './local-files.ts';
import { readOutcome } from './rehearse-outcome.ts';

type RehearseInput = ParsedInputOf<typeof formationRehearse>;

/** A core in this process, as far as a rehearsal uses it. */
interface Core {
  readonly core: CoreApi;
  readonly peers: {
    start(listen: readonly Endpoint[]): Promise<unknown>;
    names(): Promise<readonly { readonly id: string }[]>;
    close(): Promise<void>;
  };
  readonly closeServers: () => Promise<void>;
}

/** Makes the core of a data folder: the composition root's own function, which reaches this file by its methods. */
export type ComposeCore = (settings: CoreSettings) => Core;

const caller = { kind: 'cli' } as const;

/** The CHAP secret of a rehearsal whose file names a CHAP user; it protects nothing. */
const labChapSecret = 'Rehearsal-2026';

/** How often time may jump while servers start, in milliseconds of this machine. */
const jumpEveryMs = 10;

const ask = async <T>({ core }: Core, method: string, input: unknown, signal?: AbortSignal): Promise<T> => {
  const outcome = await core.call(method, input, { caller, ...(signal ? { signal } : {}) });
  if (!outcome.ok) throw fromEnvelope(outcome.error);
  return outcome.result as T;
};

/** The file of the rehearsal: as it was given, as it was kept, or an example. */
const fileOf = (input: RehearseInput, folder: string): { readonly text: string; readonly file: ClusterFile } => {
  const kept = join(folder, 'cluster.json');
  const text =
    input.text ??
    (existsSync(kept)
      ? readFileSync(kept, 'utf8')
      : `${JSON.stringify(exampleClusterFile({ servers: input.nodes }), null, 2)}\n`);
  return { text, file: parseClusterFile(text, input.text === undefined ? kept : input.path) };
};

/** Every simulated server with a core of its own: data folder, identity, journal. They share nothing but the world. */
const composeCores = (
  compose: ComposeCore,
  file: ClusterFile,
  settings: CoreSettings,
  name: string,
  folder: string,
  hooks: Pick<CoreSettings, 'beforeStep' | 'reachPortal' | 'hands'>,
): Core[] =>
  machinesOf(file).map(({ name: server }) => {
    const dataFolder = join(folder, server);
    mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
    return compose({
      dataFolder,
      worldsFolder: settings.dataFolder,
      host: 'agent',
      localServer: { kind: 'rehearsal', world: name, server },
      patience: { pollMs: jumpEveryMs },
      durability: 'process',
      ...hooks,
      ...(settings.log ? { log: settings.log } : {}),
    });
  });

/** Pairs every server with the first, as people do it: an invitation there, a code typed here. */
const pair = async (cores: readonly Core[]): Promise<void> => {
  const [first, ...others] = cores;
  const known = await first!.peers.names();
  for (const core of others) {
    const { id } = await ask<{ id: string }>(core, 'peers.self', {});
    if (known.some((one) => one.id === id)) continue;
    const { code, endpoints } = await ask<{ code: string; endpoints: object[] }>(first!, 'peers.invite', {});
    await ask(core, 'peers.join', { code, endpoints });
  }
};

interface Asked {
  readonly formation: string;
  readonly state: string;
}

/** Agrees at every console to what the first server asks, as people there would. */
const agreeEverywhere = async (cores: readonly Core[], isOver: () => boolean): Promise<void> => {
  while (!isOver()) {
    for (const core of cores) {
      const { consents } = await ask<{ consents: Asked[] }>(core, 'formation.consents', {});
      for (const { formation } of consents.filter(({ state }) => state === 'needed'))
        await ask(core, 'formation.consent', { formation, agrees: true });
    }
    await pause(10 * jumpEveryMs);
  }
};

/** Serves the target of the world over real iSCSI once it is there, and answers where each of its portals is reached. */
class ServedTarget {
  readonly #client: () => WorldClient;
  readonly #target: string;
  #portals: readonly { readonly host: string; readonly port: number; readonly standsFor: string }[] = [];

  constructor(client: () => WorldClient, { storage }: ClusterFile) {
    this.#client = client;
    this.#target = storage.target;
  }

  /** One that a storage host makes is there only after its steps. */
  async serve(): Promise<void> {
    if (this.#portals.length > 0) return;
    const served = (await this.#client().control('serveTarget', { target: this.#target })) as {
      portals: { host: string; port: number; standsFor: string }[];
    };
    this.#portals = served.portals;
  }

  readonly reach: ReachPortal = (address, port) => {
    const portal = this.#portals.find(({ standsFor }) => standsFor === `${address}:${port}`);
    if (!portal) throw failure('INTERNAL_BUG', { message: `the portal ${address}:${port} is not served` });
    return { portal: `${portal.host}:${portal.port}` };
  };
}

const stopWorld = async (client: WorldClient): Promise<void> => {
  const { pid } = (await client.control('describe')) as { pid: number };
  await client.shutdown();
  client.close();
  const deadline = performance.now() + 10_000;
  while (isProcessAlive(pid) && performance.now() < deadline) await pause(10);
};

/** The rehearsals that run in this process: the core that coordinates each. */
const running = new Map<string, Core>();

/** Orders the coordinator of a rehearsal that runs here. Throws FORM_NOT_RUNNING. */
export const orderRehearsal = async (name: string, method: string): Promise<unknown> => {
  const coordinator = running.get(name);
  if (!coordinator) throw failure('FORM_NOT_RUNNING', {});
  return ask(coordinator, method, {});
};

/** What the coordinator of a rehearsal wrote down; null where there is no such rehearsal. */
const logOf = (dataFolder: string, name: string): FormationLog | null => {
  const folder = join(dataFolder, 'rehearsed', name);
  const file = join(folder, 'cluster.json');
  if (!existsSync(file)) return null;
  const [first] = parseClusterFile(readFileSync(file, 'utf8'), file).servers;
  return new FormationLog(join(folder, first!.name));
};

/** How the formation of a rehearsal stands: asked of its coordinator while it runs, else read from its record. Null: there is none. */
export const rehearsedStatus = async (dataFolder: string, name: string): Promise<FormationStatus | null> => {
  const coordinator = running.get(name);
  if (coordinator) return ask(coordinator, 'formation.status', {});
  const log = logOf(dataFolder, name);
  const record = log?.last();
  return log && record ? statusOfRecord(record, log) : null;
};

/** The record of a rehearsal's formation. Throws FORM_NO_RECORD; its plan is not asked for again, its servers are gone. */
export const exportRehearsed = (
  dataFolder: string,
  name: string,
  input: ParsedInputOf<typeof formationExport>,
  signal: AbortSignal,
  printer: PdfPrinter | null,
): Promise<OutputOf<typeof formationExport>> => {
  const log = logOf(dataFolder, name);
  const noPlan = (): Promise<never> => Promise.reject(failure('FORM_NO_RECORD', {}));
  if (!log) return noPlan();
  return exportFormation(input, { log, files: localFiles, printer, signal, plan: noPlan });
};

/**
 * Rehearses a formation: simulated servers in a world of their own, a core for each in this process, real pairing and TLS on
 * loopback, the real planner, journal and coordinator.
 */
export const rehearse = async (
  compose: ComposeCore,
  settings: CoreSettings,
  input: RehearseInput,
  signal: AbortSignal,
  progress: (progress: Progress) => void,
): Promise<Rehearsed> => {
  const started = performance.now();
  const { name } = input;
  const folder = join(settings.dataFolder, 'rehearsed', name);
  const worldFolder = join(settings.dataFolder, 'rehearsal', name);
  const goesOn = input.resume || input.direction === 'undo';
  if (existsSync(worldFolder) && !goesOn) throw failure('REHEARSAL_EXISTS', { name });
  const { text, file } = fileOf(input, folder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'cluster.json'), text);
  const servers = join(folder, 'servers.json');
  const bare = { file: clusterFileSchema.parse(file), version: input.os };
  writeFileSync(servers, JSON.stringify(bare));
  progress({ doing: 'Starting the simulated servers', done: null, total: null, leftMs: null });
  const faults = [...input.faults];
  const target = new ServedTarget(() => client, file);
  const beforeStep = async (step: FormationStep): Promise<void> => {
    if (step.check === 'storage.qualify') await target.serve();
    for (const due of faults.filter((one) => step.id.includes(one.step))) {
      faults.splice(faults.indexOf(due), 1);
      await client.control('setFault', due.fault);
    }
  };
  const cores = composeCores(compose, file, settings, name, folder, {
    beforeStep,
    reachPortal: target.reach,
    hands: {
      powerOff: async (server) => void (await client.control('powerOff', { server })),
      powerOn: async (server) => void (await client.control('powerOn', { server })),
    },
  });
  // Identities are read or made while the world starts: neither needs the other, and both take their time.
  const opened = Promise.all(cores.map(({ peers }) => peers.names()));
  opened.catch(() => undefined);
  const client = await startWorld({
    folder: worldFolder,
    who: 'rehearse',
    servers,
    seed: input.seed,
    clock: 'driven',
    endsWithMe: true,
  });
  let isOver = false;
  const keepTime = async (): Promise<void> => {
    while (!isOver) {
      await client.control('advanceToNext', {});
      await pause(jumpEveryMs);
    }
  };
  const clock = keepTime().catch(() => undefined);
  const results = new Map<string, FormationStepResult>();
  let consents: Promise<unknown> = Promise.resolve();
  try {
    // A server that the file names now and did not name before: the cluster grows.
    if (goesOn) await client.control('addBareServers', bare);
    if (!file.storageHost) await target.serve();
    await opened;
    await Promise.all(cores.map(({ peers }) => peers.start([{ address: '127.0.0.1', port: 0 }])));
    await pair(cores);
    running.set(name, cores[0]!);
    await ask(cores[0]!, 'coordinator.take', {}, signal);
    consents = agreeEverywhere(cores.slice(1), () => isOver).catch(() => undefined);
    const outcome = await cores[0]!.core.call(
      'formation.apply',
      {
        text,
        path: 'cluster.json',
        direction: input.direction,
        confirm: file.cluster.name,
        acceptWarnings: input.acceptWarnings,
        answers: Object.fromEntries(machinesOf(file).map((server) => [restartQuestion(server.name), true])),
        secrets: { account: labAccount.password, chap: labChapSecret },
      },
      {
        caller,
        signal,
        onProgress: (one) => {
          for (const step of (one.data as { changed?: FormationStepResult[] } | undefined)?.changed ?? [])
            results.set(step.id, step);
          progress(one);
        },
      },
    );
    const result = outcome.ok ? (outcome.result as FormationResult) : null;
    const state = await readOutcome(client);
    return {
      schema: 'quorate.rehearse/1',
      outcome: result?.outcome ?? 'failed',
      rehearsal: name,
      ...state,
      steps: result?.steps ?? [...results.values()],
      error: outcome.ok ? null : outcome.error,
      tookMs: Math.round(performance.now() - started),
    };
  } catch (error) {
    if (error instanceof Failure && error.code === 'CANCELLED') throw error;
    return {
      schema: 'quorate.rehearse/1',
      outcome: 'failed',
      rehearsal: name,
      ...(await readOutcome(client)),
      steps: [...results.values()],
      error: toEnvelope(error),
      tookMs: Math.round(performance.now() - started),
    };
  } finally {
    running.delete(name);
    isOver = true;
    await Promise.all([clock, consents]);
    await Promise.all(
      cores.map(async ({ peers, closeServers }) => {
        await peers.close();
        await closeServers();
      }),
    );
    await stopWorld(client);
  }
};
