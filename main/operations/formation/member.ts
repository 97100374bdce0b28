import { Failure, failure, toEnvelope } from '../../../shared/errors/failure.ts';
import type { FormationStep, ServerPlan } from '../../../shared/model/formation.ts';
import type { ClusterFile } from '../../../shared/model/cluster-file.ts';
import type { ServerInput } from '../../../shared/plan/formation/phase.ts';
import { plannedStepSchema, type PlannedStep } from '../../../shared/plan/draft.ts';
import { Executor, type TakenStep } from '../../coordination/executor.ts';
import type { OpenEntry } from '../../journal/journal.ts';
import { observeArea } from '../plans/observe.ts';
import { recordIn } from '../plans/run-steps.ts';
import type { Server } from '../plans/server.ts';
import type { Consents, Orderer } from './consents.ts';
import { lookAtServer, readReadiness, type LookInput } from './look.ts';
import { runCheck, type CheckTools } from './checks.ts';

interface Membership {
  plan: ServerPlan;
  file: ClusterFile;
  /** The cluster file as it came: what a person here agreed to. */
  text: string;
  /** Null: it is ordered at this console. */
  readonly orderer: Orderer | null;
  /** Hardware does not change in the middle of a formation. */
  readonly readiness: ServerInput['readiness'];
  entry: OpenEntry | null;
  readonly done: Set<string>;
}

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
}

/**
 * This server as the member of formations. It plans for itself and takes only what it planned: an order that merely arrives is
 * refused, so that a wrong coordinator can have nothing done that does not follow from the cluster file. Nothing is done for another
 * server before a person here agreed to that file.
 */
export class FormationMember {
  readonly #formations = new Map<string, Membership>();
  readonly #tools: MemberTools;

  constructor(tools: MemberTools) {
    this.#tools = tools;
  }

  /** What this server plans; nothing is remembered of it. */
  async look(server: Server, input: LookInput, signal: AbortSignal): Promise<ServerPlan> {
    return lookAtServer(server, { ...input, readiness: await readReadiness(server, signal) }, signal);
  }

  /** @throws Failure FORM_STEP_NOT_PLANNED where the formation is another coordinator's */
  async join(
    server: Server,
    { formation, text, ...input }: JoinInput,
    orderer: Orderer | null,
    signal: AbortSignal,
  ): Promise<{ readonly plan: ServerPlan; readonly consent: 'given' | 'needed' | 'refused' }> {
    const known = this.#formations.get(formation);
    if (known) assertSame(known, orderer, server.name, formation);
    const readiness = known?.readiness ?? (await readReadiness(server, signal));
    const plan = await lookAtServer(server, { ...input, readiness }, signal);
    if (known) {
      Object.assign(known, { plan, file: input.file, text });
      known.done.clear();
    } else {
      // An older coordinator cannot end its formation any more: its orders are refused.
      for (const [id, one] of this.#formations)
        if (one.orderer && orderer && one.orderer.epoch < orderer.epoch) this.leave(id, 'cancelled', one.orderer);
      const empty = { entry: null, done: new Set<string>() };
      this.#formations.set(formation, { plan, file: input.file, text, orderer, readiness, ...empty });
    }
    const isAsked = orderer !== null && plannedSteps(plan).length > 0;
    const about = { formation, cluster: input.file.cluster.name, text };
    return { plan, consent: isAsked ? this.#tools.consents().standing(orderer, about, plan) : 'given' };
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
    return this.#tools.during(step.title, () => this.#take(server, formation, own, step, secrets, tools, by));
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
    if (step.phase !== 'disks') await server.singleWriter?.finish();
    const entry = this.#entryOf(server, formation, own, by);
    const record = recordIn(entry);
    const taken =
      step.change === null
        ? await this.#check(record, step, own, tools)
        : await new Executor(server, record, {
            observe: (area, signal) => observeArea(server, area, signal),
            secrets,
            signal: tools.signal,
            revertAfterSeconds: 300,
            steps: changesOf(plannedSteps(own.plan)),
          }).take(plannedStepSchema.parse(step));
    own.done.add(step.id);
    return taken;
  }

  leave(formation: string, state: 'done' | 'failed' | 'cancelled', orderer: Orderer | null): boolean {
    const own = this.#formations.get(formation);
    if (!own || own.orderer?.fingerprint !== orderer?.fingerprint) return false;
    if (orderer && state === 'done') this.#tools.consents().end(formation);
    this.#formations.delete(formation);
    own.entry?.write('end', { state });
    own.entry?.close();
    return true;
  }

  /** A step comes after what this server itself planned before it; what others do before it, the coordinator knows. */
  #isReady(own: Membership, step: FormationStep): boolean {
    const planned = new Set(own.plan.phases.flatMap(({ steps }) => steps).map(({ id }) => id));
    return step.requires.every((id) => own.done.has(id) || !planned.has(id));
  }

  async #check(
    record: ReturnType<typeof recordIn>,
    step: FormationStep,
    own: Membership,
    tools: CheckTools,
  ): Promise<TakenStep> {
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
    if (own.entry) return own.entry;
    const steps = changesOf(plannedSteps(own.plan));
    own.entry = server.journal.begin({
      kind: 'formation',
      parent: formation,
      coordinator: by,
      epoch: own.orderer?.epoch ?? null,
      server: server.name,
      by,
      node: own.plan.server,
      title: `Formation ${formation}`,
      method: 'formation.take',
      desire: null,
      steps,
      followUp: null,
    });
    return own.entry;
  }
}
