import type { FormationStepResult } from '../../../shared/contract/formation.ts';
import { formationStages, type FormationStage } from '../../../shared/model/formation.ts';
import { isOver } from '../../../shared/model/topology.ts';
import type { StateMark } from '../../ui/marks.ts';
import type { RunState } from './run.ts';

/** What each state of a step is called, and how it is marked. */
export const stepWords: Readonly<Record<FormationStepResult['state'], StateMark>> = {
  waiting: { outcome: 'waiting', word: 'Waiting' },
  running: { outcome: 'running', word: 'Running' },
  done: { outcome: 'pass', word: 'Done' },
  alreadyDone: { outcome: 'alreadyDone', word: 'Already done' },
  failed: { outcome: 'fail', word: 'Failed' },
  skipped: { outcome: 'warn', word: 'Skipped' },
  interrupted: { outcome: 'interrupted', word: 'Interrupted' },
};

type Steps = readonly FormationStepResult[];

export interface StageStanding extends StateMark {
  /** Its word has figures: `Running 2/3`. */
  readonly stage: FormationStage;
}

/** Has everything that is wanted been reached? Else steps that nobody knows yet may come. */
const isReached = (state: RunState): boolean => state === 'formed' || state === 'undone';
const isGoing = (state: RunState): boolean => state === 'running' || state === 'paused';

const notStarted: StateMark = { outcome: 'waiting', word: 'Not started' };

const standingOfStage = (own: Steps, run: RunState, isPassed: boolean): StateMark => {
  const has = (state: FormationStepResult['state']): boolean => own.some((step) => step.state === state);
  const done = own.filter(isOver).length;
  // What a run that stopped would still have done is known to nobody: no total is claimed.
  const counted = isGoing(run) || isReached(run) ? ` ${done}/${own.length}` : done > 0 ? `, ${done} done` : '';
  if (has('failed')) return { outcome: 'fail', word: `Stopped${counted}` };
  if (has('interrupted')) return { outcome: 'interrupted', word: `Interrupted${counted}` };
  if (has('running')) return { outcome: 'running', word: `Running${counted}` };
  if (own.length === 0)
    return isReached(run) || isGoing(run) || isPassed
      ? {
          outcome: 'notApplicable',
          word: isReached(run) ? 'Nothing left to do' : isGoing(run) ? 'Nothing planned' : 'Nothing done',
        }
      : notStarted;
  if (done === own.length)
    // Whether more would have come is known only of a run that came to its end, or goes on.
    return isReached(run) || isGoing(run)
      ? { outcome: 'pass', word: `Done${counted}` }
      : { outcome: 'partly', word: `${done} done` };
  if (isGoing(run)) return { outcome: 'waiting', word: `Waiting${counted}` };
  return done > 0 ? { outcome: 'partly', word: `${done} done` } : notStarted;
};

/** How each stage stands, by its steps. A stage of which no step is known yet says so. */
export const standingOf = (steps: Steps, run: RunState): StageStanding[] => {
  const byStage = new Map<string, FormationStepResult[]>();
  for (const step of steps) {
    const own = byStage.get(step.stage);
    if (own) own.push(step);
    else byStage.set(step.stage, [step]);
  }
  // A stage without steps before one that has begun is not a stage that is still to come.
  const begun = formationStages.findLastIndex((stage) => byStage.get(stage)?.some(({ state }) => state !== 'waiting'));
  return formationStages.map((stage, index) => ({
    stage,
    ...standingOfStage(byStage.get(stage) ?? [], run, index < begun),
  }));
};

export interface Lane {
  /** The step that the server is at: what runs, else what failed or was interrupted, else what it did last. */
  readonly current: FormationStepResult | null;
  readonly done: number;
  readonly total: number;
}

const rank = (step: FormationStepResult): number =>
  step.state === 'running' ? 3 : step.state === 'failed' || step.state === 'interrupted' ? 2 : isOver(step) ? 1 : 0;

/** What each server is at, in one pass: a formation of 64 servers has thousands of steps, and each of its steps tells several times. */
export const lanesOf = (steps: Steps): ReadonlyMap<string, Lane> => {
  const lanes = new Map<string, { current: FormationStepResult | null; done: number; total: number }>();
  for (const step of steps) {
    let lane = lanes.get(step.node);
    if (!lane) lanes.set(step.node, (lane = { current: null, done: 0, total: 0 }));
    lane.total += 1;
    if (isOver(step)) lane.done += 1;
    const mine = rank(step);
    const theirs = lane.current ? rank(lane.current) : 0;
    // Of what is over the last one; of what runs, failed or was cut short the first.
    if (mine > theirs || (mine === 1 && theirs === 1)) lane.current = step;
  }
  return lanes;
};
