import { failure } from '../../../shared/errors/failure.ts';
import type { OutputOf } from '../../../shared/contract/define.ts';
import type { stepTake } from '../../../shared/contract/steps.ts';
import type { Desire } from '../../../shared/plan/desire.ts';
import type { PlanAnswers } from '../../../shared/plan/plan.ts';
import { assertReady } from './apply-plan.ts';
import { inLane } from './lane.ts';
import { makePlan, plannedNow } from './make-plan.ts';
import { recordIn, StepRunner, type RunOptions } from './run-steps.ts';
import type { Server } from './server.ts';

/** One step of a plan over several servers, as its coordinator orders it. */
export interface StepOrder {
  readonly wanted: Desire;
  /** The step as a person read it; another title under the same id is another step. */
  readonly step: { readonly id: string; readonly title: string };
  readonly answers: PlanAnswers;
  readonly order: { readonly parent: string; readonly coordinator: string; readonly epoch: number | null };
}

/**
 * Takes one step that a coordinator orders, if this server's own planner comes to the same one now. What its other steps ask stays
 * open: only this step's questions have to be answered. It is an entry of this server's journal, so that it is found and undone here
 * as well. Throws STEP_NOT_PLANNED, which a coordinator answers by planning again, PLAN_BUSY, HOST_NOT_ELEVATED, and what the step throws.
 */
export const takeStep = (
  server: Server,
  method: string,
  { wanted, step, answers, order }: StepOrder,
  options: RunOptions,
): Promise<OutputOf<typeof stepTake>> =>
  inLane(server, step.title, async () => {
    options.progress({ doing: 'Reading the server', done: 0, total: null, leftMs: null });
    const { view, steps } = await makePlan(server, wanted, answers, options.secrets, {
      signal: options.signal,
      withScripts: false,
    });
    const own = plannedNow(steps).find(({ id, title }) => id === step.id && title === step.title);
    const isStopped = view.refusals.length + view.unknowns.length > 0;
    if (!own && !isStopped) throw failure('STEP_NOT_PLANNED', { server: view.node, step: step.title });
    const taken = own ? [own] : [];
    const questions = view.questions.filter(({ id }) => own?.questions.includes(id));
    await assertReady(server, { view: { ...view, questions }, steps: taken }, options);
    const entry = server.journal.begin({
      ...order,
      kind: 'step',
      server: server.name,
      node: view.node,
      by: options.by,
      title: step.title,
      method,
      desire: wanted,
      steps: taken,
      followUp: null,
    });
    try {
      const { steps: results, revert } = await new StepRunner(server, recordIn(entry), taken, options).run();
      entry.write('end', { state: 'done' });
      const [result] = results;
      return {
        state: result?.state === 'alreadyDone' ? 'alreadyDone' : 'done',
        proof: result?.proof ?? '',
        journal: entry.id,
        revert,
      };
    } finally {
      entry.close();
    }
  });
