import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { OutputOf, ParsedInputOf, Progress } from '../../shared/contract/define.ts';
import {
  formationAgreed,
  formationJoin,
  formationTake,
  type formationLook,
  type FormationResult,
  type FormationStatus,
  type formationApply,
  type formationExport,
  type formationInit,
  type formationPlan,
} from '../../shared/contract/formation.ts';
import { Failure, failure, toEnvelope } from '../../shared/errors/failure.ts';
import type { Consent } from '../../shared/model/consent.ts';
import type { ClusterFile } from '../../shared/model/cluster-file.ts';
import { serverPlanSchema, type FormationPlan, type ServerPlan } from '../../shared/model/formation.ts';
import type { Caller, Epoch } from '../../shared/model/caller.ts';
import { printCaller } from '../../shared/model/caller.ts';
import { peerIdOf } from '../../shared/model/peer.ts';
import { localServer } from '../../shared/model/server-ref.ts';
import { skewOf } from '../../shared/model/version-skew.ts';
import { portalText } from '../../shared/plan/initiator/paths.ts';
import { planFormation, whyNotSkippable } from '../../shared/plan/formation/plan-formation.ts';
import type { TakenStep } from '../coordination/executor.ts';
import type { CheckTools } from '../operations/formation/checks.ts';
import { loseHost, quickMigration, restartServer, type DrillTools } from '../operations/formation/drills.ts';
import { Consents, type Orderer } from '../operations/formation/consents.ts';
import { FormationLog, statusOfRecord } from '../operations/formation/formation-log.ts';
import { FormationMember } from '../operations/formation/member.ts';
import { parseClusterFile } from '../operations/formation/parse-cluster-file.ts';
import { ProofStore } from '../operations/formation/proof-store.ts';
import { FormationRun, lookAtAll, type FormationServer } from '../operations/formation/run-formation.ts';
import { qualifyLun, type AskCore, type ReachPortal } from '../operations/formation/qualify-lun.ts';
import { isPromised } from '../operations/formation/settled.ts';
import type { OpenEntry } from '../journal/journal.ts';
import { validateServers } from '../operations/formation/validate-servers.ts';
import type { PdfPrinter } from '../ports/pdf-printer.ts';
import { localFiles } from './local-files.ts';
import { version as ours } from './version.ts';
import type { PeerPort } from '../ports/peer-port.ts';
import { validationTools } from './compose-validation.ts';
import type { CoreSettings } from './core-settings.ts';
import type { LoadCoordinatorship, RunningOrders } from './compose-coordinator.ts';
import type { LoadSingleWriter, ServerAccess } from './server-access.ts';

type LookInput = ParsedInputOf<typeof formationLook>;
type JoinInput = ParsedInputOf<typeof formationJoin>;
type TakeInput = ParsedInputOf<typeof formationTake>;
type PlanInput = ParsedInputOf<typeof formationPlan>;
type ApplyInput = ParsedInputOf<typeof formationApply>;
type InitInput = ParsedInputOf<typeof formationInit>;
type ExportInput = ParsedInputOf<typeof formationExport>;
type Skip = ReturnType<FormationLog['skips']>[number];

/** The peers of a core, as far as a formation needs them. */
export type FormationPeers = PeerPort & {
  /** `version` is what the peer's Quorate told when the two connected last; null before that. */
  readonly names: () => Promise<
    readonly { readonly id: string; readonly name: string; readonly version: string | null }[]
  >;
};

/** What a core's formations share with the rest of it. */
export interface FormationCoreTools {
  readonly settings: CoreSettings;
  readonly access: ServerAccess;
  readonly peers: FormationPeers;
  readonly ask: AskCore;
  readonly running: RunningOrders;
  readonly coordinatorship: LoadCoordinatorship;
  readonly singleWriter: LoadSingleWriter;
}

type OwnCaller = Extract<Caller, { kind: 'ui' | 'cli' }>;

/** What a core does in formations: as a member for itself, and as the coordinator for all. */
export class FormationCore {
  readonly #access: ServerAccess;
  readonly #ask: AskCore;
  readonly #peers: FormationPeers;
  readonly #coordinatorship: LoadCoordinatorship;
  readonly #singleWriter: LoadSingleWriter;
  readonly #consents: Consents;
  readonly #member: FormationMember;
  readonly #proofs: ProofStore;
  readonly #settings: CoreSettings;
  readonly #log: FormationLog;
  #running: Running | null = null;

