import { randomBytes } from 'node:crypto';
import type { OutputOf, ParsedInputOf, Progress } from '../../../shared/contract/define.ts';
import type {
  formationAgreed,
  formationJoin,
  FormationResult,
  FormationDirection,
  FormationStatus,
  formationApply,
  formationExport,
  formationLeave,
  formationFile,
  formationInit,
  formationPlan,
  WarningAcceptance,
} from '../../../shared/contract/formation.ts';
import { serialsFor, typedSerials, type KeptSerial } from './kept-serials.ts';
import type { PlanAnswers } from '../../../shared/plan/plan.ts';
import { failure, toEnvelope } from '../../../shared/errors/failure.ts';
import type { Consent } from '../../../shared/model/consent.ts';
import type { ClusterFile } from '../../../shared/model/cluster-file.ts';
import { machinesOf, withStorageHost } from '../../../shared/model/cluster-file-storage-host.ts';
import type { Caller, Epoch } from '../../../shared/model/caller.ts';
import type { FormationPlan, FormationStep, ServerPlan } from '../../../shared/model/formation.ts';
import { printCaller } from '../../../shared/model/caller.ts';
import { peerIdOf } from '../../../shared/model/peer.ts';
import { localServer } from '../../../shared/model/server-ref.ts';
import { zonedTime } from '../../../shared/model/time.ts';
import { skewOf } from '../../../shared/model/version-skew.ts';
import { whyNotSkippable } from '../../../shared/plan/formation/plan-formation.ts';
import type { TakenStep } from '../../coordination/executor.ts';
import { Consents, type Orderer } from './consents.ts';
import { formationElsewhere, type Elsewhere } from './elsewhere.ts';
import { FormationLog, statusOfRecord, type FormationRecord } from './formation-log.ts';
import { closeTakenBack, FormationMember } from './member.ts';
import { parseClusterFile } from './parse-cluster-file.ts';
import { ProofStore } from './proof-store.ts';
import { lookAtAll } from './ask-servers.ts';
import { FormationRun, graphOf } from './run-formation.ts';
import { directly, type AskCore, type ReachPortal } from './qualify-lun.ts';
import { ToldFile } from './told-file.ts';
import { assertSecretsGiven, assertSecretsUsable } from './travelling-secrets.ts';
import { isPromised, withoutSettled } from './settled.ts';
import type { OpenEntry } from '../../journal/journal.ts';
import type { SingleWriter } from '../../coordination/single-writer.ts';
import type { FilePort } from '../../ports/file-port.ts';
import type { PdfPrinter } from '../../ports/pdf-printer.ts';
import type { Coordinatorship } from '../peers/coordinatorship.ts';
import type { ServerSource } from '../plans/server.ts';
import type { CheckTools } from './checks.ts';
import {
  findServers,
  type FormationPeers,
  type JoinInput,
  type LookInput,
  type Order,
  type OwnCaller,
  type TakeInput,
} from './find-servers.ts';

type PlanInput = ParsedInputOf<typeof formationPlan>;
type ApplyInput = ParsedInputOf<typeof formationApply>;
type InitInput = ParsedInputOf<typeof formationInit>;
type ExportInput = ParsedInputOf<typeof formationExport>;
type Skip = ReturnType<FormationLog['skips']>[number];

/** What one order brings along for the checks that are taken for it. */
export interface CheckOrder {
  readonly proofs: ProofStore;
  readonly signal: AbortSignal;
  /** Told what the check does at this moment. */
  readonly tell: (progress: Progress) => void;
  readonly acceptWarnings: readonly WarningAcceptance[];
  readonly secrets: Readonly<Record<string, string>>;
  /** Who ordered it, for the journal. */
  readonly by: string;
}

