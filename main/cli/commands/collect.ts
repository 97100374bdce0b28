import type { Command } from 'commander';
import { resolve } from 'node:path';
import type { CliContext } from '../context.ts';

/** `quorate collect`: the collector for servers that are too old for the app, to be carried on a stick. */
export const register = (program: Command, context: CliContext): void => {
  program
    .command('collect')
    .description('write the collector for servers without Quorate: a PowerShell 2.0 script and a wmic batch file')
    .requiredOption('--out <dir>', 'the folder, such as a USB drive')
    .option('--json', 'one JSON document on stdout')
    .action(async (options: { out: string; json?: boolean }) => {
      const written = await context.call('collect.write', { dir: resolve(options.out) });
      if (options.json === true) {
        context.printJson({ schema: 'quorate.collector/1', ...written });
        return;
      }
      for (const file of written.files) context.print(`${file.name}  ${file.sizeBytes} bytes  SHA-256 ${file.sha256}`);
      context.print(`In ${written.dir}`);
      context.print();
      written.steps.forEach((step, at) => context.print(`${at + 1}. ${step}`));
    });
};
