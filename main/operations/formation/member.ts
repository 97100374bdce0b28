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
import { lookAtServer, readReadiness, type LookInput } from './look.ts';
import { runCheck, type CheckTools } from './checks.ts';

interface Membership {
  plan: ServerPlan;
  file: ClusterFile;
  /** Hardware does not change in the middle of a formation. */
  readonly readiness: ServerInput['readiness'];
  entry: OpenEntry | null;
  readonly done: Set<string>;
}

const plannedSteps = (plan: ServerPlan): FormationStep[] =>
  plan.phases.flatMap(({ steps }) => steps).filter(({ certainty }) => certainty === 'planned');

const changesOf = (steps: readonly FormationStep[]): PlannedStep[] =>
  steps.flatMap((step) => (step.change === null ? [] : [plannedStepSchema.parse(step)]));

/**
 * This server as the member of formations. It plans for itself and takes only what it planned: an order that merely arrives is
 * refused, so that a wrong coordinator can have nothing done that does not follow from the cluster file.
 */
export class FormationMember {
  readonly #formations = new Map<string, Membership>();

  async look(server: Server, formation: string, input: LookInput, signal: AbortSignal): Promise<ServerPlan> {
    const known = this.#formations.get(formation);
    const readiness = known?.readiness ?? (await readReadiness(server, signal));
    const plan = await lookAtServer(server, { ...input, readiness }, signal);
    if (known) {
      known.plan = plan;
      known.file = input.file;
      known.done.clear();
    } else this.#formations.set(formation, { plan, file: input.file, readiness, entry: null, done: new Set() });
    return plan;
  }

  /** Throws FORM_STEP_NOT_PLANNED and what the step throws, after it was written down. */
  async take(
    server: Server,
    {
      formation,
      step: id,
      secrets,
    }: { readonly formation: string; readonly step: string; readonly secrets: Readonly<Record<string, string>> },
    tools: CheckTools,
    by: string,
  ): Promise<TakenStep> {
    const own = this.#formations.get(formation);
    const step = own && plannedSteps(own.plan).find((one) => one.id === id);
    if (!own || !step || !this.#isReady(own, step))
      throw failure('FORM_STEP_NOT_PLANNED', { server: own?.plan.computerName ?? server.name, step: id });
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
    own.done.add(id);
    return taken;
  }

  leave(formation: string, state: 'done' | 'failed' | 'cancelled'): boolean {
    const own = this.#formations.get(formation);
    if (!own) return false;
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
