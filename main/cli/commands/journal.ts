import type { Command } from 'commander';
import type { ApplyResult } from '../../../shared/contract/apply.ts';
import type { JournalEntry } from '../../../shared/contract/journal.ts';
import { reasonOfStep } from '../../../shared/errors/because.ts';
import { Failure } from '../../../shared/errors/failure.ts';
import { readAgentSettings, withAgentOptions, type AgentOptions } from '../agent-settings.ts';
import { answerQuestions, askLine, canAsk, isYes, planAnswered, stopCode } from '../change.ts';
import { withServerOption } from '../server-option.ts';
import { UsageError, type CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { readSecret } from '../read-secret.ts';
import { printPlan, printResult } from '../text/plan-text.ts';
import { journalStateWords, stepStateWords } from '../text/state-words.ts';
import { printable } from '../text/style.ts';
import { renderTable } from '../text/table.ts';
import { zonedTime } from '../../../shared/model/time.ts';

interface Options {
  readonly json?: boolean;
}

interface GoOnOptions extends Options {
  readonly yes?: boolean;
  readonly serial?: string;
  readonly confirmShared?: string;
  readonly secretFile?: string[];
}

/** What continues is, for a formation, a core that stays. */
interface ResumeOptions extends GoOnOptions, AgentOptions {}

const printEntry = (context: CliContext, entry: JournalEntry): void => {
  context.print(printable(`${entry.title} (${entry.id}, ${entry.server}, ${zonedTime(entry.startedAt)})`));
  context.print(printable(entry.summary));
  for (const { result } of entry.steps) {
    context.print(
      printable(
        `  ${stepStateWords[result.state]}: ${result.title}${result.proof === null ? '' : ` (${result.proof})`}`,
      ),
    );
    const reason = reasonOfStep(result);
    if (reason !== null) context.print(printable(`    ${reason}`));
  }
  if (entry.undoLimits !== null) context.print(printable(entry.undoLimits));
  if (entry.canFinish) context.print(`Continue: quorate journal finish ${entry.id}`);
  if (entry.canUndo) context.print(`Undo: quorate journal undo ${entry.id}`);
  if (entry.secretsNeeded.length > 0)
    context.print(
      printable(`It needs again: ${entry.secretsNeeded.join(', ')}. Give each with --secret-file "NAME=FILE".`),
    );
};

const list = async (context: CliContext, options: Options & { open?: boolean; server?: string }): Promise<void> => {
  const entries = await context.call('journal.list', {
    open: options.open === true,
    ...(options.server === undefined ? {} : { server: options.server }),
  });
  if (options.json) return context.printJson({ schema: 'quorate.journal/1', entries });
  if (entries.length === 0)
    return context.print(options.open ? 'Nothing waits for a decision.' : 'The journal is empty.');
  context.print(
    renderTable(
      [
        { title: 'ID' },
        { title: 'STATE' },
        { title: 'SERVER' },
        { title: 'WHAT', maxWidth: 40 },
        { title: 'HOW FAR', maxWidth: 60 },
      ],
      entries.map((entry) => [entry.id, journalStateWords[entry.state], entry.server, entry.title, entry.summary]),
    ),
  );
};

const secretsOf = async (context: CliContext, options: GoOnOptions): Promise<Record<string, string>> => {
  const secrets: Record<string, string> = {};
  for (const text of options.secretFile ?? []) {
    const at = text.indexOf('=');
    if (at < 1) throw new UsageError('--secret-file takes NAME=FILE.');
    secrets[text.slice(0, at)] = await readSecret(context, text.slice(at + 1));
  }
  return secrets;
};

/** Shows what finishing or undoing would do, asks, and does it; null when the user did not want it. */
const goOn = async (
  context: CliContext,
  what: 'finish' | 'undo',
  id: string,
  options: GoOnOptions,
): Promise<ApplyResult | null> => {
  const entry = await context.call('journal.inspect', { id });
  if (!options.json) printEntry(context, entry);
  const secrets = await secretsOf(context, options);
  const { view, answers } = await planAnswered(
    (given) => context.call('journal.plan', { id, how: what, answers: given, secrets }),
    {},
    { serialNumber: options.serial, sharedDisk: options.confirmShared },
    options.yes === true,
  );
  if (!options.json) printPlan(context, view);
  if (view.outcome === 'refused' || view.outcome === 'unknown') {
    context.exitCode = stopCode(view);
    return null;
  }
  if (!options.yes && !canAsk(context, options))
    throw new UsageError('Nothing was changed: there is no terminal to ask on. Add --yes.');
  const answered = await answerQuestions(context, view, options, answers);
  const isWanted =
    answered !== null &&
    (options.yes === true ||
      isYes(await askLine(context, what === 'finish' ? 'Continue it? [y/N] ' : 'Undo it? [y/N] ')));
  if (!isWanted) {
    context.note('Nothing was changed.');
    context.exitCode = exitCodes.cancelled;
    return null;
  }
  const progress = context.progressLine();
  const result: ApplyResult = await context.call(
    what === 'finish' ? 'journal.finish' : 'journal.undo',
    { id, answers: answered, secrets },
    progress,
  );
  context.endProgressLine();
  if (!options.json) printResult(context, result);
  if (result.revert) {
    context.note(`Confirm it with: quorate nic confirm ${result.revert.id} --server ${entry.server}`);
    context.exitCode = exitCodes.unknown;
  } else if (result.followUp) context.exitCode = exitCodes.unknown;
  return result;
};

const printResults = (context: CliContext, results: readonly (ApplyResult | null)[], options: Options): void => {
  if (options.json)
    context.printJson({ schema: 'quorate.change/1', plans: [], results: results.filter((result) => result !== null) });
};

/**
 * What the task runs after a restart, with highest rights and nobody there: everything that waits goes on, one after the other; a failure
 * does not stop the next. So the journal is believed only where nobody else could have written it.
 */
const resume = async (context: CliContext, options: ResumeOptions): Promise<void> => {
  // What is typed wrong is refused before anything goes on.
  const settings = readAgentSettings(options);
  const folder = await context.provenDataFolder();
  const { readTakenOver } = await import('../../agent/taken-over.ts');
  const takenOver = readTakenOver(folder);
  const entries = await context.call('journal.list', { open: true });
  const open = entries
    .filter((entry) => entry.canFinish && (entry.state === 'restartNeeded' || entry.state === 'interrupted'))
    .reverse();
  const waiting = open.filter(({ id }) => takenOver !== null && !takenOver.includes(id));
  for (const { id } of open.filter((entry) => !waiting.includes(entry))) {
    context.note(
      `${id}: it was in the data folder before that was protected, so it does not continue by itself. Look at it: quorate journal show ${id}`,
    );
    context.exitCode = exitCodes.failed;
  }
  const results: (ApplyResult | null)[] = [];
  for (const entry of waiting) {
    try {
      results.push(await goOn(context, 'finish', entry.id, { ...options, yes: true }));
    } catch (error) {
      if (!(error instanceof Failure) && !(error instanceof UsageError)) throw error;
      context.note(`${entry.id}: ${error.message}${error instanceof Failure ? ` ${error.next}` : ''}`);
      context.exitCode = exitCodes.failed;
    }
  }
  printResults(context, results, options);
  // Only once everything else is done: it may last as long as the formation.
  const isForming = await resumeFormation(context, folder, settings, takenOver);
  if (waiting.length === 0 && !isForming && !options.json) context.print('Nothing is waiting to continue.');
};

/** A formation that the restart has cut goes on in a core of this process, which listens for its peers. False: there is none. */
const resumeFormation = async (
  context: CliContext,
  dataFolder: string,
  settings: ReturnType<typeof readAgentSettings>,
  takenOver: readonly string[] | null,
): Promise<boolean> => {
  const { formationLeft, goOnForming } = await import('../resume-formation.ts');
  const left = await formationLeft(
    <T>(method: string, input: unknown) => context.call(method as 'formation.status', input as object) as Promise<T>,
  );
  if (left === null) return false;
  if (left === 'paused') {
    context.note(
      'The formation was paused by a person before the restart. Go on with "quorate form resume", or in the window.',
    );
    return true;
  }
  const formation = (await context.call('formation.status', {}))?.formation ?? '';
  if (takenOver === null || (left === 'coordination' && takenOver.includes(formation))) {
    context.note(
      `${formation}: it was in the data folder before that was protected, so it does not continue by itself. Look at it: quorate form status`,
    );
    context.exitCode = exitCodes.failed;
    return false;
  }
  // Until here this command was the core itself, as any command is; what stays listens for peers.
  await context.close();
  const { openLastingCore } = await import('../../agent/core-process.ts');
  const stop = new AbortController();
  const { own, running } = await openLastingCore(
    { dataFolder, host: 'agent', onStop: () => stop.abort(), ...settings },
    {},
    {
      signal: context.signal,
      told: (pid) =>
        context.note(`A command (process ${pid}) is working here; the formation goes on when it has ended.`),
    },
  );
  const note = (text: string): void => context.note(text);
  if (!own) {
    // An agent that Windows starts as well, or a window that somebody opened meanwhile: what goes on, goes on there.
    try {
      context.note(`Quorate (process ${running.pid}) runs here: what was cut goes on in it.`);
      await goOnForming(left, { core: running, isElsewhere: true, note, signal: context.signal });
      return true;
    } finally {
      running.close();
    }
  }
  const signal = AbortSignal.any([context.signal, stop.signal]);
  try {
    context.acknowledgeStop('Stopping: running steps finish first.');
    await goOnForming(left, { core: own.core, note, signal });
    return true;
  } finally {
    await own.close();
  }
};

/** `quorate journal`: what was changed, what was interrupted, finish or undo. */
export const register = (program: Command, context: CliContext): void => {
  const journal = program
    .command('journal')
    .description('changes: what was done, what was interrupted, finish or undo');
  withServerOption(journal.command('list', { isDefault: true }).description('all changes, newest first'), null)
    .option('--open', 'only what waits for a decision')
    .option('--json', 'one JSON document on stdout')
    .action((options: Options & { open?: boolean; server?: string }) => list(context, options));
  journal
    .command('show <id>')
    .description('show one change; the state of its unfinished steps is read from the server')
    .option('--json', 'one JSON document on stdout')
    .action(async (id: string, options: Options) => {
      const entry = await context.call('journal.inspect', { id });
      if (options.json) context.printJson({ schema: 'quorate.journal-entry/1', entry });
      else printEntry(context, entry);
    });
  for (const what of ['finish', 'undo'] as const) {
    const command = journal
      .command(`${what} <id>`)
      .description(
        what === 'finish'
          ? 'continue an unfinished change from the current state of the server'
          : 'undo a change, last step first',
      )
      .option('-y, --yes', 'do not ask')
      .option('--confirm-shared <words>', 'for a disk that other servers may reach')
      .option('--json', 'one JSON document on stdout');
    command.option('--secret-file <name=file...>', 'a secret that the change needs again');
    if (what === 'finish') command.option('--serial <text>', 'the serial number of a disk whose content may be lost');
    command.action(async (id: string, options: GoOnOptions) =>
      printResults(context, [await goOn(context, what, id, options)], options),
    );
  }
  journal
    .command('set-aside <id>')
    .description('leave a change as it is and do not offer it again')
    .option('--json', 'one JSON document on stdout')
    .action(async (id: string, options: Options) => {
      const entry = await context.call('journal.setAside', { id });
      if (options.json) context.printJson({ schema: 'quorate.journal-entry/1', entry });
      else context.print(`${id} is set aside.`);
    });
  withAgentOptions(
    journal
      .command('resume')
      .description('continue everything that waits for a restart; this runs automatically after one'),
  )
    .option('-y, --yes', 'do not ask')
    .option('--json', 'one JSON document on stdout')
    .action((options: ResumeOptions) => resume(context, options));
};
