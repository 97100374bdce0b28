import { kindOf } from '../../changes/index.ts';
import type { FormationPlan, FormationStep } from '../../model/formation.ts';
import { secretNames } from './wants.ts';

type Secrets = Readonly<Record<string, string>>;

/** In the length that a CHAP secret may have, so that a planner has nothing against it. */
const standIn = 'given elsewhere';

/**
 * What a planner is given instead of secrets: a plan is the same with and without them. Which of them its steps need, the plan says; who
 * begins it without one is refused.
 */
export const standIns: Secrets = Object.fromEntries(Object.values(secretNames).map((name) => [name, standIn]));

/** What a person calls each, and how it is given on the command line. */
const told: Readonly<Record<string, { readonly words: string; readonly option: string }>> = {
  [secretNames.account]: { words: 'password of the account that joins the domain', option: '--password-file' },
  [secretNames.chap]: { words: 'CHAP secret of the target', option: '--chap-file' },
  [secretNames.resume]: {
    words: 'password of the account that continues after a restart',
    option: '--resume-password-file',
  },
};

/** What a person calls a secret. */
export const secretWords = (name: string): string => told[name]?.words ?? name;

/** The names of the secrets that one step needs. */
export const secretsNeededBy = (
  { change, check }: Pick<FormationStep, 'change' | 'check'>,
  asksChap: boolean,
): readonly string[] => {
  if (check === 'storage.qualify') return asksChap ? [secretNames.chap] : [];
  return change ? (kindOf(change).secrets?.(change) ?? []) : [];
};

/** Of the secrets that a plan needs, those that were not given; an empty text is none. */
export const missingSecrets = ({ secrets }: Pick<FormationPlan, 'secrets'>, given: Secrets): FormationPlan['secrets'] =>
  secrets.filter(({ name }) => (given[name] ?? '') === '');

/** The same in words: each with the step that needs it first. */
export const missingSecretWords = (missing: FormationPlan['secrets']): string =>
  missing.map(({ name, step }) => `the ${secretWords(name)}, for "${step}"`).join('; ');

/** The options of the command line that give them. */
export const missingSecretOptions = (missing: FormationPlan['secrets']): string =>
  missing.map(({ name }) => told[name]?.option ?? name).join(', ');

/** What FORM_SECRET_MISSING tells. */
export const missingSecretDetail = (missing: FormationPlan['secrets']): { secrets: string; options: string } => ({
  secrets: missingSecretWords(missing),
  options: missingSecretOptions(missing),
});
