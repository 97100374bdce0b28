import type { Change } from '../../shared/changes/index.ts';
import { kindOf } from '../../shared/changes/index.ts';
import type { ResumeCommand } from '../../shared/changes/kind.ts';
import { failure } from '../../shared/errors/failure.ts';
import type { ServerSettings } from '../journal/server-settings.ts';
import type { Ports } from '../ports/ports.ts';
import type { SingleWriter } from './single-writer.ts';
import { Secret } from '../ports/secret.ts';

/** What a change waits for, in milliseconds; tests shorten it. */
export interface Patience {
  /** Between two readings of one property. */
  readonly pollMs: number;
  /** Until Windows shows what it took. */
  readonly verifyMs: number;
  /** Until a restarted server answers again. */
  readonly restartMs: number;
}

export const defaultPatience: Patience = { pollMs: 500, verifyMs: 20_000, restartMs: 20 * 60_000 };

/** One server as its executor works on it. */
export interface ExecutedServer {
  readonly ports: Ports;
  readonly settings: ServerSettings;
  readonly patience: Patience;
  readonly now: () => Date;
  /** The single-writer rule for its shared disks; left out where no other server can reach them. */
  readonly singleWriter?: SingleWriter | null;
  /** The command that goes on after a restart. */
  readonly resumeCommand: ResumeCommand;
}

export type SecretTexts = Readonly<Record<string, string>>;

/** A secret by its name. Throws PLAN_SECRET_MISSING. */
const secretOf = (secrets: SecretTexts, name: string): Secret => {
  const text = Object.hasOwn(secrets, name) ? secrets[name] : undefined;
  if (text === undefined) throw failure('PLAN_SECRET_MISSING', { name });
  return new Secret(text);
};

/** Names of the secrets that a change needs. */
export const secretsOf = (change: Change): readonly string[] => kindOf(change).secrets?.(change) ?? [];

/** The secrets that a change needs, by name. Throws PLAN_SECRET_MISSING. */
export const secretsFor = (change: Change, secrets: SecretTexts): Readonly<Record<string, Secret>> =>
  Object.fromEntries(secretsOf(change).map((name) => [name, secretOf(secrets, name)]));

/** Secrets are asked for before anything runs, never in the middle. Throws PLAN_SECRET_MISSING. */
export const assertSecrets = (changes: readonly Change[], secrets: SecretTexts): void => {
  for (const change of changes) secretsFor(change, secrets);
};
