import type { FormationDirection } from '../../../shared/contract/formation.ts';
import { cancelled, Failure, failure, toEnvelope } from '../../../shared/errors/failure.ts';
import type { FormationStep, ServerPlan } from '../../../shared/model/formation.ts';
import type { ClusterFile } from '../../../shared/model/cluster-file.ts';
import { zonedTime } from '../../../shared/model/time.ts';
import { whyNotSkippable } from '../../../shared/plan/formation/plan-formation.ts';
import { plannedStepSchema, type PlannedStep } from '../../../shared/plan/draft.ts';
import { Executor, type TakenStep } from '../../coordination/executor.ts';
import { touchedSteps } from '../../journal/entry.ts';
import type { Journal, OpenEntry } from '../../journal/journal.ts';
import { pause } from '../../system/pause.ts';
import { observeArea } from '../areas/index.ts';
import { recordIn, type RunRecord } from '../plans/run-steps.ts';
import type { Server } from '../plans/server.ts';
import { consentSteps, type Consents, type Orderer } from './consents.ts';
import { keepConnection } from './keep-connection.ts';
import { defaultLostMs } from './lost-server.ts';
import {
  formationEntries,
  lookAtServer,
  lookBackAtServer,
  readFixed,
  readOnce,
  readRunsAs,
  type FixedInput,
  type LookInput,
} from './look.ts';
import { aftermathOf } from '../plans/aftermath.ts';
import { runCheck, type CheckTools } from './checks.ts';

interface Membership {
  plan: ServerPlan;
  /** The planned steps of {@link plan} that change something. */
  changes: PlannedStep[];
  file: ClusterFile;
  /** What a person here agrees to: the cluster file as it came, and which way it is gone. */
  text: string;
  readonly direction: FormationDirection;
  /** Null: it is ordered at this console. */
  readonly orderer: Orderer | null;
  readonly fixed: FixedInput;
  entry: OpenEntry | null;
  /** False from the moment on at which it planned anew until the entry names what it planned. */
  isWritten: boolean;
  /** What the server takes back by itself, unless the coordinator reaches it again. */
  revert: Executor['revert'];
  readonly done: Set<string>;
  /** Steps that were begun here, whatever came of them. */
  readonly begun: Set<string>;
}

/** How long whoever asks for a plan waits for a step that runs here, in milliseconds, before it is told that there is one. */
const takingMs = 20_000;

/** Forming and taking back are two decisions, although both are about one file. */
const agreementText = (direction: FormationDirection, text: string): string =>
  direction === 'undo' ? `undo\n${text}` : text;

/** A formation belongs to the server that began it here: another one's order for it is refused. */
const assertSame = (known: Membership, orderer: Orderer | null, server: string, step: string): void => {
  if (known.orderer?.fingerprint !== orderer?.fingerprint) throw failure('FORM_STEP_NOT_PLANNED', { server, step });
};

const plannedSteps = (plan: ServerPlan): FormationStep[] =>
  plan.phases.flatMap(({ steps }) => steps).filter(({ certainty }) => certainty === 'planned');

const changesOf = (steps: readonly FormationStep[]): PlannedStep[] =>
  steps.flatMap((step) => (step.change === null ? [] : [plannedStepSchema.parse(step)]));

/** What a member asks of its own core. */
export interface MemberTools {
  readonly consents: () => Consents;
  /** Tells that a step runs on a coordinator's order, for as long as it does. */
  readonly during: <T>(title: string, work: () => Promise<T>) => Promise<T>;
}

/** A formation as its coordinator gives it. */
export interface JoinInput extends LookInput {
  readonly formation: string;
  readonly text: string;
  readonly direction: FormationDirection;
}

/**
 * This server as the member of formations. It plans for itself and takes only what it planned: an order that merely arrives is
 * refused, so that a wrong coordinator can have nothing done that does not follow from the cluster file. Nothing is done for another
 * server before a person here agreed to that file.
 */
export class FormationMember {
  readonly #formations = new Map<string, Membership>();
  readonly #tools: MemberTools;
  /** What is done here at the moment, by its title and since when (ISO 8601): it outlives the connection of whoever ordered it. */
  readonly #taking = new Map<Promise<unknown>, { readonly title: string; readonly since: string }>();

  constructor(tools: MemberTools) {
    this.#tools = tools;
  }

  /** What this server plans; nothing is remembered of it. */
  async look(
    server: Server,
    { direction, ...input }: LookInput & Pick<JoinInput, 'direction'>,
    signal: AbortSignal,
  ): Promise<ServerPlan> {
    if (direction === 'undo')
      return lookBackAtServer(server, { ...input, runsAs: await readRunsAs(server, signal) }, signal);
    return lookAtServer(server, { ...input, ...(await readFixed(server, signal)) }, signal);
  }

