import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { ParsedInputOf, Progress } from '../../shared/contract/define.ts';
import {
  type formationLook,
  formationTake,
  type FormationResult,
  type FormationStatus,
  type formationApply,
  type formationExport,
  type formationInit,
  type formationPlan,
} from '../../shared/contract/formation.ts';
import { Failure, failure, toEnvelope } from '../../shared/errors/failure.ts';
import type { ClusterFile } from '../../shared/model/cluster-file.ts';
import { serverPlanSchema, type FormationPlan, type ServerPlan } from '../../shared/model/formation.ts';
import { localServer, type ServerRef } from '../../shared/model/server-ref.ts';
import { portalText } from '../../shared/plan/initiator/paths.ts';
import { planFormation, whyNotSkippable } from '../../shared/plan/formation/plan-formation.ts';
import type { TakenStep } from '../coordination/executor.ts';
import type { CheckTools } from '../operations/formation/checks.ts';
import { loseHost, quickMigration, restartServer, type DrillTools } from '../operations/formation/drills.ts';
import { FormationLog, statusOfRecord } from '../operations/formation/formation-log.ts';
import { FormationMember } from '../operations/formation/member.ts';
import { parseClusterFile } from '../operations/formation/parse-cluster-file.ts';
import { ProofStore } from '../operations/formation/proof-store.ts';
import { FormationRun, lookAtAll, type FormationServer } from '../operations/formation/run-formation.ts';
import { qualifyLun, type AskCore, type ReachPortal } from '../operations/formation/qualify-lun.ts';
import { isPromised } from '../operations/formation/settled.ts';
import type { PdfPrinter } from '../ports/pdf-printer.ts';
import { localFiles } from './local-files.ts';
import type { PeerPort } from '../ports/peer-port.ts';
import type { CoreSettings } from './core-settings.ts';
import type { ServerAccess } from './server-access.ts';

type LookInput = ParsedInputOf<typeof formationLook>;
type TakeInput = ParsedInputOf<typeof formationTake>;
type PlanInput = ParsedInputOf<typeof formationPlan>;
type ApplyInput = ParsedInputOf<typeof formationApply>;
type InitInput = ParsedInputOf<typeof formationInit>;
type ExportInput = ParsedInputOf<typeof formationExport>;
type Skip = ReturnType<FormationLog['skips']>[number];

/** The peers of a core, as far as a formation needs them. */
export type FormationPeers = PeerPort & {
  readonly names: () => Promise<readonly { readonly id: string; readonly name: string }[]>;
};

/** What a core does in formations: as a member for itself, and as the coordinator for all. */
export class FormationCore {
  readonly #access: ServerAccess;
  readonly #ask: AskCore;
  readonly #peers: FormationPeers;
  readonly #member = new FormationMember();
  readonly #proofs: ProofStore;
  readonly #settings: CoreSettings;
  readonly #log: FormationLog;
  #running: Running | null = null;

  constructor(settings: CoreSettings, access: ServerAccess, peers: FormationPeers, ask: AskCore) {
    this.#ask = ask;
    this.#settings = settings;
    this.#access = access;
    this.#peers = peers;
    this.#proofs = new ProofStore(settings.dataFolder);
    this.#log = new FormationLog(settings.dataFolder);
  }

