import { createHash } from 'node:crypto';
import { becausePhrase } from '../../../shared/errors/because.ts';
import type { Desire } from '../../../shared/plan/desire.ts';
import type { Draft, PlannedStep } from '../../../shared/plan/draft.ts';
import type { Observed } from '../../../shared/plan/observed.ts';
import type { PlanAnswers, PlanView } from '../../../shared/plan/plan.ts';
import { isOpen } from '../../journal/entry.ts';
import { draftOf } from '../areas/index.ts';
import type { SecretTexts } from '../../coordination/server.ts';
import { lookAgain } from './look-again.ts';
import type { Server } from './server.ts';

/** The steps of a plan that may run as they stand. */
export const plannedNow = (steps: readonly PlannedStep[]): PlannedStep[] =>
  steps.filter(({ certainty }) => certainty === 'planned');

/** A plan with what its steps do. */
export interface Plan {
  readonly view: PlanView;
  readonly steps: readonly PlannedStep[];
}

/** A change that waits for a decision may be the cause of what is found now: say so beside the plan. */
const openWarnings = (server: Server, observed: Observed, except: string | null): PlanView['warnings'] =>
  server.journal
    .listOpen()
    .filter((entry) => entry.begin.server === server.name && entry.begin.id !== except && isOpen(entry))
    .filter((entry) => !lookAgain(entry, observed))
    .map(({ begin, state }) => ({
      text:
        state === 'interrupted'
          ? `An earlier change was interrupted: ${begin.title}. History in the window, or "quorate journal show ${begin.id}", shows it; finish or undo it.`
          : `An earlier change is not finished: ${begin.title}. History in the window, or "quorate journal show ${begin.id}", shows what it waits for; finish or undo it.`,
      source: null,
    }));

const outcomeOf = (draft: Draft): PlanView['outcome'] => {
  if (draft.refusals.length > 0) return 'refused';
  if (draft.unknowns.length > 0) return 'unknown';
  if (draft.steps.some(({ certainty }) => certainty === 'planned')) return 'changes';
  return draft.followUp ? 'waits' : 'nothingToChange';
};

export interface MakePlanOptions {
  readonly signal?: AbortSignal;
  /** False: nobody will read the scripts. */
  readonly withScripts?: boolean;
  /** The journal entry that is gone on with. */
  readonly entry?: string;
  /** Disks whose partition that entry made. */
  readonly ownPartitions?: readonly string[];
}

/** Left out, not undefined, where there are none. */
const ownPartitionsOf = ({ ownPartitions }: MakePlanOptions): Pick<MakePlanOptions, 'ownPartitions'> =>
  ownPartitions ? { ownPartitions } : {};

/** Plans: reads the server and says what would be changed. It changes nothing. */
export const makePlan = async (
  server: Server,
  wanted: Desire,
  answers: PlanAnswers,
  secrets: SecretTexts,
  options: MakePlanOptions = {},
): Promise<Plan> => {
  const { draft, observed } = await draftOf(
    server,
    wanted,
    { answers, secrets, ...ownPartitionsOf(options) },
    options.signal,
  );
  return planOf(server, draft, observed, options);
};

/** The plan of a draft: with a number, the scripts, and what waits besides. */
export const planOf = async (
  server: Server,
  draft: Draft,
  observed: Observed,
  options: MakePlanOptions = {},
): Promise<Plan> => {
  const isStopped = draft.refusals.length > 0 || draft.unknowns.length > 0;
  const planned = isStopped ? [] : draft.steps;
  const scripts =
    options.withScripts === false
      ? null
      : await server.renderScripts(
          planned.map((step) => step.change),
          observed,
        );
  const steps = planned.map((step, index) => ({ ...step, script: scripts?.[index] ?? null }));
  const digest = createHash('sha256')
    .update(JSON.stringify([draft.node, plannedNow(planned).map((step) => step.change), draft.followUp?.waitsFor]))
    .digest('hex')
    .slice(0, 16);
  return {
    steps,
    view: {
      id: digest,
      server: server.name,
      node: draft.node,
      title: draft.title,
      outcome: outcomeOf(draft),
      steps,
      refusals: [...draft.refusals],
      unknowns: draft.unknowns.map((one) => ({ ...one, because: becausePhrase(one.because) })),
      warnings: [...draft.warnings, ...openWarnings(server, observed, options.entry ?? null)],
      questions: isStopped ? [] : [...draft.questions],
      followUp: isStopped ? null : draft.followUp,
      plannedAt: server.now().toISOString(),
    },
  };
};
