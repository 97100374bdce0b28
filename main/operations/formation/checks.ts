import { failure } from '../../../shared/errors/failure.ts';
import type { FormationCheck, FormationStep } from '../../../shared/model/formation.ts';

/** What carries out the steps that are no change of one server. */
export interface CheckTools {
  readonly signal: AbortSignal;
  readonly checks: Readonly<
    Partial<Record<FormationCheck, (subject: string | null, signal: AbortSignal) => Promise<string>>>
  >;
}

/** Runs one check to its proof. */
export const runCheck = (step: FormationStep, { checks, signal }: CheckTools): Promise<string> => {
  const check = step.check === null ? undefined : checks[step.check];
  if (!check) throw failure('INTERNAL_BUG', { message: `nobody carries out ${step.check ?? step.id}` });
  return check(step.subject, signal);
};
