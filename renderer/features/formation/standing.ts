import type { FormationStepResult, Rehearsed } from '../../../shared/contract/formation.ts';
import { formationStages, type FormationStage } from '../../../shared/model/formation.ts';
import type { Outcome } from '../../../shared/model/check.ts';

type Steps = readonly FormationStepResult[];

export const isOver = ({ state }: FormationStepResult): boolean =>
  state === 'done' || state === 'alreadyDone' || state === 'skipped';

/** Is everything of a stage that is known done, and was there anything? */
export const isPhaseDone = (steps: Steps, stage: FormationStage): boolean => {
  const own = steps.filter((step) => step.stage === stage);
  return own.length > 0 && own.every(isOver);
};

/** On which server a virtual machine runs, as far as the steps that are done tell. */
export const machineNode = (name: string, steps: Steps, machines: Rehearsed['vms']): string | null => {
  const known = machines.find((machine) => machine.name === name);
  if (known) return known.node;
  const created = steps.find(
    (step) => step.stage === 'machines' && step.id.includes(`vm.create:${name}`) && isOver(step),
  );
  return created?.node ?? null;
};

export interface StageStanding {
  readonly stage: FormationStage;
  readonly done: number;
  readonly total: number;
  readonly outcome: Outcome;
  readonly word: string;
}

/** How each stage stands, by its steps. A stage of which no step is known yet says so. */
export const standingOf = (steps: Steps, isRunning: boolean): StageStanding[] =>
  formationStages.map((stage) => {
    const own = steps.filter((step) => step.stage === stage);
    const done = own.filter(isOver).length;
    const about = { stage, done, total: own.length };
    if (own.some(({ state }) => state === 'failed')) return { ...about, outcome: 'fail', word: 'Stopped' };
    if (own.some(({ state }) => state === 'running')) return { ...about, outcome: 'notApplicable', word: 'Running' };
    if (own.length > 0 && done === own.length) return { ...about, outcome: 'pass', word: 'Done' };
    if (own.length === 0)
      return { ...about, outcome: 'notApplicable', word: isRunning ? 'Nothing planned' : 'Nothing to change' };
    return { ...about, outcome: 'notApplicable', word: 'Waiting' };
  });

/** The step that each server is at: what runs, else what failed, else what it did last. */
export const currentOf = (steps: Steps, node: string): FormationStepResult | null => {
  const own = steps.filter((step) => step.node === node);
  return (
    own.find(({ state }) => state === 'running') ??
    own.find(({ state }) => state === 'failed') ??
    own.findLast(isOver) ??
    null
  );
};
