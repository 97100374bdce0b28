import { failure } from '../../../shared/errors/failure.ts';
import type { ClusterFile } from '../../../shared/model/cluster-file.ts';
import type { FormationPlan, FormationStep } from '../../../shared/model/formation.ts';
import { findChapSecretProblem } from '../../../shared/model/windows-iscsi.ts';
import { missingSecretDetail, missingSecrets, secretsNeededBy } from '../../../shared/plan/formation/secrets.ts';
import { secretNames } from '../../../shared/plan/formation/wants.ts';

type Secrets = Readonly<Record<string, string>>;

/** The secrets that one step needs, with their texts; no other leaves the coordinator with it. */
export const secretsFor = (step: FormationStep, secrets: Secrets): Record<string, string> =>
  Object.fromEntries(
    secretsNeededBy(step, true).flatMap((name) => (name in secrets ? [[name, secrets[name]!] as const] : [])),
  );

/** Throws INITIATOR_SECRET_INVALID: the servers that plan do not see the text, so that it is judged where it was given. */
export const assertSecretsUsable = ({ storage }: ClusterFile, secrets: Secrets): void => {
  const secret = secrets[secretNames.chap];
  const problem = storage.chapUser === null || secret === undefined ? null : findChapSecretProblem(secret);
  if (problem !== null) throw failure('INITIATOR_SECRET_INVALID', { problem: `${secretNames.chap} ${problem}` });
};

/** Throws FORM_SECRET_MISSING: what any step of the plan needs is asked for before the first one runs, never in the middle. */
export const assertSecretsGiven = (plan: FormationPlan, given: Secrets): void => {
  const missing = missingSecrets(plan, given);
  if (missing.length > 0) throw failure('FORM_SECRET_MISSING', missingSecretDetail(missing));
};