  /** @throws Failure FORM_STEP_NOT_PLANNED where the formation is another coordinator's, PLAN_BUSY while a step still runs here */
  async join(
    server: Server,
    { formation, text: given, direction, ...input }: JoinInput,
    orderer: Orderer | null,
    signal: AbortSignal,
  ): Promise<{ readonly plan: ServerPlan; readonly consent: 'given' | 'needed' | 'refused' }> {
    // What a lost connection left at work comes to its end before anything is planned: a step that still runs would be planned once more.
    await this.#whileTaking(server, signal);
    const known = this.#formations.get(formation);
    if (known) assertSame(known, orderer, server.name, formation);
    const text = agreementText(direction, given);
    if (known) await keepConnection(known, server.ports.nics, signal);
    const fixed =
      known?.fixed ??
      (direction === 'undo'
        ? {
            readiness: { because: 'the formation is being undone' },
            memoryBytes: null,
            runsAs: await readRunsAs(server, signal),
          }
        : await readFixed(server, signal));
    const plan =
      direction === 'undo'
        ? await lookBackAtServer(server, { ...input, runsAs: fixed.runsAs }, signal)
        : await lookAtServer(server, { ...input, ...fixed }, signal);
    const changes = changesOf(plannedSteps(plan));
    if (known) {
      Object.assign(known, { plan, changes, file: input.file, text, isWritten: false });
      known.done.clear();
      known.begun.clear();
    } else {
      // An older coordinator cannot end its formation any more: its orders are refused.
      for (const [id, one] of this.#formations)
        if (one.orderer && orderer && one.orderer.epoch < orderer.epoch) this.leave(id, 'cancelled', one.orderer);
      const empty = { entry: null, isWritten: false, revert: null, done: new Set<string>(), begun: new Set<string>() };
      this.#formations.set(formation, { plan, changes, file: input.file, text, direction, orderer, fixed, ...empty });
    }
    const isAsked = orderer !== null && plannedSteps(plan).length > 0;
    const about = { kind: 'formation', formation, direction, cluster: input.file.cluster.name, text } as const;
    return { plan, consent: isAsked ? this.#tools.consents().standing(orderer, about, consentSteps(plan)) : 'given' };
  }

  /** Throws FORM_STEP_NOT_PLANNED, FORM_CONSENT_NEEDED and what the step throws, after it was written down. */
  async take(
    server: Server,
    {
      formation,
      step: id,
      secrets,
    }: { readonly formation: string; readonly step: string; readonly secrets: Readonly<Record<string, string>> },
    tools: CheckTools,
    orderer: Orderer | null,
    by: string,
  ): Promise<TakenStep> {
    const own = this.#formations.get(formation);
    if (own) assertSame(own, orderer, own.plan.computerName, id);
    const step = own && plannedSteps(own.plan).find((one) => one.id === id);
    if (!own || !step || !this.#isReady(own, step))
      throw failure('FORM_STEP_NOT_PLANNED', { server: own?.plan.computerName ?? server.name, step: id });
    if (orderer && !this.#tools.consents().isGiven(orderer.fingerprint, own.text))
      throw failure('FORM_CONSENT_NEEDED', { server: own.plan.computerName, coordinator: orderer.name });
    const taken = this.#tools.during(step.title, () => this.#take(server, formation, own, step, secrets, tools, by));
    this.#taking.set(taken, { title: step.title, since: new Date().toISOString() });
    try {
      return await taken;
    } finally {
      this.#taking.delete(taken);
    }
  }

  async #whileTaking(server: Server, signal: AbortSignal): Promise<void> {
    const deadline = performance.now() + takingMs;
    while (this.#taking.size > 0) {
      const [other] = this.#taking.values();
      if (signal.aborted) throw cancelled('The plan', 'none');
      if (performance.now() > deadline)
        throw failure('PLAN_BUSY', {
          server: server.name,
          title: other?.title ?? '',
          since: zonedTime(other?.since ?? ''),
        });
      await pause(server.patience.pollMs, signal);
    }
  }

  async #take(
    server: Server,
    formation: string,
    own: Membership,
    step: FormationStep,
    secrets: Readonly<Record<string, string>>,
    tools: CheckTools,
    by: string,
  ): Promise<TakenStep> {
    // Before a disk joins the cluster, every server is free to bring it online as the cluster says.
    if (step.phase !== 'disks' && step.phase !== 'targetServer')
      await server.singleWriter?.finishPatiently(tools.signal, {
        limitMs: defaultLostMs,
        pollMs: server.patience.pollMs,
      });
    const entry = this.#entryOf(server, formation, own, by);
    const record = recordIn(entry);
    const planned = own.changes.find(({ id }) => id === step.id);
    own.begun.add(step.id);
    const taken = planned
      ? await this.#execute(server, record, own, planned, secrets, tools)
      : await this.#check(record, step, own, tools);
    own.done.add(step.id);
    return taken;
  }

  /** What a person has to know at once of how a formation that stops leaves this server; null: nothing. */
  async aftermath(server: Server, formation: string, orderer: Orderer | null): Promise<string | null> {
    const own = this.#formations.get(formation);
    if (!own || own.orderer?.fingerprint !== orderer?.fingerprint) return null;
    const steps = own.changes.map(({ id, change }) => ({
      change,
      state: own.done.has(id) ? ('done' as const) : own.begun.has(id) ? ('failed' as const) : ('waiting' as const),
    }));
    return aftermathOf(server, steps, 'formation', own.revert?.dueAt ?? null);
  }

  /** Null: no such formation is known here, or it is another coordinator's. Else which way it went. */
  leave(
    formation: string,
    state: 'done' | 'failed' | 'cancelled',
    orderer: Orderer | null,
  ): { readonly direction: FormationDirection; readonly file: ClusterFile } | null {
    const own = this.#formations.get(formation);
    if (!own || own.orderer?.fingerprint !== orderer?.fingerprint) return null;
    if (orderer && state === 'done') this.#tools.consents().end(formation);
    this.#formations.delete(formation);
    own.entry?.write('end', { state });
    own.entry?.close();
    return { direction: own.direction, file: own.file };
  }

  async #execute(
    server: Server,
    record: RunRecord,
    own: Membership,
    step: PlannedStep,
    secrets: Readonly<Record<string, string>>,
    { signal, tell }: CheckTools,
  ): Promise<TakenStep> {
    // Of what is no setting of the server itself, its state is read for its name alone.
    const once = readOnce(server);
    const executor = new Executor(server, record, {
      observe: (area, within) => observeArea(area === 'host' ? server : once, area, within),
      secrets,
      signal,
      tell: (doing) => tell({ doing, done: null, total: null, leftMs: null }),
      revertAfterSeconds: 300,
      promisesMs: defaultLostMs,
      steps: own.changes,
      armed: own.revert,
    });
    try {
      return await executor.take(step);
    } finally {
      own.revert = executor.revert;
    }
  }

  /**
   * A step comes after what this server itself planned before it, but for what a person may leave out; what others do before it, the coordinator
   * knows.
   */
  #isReady(own: Membership, step: FormationStep): boolean {
    const planned = new Map(own.plan.phases.flatMap(({ steps }) => steps).map((one) => [one.id, one]));
    const isReady = ({ requires }: FormationStep): boolean =>
      requires.every((id) => {
        const before = planned.get(id);
        return !before || own.done.has(id) || (whyNotSkippable(before) === null && isReady(before));
      });
    return isReady(step);
  }