/** What a core's formations share with the rest of it. */
export interface FormationCoreTools {
  readonly settings: {
    readonly dataFolder: string;
    /** The simulated server that takes the place of this one; left out: it is the real one. */
    readonly localServer?: { readonly world: string; readonly server: string | null };
    /** Where a portal is reached; itself when it is left out. */
    readonly reachPortal?: ReachPortal;
    /** How often what is waited for is asked, in milliseconds. */
    readonly patience?: { readonly pollMs?: number };
    /** Told before a step is ordered. */
    readonly beforeStep?: (step: FormationStep) => Promise<void>;
  };
  /** The version of this Quorate. */
  readonly version: string;
  readonly files: FilePort;
  readonly access: ServerSource;
  readonly peers: FormationPeers;
  readonly ask: AskCore;
  /** Does work on a coordinator's order, which is told by its title while it runs. */
  readonly running: { during<T>(title: string, work: () => Promise<T>): Promise<T> };
  readonly coordinatorship: () => Promise<Coordinatorship>;
  readonly singleWriter: () => Promise<SingleWriter>;
  /** The checks of a formation, bound to the server of this core. */
  readonly checks: (order: CheckOrder) => CheckTools;
}

/** What a core does in formations: as a member for itself, and as the coordinator for all. */
export class FormationCore {
  readonly #tools: FormationCoreTools;
  readonly #consents: Consents;
  readonly #member: FormationMember;
  readonly #proofs: ProofStore;
  readonly #log: FormationLog;
  readonly #elsewhere: Elsewhere;
  readonly #told: ToldFile;
  #running: Running | null = null;

