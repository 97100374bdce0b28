import { useCallback, useEffect, useRef, useState, type ReactNode } from 'react';
import type { ApplyResult, StepResult } from '../../../shared/contract/apply.ts';
import type { Progress } from '../../../shared/contract/define.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { noAnswers, type PlanAnswers, type PlanQuestion, type PlanView } from '../../../shared/plan/plan.ts';

/** The calls behind one change: plan it, make it. The feature knows the method; this knows the order. */
export interface PlanCalls {
  readonly plan: (answers: PlanAnswers) => Promise<PlanView>;
  readonly apply: (
    planId: string,
    answers: PlanAnswers,
    onProgress: (progress: Progress) => void,
  ) => Promise<ApplyResult>;
  readonly envelopeOf: (error: unknown) => Envelope;
  /** What the feature shows beside a failure: a report that it names, say. */
  readonly besideFailure?: (failure: Envelope) => ReactNode;
  /** After a change, or a change that failed half-way: what was read before is old. */
  readonly onChanged: () => void;
}

export interface PlanFlow {
  readonly plan: PlanView | null;
  readonly answers: PlanAnswers;
  readonly isPlanning: boolean;
  readonly isApplying: boolean;
  /** It was begun, and may have changed something. */
  readonly hasBegun: boolean;
  /** How each step stands, by its id. */
  readonly steps: ReadonlyMap<string, StepResult>;
  readonly result: ApplyResult | null;
  readonly failure: Envelope | null;
  /** The questions to show: those of the last plan that asked, when an answer made the core refuse. */
  readonly questions: readonly PlanQuestion[];
  /** `waitMs`: how long to wait for more typing before the core is asked again. */
  readonly answer: (answers: PlanAnswers, waitMs: number) => void;
  /** Asks the core at once about what was typed. */
  readonly checkAnswers: () => void;
  readonly planAgain: () => void;
  readonly apply: () => void;
}

const stepsOf = (data: unknown): readonly StepResult[] | null => {
  const steps = (data as { steps?: unknown } | undefined)?.steps;
  return Array.isArray(steps) ? (steps as StepResult[]) : null;
};

const byId = (steps: readonly StepResult[]): ReadonlyMap<string, StepResult> =>
  new Map(steps.map((step) => [step.id, step]));

/** How the steps of a run stand that failed: nothing runs any more, and of what ran when nobody told its end nobody knows it. */
export const stepsAfterFailure = (steps: ReadonlyMap<string, StepResult>): ReadonlyMap<string, StepResult> =>
  byId([...steps.values()].map((step) => (step.state === 'running' ? { ...step, state: 'unknown' } : step)));

/** May the plan be made? Every question answered, nothing refused, nothing unknown, something to do. */
export const canApply = (plan: PlanView): boolean =>
  plan.outcome === 'changes' && plan.questions.every(({ answered }) => answered);

/** Runs one change from its plan to its proof. Typed answers are judged by the core, not here. */
export const usePlanFlow = (calls: PlanCalls): PlanFlow => {
  const latest = useRef(calls);
  useEffect(() => {
    latest.current = calls;
  });
  const [plan, setPlan] = useState<PlanView | null>(null);
  const [questions, setQuestions] = useState<readonly PlanQuestion[]>([]);
  const [answers, setAnswers] = useState<PlanAnswers>(noAnswers);
  const [isPlanning, setIsPlanning] = useState(true);
  const [isApplying, setIsApplying] = useState(false);
  const [steps, setSteps] = useState<ReadonlyMap<string, StepResult>>(new Map());
  const [result, setResult] = useState<ApplyResult | null>(null);
  const [failure, setFailure] = useState<Envelope | null>(null);
  const [isBegun, setIsBegun] = useState(false);
  const asked = useRef(0);

  const planWith = useCallback(async (given: PlanAnswers): Promise<void> => {
    const mine = (asked.current += 1);
    setIsPlanning(true);
    setFailure(null);
    try {
      const planned = await latest.current.plan(given);
      if (asked.current === mine) {
        setPlan(planned);
        if (planned.outcome !== 'refused' || planned.questions.length > 0) setQuestions(planned.questions);
        else setQuestions((before) => before.map((question) => ({ ...question, answered: false })));
      }
    } catch (error) {
      if (asked.current === mine) setFailure(latest.current.envelopeOf(error));
    }
    if (asked.current === mine) setIsPlanning(false);
  }, []);

  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    void planWith(noAnswers);
  }, [planWith]);

  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const waiting = useRef<PlanAnswers | null>(null);
  const checkAnswers = (): void => {
    clearTimeout(timer.current);
    const given = waiting.current;
    waiting.current = null;
    if (given) void planWith(given);
  };
  const answer = (given: PlanAnswers, waitMs: number): void => {
    setAnswers(given);
    waiting.current = given;
    clearTimeout(timer.current);
    timer.current = setTimeout(checkAnswers, waitMs);
  };

  const apply = async (): Promise<void> => {
    if (!plan || !canApply(plan) || isApplying) return;
    setIsApplying(true);
    setIsBegun(true);
    setFailure(null);
    try {
      const made = await calls.apply(plan.id, answers, (progress) => {
        const told = stepsOf(progress.data);
        if (told) setSteps(byId(told));
      });
      setSteps(byId(made.steps));
      setResult(made);
    } catch (error) {
      const envelope = calls.envelopeOf(error);
      setFailure(envelope);
      setSteps(stepsAfterFailure);
      // Refused before its first step, and it says so.
      setIsBegun(envelope.effect !== 'none');
    }
    setIsApplying(false);
    calls.onChanged();
  };

  return {
    plan,
    answers,
    isPlanning,
    isApplying,
    hasBegun: isBegun || steps.size > 0,
    steps,
    result,
    failure,
    questions,
    answer,
    checkAnswers,
    planAgain: () => {
      setResult(null);
      setSteps(new Map());
      setIsBegun(false);
      // What was planned before the run is not what is left to be done.
      setPlan(null);
      void planWith(answers);
    },
    apply: () => void apply(),
  };
};
