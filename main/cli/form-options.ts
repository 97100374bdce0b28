import type { WarningAcceptance } from '../../shared/contract/formation.ts';
import type { FormationPlan } from '../../shared/model/formation.ts';
import { questionId } from '../../shared/plan/plan.ts';
import { cutQuestion, restartQuestion } from '../../shared/plan/formation/restart.ts';
import { missingSecretDetail, missingSecrets, secretWords } from '../../shared/plan/formation/secrets.ts';
import { failure } from '../../shared/errors/failure.ts';
import { askLine, askSecret, canAsk, isYes } from './change.ts';
import { UsageError, type CliContext } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { readSecret } from './read-secret.ts';

/** What forming and undoing take on the command line. */
export interface JsonOption {
  readonly json?: boolean;
}
export interface FileOptions extends JsonOption {
  readonly file: string;
}
export interface ApplyOptions extends FileOptions {
  readonly yes?: boolean;
  readonly serial?: readonly string[];
  readonly passwordFile?: string;
  readonly chapFile?: string;
  readonly resumePasswordFile?: string;
  readonly acceptWarning?: readonly WarningAcceptance[];
}
export interface UndoOptions extends ApplyOptions {
  readonly plan?: boolean;
  readonly confirm?: string;
}
export type ResumeOptions = ApplyOptions & Pick<UndoOptions, 'confirm'>;

export const exitOf = (plan: FormationPlan): number =>
  plan.stops.some(({ kind }) => kind === 'refused')
    ? exitCodes.checkFailed
    : plan.stops.length > 0
      ? exitCodes.unknown
      : exitCodes.done;

/** `DISK=SERIAL` as it was typed. Throws UsageError. */
const serialsOf = ({ serial = [] }: ApplyOptions): ReadonlyMap<string, string> =>
  new Map(
    serial.map((text) => {
      const at = text.indexOf('=');
      if (at < 1 || at === text.length - 1)
        throw new UsageError(
          `--serial takes DISK=SERIAL, the unique id of a disk and its serial number, not "${text}".`,
        );
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );

/**
 * Answers that options give: every restart and every connection that is cut with --yes, and each serial number for the disk that it is typed for, also
 * where that disk is only seen later. A serial number that no option gives is asked for at a terminal. Throws UsageError elsewhere.
 */
export const answersOf = async (
  context: CliContext,
  plan: FormationPlan,
  options: ApplyOptions,
): Promise<Record<string, string | boolean>> => {
  const answers: Record<string, string | boolean> = {};
  const nodes = new Set([...plan.questions, ...plan.steps].map(({ node }) => node));
  for (const node of nodes) {
    for (const question of [restartQuestion(node), cutQuestion(node)]) answers[question] = true;
    for (const [disk, serial] of serialsOf(options)) answers[questionId(node, 'serialNumber', disk)] = serial;
  }
  for (const { id, kind, subject, text, answered } of plan.questions) {
    // One that was typed before, for this very content, is known.
    if (kind === 'sharedDisk' || id in answers || (kind === 'serialNumber' && answered)) continue;
    if (kind !== 'serialNumber') answers[id] = true;
    else if (!canAsk(context, options) || options.yes === true)
      throw new UsageError(`Nothing was changed: ${text} Give it with --serial ${subject}=SERIAL.`);
    else answers[id] = (await askLine(context, `${text} > `)).trim();
  }
  return answers;
};

export const secretsOf = async (context: CliContext, options: ApplyOptions): Promise<Record<string, string>> => ({
  ...(options.passwordFile === undefined ? {} : { account: await readSecret(context, options.passwordFile) }),
  ...(options.chapFile === undefined ? {} : { chap: await readSecret(context, options.chapFile) }),
  ...(options.resumePasswordFile === undefined
    ? {}
    : { resume: await readSecret(context, options.resumePasswordFile) }),
});

/** Asks for what no option gave, where somebody can be asked. Throws FORM_SECRET_MISSING elsewhere. */
export const askMissing = async (
  context: CliContext,
  plan: FormationPlan,
  given: Record<string, string>,
  options: JsonOption,
): Promise<Record<string, string>> => {
  const missing = missingSecrets(plan, given);
  if (missing.length === 0) return given;
  if (!canAsk(context, options)) throw failure('FORM_SECRET_MISSING', missingSecretDetail(missing));
  const typed: Record<string, string> = {};
  for (const { name, step } of missing)
    typed[name] = await askSecret(context, `The ${secretWords(name)}, for "${step}": `);
  return { ...given, ...typed };
};

/** Whether a person wants what was shown; where nobody can be asked, --yes has to say so. */
export const isAgreed = async (context: CliContext, options: ApplyOptions, question: string): Promise<boolean> => {
  if (options.yes === true) return true;
  if (!canAsk(context, options))
    throw new UsageError('Nothing was changed: add --yes to continue without being asked.');
  if (isYes(await askLine(context, question))) return true;
  context.note('Nothing was changed.');
  context.exitCode = exitCodes.cancelled;
  return false;
};