  async #check(record: RunRecord, step: FormationStep, own: Membership, tools: CheckTools): Promise<TakenStep> {
    record.intent(step.id);
    try {
      const proof = await runCheck(step, own.file, tools);
      record.done(step.id, 'done', proof);
      return { state: 'done', proof };
    } catch (error) {
      const thrown =
        error instanceof Failure ? error : new Failure('INTERNAL_BUG', toEnvelope(error).detail, { cause: error });
      record.failed(step.id, toEnvelope(thrown));
      throw thrown;
    }
  }

  #entryOf(server: Server, formation: string, own: Membership, by: string): OpenEntry {
    const steps = own.changes;
    const isWritten = own.isWritten;
    own.isWritten = true;
    if (own.entry) {
      // What this round planned has to be known before it is begun: taking it back goes by what the journal names.
      if (!isWritten) own.entry.write('continued', { steps, followUp: null, pid: process.pid });
      return own.entry;
    }
    own.entry = server.journal.begin({
      kind: 'formation',
      parent: formation,
      coordinator: by,
      epoch: own.orderer?.epoch ?? null,
      server: server.name,
      by,
      node: own.plan.server,
      cluster: own.file.cluster.name,
      title: own.direction === 'undo' ? `Undo: formation ${formation}` : `Formation ${formation}`,
      method: own.direction === 'undo' ? 'formation.undo' : 'formation.take',
      desire: null,
      steps,
      followUp: null,
    });
    return own.entry;
  }
}

/** Everything that formations of this cluster did here is back: their entries say so, and nobody takes them back again. */
export const closeTakenBack = (journal: Journal, cluster: string, formation: string, by: string): void => {
  for (const entry of formationEntries(journal, cluster)) {
    const open = journal.continue(entry.begin.id, by);
    try {
      open.write('undoBegin', { pid: process.pid });
      for (const { step } of touchedSteps(entry))
        if (step.undoChanges !== null)
          open.write('undoResult', { step: step.id, proof: `undone by the formation ${formation}` });
      open.write('end', { state: 'undone' });
    } finally {
      open.close();
    }
  }
};
