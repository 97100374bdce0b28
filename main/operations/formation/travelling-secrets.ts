import { kindOf } from '../../../shared/changes/index.ts';
import { failure } from '../../../shared/errors/failure.ts';
import type { ClusterFile } from '../../../shared/model/cluster-file.ts';
import type { FormationStep } from '../../../shared/model/formation.ts';
import { findChapSecretProblem } from '../../../shared/model/windows-iscsi.ts';
import { secretNames } from '../../../shared/plan/formation/wants.ts';

type Secrets = Readonly<Record<string, string>>;

/** In the length that a CHAP secret may have, so that a planner has nothing against it. */
const standIn = 'given elsewhere';

/** The names of the secrets that were given, without their texts: what a server needs in order to plan. */
export const standIns = (secrets: Secrets): Record<string, string> =>
  Object.fromEntries(Object.keys(secrets).map((name) => [name, standIn]));

const neededBy = ({ change, check }: FormationStep): readonly string[] => {
  if (check === 'storage.qualify') return [secretNames.chap];
  return change ? (kindOf(change).secrets?.(change) ?? []) : [];
};

/** The secrets that one step needs, with their texts; no other leaves the coordinator with it. */
export const secretsFor = (step: FormationStep, secrets: Secrets): Record<string, string> =>
  Object.fromEntries(neededBy(step).flatMap((name) => (name in secrets ? [[name, secrets[name]!] as const] : [])));

/** Throws INITIATOR_SECRET_INVALID: the servers that plan do not see the text, so that it is judged where it was given. */
export const assertSecretsUsable = ({ storage }: ClusterFile, secrets: Secrets): void => {
  const secret = secrets[secretNames.chap];
  const problem = storage.chapUser === null || secret === undefined ? null : findChapSecretProblem(secret);
  if (problem !== null) throw failure('INITIATOR_SECRET_INVALID', { problem: `${secretNames.chap} ${problem}` });
};
