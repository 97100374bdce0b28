import type { Progress } from '../../../shared/contract/define.ts';
import { failure } from '../../../shared/errors/failure.ts';
import type { ClusterFile } from '../../../shared/model/cluster-file.ts';
import type { FormationCheck, FormationStep } from '../../../shared/model/formation.ts';

/** One check: of what, by which file. It answers with its proof, and keeps what the next plan has to know. */
export type Check = (subject: string, file: ClusterFile, signal: AbortSignal) => Promise<string>;

/** What carries out the steps that are no change of one server. */
export interface CheckTools {
  readonly signal: AbortSignal;
  /** Told what the step does at this moment. */
  readonly tell: (progress: Progress) => void;
  readonly checks: Readonly<Partial<Record<FormationCheck, Check>>>;
}

/** Runs one check to its proof. */
export const runCheck = (step: FormationStep, file: ClusterFile, { checks, signal }: CheckTools): Promise<string> => {
  const check = step.check === null ? undefined : checks[step.check];
  if (!check) throw failure('INTERNAL_BUG', { message: `nobody carries out ${step.check ?? step.id}` });
  return check(step.subject ?? '', file, signal);
};