  look(
    ref: ServerRef,
    { text, path, formation, answers, secrets, withScripts }: LookInput,
    signal: AbortSignal,
  ): Promise<ServerPlan> {
    const file = parseClusterFile(text, path);
    return this.#access.onServer(ref, (server) =>
      this.#member.look(
        server,
        formation,
        { file, answers, secrets, withScripts, proofs: this.#proofs.read() },
        signal,
      ),
    );
  }

  take(ref: ServerRef, input: TakeInput, signal: AbortSignal, by: string): Promise<TakenStep> {
    return this.#access.onServer(ref, (server) => this.#member.take(server, input, this.#tools(signal), by));
  }

  leave(formation: string, state: 'done' | 'failed' | 'cancelled'): boolean {
    return this.#member.leave(formation, state);
  }

  async plan(input: PlanInput, signal: AbortSignal): Promise<FormationPlan> {
    const file = parseClusterFile(input.text, input.path);
    const servers = await this.#servers(file, { ...input, formation: newFormation() }, signal);
    const { plans, absent } = await lookAtAll(servers, signal);
    await Promise.all(servers.map((server) => server.leave('cancelled').catch(() => undefined)));
    return planFormation(file, plans, absent, this.#skipped());
  }

  /** Forms. Throws PLAN_BUSY while a formation of this core runs, and what {@link FormationRun.run} throws. */
  async apply(
    input: ApplyInput,
    signal: AbortSignal,
    progress: (progress: Progress) => void,
    by: string,
  ): Promise<FormationResult> {
    const file = parseClusterFile(input.text, input.path);
    if (this.#running)
      throw failure('PLAN_BUSY', { server: file.cluster.name, title: `Formation ${this.#running.id}` });
    const id = newFormation();
    const controller = new AbortController();
    const within = AbortSignal.any([signal, controller.signal]);
    const now = (): Date => new Date();
    const own: Running = { id, controller, run: null };
    this.#running = own;
    const { path, text } = input;
    this.#log.begin({ at: now().toISOString(), formation: id, cluster: file.cluster.name, path, text, by });
    try {
      own.run = new FormationRun({
        id,
        file,
        servers: await this.#servers(file, { ...input, formation: id, withScripts: false }, within),
        signal: within,
        progress,
        now,
        isSettled: isPromised,
        skips: () => this.#skipped(),
        onStep: (result) => this.#log.step(id, now(), result),
        ...(this.#settings.beforeStep ? { beforeStep: this.#settings.beforeStep } : {}),
      });
      const result = await own.run.run();
      this.#log.end(id, now(), 'formed', null);
      return result;
    } catch (error) {
      const envelope = toEnvelope(error);
      this.#log.end(id, now(), envelope.code === 'CANCELLED' ? 'cancelled' : 'failed', envelope);
      throw error;
    } finally {
      this.#running = null;
    }
  }

  status(): FormationStatus | null {
    const record = this.#log.last();
    if (!record) return null;
    const shown = statusOfRecord(record, this.#log);
    const run = this.#running?.run ?? null;
    if (!run) return shown;
    return {
      ...shown,
      state: run.isPaused ? 'paused' : shown.state,
      // The log holds what began; who looks while it runs sees what waits as well.
      steps: [...run.results],
      servers: run.plan?.servers ?? [],
    };
  }

  /** Throws FORM_NOT_RUNNING, as do the two after it. */
  pause(): { formation: string; running: string[] } {
    const { id, run } = this.#mustRun();
    run.pause();
    return { formation: id, running: run.results.filter(({ state }) => state === 'running').map(({ title }) => title) };
  }

  goOn(): { formation: string } {
    const { id, run } = this.#mustRun();
    run.resume();
    return { formation: id };
  }

  cancel(): { formation: string } {
    const own = this.#running;
    if (!own) throw failure('FORM_NOT_RUNNING', {});
    own.controller.abort();
    return { formation: own.id };
  }

  /** Throws FORM_STEP_NOT_SKIPPABLE where something rests on the step, or nobody knows it. */
  async skip(step: string, reason: string, by: string, signal: AbortSignal): Promise<Skip> {
    const record = this.#log.last();
    const plan =
      this.#running?.run?.plan ??
      (record && (await this.plan({ ...record, answers: {}, secrets: {}, withScripts: false }, signal)));
    const found = plan?.steps.find(({ id }) => id === step);
    const problem = found ? whyNotSkippable(found) : 'the plan has no such step';
    if (problem !== null) throw failure('FORM_STEP_NOT_SKIPPABLE', { step, reason: problem });
    const skip = { step, reason, at: new Date().toISOString(), by };
    this.#log.skip(skip);
    return skip;
  }

  async export(input: ExportInput, signal: AbortSignal, printer: PdfPrinter | null) {
    const { exportFormation } = await import('../operations/formation/export-formation.ts');
    return exportFormation(input, {
      log: this.#log,
      files: localFiles,
      printer,
      signal,
      plan: (text, withScripts) => this.plan({ text, path: input.path, answers: {}, secrets: {}, withScripts }, signal),
    });
  }

  async init(input: InitInput, signal: AbortSignal) {
    const { draftFormation } = await import('../operations/formation/draft.ts');
    const reach = this.#settings.reachPortal ?? directly;
    return draftFormation(input, { ask: this.#ask, reach, peers: await this.#peers.names(), signal });
  }

  #mustRun(): { readonly id: string; readonly run: FormationRun } {
    const own = this.#running;
    if (!own?.run) throw failure('FORM_NOT_RUNNING', {});
    return { id: own.id, run: own.run };
  }

  #skipped(): ReadonlySet<string> {
    return new Set(this.#log.skips().map(({ step }) => step));
  }

  #tools(signal: AbortSignal): CheckTools {
    const drills: DrillTools = {
      use: (work) => this.#access.onServer(localServer, work),
      proofs: this.#proofs,
      hands: this.#settings.hands ?? null,
      now: () => new Date(),
    };
    return {
      signal,
      checks: {
        'drill.quickMigration': quickMigration(drills),
        'drill.loseHost': loseHost(drills),
        'drill.restartServer': restartServer(drills),
        'storage.qualify': qualifyLun({
          ask: this.#ask,
          proofs: this.#proofs,
          reach: this.#settings.reachPortal ?? directly,
          iqn: (within) =>
            this.#access.onServer(
              localServer,
              async ({ ports }) => (await ports.initiator.readState({ signal: within })).iqn,
            ),
          now: () => new Date(),
        }),
      },
    };
  }

  /**
   * Every server of the file: this one directly, the others through their own cores. Which is which, each says itself by the MAC
   * addresses that it has: names change on the way.
   */
  async #servers(file: ClusterFile, asked: LookInput, signal: AbortSignal): Promise<FormationServer[]> {
    const { formation, secrets } = asked;
    const input = { ...asked };
    const peers = await this.#peers.names();
    const candidates: Candidate[] = [
      {
        who: 'this server',
        look: (within) => this.look(localServer, input, within),
        take: (step, within) => this.take(localServer, { formation, step, secrets }, within, 'local'),
        leave: async (state) => void this.leave(formation, state),
      },
      ...peers.map(({ id, name }): Candidate => {
        const call = (method: string, what: unknown, within?: AbortSignal): Promise<unknown> =>
          this.#peers.call(id, method, what, within ? { signal: within } : {});
        return {
          who: name,
          look: async (within) => serverPlanSchema.parse(await call('formation.look', input, within)),
          take: async (step, within) =>
            formationTake.output.parse(await call('formation.take', { formation, step, secrets }, within)),
          leave: async (state) => void (await call('formation.leave', { formation, state })),
        };
      }),
    ];
    setMaxListeners(0, signal);
    const found = new Map<string, FormationServer>();
    const silent: string[] = [];
    await Promise.all(
      candidates.map(async (candidate) => {
        try {
          const first = await candidate.look(signal);
          found.set(first.server, fromFirstLook(candidate, first));
        } catch (error) {
          if (!(error instanceof Failure) || error.code === 'CANCELLED' || error.code === 'INTERNAL_BUG') throw error;
          // A server that is not in the file, or a machine that only coordinates, has no part in this formation.
          if (error.code === 'FORM_NOT_IN_FILE' || error.code === 'HOST_NOT_HERE') return;
          silent.push(`${candidate.who}: ${error.message}`);
        }
      }),
    );
    return file.servers.map(({ name }) => found.get(name) ?? missing(name, silent));
  }
}

/** A formation that this core coordinates. */
interface Running {
  readonly id: string;
  readonly controller: AbortController;
  /** Null while its servers are looked for. */
  run: FormationRun | null;
}

interface Candidate extends Omit<FormationServer, 'name'> {
  readonly who: string;
}

/** What it planned when it was asked who it is, it need not plan again at once. */
const fromFirstLook = (candidate: Candidate, first: ServerPlan): FormationServer => {
  let kept: ServerPlan | null = first;
  return {
    name: first.server,
    take: candidate.take,
    leave: candidate.leave,
    look: (signal) => {
      const plan = kept;
      kept = null;
      return plan ? Promise.resolve(plan) : candidate.look(signal);
    },
  };
};

const missing = (name: string, silent: readonly string[]): FormationServer => {
  const refuse = (): Promise<never> =>
    Promise.reject(
      silent.length > 0
        ? failure('FORM_SERVER_SILENT', { server: name, silent: silent.join('; ') })
        : failure('FORM_SERVER_NOT_PAIRED', { server: name }),
    );
  return { name, look: refuse, take: refuse, leave: () => Promise.resolve() };
};

/** A portal as the cluster file has it, from whichever adapter is in its network. */
const directly: ReachPortal = (address, port) => ({ portal: portalText(address, port) });

const newFormation = (): string => {
  const stamp = new Date().toISOString().replace(/[-:Z]/g, '').replace(/[T.]/g, '-');
  return `form-${stamp}-${randomBytes(2).toString('hex')}`;
};
