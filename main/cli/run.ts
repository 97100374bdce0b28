import { Command, CommanderError } from 'commander';
import { nearestName } from '../../shared/availability/nearest-name.ts';
import { failure, toEnvelope } from '../../shared/errors/failure.ts';
import { version } from '../agent/version.ts';
import { commandFiles } from './commands/index.ts';
import { CliContext, failureDocument, reportFailure, UsageError, type CliStreams } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import type { StopRequests } from './stop-requests.ts';

const exitCodeHelp = `
Exit codes: 0 done or ready, 1 failed, 2 wrong usage, 3 cancelled, 4 a check failed, 5 unknown or incomplete.
Data folder: --data DIR, else the variable QUORATE_DATA, else the user's folder for local data.`;

/** The word that names the command: options before it are the program's own. */
const commandWord = (args: readonly string[]): string | undefined => {
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] ?? '';
    if (word === '--data' || word === '--server' || word === '--host') at += 1;
    else if (!word.startsWith('-')) return word;
  }
  return undefined;
};

/** The verbs of a group as its help lists them. */
const verbsOf = (command: Command): string[] =>
  command
    .createHelp()
    .visibleCommands(command)
    .map((verb) => verb.name())
    .filter((name) => name !== 'help');

const nameOf = (command: Command): string =>
  command.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name();

/** What is wrong with a word where a group has no such verb. */
const noVerbText = (group: Command, word: string): string => {
  const verbs = verbsOf(group);
  const near = nearestName(word, verbs);
  return `${nameOf(group)} has no verb ${word}${near === null ? '.' : `; did you mean ${near}?`} Its verbs: ${verbs.join(', ')}.`;
};

/** Refuses the first word that a command has no place for, where commander would only count. */
const refuseSurplus = (command: Command): void => {
  const { args, registeredArguments: places, parent } = command;
  const surplus = places.at(-1)?.variadic ? undefined : args[places.length];
  if (surplus === undefined) return;
  // A group that is named alone does what its first verb does; the word was meant as another verb.
  if (places.length === 0 && parent?.parent && parent.args[0] !== command.name())
    throw new UsageError(noVerbText(parent, surplus));
  const takes = places.map((place) => (place.required ? `<${place.name()}>` : `[${place.name()}]`)).join(' ');
  throw new UsageError(`${surplus} is one argument too many: ${nameOf(command)} takes ${takes || 'none'}.`);
};

const buildProgram = async (args: readonly string[], context: CliContext): Promise<Command> => {
  const program = new Command('quorate')
    .description('Quorate: from bare Windows servers to a working Hyper-V failover cluster')
    .version(version, '-V, --version', 'print the version')
    .option('--data <dir>', 'the data folder: journal, settings and identity')
    .option('--unprotected-data', 'use the data folder although its access rights could not be checked or set')
    .addHelpText('after', exitCodeHelp)
    .showSuggestionAfterError(true)
    .showHelpAfterError('(--help shows how the command is used)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.streams.stdout.write(text),
      writeErr: (text) => context.streams.stderr.write(text),
    })
    .hook('preAction', (_program, command) => {
      refuseSurplus(command);
      const { data, unprotectedData } = program.opts<{ data?: string; unprotectedData?: boolean }>();
      context.dataFolderOption = data;
      context.acceptUnprotected = unprotectedData === true;
    });
  const word = commandWord(args);
  const known = commandFiles.filter((file) => word !== undefined && file.names.includes(word));
  // Who asks for the version alone, as an update does, waits for no command.
  const isVersion = word === undefined && args.some((one) => one === '--version' || one === '-V');
  const needsAll = !isVersion && (known.length === 0 || word === 'completion');
  for (const file of needsAll ? commandFiles : known) (await file.load()).register(program, context);
  const inherit = (command: Command): void => {
    for (const child of command.commands) {
      child.copyInheritedSettings(command);
      // Refused before the action, in words that name what the command takes.
      child.allowExcessArguments();
      child.on('command:*', ([word = '']: string[]) => {
        throw new UsageError(noVerbText(child, word));
      });
      inherit(child);
    }
  };
  inherit(program);
  return program;
};

/** What commander found wrong, without its own "error: " in front. */
const sentenceOf = (error: CommanderError): string => {
  if (error.code === 'commander.help') return 'The command is not complete: a verb is missing';
  const text = error.message.replace(/^error: /, '').replace(/\.$/, '');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
};

/** With `--json` wrong usage is a document as well. */
const reportUsage = (context: CliContext, message: string, isJson: boolean): number => {
  if (isJson) context.printJson(failureDocument(toEnvelope(failure('CLI_USAGE', { message }))));
  return exitCodes.usage;
};

/** Runs one command line and returns its exit code; nothing is thrown and no stack trace is printed. */
export const runCli = async (
  args: readonly string[],
  streams: CliStreams,
  signal: AbortSignal,
  stop?: StopRequests,
): Promise<number> => {
  const context = new CliContext(streams, signal, stop);
  // Not asked of commander: what it refuses may be what stands before `--json`.
  const isJson = args.includes('--json');
  try {
    const program = await buildProgram(args, context);
    if (args.length === 0) {
      program.outputHelp();
      return exitCodes.usage;
    }
    await program.parseAsync([...args], { from: 'user' });
    return context.exitCode;
  } catch (error) {
    if (error instanceof CommanderError)
      return error.exitCode === 0 ? exitCodes.done : reportUsage(context, sentenceOf(error), isJson);
    if (error instanceof UsageError) {
      context.note(error.message);
      return reportUsage(context, error.message.replace(/\.$/, ''), isJson);
    }
    return reportFailure(context, toEnvelope(error), isJson);
  } finally {
    await context.close();
  }
};
