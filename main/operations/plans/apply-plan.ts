import { Failure, failure } from '../../../shared/errors/failure.ts';
import type { FailureCode } from '../../../shared/messages/index.ts';
import type { ApplyResult, StepResult } from '../../../shared/contract/apply.ts';
import { areaMethods } from '../../../shared/contract/areas.ts';
import type { Desire } from '../../../shared/plan/desire.ts';
import type { PlanAnswers, PlanQuestion, PlanView } from '../../../shared/plan/plan.ts';
import { assertSecrets } from '../../coordination/server.ts';
import type { OpenEntry } from '../../journal/journal.ts';
import { endWhatIsOver } from './look-again.ts';
import { inLane } from './lane.ts';
import { makePlan, plannedNow, type Plan } from './make-plan.ts';
import { readPart } from './read-part.ts';
import { recordIn, StepRunner, type RunOptions } from './run-steps.ts';
import type { Server } from './server.ts';

const openQuestion = (question: PlanQuestion): Failure => {
  switch (question.kind) {
    case 'sharedDisk':
      return failure('DISK_SHARED_NOT_CONFIRMED', { disk: question.subject });
    case 'serialNumber':
      return failure('DISK_HAS_CONTENT', { disk: question.subject, content: question.text });
    case 'cutConnection':
    case 'restart':
    case 'agree':
      return failure('PLAN_QUESTION_OPEN', { question: question.text });
  }
};

/** Throws what keeps a plan from being run. */
const assertRunnable = (view: PlanView): void => {
  const [refusal] = view.refusals;
  if (refusal) throw new Failure(refusal.code as FailureCode, refusal.detail);
  const [unknown] = view.unknowns;
  if (unknown) throw failure('PLAN_STOPPED_UNKNOWN', { server: view.node, ...unknown });
  const open = view.questions.find((question) => !question.answered);
  if (open) throw openQuestion(open);
};

/**
 * Reading needs no elevation, changing does: said once and before anything is journaled, instead of by whichever call
 * Windows denies first. What cannot be read stops nothing, because Windows decides in the end. Throws HOST_NOT_ELEVATED.
 */
const assertElevated = async (server: Server, signal: AbortSignal): Promise<void> => {
  const facts = await readPart(() => server.ports.host.readState({ signal }));
  if (facts.value?.isAdministrator === false) throw failure('HOST_NOT_ELEVATED', { server: facts.value.computerName });
};

/** Throws whatever keeps a plan from being run, before anything is journaled. */
export const assertReady = async (
  server: Server,
  { view, steps }: Plan,
  { secrets, signal }: Pick<RunOptions, 'secrets' | 'signal'>,
): Promise<void> => {
  assertRunnable(view);
  // What is only expected is asked for too: never in the middle.
  assertSecrets(
    steps.map((step) => step.change),
    secrets,
  );
  if (steps.length > 0) await assertElevated(server, signal);
};

/** Plans that follow each other (a service that has to run first, a disk that has to be online) are few. */
const mostRounds = 8;

/** Is a plan nothing but what was shown before, so that it goes on without a further word? */
const isAsShown = ({ view, steps }: Plan, shown: ReadonlySet<string>): boolean =>
  view.outcome === 'changes' &&
  view.questions.every(({ answered }) => answered) &&
  plannedNow(steps).every(({ id }) => shown.has(id));

/**
 * Runs a plan in a journal entry that was begun or continued, and ends the entry. Where the plan waits for something that its own
 * steps bring about, it is planned again from the truth and goes on, as long as nothing comes up that was not shown as expected:
 * that is for a person to read first, and `followUp` of the answer says that there is more.
 */
export const runPlan = async (
  server: Server,
  entry: OpenEntry,
  first: Plan,
  planAgain: () => Promise<Plan>,
  options: RunOptions,
): Promise<ApplyResult> => {
  const shown = new Set(first.steps.map(({ id }) => id));
  let steps: readonly StepResult[] = [];
  let plan = first;
  for (let round = 1; ; round += 1) {
    const { view } = plan;
    const result = await new StepRunner(server, recordIn(entry), plan.steps, options, steps).run();
    steps = result.steps;
    const mustRestart = result.needsRestart || view.outcome === 'waits';
    let { followUp } = view;
    if (followUp && !mustRestart && !result.revert && round < mostRounds) {
      options.progress({ doing: 'Reading the server', done: steps.length, total: null, leftMs: null });
      const next = await planAgain();
      for (const { id } of next.view.outcome === 'changes' && isAsShown(next, shown) ? next.steps : []) shown.add(id);
      if (isAsShown(next, shown)) {
        entry.write('continued', { steps: plannedNow(next.steps), followUp: next.view.followUp, pid: process.pid });
        plan = next;
        continue;
      }
      if (next.view.outcome === 'nothingToChange') followUp = null;
    }
    entry.write('end', { state: mustRestart && followUp ? 'restartNeeded' : 'done' });
    return {
      outcome: result.revert ? 'confirmationNeeded' : mustRestart ? 'restartNeeded' : 'changed',
      journal: entry.id,
      node: view.node,
      steps: [...steps],
      revert: result.revert,
      followUp,
      limits: null,
    };
  }
};

/**
 * Brings a server to the wanted state: plans, refuses what is wrong, runs the steps with the journal beside them, and plans again
 * until nothing is left that was shown. Throws PLAN_CHANGED when `expectedPlan` is not the plan that is made now, PLAN_BUSY,
 * HOST_NOT_ELEVATED, and whatever refuses or fails.
 */
export const applyDesire = (
  server: Server,
  method: string,
  wanted: Desire,
  input: { readonly expectedPlan: string | null; readonly answers: PlanAnswers },
  options: RunOptions,
): Promise<ApplyResult> =>
  inLane(server, areaMethods[wanted.area].apply.title ?? method, async (lane) => {
    options.progress({ doing: 'Reading the server', done: 0, total: null, leftMs: null });
    const planNow = (entry?: string): Promise<Plan> =>
      makePlan(server, wanted, input.answers, options.secrets, {
        signal: options.signal,
        withScripts: false,
        ...(entry === undefined ? {} : { entry }),
      });
    const plan = await planNow();
    const { view } = plan;
    lane.name(view.title, view.node);
    if (input.expectedPlan !== null && input.expectedPlan !== view.id)
      throw failure('PLAN_CHANGED', { server: view.node });
    await assertReady(server, plan, options);
    const steps = plannedNow(plan.steps);
    if (steps.length === 0)
      return {
        outcome: view.followUp ? 'restartNeeded' : 'nothingToChange',
        journal: null,
        node: view.node,
        steps: [],
        revert: null,
        followUp: view.followUp,
        limits: null,
      };
    const entry = server.journal.begin({
      server: server.name,
      by: options.by,
      node: view.node,
      title: view.title,
      method,
      desire: wanted,
      steps,
      followUp: view.followUp,
    });
    let result: ApplyResult;
    try {
      result = await runPlan(server, entry, plan, () => planNow(entry.id), options);
    } finally {
      entry.close();
    }
    await endWhatIsOver(server, wanted.area, options.by, options.signal);
    return result;
  });
