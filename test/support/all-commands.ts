import { Command } from 'commander';
import { PassThrough } from 'node:stream';
import { commandFiles } from '../../main/cli/commands/index.ts';
import { CliContext } from '../../main/cli/context.ts';

/** Every command of the command line by its path, such as "cluster status", leaves and branches. */
export const allCommands = async (): Promise<ReadonlyMap<string, Command>> => {
  const nothing = { write: () => true };
  const context = new CliContext(
    { stdout: nothing, stderr: { ...nothing, isTTY: false, columns: 80 }, stdin: new PassThrough(), env: {} },
    new AbortController().signal,
  );
  const program = new Command('quorate');
  for (const file of commandFiles) (await file.load()).register(program, context);
  const found = new Map<string, Command>();
  const visit = (command: Command, path: string): void => {
    found.set(path, command);
    for (const child of command.commands) visit(child, `${path} ${child.name()}`.trim());
  };
  visit(program, '');
  return found;
};
