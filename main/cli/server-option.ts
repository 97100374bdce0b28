import { Option, type Command } from 'commander';
import { parseServerRef } from '../../shared/model/server-ref.ts';
import { UsageError } from './context.ts';

const serverForms = 'local, rehearsal:NAME, rehearsal:NAME/SERVER or peer:ID';

/** The option that says which server is meant. `--host` is its former name and goes on working. */
export const withServerOption = (command: Command, fallback: string | null = 'local'): Command => {
  const read = (text: string): string => {
    if (parseServerRef(text) === null) throw new UsageError(`${text} is not a server: give ${serverForms}.`);
    return text;
  };
  command.option('--server <server>', serverForms, read, fallback ?? undefined);
  command.addOption(new Option('--host <server>', 'the former name of --server').argParser(read).hideHelp());
  return command.hook('preAction', () => {
    const former = command.getOptionValue('host') as string | undefined;
    if (former === undefined) return;
    if (command.getOptionValueSource('server') === 'cli' && command.getOptionValue('server') !== former)
      throw new UsageError('--server and --host are the same option; --host is its former name. Give one.');
    command.setOptionValueWithSource('server', former, 'cli');
  });
};
