import { createInterface, type Interface } from 'node:readline';
import type { Command } from 'commander';
import type { ApplyResult } from '../../shared/contract/apply.ts';
import type { Input } from '../../shared/contract/index.ts';
import { Failure } from '../../shared/errors/failure.ts';
import { isTyped } from '../../shared/plan/answers.ts';
import type { PlanAnswers, PlanView, QuestionKind } from '../../shared/plan/plan.ts';
import { UsageError, type CliContext } from './context.ts';
import { withServerOption } from './server-option.ts';
import { exitCodes } from './exit-codes.ts';
import { printPlan, printResult, printScripts } from './text/plan-text.ts';
import { zonedTime } from '../../shared/model/time.ts';

/** The options that every verb about a server has. */
export interface ServerOptions {
  /** A server's printed reference. */
  readonly server: string;
  readonly json?: boolean;
}

/** The options that every verb that changes something has. */
export interface ChangeOptions extends ServerOptions {
  readonly whatIf?: boolean;
  readonly script?: boolean;
  readonly yes?: boolean;
  readonly revertAfter: number;
}

export const withServer = (command: Command): Command =>
  withServerOption(command).option('--json', 'one JSON document on stdout');

const seconds = (text: string): number => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 10 || value > 3600) throw new UsageError('--revert-after is 10 to 3600 seconds.');
  return value;
};

export const withChange = (command: Command): Command =>
  withServer(command)
    .option('--what-if', 'show what would be changed, and change nothing')
    .option('--script', 'print the PowerShell that would run, and run nothing')
    .option('-y, --yes', 'do not ask')
    .option(
      '--revert-after <seconds>',
      'how long a change that may cut the connection waits to be confirmed',
      seconds,
      60,
    );

type Domain = 'host' | 'nic' | 'initiator' | 'disk' | 'roles' | 'cluster' | 'vm' | 'storageHost';

interface Desires {
  readonly host: Input<'host.apply'>['desire'];
  readonly nic: Input<'nic.apply'>['desire'];
  readonly initiator: Input<'initiator.apply'>['desire'];
  readonly disk: Input<'disk.apply'>['desire'];
  readonly roles: Input<'roles.apply'>['desire'];
  readonly cluster: Input<'cluster.apply'>['desire'];
  readonly vm: Input<'vm.apply'>['desire'];
  readonly storageHost: Input<'storageHost.apply'>['desire'];
}

export interface Change<Name extends Domain> {
  readonly domain: Name;
  readonly desire: Desires[Name];
  readonly answers?: GivenAnswers;
  readonly secrets?: Readonly<Record<string, string>>;
}

/** Plans that bring up something that was not shown before are few. */
const mostRounds = 6;

/** Each domain has its own two methods, alike but for what is wanted; their schemas check that. */
const plan = <Name extends Domain>(
  context: CliContext,
  { domain, desire, secrets = {} }: Change<Name>,
  server: string,
  answers: PlanAnswers,
): Promise<PlanView> =>
  context.call<`${Domain}.plan`>(`${domain}.plan`, { server, desire, answers, secrets } as Input<`${Domain}.plan`>);

const apply = <Name extends Domain>(
  context: CliContext,
  { domain, desire, secrets = {} }: Change<Name>,
  { server, revertAfter }: ChangeOptions,
  view: PlanView,
  answers: PlanAnswers,
): Promise<ApplyResult> =>
  context.call<`${Domain}.apply`>(
    `${domain}.apply`,
    { server, plan: view.id, answers, secrets, revertAfterSeconds: revertAfter, desire } as Input<`${Domain}.apply`>,
    context.progressLine(),
  );

/** Lines that were typed and not asked for yet; one reader for each input, because a second one would lose lines. */
const readers = new WeakMap<object, { readonly lines: AsyncIterator<string>; readonly reader: Interface }>();