  constructor(tools: FormationCoreTools) {
    const { settings, running } = tools;
    this.#tools = tools;
    this.#proofs = new ProofStore(settings.dataFolder);
    this.#log = new FormationLog(settings.dataFolder, (formation) => this.#running?.id === formation);
    this.#consents = new Consents(settings.dataFolder);
    this.#told = new ToldFile(settings.dataFolder);
    this.#elsewhere = formationElsewhere(() => this.#consents.all(), tools.peers);
    this.#member = new FormationMember({
      consents: () => this.#consents,
      during: (title, work) => running.during(title, work),
    });
  }

  look(
    { text, path, made, direction, answers, secrets, withScripts }: LookInput,
    signal: AbortSignal,
  ): Promise<ServerPlan> {
    const file = withStorageHost(parseClusterFile(text, path), made);
    const input = { file, direction, answers, secrets, withScripts, proofs: this.#proofs.read() };
    return this.#tools.access.onServer(localServer, (server) => this.#member.look(server, input, signal));
  }

  async join(
    { text, path, made, direction, formation, answers, secrets, withScripts, poweredDown }: JoinInput,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<OutputOf<typeof formationJoin>> {
    const file = withStorageHost(parseClusterFile(text, path), made);
    const orderer = await this.#ordererOf(caller);
    if (caller.kind === 'peer') await this.assertAlike(caller.id);
    (await this.#tools.singleWriter()).declarePoweredDown(poweredDown);
    if (orderer) {
      const at = new Date().toISOString();
      this.#told.keep(formation, { text, path, cluster: file.cluster.name, direction, from: orderer.name, at });
    }
    const input = { file, text, direction, formation, answers, secrets, withScripts, proofs: this.#proofs.read() };
    return this.#tools.access.onServer(localServer, (server) => this.#member.join(server, input, orderer, signal));
  }

  async take(
    input: TakeInput,
    caller: Caller,
    signal: AbortSignal,
    tell: (progress: Progress) => void,
  ): Promise<TakenStep> {
    const orderer = await this.#ordererOf(caller);
    const by = printCaller(caller);
    const { acceptWarnings, secrets } = input;
    const order = { proofs: this.#proofs, signal, tell, acceptWarnings, secrets, by };
    return this.#tools.access.onServer(localServer, (server) =>
      this.#member.take(server, input, this.#tools.checks(order), orderer, by),
    );
  }

  async leave(
    formation: string,
    state: 'done' | 'failed' | 'cancelled',
    caller: Caller,
  ): Promise<OutputOf<typeof formationLeave>> {
    const orderer = await this.#ordererOf(caller);
    const aftermath =
      state === 'done'
        ? null
        : await this.#tools.access
            .onServer(localServer, (server) => this.#member.aftermath(server, formation, orderer))
            .catch(() => null);
    const left = this.#member.leave(formation, state, orderer);
    if (left === null) return { left: false, aftermath: null };
    // A server that cannot be told now is told at the next step, or by hand; the formation is over all the same.
    await (await this.#tools.singleWriter()).finish().catch(() => undefined);
    if (left.direction === 'undo' && state === 'done') {
      closeTakenBack(await this.#tools.access.openJournal(), left.file.cluster.name, formation, printCaller(caller));
      this.#proofs.forgetCluster();
    }
    return { left: true, aftermath };
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
    assertSecretsUsable(file, input.secrets);
    const planned = async (answers: PlanAnswers): Promise<FormationPlan> => {
      const servers = await findServers(file, this, this.#tools.peers, { ...input, answers, made: {} }, null, signal);
      const { plans, absent } = await lookAtAll(file, servers, {}, signal);
      return withoutSettled(graphOf(input.direction, file, plans, absent, this.#skipped()), plans);
    };
    const plan = await planned(input.answers);
    const known = serialsFor(plan.questions, this.#keptSerials(input), input.answers);
    return Object.keys(known).length === 0 ? plan : planned({ ...input.answers, ...known });
  }

  /** What was typed for the last formation of this very text, where it is gone on with; whoever begins a new one agrees to no loss by that. */
  #keptSerials({ text, direction, goesOn }: Pick<ApplyInput, 'text' | 'direction' | 'goesOn'>): readonly KeptSerial[] {
    if (!goesOn) return [];
    const last = this.#log.last();
    const isOver = last?.state === 'formed' || last?.state === 'undone';
    return last?.text === text && last.direction === direction && !isOver ? last.serials : [];
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
      throw failure('PLAN_BUSY', {
        server: file.cluster.name,
        title: `Formation ${this.#running.id}`,
        since: zonedTime(this.#running.since),
      });
    const { path, text, direction } = input;
    const { acceptWarnings, confirm, ...earlier } = input.goesOn ? this.#withEarlier(input) : input;
    const answers: Record<string, string | boolean> = { ...earlier.answers };
    const kept = this.#keptSerials(input);
    const written = new Set<string>();
    assertSecretsUsable(file, input.secrets);
    if (direction === 'undo') assertNamed(file, confirm);
    const id = newFormation();
    const controller = new AbortController();
    const within = AbortSignal.any([signal, controller.signal]);
    const now = (): Date => new Date();
    const own: Running = { id, since: now().toISOString(), controller, run: null };
    this.#running = own;
    let entry: OpenEntry | null = null;
    let end: 'done' | 'failed' | 'cancelled' = 'failed';
    try {
      const coordinatorship = await this.#tools.coordinatorship();
      const epoch = await coordinatorship.orderEpoch(within, progress);
      const by = printCaller(caller);
      this.#log.begin({
        at: now().toISOString(),
        formation: id,
        cluster: file.cluster.name,
        path,
        text,
        by,
        direction,
        agreed: Object.keys(answers).filter((question) => answers[question] === true),
        acceptWarnings,
      });
      if (epoch) entry = await this.#journal(id, file, direction, epoch, by);
      const poweredDown = coordinatorship.poweredDown().map(peerIdOf);
      const order: Order = { formation: id, epoch, caller, poweredDown, acceptWarnings };
      own.run = new FormationRun({
        id,
        file,
        direction,
        servers: await findServers(
          file,
          this,
          this.#tools.peers,
          { ...input, answers, made: {}, withScripts: false },
          order,
          within,
        ),
        signal: within,
        progress,
        now,
        isSettled: isPromised,
        recall: (questions) => {
          for (const one of typedSerials(questions, answers)) {
            if (!written.has(one.question)) this.#log.serial(id, now(), one);
            written.add(one.question);
          }
          const known = serialsFor(questions, kept, answers);
          // Every server is asked with these very answers.
          Object.assign(answers, known);
          return Object.keys(known).length > 0;
        },
        assertGiven: (plan) => assertSecretsGiven(plan, input.secrets),
        skips: () => this.#skipped(),
        pollMs: this.#tools.settings.patience?.pollMs,
        onSeen: (when, seen) => this.#log.seen(id, now(), when, seen),
        onStep: (result) => this.#log.step(id, now(), result),
        beforeStep: async (step) => {
          if (epoch) coordinatorship.assertInForce(epoch);
          await this.#tools.settings.beforeStep?.(step);
        },
      });
      const result = await own.run.run();
      end = 'done';
      this.#log.end(id, now(), direction === 'undo' ? 'undone' : 'formed', null);
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

  file(): OutputOf<typeof formationFile> {
    const [own, told] = [this.#log.last(), this.#told.read()];
    if (own === null || (told && told.at > own.startedAt)) return told;
    const { text, path, cluster, direction, startedAt } = own;
    return { text, path, cluster, direction, from: null, at: startedAt };
  }

  /** What is given now, and what was given when the last formation of this very text was begun. */
  #withEarlier({
    text,
    direction,
    answers,
    acceptWarnings,
    confirm,
  }: ApplyInput): Pick<ApplyInput, 'answers' | 'acceptWarnings' | 'confirm'> {
    const last = this.#log.last();
    if (last?.text !== text || last.direction !== direction) return { answers, acceptWarnings, confirm };
    const isNew = ({ test }: WarningAcceptance): boolean => !acceptWarnings.some((one) => one.test === test);
    return {
      confirm: confirm ?? (isCut(last) ? last.cluster : null),
      answers: { ...Object.fromEntries(last.agreed.map((question) => [question, true])), ...answers },
      acceptWarnings: [...last.acceptWarnings.filter(isNew), ...acceptWarnings],
    };
  }

  /** What runs here, else what runs where this server is coordinated, else what ran last here. */
  async status(caller: Caller): Promise<FormationStatus | null> {
    const own = this.#status();
    if (caller.kind === 'peer' || this.#running) return own;
    const there = await this.#elsewhere.status();
    return there && (own === null || there.startedAt > own.startedAt) ? there : own;
  }

  #status(): FormationStatus | null {
    const record = this.#log.last();
    if (!record) return null;
    const shown = statusOfRecord(record, this.#log);
    const run = this.#running?.run ?? null;
    if (!run) return shown;
    return {
      ...shown,
      state: run.isPaused ? 'paused' : shown.state,
      doing: run.doing,
      // The log holds what began; who looks while it runs sees what waits as well.
      steps: [...run.results],
      servers: run.plan?.servers ?? [],
    };
  }

  /** Throws FORM_NOT_RUNNING. */
  async pause(caller: Caller): Promise<{ formation: string; running: string[] }> {
    if (caller.kind !== 'peer' && !this.#running) return this.#elsewhere.pause();
    const { id, run } = this.#mustRun();
    run.pause();
    this.#log.pause(id, new Date(), true);
    return { formation: id, running: run.results.filter(({ state }) => state === 'running').map(({ title }) => title) };
  }

  /** Throws FORM_NOT_RUNNING, FORM_RUNS_ELSEWHERE, as do the two after it. */
  async goOn(): Promise<{ formation: string }> {
    const { id, run } = await this.#mustRunHere();
    run.resume();
    this.#log.pause(id, new Date(), false);
    return { formation: id };
  }

  async cancel(): Promise<{ formation: string }> {
    const own = this.#running;
    if (!own) throw (await this.#elsewhere.whyNotHere()) ?? failure('FORM_NOT_RUNNING', {});
    own.controller.abort();
    return { formation: own.id };
  }

  async script(step: string, signal: AbortSignal): Promise<{ script: string | null }> {
    return { script: await (await this.#mustRunHere()).run.script(step, signal) };
  }

  /** Throws FORM_STEP_NOT_SKIPPABLE where something rests on the step, or nobody knows it; FORM_RUNS_ELSEWHERE. */
  async skip(step: string, reason: string, by: string, signal: AbortSignal): Promise<Skip> {
    const elsewhere = this.#running ? null : await this.#elsewhere.whyNotHere();
    if (elsewhere) throw elsewhere;
    const record = this.#log.last();
    const plan =
      this.#running?.run?.plan ??
      (record && (await this.plan({ ...record, answers: {}, secrets: {}, withScripts: false, goesOn: true }, signal)));
    const found = plan?.steps.find(({ id }) => id === step);
    const problem = found ? whyNotSkippable(found) : 'the plan has no such step';
    if (problem !== null) throw failure('FORM_STEP_NOT_SKIPPABLE', { step, reason: problem });
    const skip = { step, reason, at: new Date().toISOString(), by };
    this.#log.skip(skip);
    return skip;
  }

  async export(input: ExportInput, signal: AbortSignal, printer: PdfPrinter | null) {
    const { exportFormation } = await import('./export-formation.ts');
    const { localServer: simulated } = this.#tools.settings;
    return exportFormation(input, {
      log: this.#log,
      rehearsal: simulated
        ? { name: simulated.world, server: simulated.server ?? '', direction: this.#log.last()?.direction ?? 'form' }
        : null,
      files: this.#tools.files,
      printer,
      signal,
      plan: (text, withScripts) =>
        this.plan(
          { text, path: input.path, direction: 'form', answers: {}, secrets: {}, withScripts, goesOn: false },
          signal,
        ),
    });
  }

  async init(input: InitInput, signal: AbortSignal) {
    const { draftFormation } = await import('./draft.ts');
    const reach = this.#tools.settings.reachPortal ?? directly;
    return draftFormation(input, { ask: this.#tools.ask, reach, peers: await this.#tools.peers.names(), signal });
  }

  /** In this server's own journal: what it had the others do, and who asked for it. */
  async #journal(
    id: string,
    file: ClusterFile,
    direction: FormationDirection,
    { number }: Epoch,
    by: string,
  ): Promise<OpenEntry> {
    const journal = await this.#tools.access.openJournal();
    return this.#tools.access.onServer(localServer, async (server) => {
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
        nodes: machinesOf(file).map(({ name }) => name),
        server: server.name,
        node: server.name,
        by,
        cluster: file.cluster.name,
        title:
          direction === 'undo'
            ? `Undo the formation of ${file.cluster.name} on its servers`
            : `Form ${file.cluster.name} on its servers`,
        method: 'formation.apply',
        desire: null,
        steps: [],
        followUp: null,
      });
    });
  }

  async #ordererOf(caller: Caller): Promise<Orderer | null> {
    if (caller.kind !== 'peer') return null;
    const name = (await this.#tools.peers.names()).find(({ id }) => id === caller.id)?.name ?? caller.id;
    return { fingerprint: caller.fingerprint, name, epoch: caller.epoch?.number ?? 0 };
  }

  /** Two versions may come to different steps from one file. Throws PEER_VERSION_UNLIKE. */
  async assertAlike(id: string): Promise<void> {
    const { version: ours } = this.#tools;
    const peer = (await this.#tools.peers.names()).find((one) => one.id === id);
    if (peer?.version && skewOf(ours, peer.version) === 'unlike')
      throw failure('PEER_VERSION_UNLIKE', { peer: peer.name, theirs: peer.version, ours });
  }

  #mustRun(): { readonly id: string; readonly run: FormationRun } {
    const own = this.#running;
    if (!own?.run) throw failure('FORM_NOT_RUNNING', {});
    return { id: own.id, run: own.run };
  }

  async #mustRunHere(): Promise<{ readonly id: string; readonly run: FormationRun }> {
    const elsewhere = this.#running ? null : await this.#elsewhere.whyNotHere();
    if (elsewhere) throw elsewhere;
    return this.#mustRun();
  }

  #skipped(): ReadonlySet<string> {
    return new Set(this.#log.skips().map(({ step }) => step));
  }
}

/** A formation that this core coordinates. */
interface Running {
  readonly id: string;
  /** ISO 8601. */
  readonly since: string;
  readonly controller: AbortController;
  /** Null while its servers are looked for. */
  run: FormationRun | null;
}

/** It stopped without anybody having wanted that. */
const isCut = ({ state }: FormationRecord): boolean => state === 'failed' || state === 'interrupted';

/** What takes a cluster apart is not begun by a slip of the hand. */
const assertNamed = ({ cluster }: ClusterFile, typed: string | null): void => {
  if (typed?.trim().toLowerCase() !== cluster.name.toLowerCase())
    throw failure('FORM_UNDO_NOT_CONFIRMED', { cluster: cluster.name, typed: typed?.trim() || 'nothing' });
};

const newFormation = (): string => {
  const stamp = new Date().toISOString().replace(/[-:Z]/g, '').replace(/[T.]/g, '-');
  return `form-${stamp}-${randomBytes(2).toString('hex')}`;
};
