import { Command, CommanderError } from 'commander';
import { toEnvelope } from '../../shared/errors/failure.ts';
import { version } from '../agent/version.ts';
import { commandFiles } from './commands/index.ts';
import { CliContext, reportFailure, UsageError, type CliStreams } from './context.ts';
import { exitCodes } from './exit-codes.ts';

const exitCodeHelp = `
Exit codes: 0 done or ready, 1 failed, 2 wrong usage, 3 cancelled, 4 a check failed, 5 unknown or incomplete.
Data folder: --data DIR, else the variable QUORATE_DATA, else the user's folder for local data.`;

/** The word that names the command: options before it are the program's own. */
const commandWord = (args: readonly string[]): string | undefined => {
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] ?? '';
    if (word === '--data' || word === '--host') at += 1;
    else if (!word.startsWith('-')) return word;
  }
  return undefined;
};

const buildProgram = async (args: readonly string[], context: CliContext): Promise<Command> => {
  const program = new Command('quorate')
    .description('Quorate: from bare Windows servers to a working Hyper-V failover cluster')
    .version(version, '-V, --version', 'print the version')
    .option('--data <dir>', 'the data folder')
    .addHelpText('after', exitCodeHelp)
    .showSuggestionAfterError(true)
    .showHelpAfterError('(--help shows how the command is used)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.streams.stdout.write(text),
      writeErr: (text) => context.streams.stderr.write(text),
    })
    .hook('preAction', () => {
      context.dataFolderOption = program.opts<{ data?: string }>().data;
    });
  const word = commandWord(args);
  const known = commandFiles.filter((file) => word !== undefined && file.names.includes(word));
  const needsAll = known.length === 0 || word === 'completion';
  for (const file of needsAll ? commandFiles : known) (await file.load()).register(program, context);
  const inherit = (command: Command): void => {
    for (const child of command.commands) {
      child.copyInheritedSettings(command);
      inherit(child);
    }
  };
  inherit(program);
  return program;
};

/** Runs one command line and returns its exit code; nothing is thrown and no stack trace is printed. */
export const runCli = async (args: readonly string[], streams: CliStreams, signal: AbortSignal): Promise<number> => {
  const context = new CliContext(streams, signal);
  try {
    const program = await buildProgram(args, context);
    if (args.length === 0) {
      program.outputHelp();
      return exitCodes.usage;
    }
    await program.parseAsync([...args], { from: 'user' });
    return context.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    if (error instanceof UsageError) {
      context.note(error.message);
      return exitCodes.usage;
    }
    return reportFailure(context, toEnvelope(error), args.includes('--json'));
  } finally {
    await context.close();
  }
};