/** Asks one line on the terminal; an empty text when the input ends. */
export const askLine = async (context: CliContext, question: string): Promise<string> => {
  const { stdin, stderr } = context.streams;
  let entry = readers.get(stdin);
  if (!entry) {
    const reader = createInterface({ input: stdin, terminal: false });
    entry = { reader, lines: reader[Symbol.asyncIterator]() };
    readers.set(stdin, entry);
  }
  stderr.write(question);
  entry.reader.resume();
  const next = await entry.lines.next();
  // An input that is not paused would keep the process from ending.
  entry.reader.pause();
  return next.done === true ? '' : next.value;
};

/** A line of a terminal that does not edit it: what was rubbed out is gone. */
const withoutRubbedOut = (typed: string): string => {
  const kept: string[] = [];
  for (const one of typed)
    if (one === '\u007f' || one === '\b') kept.pop();
    else kept.push(one);
  return kept.join('');
};

/** Asks a secret on the terminal, which does not show it. Ctrl-C ends the command, as it does elsewhere. */
export const askSecret = async (context: CliContext, question: string): Promise<string> => {
  const { stdin, stderr } = context.streams;
  const onData = (bytes: Buffer | string): void => {
    if (bytes.includes('\u0003')) process.kill(process.pid, 'SIGINT');
  };
  stdin.setRawMode?.(true);
  stdin.on('data', onData);
  try {
    return withoutRubbedOut(await askLine(context, question));
  } finally {
    stdin.off('data', onData);
    stdin.setRawMode?.(false);
    stderr.write('\n');
  }
};

export const canAsk = (context: CliContext, options: { readonly json?: boolean }): boolean =>
  context.streams.stdin.isTTY === true && options.json !== true;

export const isYes = (text: string): boolean => /^(y|yes)$/i.test(text.trim());

/** Texts that options give beforehand, by the kind of the question: the same for every disk that is asked about. */
export type GivenAnswers = Partial<Record<QuestionKind, string | undefined>>;

/** `--yes` answers what can be taken back or repeated; where data could be lost, the words have to be typed. */
const answersFrom = (view: PlanView, given: GivenAnswers, isYesGiven: boolean): PlanAnswers =>
  Object.fromEntries(
    view.questions.flatMap((question) => {
      const answer = isTyped(question) ? given[question.kind] : isYesGiven || undefined;
      return answer === undefined ? [] : [[question.id, answer]];
    }),
  );

/** Plans, and plans once more where the options answer what is asked. */
export const planAnswered = async (
  plan: (answers: PlanAnswers) => Promise<PlanView>,
  before: PlanAnswers,
  given: GivenAnswers,
  isYesGiven: boolean,
): Promise<{ readonly view: PlanView; readonly answers: PlanAnswers }> => {
  const view = await plan(before);
  const answers = { ...answersFrom(view, given, isYesGiven), ...before };
  const isMore = view.questions.some(({ id, answered }) => !answered && answers[id] !== undefined);
  return isMore ? { view: await plan(answers), answers } : { view, answers };
};

/** Gets every open question of a plan answered; null when the user did not want it. */
export const answerQuestions = async (
  context: CliContext,
  view: PlanView,
  options: Pick<ChangeOptions, 'json'>,
  given: PlanAnswers,
): Promise<PlanAnswers | null> => {
  const answers: Record<string, string | boolean> = { ...given };
  for (const question of view.questions.filter((candidate) => !candidate.answered)) {
    if (canAsk(context, options)) {
      const typed = await askLine(context, `${question.text}${isTyped(question) ? ' > ' : ' [y/N] '}`);
      if (isTyped(question) ? typed.trim() === '' : !isYes(typed)) return null;
      answers[question.id] = isTyped(question) ? typed : true;
    } else {
      const options: Partial<Record<QuestionKind, string>> = {
        sharedDisk: '--confirm-shared',
        serialNumber: '--serial',
        agree: isTyped(question) ? '--confirm' : '--yes',
      };
      const option = options[question.kind] ?? '--yes';
      throw new UsageError(`${question.text} Answer with ${option}.`);
    }
  }
  return answers;
};