  constructor({ settings, access, peers, ask, running, coordinatorship, singleWriter }: FormationCoreTools) {
    this.#ask = ask;
    this.#settings = settings;
    this.#access = access;
    this.#peers = peers;
    this.#coordinatorship = coordinatorship;
    this.#singleWriter = singleWriter;
    this.#proofs = new ProofStore(settings.dataFolder);
    this.#log = new FormationLog(settings.dataFolder);
    this.#consents = new Consents(settings.dataFolder);
    this.#member = new FormationMember({
      consents: () => this.#consents,
      during: (title, work) => running.during(title, work),
    });
  }

  look({ text, path, answers, secrets, withScripts }: LookInput, signal: AbortSignal): Promise<ServerPlan> {
    const file = parseClusterFile(text, path);
    const input = { file, answers, secrets, withScripts, proofs: this.#proofs.read() };
    return this.#access.onServer(localServer, (server) => this.#member.look(server, input, signal));
  }

  async join(
    { text, path, formation, answers, secrets, withScripts, poweredDown }: JoinInput,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<OutputOf<typeof formationJoin>> {
    const file = parseClusterFile(text, path);
    const orderer = await this.#ordererOf(caller);
    if (caller.kind === 'peer') await this.#assertAlike(caller.id);
    (await this.#singleWriter()).declarePoweredDown(poweredDown);
    const input = { file, text, formation, answers, secrets, withScripts, proofs: this.#proofs.read() };
    return this.#access.onServer(localServer, (server) => this.#member.join(server, input, orderer, signal));
  }

  async take(input: TakeInput, caller: Caller, signal: AbortSignal): Promise<TakenStep> {
    const orderer = await this.#ordererOf(caller);
    const by = printCaller(caller);
    return this.#access.onServer(localServer, (server) =>
      this.#member.take(server, input, this.#tools(signal), orderer, by),
    );
  }

  async leave(formation: string, state: 'done' | 'failed' | 'cancelled', caller: Caller): Promise<boolean> {
    const isLeft = this.#member.leave(formation, state, await this.#ordererOf(caller));
    // A server that cannot be told now is told at the next step, or by hand; the formation is over all the same.
    if (isLeft) await (await this.#singleWriter()).finish().catch(() => undefined);
    return isLeft;
  }

  agreed(formation: string, caller: Caller): OutputOf<typeof formationAgreed> {
    return { consent: caller.kind === 'peer' ? this.#consents.answerTo(caller.fingerprint, formation) : 'given' };
  }

  consents(): readonly Consent[] {
    return this.#consents.all();
  }

  consent(formation: string | null, agrees: boolean, by: string): Consent {
    return this.#consents.answer(formation, agrees, by);
  }

  async plan(input: PlanInput, signal: AbortSignal): Promise<FormationPlan> {
    const file = parseClusterFile(input.text, input.path);
    const servers = await this.#servers(file, input, signal);
    const { plans, absent } = await lookAtAll(servers, signal);
    return planFormation(file, plans, absent, this.#skipped());
  }

  /** Forms. Throws PLAN_BUSY while a formation of this core runs, and what {@link FormationRun.run} throws. */
  async apply(
    input: ApplyInput,
    signal: AbortSignal,
    progress: (progress: Progress) => void,
    caller: OwnCaller,
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
    let entry: OpenEntry | null = null;
    let end: 'done' | 'failed' | 'cancelled' = 'failed';
    try {
      const coordinatorship = await this.#coordinatorship();
      const epoch = await coordinatorship.orderEpoch(within, progress);
      const by = printCaller(caller);
      this.#log.begin({ at: now().toISOString(), formation: id, cluster: file.cluster.name, path, text, by });
      if (epoch) entry = await this.#journal(id, file, epoch, by);
      const order: Order = { formation: id, epoch, caller, poweredDown: coordinatorship.poweredDown().map(peerIdOf) };
      own.run = new FormationRun({
        id,
        file,
        servers: await this.#servers(file, { ...input, withScripts: false }, within, order),
        signal: within,
        progress,
        now,
        isSettled: isPromised,
        skips: () => this.#skipped(),
        onStep: (result) => this.#log.step(id, now(), result),
        beforeStep: async (step) => {
          if (epoch) coordinatorship.assertInForce(epoch);
          await this.#settings.beforeStep?.(step);
        },
      });
      const result = await own.run.run();
      end = 'done';
      this.#log.end(id, now(), 'formed', null);
      return result;
    } catch (error) {
      const envelope = toEnvelope(error);
      if (envelope.code === 'CANCELLED') end = 'cancelled';
      // Where nothing was begun there is nothing to end: a refusal before the first order leaves no record.
      if (this.#log.last()?.formation === id) this.#log.end(id, now(), end === 'cancelled' ? end : 'failed', envelope);
      throw error;
    } finally {
      this.#running = null;
      entry?.write('end', { state: end });
      entry?.close();
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

  /** In this server's own journal: what it had the others do, and who asked for it. */
  async #journal(id: string, file: ClusterFile, { number }: Epoch, by: string): Promise<OpenEntry> {
    const journal = await this.#access.openJournal();
    return this.#access.onServer(localServer, async (server) => {
      // One that a crash left open is over: what was done, every server shows itself.
      for (const { begin, state } of journal.listOpen())
        if (begin.method === 'formation.apply' && state === 'interrupted') {
          const left = journal.continue(begin.id, by);
          left.write('end', { state: 'failed' });
          left.close();
        }
      return journal.begin({
        kind: 'formation',
        parent: id,
        epoch: number,
        nodes: file.servers.map(({ name }) => name),
        server: server.name,
        node: server.name,
        by,
        title: `Have the servers of ${file.cluster.name} take their steps`,
        method: 'formation.apply',
        desire: null,
        steps: [],
        followUp: null,
      });
    });
  }

  async #ordererOf(caller: Caller): Promise<Orderer | null> {
    if (caller.kind !== 'peer') return null;
    const name = (await this.#peers.names()).find(({ id }) => id === caller.id)?.name ?? caller.id;
    return { fingerprint: caller.fingerprint, name, epoch: caller.epoch?.number ?? 0 };
  }

  /** Two versions may come to different steps from one file. Throws PEER_VERSION_UNLIKE. */
  async #assertAlike(id: string): Promise<void> {
    const peer = (await this.#peers.names()).find((one) => one.id === id);
    if (peer?.version && skewOf(ours, peer.version) === 'unlike')
      throw failure('PEER_VERSION_UNLIKE', { peer: peer.name, theirs: peer.version, ours });
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
        'cluster.validate': validateServers({
          use: drills.use,
          kept: () => validationTools(this.#settings.dataFolder),
          proofs: this.#proofs,
          now: drills.now,
        }),
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
  async #servers(
    file: ClusterFile,
    asked: LookInput,
    signal: AbortSignal,
    order: Order | null = null,
  ): Promise<FormationServer[]> {
    const { secrets } = asked;
    const peers = await this.#peers.names();
    const candidates: Candidate[] = [
      order === null
        ? { ...onlyLooking, who: 'this server', look: (within) => this.look(asked, within) }
        : {
            who: 'this server',
            look: async (within) => (await this.join({ ...asked, ...order }, order.caller, within)).plan,
            take: (step, within) => this.take({ formation: order.formation, step, secrets }, order.caller, within),
            leave: async (state) => void (await this.leave(order.formation, state, order.caller)),
          },
      ...peers.map((peer) => this.#peerCandidate(peer, asked, order)),
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

  #peerCandidate(
    { id, name }: { readonly id: string; readonly name: string },
    asked: LookInput,
    order: Order | null,
  ): Candidate {
    if (order === null)
      return {
        ...onlyLooking,
        who: name,
        look: async (signal) => {
          const answer = await this.#peers.call(id, 'formation.look', asked, { signal });
          await this.#assertAlike(id);
          return serverPlanSchema.parse(answer);
        },
      };
    const { formation, epoch, poweredDown } = order;
    const call = (method: string, input: unknown, signal?: AbortSignal): Promise<unknown> =>
      this.#peers.call(id, method, input, { ...(signal ? { signal } : {}), ...(epoch ? { epoch } : {}) });
    return {
      who: name,
      look: async (signal) => {
        // A question that does nothing: once the two are connected, its version is the one that answers now.
        await this.#peers.call(id, formationAgreed.name, { formation }, { signal });
        await this.#assertAlike(id);
        const joined = await call('formation.join', { ...asked, formation, poweredDown }, signal);
        return formationJoin.output.parse(joined).plan;
      },
      consent: async (signal) =>
        formationAgreed.output.parse(await this.#peers.call(id, formationAgreed.name, { formation }, { signal }))
          .consent,
      take: async (step, signal) =>
        formationTake.output.parse(await call('formation.take', { formation, step, secrets: asked.secrets }, signal)),
      leave: async (state) => void (await call('formation.leave', { formation, state })),
    };
  }
}

/** A formation as this core orders it. */
interface Order {
  readonly formation: string;
  /** Null where there is no other server that could be ordered anything. */
  readonly epoch: Epoch | null;
  readonly caller: OwnCaller;
  readonly poweredDown: string[];
}

/** Whoever is only asked what it plans takes nothing. */
const onlyLooking = {
  take: (step: string): Promise<never> =>
    Promise.reject(failure('INTERNAL_BUG', { message: `${step} was ordered of a server that was only looked at` })),
  leave: (): Promise<void> => Promise.resolve(),
};

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
    ...(candidate.consent ? { consent: candidate.consent } : {}),
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
