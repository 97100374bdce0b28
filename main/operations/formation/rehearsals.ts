import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OutputOf, ParsedInputOf, Progress } from '../../../shared/contract/define.ts';
import type {
  FormationResult,
  FormationStatus,
  FormationStepResult,
  Rehearsed,
  formationExport,
  formationRehearse,
} from '../../../shared/contract/formation.ts';
import {
  Failure,
  failure,
  fromEnvelope,
  ofRehearsal,
  toEnvelope,
  type Envelope,
  type Outcome,
} from '../../../shared/errors/failure.ts';
import { inRehearsal, type RehearsedPlace } from '../../../shared/errors/rehearsed-words.ts';
import type { ClusterFile } from '../../../shared/model/cluster-file.ts';
import { exampleClusterFile } from '../../../shared/model/cluster-file-example.ts';
import { machinesOf } from '../../../shared/model/cluster-file-storage-host.ts';
import type { FormationStep } from '../../../shared/model/formation.ts';
import { restartQuestion } from '../../../shared/plan/formation/restart.ts';
import type { FilePort } from '../../ports/file-port.ts';
import type { PdfPrinter } from '../../ports/pdf-printer.ts';
import type { RehearsedWorld, ServedPortal, StartRehearsedWorld } from '../../ports/rehearsed-world.ts';
import { pause } from '../../system/pause.ts';
import type { Hands } from './drills.ts';
import { exportFormation } from './export-formation.ts';
import { FormationLog, statusOfRecord } from './formation-log.ts';
import { parseClusterFile } from './parse-cluster-file.ts';
import { PowerButton, type Pressed } from './power-button.ts';
import type { ReachPortal } from './qualify-lun.ts';

type RehearseInput = ParsedInputOf<typeof formationRehearse>;

/** The core of one simulated server, in this process. */
export interface RehearsedCore {
  /** Calls a method of it as the person at its console. */
  call(
    method: string,
    input: unknown,
    options?: { readonly signal?: AbortSignal; readonly onProgress?: (progress: Progress) => void },
  ): Promise<Outcome>;
  /** Listens for the others on loopback. */
  listen(): Promise<unknown>;
  /** Those that it is paired with. */
  peers(): Promise<readonly { readonly id: string }[]>;
  close(): Promise<void>;
}

/** What a core of a rehearsal is told besides. */
export interface CoreOrder {
  readonly dataFolder: string;
  readonly world: string;
  readonly server: string;
  /** Milliseconds between two readings of what is waited for. */
  readonly pollMs: number;
  readonly beforeStep: (step: FormationStep) => Promise<void>;
  readonly reachPortal: ReachPortal;
  readonly hands: Hands;
}

export interface RehearsalTools {
  /** Keeps worlds and the data folders of their cores. */
  readonly dataFolder: string;
  readonly files: FilePort;
  readonly startWorld: StartRehearsedWorld;
  readonly openCore: (order: CoreOrder) => RehearsedCore;
  /** How long a server may wait for its power button before the rehearsal presses it, in milliseconds. */
  readonly pressAfterMs?: number | undefined;
}

/** A rehearsal while it runs here. */
interface RunningRehearsal {
  /** The core that coordinates. */
  readonly coordinator: RehearsedCore;
  readonly button: PowerButton;
  readonly place: RehearsedPlace;
}

/** How long the last look at the power of the servers may take, in milliseconds. */
const lastLookMs = 1_000;

/** How often what is waited for is asked, in milliseconds: nothing takes its time in a rehearsal. */
const pollMs = 10;

/** How often a server is asked what people there have to agree to, in milliseconds. */
const consentEveryMs = 100;