const confirmRevert = async (context: CliContext, options: ChangeOptions, result: ApplyResult): Promise<boolean> => {
  const { revert } = result;
  if (!revert) return true;
  context.note(`Keep the change? ${revert.what} This happens by itself at ${zonedTime(revert.dueAt)}.`);
  if (!canAsk(context, options) || options.yes) {
    context.note(`Confirm it with: quorate nic confirm ${revert.id} --server ${options.server}`);
    return false;
  }
  const typed = await askLine(context, 'Keep it? [y/N] ');
  if (!isYes(typed)) return false;
  await context.call('nic.confirm', { server: options.server, revert: revert.id });
  context.print('Confirmed: the change stays.');
  return true;
};

export const stopCode = (view: PlanView): 1 | 5 => (view.outcome === 'refused' ? exitCodes.failed : exitCodes.unknown);

/** Says where a change that stopped can be looked at, and passes the failure on. */
const withJournalHint = async <T>(context: CliContext, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    context.endProgressLine();
    if (error instanceof Failure && typeof error.detail['journal'] === 'string' && error.effect !== 'none')
      context.note(`The journal has it: quorate journal show ${error.detail['journal']}`);
    throw error;
  }
};

/**
 * The way of every verb that changes a server: plan, show, ask, apply, which goes on until all that was shown is read back. What
 * only came up meanwhile is a plan of its own to show and to ask about. `--what-if` and `--script` end after the plan.
 */
export const runChange = async <Name extends Domain>(
  context: CliContext,
  change: Change<Name>,
  options: ChangeOptions,
): Promise<void> => {
  let answers: PlanAnswers = {};
  const plans: PlanView[] = [];
  const results: ApplyResult[] = [];
  const finish = (): void => {
    if (options.json) context.printJson({ schema: 'quorate.change/1', plans, results });
  };
  for (let round = 0; round < mostRounds; round += 1) {
    const planned = await planAnswered(
      (given) => plan(context, change, options.server, given),
      answers,
      change.answers ?? {},
      options.yes === true,
    );
    const { view } = planned;
    plans.push(view);
    if (options.script) {
      if (options.json) finish();
      else printScripts(context, view);
      if (view.outcome === 'refused' || view.outcome === 'unknown') context.exitCode = stopCode(view);
      return;
    }
    const isFirst = round === 0;
    if (!options.json && (isFirst || view.outcome !== 'nothingToChange')) printPlan(context, view);
    if (view.outcome === 'refused' || view.outcome === 'unknown') {
      finish();
      context.exitCode = stopCode(view);
      return;
    }
    if (view.outcome === 'nothingToChange' || view.outcome === 'waits') {
      if (view.followUp) context.exitCode = exitCodes.unknown;
      return finish();
    }
    if (options.whatIf) return finish();
    if (!options.yes && !canAsk(context, options)) {
      finish();
      throw new UsageError('Nothing was changed: there is no terminal to ask on. Add --yes to do what the plan says.');
    }
    const answered = await answerQuestions(context, view, options, planned.answers).catch((error: unknown) => {
      finish();
      throw error;
    });
    const isWanted =
      answered !== null && (options.yes === true || isYes(await askLine(context, 'Do this now? [y/N] ')));
    if (!isWanted) {
      context.note('Nothing was changed.');
      context.exitCode = exitCodes.cancelled;
      return finish();
    }
    answers = answered;
    const result = await withJournalHint(context, () => apply(context, change, options, view, answers));
    context.endProgressLine();
    results.push(result);
    if (!options.json) printResult(context, result);
    if (result.outcome === 'confirmationNeeded' && !(await confirmRevert(context, options, result))) {
      context.exitCode = exitCodes.unknown;
      return finish();
    }
    if (!result.followUp || result.outcome === 'restartNeeded') {
      if (result.followUp) context.exitCode = exitCodes.unknown;
      return finish();
    }
  }
  finish();
  context.exitCode = exitCodes.unknown;
};
