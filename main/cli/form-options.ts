import type { WarningAcceptance } from '../../shared/contract/formation.ts';
import type { FormationPlan } from '../../shared/model/formation.ts';
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

/** Answers that options give: every restart and every connection that is cut with --yes, and each serial number for the disk that it is typed for. */
export const answersOf = (plan: FormationPlan, options: ApplyOptions): Record<string, string | boolean> => {
  const answers: Record<string, string | boolean> = {};
  const serials = [...(options.serial ?? [])];
  for (const { id, kind, subject } of plan.questions) {
    if (kind === 'serialNumber') {
      const [disk, typed] = (serials.find((one) => one.startsWith(`${subject}=`)) ?? '').split('=');
      if (disk && typed) answers[id] = typed;
    } else if (kind !== 'sharedDisk') answers[id] = true;
  }
  for (const { node } of [...plan.questions, ...plan.steps])
    for (const question of [restartQuestion(node), cutQuestion(node)]) answers[question] = true;
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