const ask = async <T>(core: RehearsedCore, method: string, input: unknown, signal?: AbortSignal): Promise<T> => {
  const outcome = await core.call(method, input, signal ? { signal } : {});
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

/** Pairs every server with the first, as people do it: an invitation there, a code typed here. The first coordinates then. */
const connect = async (cores: readonly RehearsedCore[], signal: AbortSignal): Promise<void> => {
  await Promise.all(cores.map((core) => core.listen()));
  const [first, ...others] = cores;
  const known = await first!.peers();
  for (const core of others) {
    const { id } = await ask<{ id: string }>(core, 'peers.self', {});
    if (known.some((one) => one.id === id)) continue;
    const { code, endpoints } = await ask<{ code: string; endpoints: object[] }>(first!, 'peers.invite', {});
    await ask(core, 'peers.join', { code, endpoints });
  }
  await ask(first!, 'coordinator.take', {}, signal);
};

/** A step with sentences that are true in its rehearsal. */
const stepOf = (place: RehearsedPlace, step: FormationStepResult): FormationStepResult => ({
  ...step,
  doing: step.doing === null ? null : inRehearsal(step.doing, place),
  error: step.error && ofRehearsal(step.error, place),
});

const statusIn = (place: RehearsedPlace, status: FormationStatus): FormationStatus => ({
  ...status,
  doing: status.doing === null ? null : inRehearsal(status.doing, place),
  error: status.error && ofRehearsal(status.error, place),
  steps: status.steps.map((step) => stepOf(place, step)),
  earlier: status.earlier.map((step) => stepOf(place, step)),
});

const progressIn = (place: RehearsedPlace, progress: Progress): Progress => {
  const { changed } = (progress.data ?? {}) as { readonly changed?: readonly FormationStepResult[] };
  return {
    ...progress,
    doing: inRehearsal(progress.doing, place),
    ...(changed ? { data: { ...(progress.data as object), changed: changed.map((step) => stepOf(place, step)) } } : {}),
  };
};

interface Asked {
  readonly formation: string;
  readonly state: string;
}

/** Agrees at every console to what the first server asks, as people there would. */
const agreeEverywhere = async (cores: readonly RehearsedCore[], isOver: () => boolean): Promise<void> => {
  while (!isOver()) {
    for (const core of cores) {
      const { consents } = await ask<{ consents: Asked[] }>(core, 'formation.consents', {});
      for (const { formation } of consents.filter(({ state }) => state === 'needed'))
        await ask(core, 'formation.consent', { formation, agrees: true });
    }
    await pause(consentEveryMs);
  }
};

/** Serves the target of the world over real iSCSI once it is there, and answers where each of its portals is reached. */
class ServedTarget {
  readonly #world: () => RehearsedWorld;
  readonly #target: string;
  #portals: readonly ServedPortal[] = [];

  constructor(world: () => RehearsedWorld, { storage }: ClusterFile) {
    this.#world = world;
    this.#target = storage.target;
  }

  /** One that a storage host makes is there only after its steps. */
  async serve(): Promise<void> {
    if (this.#portals.length === 0) this.#portals = await this.#world().serveTarget(this.#target);
  }

  readonly reach: ReachPortal = (address, port) => {
    const portal = this.#portals.find(({ standsFor }) => standsFor === `${address}:${port}`);
    if (!portal) throw failure('INTERNAL_BUG', { message: `the portal ${address}:${port} is not served` });
    return { portal: `${portal.host}:${portal.port}` };
  };
}

/**
 * Formations that are rehearsed: simulated servers in a world of their own, a core for each in this process, real pairing and TLS on
 * loopback, the real planner, journal and coordinator.
 */
export class Rehearsals {
  readonly #tools: RehearsalTools;
  readonly #running = new Map<string, RunningRehearsal>();

  constructor(tools: RehearsalTools) {
    this.#tools = tools;
  }

  /** Orders the coordinator of a rehearsal that runs here. Throws FORM_NOT_RUNNING. */
  async order(name: string, method: string, input: object = {}): Promise<unknown> {
    const running = this.#running.get(name);
    if (!running) throw this.#failureOf(name, failure('FORM_NOT_RUNNING', {}));
    return ask(running.coordinator, method, input);
  }

  /** How the formation of a rehearsal stands: asked of its coordinator while it runs, else read from its record. Null: there is none. */
  async status(name: string): Promise<FormationStatus | null> {
    const running = this.#running.get(name);
    if (running) {
      const status = await ask<FormationStatus | null>(running.coordinator, 'formation.status', {});
      const { waiting } = running.button;
      return status && statusIn(running.place, waiting === null ? status : { ...status, doing: waiting });
    }
    const log = this.#logOf(name);
    const record = log?.last();
    const place = this.#placeOf(name);
    return log && record && place ? statusIn(place, statusOfRecord(record, log)) : null;
  }

  /** The record of a rehearsal's formation. Throws FORM_NO_RECORD; its plan is not asked for again, its servers are gone. */
  async export(
    name: string,
    input: ParsedInputOf<typeof formationExport>,
    signal: AbortSignal,
    printer: PdfPrinter | null,
  ): Promise<OutputOf<typeof formationExport>> {
    const [log, rehearsal] = [this.#logOf(name), this.#placeOf(name)];
    const noPlan = (): Promise<never> => Promise.reject(this.#failureOf(name, failure('FORM_NO_RECORD', {})));
    if (!log || !rehearsal) return noPlan();
    return exportFormation(input, { log, rehearsal, files: this.#tools.files, printer, signal, plan: noPlan });
  }

  /** Rehearses a formation to its end. Throws REHEARSAL_EXISTS, REHEARSAL_NOT_FOUND, CLUSTER_FILE_INVALID and CANCELLED; what fails in it is its result. */
  async rehearse(input: RehearseInput, signal: AbortSignal, tell: (progress: Progress) => void): Promise<Rehearsed> {
    const started = performance.now();
    const { name, direction } = input;
    const folder = this.#folderOf(name);
    const worldFolder = join(this.#tools.dataFolder, 'rehearsal', name);
    const goesOn = input.resume || input.direction === 'undo';
    if (existsSync(worldFolder) && !goesOn) throw failure('REHEARSAL_EXISTS', { name });
    if (!existsSync(worldFolder) && input.direction === 'undo') throw failure('REHEARSAL_NOT_FOUND', { name });
    const { text, file } = fileOf(input, folder);
    const place: RehearsedPlace = { name, server: file.servers[0]!.name, direction };
    const progress = (one: Progress): void => tell(progressIn(place, one));
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, 'cluster.json'), text);
    progress({ doing: 'Starting the simulated servers', done: null, total: null, leftMs: null });
    // Servers get to know each other while their world starts: neither needs the other, and both take their time.
    const starting = this.#tools.startWorld({
      folder: worldFolder,
      servers: join(folder, 'servers.json'),
      file,
      version: input.os,
      seed: input.seed,
      goesOn,
    });
    starting.catch(() => undefined);
    const faults = [...input.faults];
    const target = new ServedTarget(() => world, file);
    const switchedOn: Pressed[] = [];
    const button = new PowerButton({
      name,
      world: () => world,
      tell: (doing) => progress({ doing, done: null, total: null, leftMs: null }),
      onPressed: (pressed) => {
        switchedOn.push(pressed);
        this.#logOf(name)?.note(new Date(), pressed.text);
      },
      pressAfterMs: this.#tools.pressAfterMs,
    });
    const beforeStep = async (step: FormationStep): Promise<void> => {
      if (step.check === 'storage.qualify') await target.serve();
      for (const due of faults.filter((one) => step.id.includes(one.step))) {
        faults.splice(faults.indexOf(due), 1);
        await world.setFault(due.fault);
      }
    };
    // They share nothing but the world: data folder, identity and journal are each one's own.
    const cores = machinesOf(file).map(({ name: server }) => {
      const dataFolder = join(folder, server);
      mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
      return this.#tools.openCore({
        dataFolder,
        world: name,
        server,
        pollMs,
        beforeStep,
        reachPortal: target.reach,
        hands: button.hands,
      });
    });
    const connected = connect(cores, signal);
    connected.catch(() => undefined);
    const closeCores = async (): Promise<void> => {
      await connected.catch(() => undefined);
      await Promise.all(cores.map((core) => core.close()));
    };
    const world = await starting.catch(async (error: unknown) => {
      await closeCores();
      throw error;
    });
    let isOver = false;
    const results = new Map<string, FormationStepResult>();
    const rehearsed = async (
      outcome: Rehearsed['outcome'],
      steps: Rehearsed['steps'],
      error: Envelope | null,
    ): Promise<Rehearsed> => ({
      schema: 'quorate.rehearse/1',
      outcome,
      rehearsal: name,
      ...(await world.readOutcome()),
      steps: steps.map((step) => stepOf(place, step)),
      faultsNotSet: faults.map(({ fault, step }) => ({ fault: String(fault['kind']), step })),
      switchedOn,
      error: error && ofRehearsal(error, place),
      tookMs: Math.round(performance.now() - started),
    });
    let consents: Promise<unknown> = Promise.resolve();
    const watched = button.watch();
    try {
      if (!file.storageHost) await target.serve();
      await connected;
      const [coordinator, ...others] = cores as [RehearsedCore, ...RehearsedCore[]];
      this.#running.set(name, { coordinator, button, place });
      consents = agreeEverywhere(others, () => isOver).catch(() => undefined);
      const outcome = await coordinator.call(
        'formation.apply',
        {
          text,
          path: 'cluster.json',
          direction: input.direction,
          confirm: file.cluster.name,
          acceptWarnings: input.acceptWarnings,
          answers: Object.fromEntries(machinesOf(file).map((server) => [restartQuestion(server.name), true])),
          secrets: world.secrets,
        },
        {
          signal,
          onProgress: (one) => {
            for (const step of (one.data as { changed?: FormationStepResult[] } | undefined)?.changed ?? [])
              results.set(step.id, step);
            progress(one);
          },
        },
      );
      if (!outcome.ok) return await rehearsed('failed', [...results.values()], outcome.error);
      const result = outcome.result as FormationResult;
      return await rehearsed(result.outcome, result.steps, null);
    } catch (error) {
      if (error instanceof Failure && error.code === 'CANCELLED') throw error;
      return await rehearsed('failed', [...results.values()], toEnvelope(error));
    } finally {
      this.#running.delete(name);
      isOver = true;
      button.end();
      // A world that hangs does not answer the last look at its servers either.
      await Promise.all([consents, Promise.race([watched, pause(lastLookMs)])]);
      await closeCores();
      await world.stop();
    }
  }

  #folderOf(name: string): string {
    return join(this.#tools.dataFolder, 'rehearsed', name);
  }

  /** Where the sentences of a rehearsal are read, with the way that it was gone last; null where there is none. */
  #placeOf(name: string): RehearsedPlace | null {
    const file = join(this.#folderOf(name), 'cluster.json');
    if (!existsSync(file)) return null;
    const [first] = parseClusterFile(readFileSync(file, 'utf8'), file).servers;
    return { name, server: first!.name, direction: this.#logOf(name)?.last()?.direction ?? 'form' };
  }

  #failureOf(name: string, thrown: Failure): Failure {
    return fromEnvelope(
      ofRehearsal(toEnvelope(thrown), this.#placeOf(name) ?? { name, server: '', direction: 'form' }),
    );
  }

  /** What the coordinator of a rehearsal wrote down; null where there is no such rehearsal. */
  #logOf(name: string): FormationLog | null {
    const folder = this.#folderOf(name);
    const file = join(folder, 'cluster.json');
    if (!existsSync(file)) return null;
    const [first] = parseClusterFile(readFileSync(file, 'utf8'), file).servers;
    return new FormationLog(join(folder, first!.name), () => this.#running.has(name));
  }
}
