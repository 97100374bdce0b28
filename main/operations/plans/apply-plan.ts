import type { ApplyResult } from '../../../shared/contract/apply.ts';
import { Failure, failure } from '../../../shared/errors/failure.ts';
import type { FailureCode } from '../../../shared/messages/index.ts';
import type { Change } from '../../../shared/changes/index.ts';
import type { Desire } from '../../../shared/plan/desire.ts';
import type { PlanAnswers, PlanQuestion, PlanView } from '../../../shared/plan/plan.ts';
import type { OpenEntry } from '../../journal/journal.ts';
import { secretsOf } from './act.ts';
import { makePlan, type Plan } from './make-plan.ts';
import { readPart } from './observe.ts';
import { recordIn, StepRunner, type RunOptions } from './run-steps.ts';
import { secretOf, type SecretTexts, type Server } from './server.ts';

const openQuestion = (question: PlanQuestion): Failure => {
  switch (question.kind) {
    case 'sharedDisk':
      return failure('DISK_SHARED_NOT_CONFIRMED', { disk: question.subject });
    case 'serialNumber':
      return failure('DISK_HAS_CONTENT', { disk: question.subject, content: question.text });
    case 'cutConnection':
    case 'restart':
      return failure('PLAN_QUESTION_OPEN', { question: question.text });
  }
};

/** Throws what keeps a plan from being run. */
export const assertRunnable = (view: PlanView): void => {
  const [refusal] = view.refusals;
  if (refusal) throw new Failure(refusal.code as FailureCode, refusal.detail);
  const [unknown] = view.unknowns;
  if (unknown) throw failure('PLAN_STOPPED_UNKNOWN', { server: view.node, ...unknown });
  const open = view.questions.find((question) => !question.answered);
  if (open) throw openQuestion(open);
};

/** Secrets are asked for before anything runs, never in the middle. Throws PLAN_SECRET_MISSING. */
export const assertSecrets = (actions: readonly Change[], secrets: SecretTexts): void => {
  for (const name of actions.flatMap(secretsOf)) secretOf(secrets, name);
};

/**
 * Reading needs no elevation, changing does: said once and before anything is journaled, instead of by whichever call
 * Windows denies first. What can not be read stops nothing, because Windows decides in the end. Throws HOST_NOT_ELEVATED.
 */
export const assertElevated = async (server: Server, signal: AbortSignal): Promise<void> => {
  const facts = await readPart(() => server.ports.host.readFacts({ signal }));
  if (facts.value?.isAdministrator === false) throw failure('HOST_NOT_ELEVATED', { server: facts.value.computerName });
};

/** One change of a server at a time, and each in its own lane: a second one is refused, not queued. */
const running = new Map<string, string>();

export const inLane = async <T>(server: Server, title: string, work: () => Promise<T>): Promise<T> => {
  const other = running.get(server.name);
  if (other !== undefined) throw failure('PLAN_BUSY', { server: server.name, title: other });
  running.set(server.name, title);
  try {
    return await work();
  } finally {
    running.delete(server.name);
  }
};

/** Runs the steps of a plan in a journal entry that was begun or continued, and ends the entry. */
export const runPlan = async (
  server: Server,
  entry: OpenEntry,
  plan: Plan,
  options: RunOptions,
): Promise<ApplyResult> => {
  const { view } = plan;
  const result = await new StepRunner(server, recordIn(entry), plan.steps, options).run();
  const mustRestart = result.needsRestart || (plan.steps.length === 0 && view.more !== null);
  entry.write('end', { state: mustRestart && view.more !== null ? 'restartNeeded' : 'done' });
  return {
    outcome: result.revert ? 'confirmationNeeded' : mustRestart ? 'restartNeeded' : 'changed',
    journal: entry.id,
    node: view.node,
    steps: [...result.steps],
    revert: result.revert,
    more: view.more,
  };
};

/**
 * Brings a server to the wanted state: plans, refuses what is wrong, and runs the steps with the journal beside them.
 * Throws PLAN_CHANGED when `expectedPlan` is not the plan that is made now, PLAN_BUSY,
 * HOST_NOT_ELEVATED, and whatever refuses or fails.
 */
export const applyDesire = (
  server: Server,
  method: string,
  wanted: Desire,
  input: { readonly expectedPlan: string | null; readonly answers: PlanAnswers },
  options: RunOptions,
): Promise<ApplyResult> =>
  inLane(server, method, async () => {
    options.progress({ doing: 'Reading the server', done: 0, total: null, leftMs: null });
    const plan = await makePlan(server, wanted, input.answers, options.secrets, {
      signal: options.signal,
      withScripts: false,
    });
    const { view, steps } = plan;
    if (input.expectedPlan !== null && input.expectedPlan !== view.id)
      throw failure('PLAN_CHANGED', { server: view.node });
    assertRunnable(view);
    if (steps.length === 0) {
      return {
        outcome: view.more === null ? 'nothingToChange' : 'restartNeeded',
        journal: null,
        node: view.node,
        steps: [],
        revert: null,
        more: view.more,
      };
    }
    assertSecrets(
      steps.map((step) => step.action),
      options.secrets,
    );
    await assertElevated(server, options.signal);
    const entry = server.journal.begin({
      host: server.name,
      node: view.node,
      title: view.title,
      method,
      desire: wanted,
      steps: [...steps],
      more: view.more,
    });
    try {
      return await runPlan(server, entry, plan, options);
    } finally {
      entry.close();
    }
  });
