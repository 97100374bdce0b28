import type { ServerSettings } from '../../journal/server-settings.ts';
import type { Journal } from '../../journal/journal.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Change } from '../../../shared/changes/index.ts';
import type { ResumeCommand } from '../../../shared/changes/kind.ts';
import type { Observed } from '../../../shared/plan/observed.ts';
import { failure } from '../../../shared/errors/failure.ts';
import { Secret } from '../../ports/secret.ts';

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

/** One server with everything that an operation on it needs. */
export interface Server {
  /** The printed reference of `ports.ref`: what is stored and shown. */
  readonly name: string;
  readonly ports: Ports;
  readonly settings: ServerSettings;
  readonly journal: Journal;
  readonly patience: Patience;
  readonly now: () => Date;
  /** The PowerShell that each change runs, in the same order; null for what changes nothing of Windows. */
  readonly renderScripts: (changes: readonly Change[], observed: Observed) => Promise<readonly (string | null)[]>;
  /** The command that goes on after a restart. */
  readonly resumeCommand: ResumeCommand;
}

export type SecretTexts = Readonly<Record<string, string>>;

/** A secret by its name. Throws PLAN_SECRET_MISSING. */
export const secretOf = (secrets: SecretTexts, name: string): Secret => {
  const text = Object.hasOwn(secrets, name) ? secrets[name] : undefined;
  if (text === undefined) throw failure('PLAN_SECRET_MISSING', { name });
  return new Secret(text);
};
