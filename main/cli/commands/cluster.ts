import type { Command } from 'commander';
import { resolve } from 'node:path';
import type { ValidationResult } from '../../../shared/validation/report.ts';
import type { CliContext } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { renderValidationReport } from '../text/validation-text.ts';

const exitCodeOf: Readonly<Record<ValidationResult, ExitCode>> = {
  success: exitCodes.done,
  warning: exitCodes.done,
  notApplicable: exitCodes.unknown,
  failed: exitCodes.checkFailed,
  cancelled: exitCodes.unknown,
  unknown: exitCodes.unknown,
};

/** `quorate cluster`: what concerns the cluster as a whole. */
export const register = (program: Command, context: CliContext): void => {
  const cluster = program.command('cluster').description('read and explain what concerns the cluster as a whole');

  cluster
    .command('report <file>')
    .description('read a cluster validation report (.htm of Test-Cluster) and explain each finding')
    .option('--all', 'list every test, also those that need no attention')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      '\nThe file is the .htm that Test-Cluster names when it ends; any machine can read it.\nExit codes: 0 passed (warnings included), 4 a test failed, 5 cancelled or not readable in part.',
    )
    .action(async (file: string, options: { json?: boolean; all?: boolean }) => {
      const report = await context.call('cluster.readValidationReport', {
        file: { kind: 'path', path: resolve(file) },
      });
      if (options.json === true) context.printJson(report);
      else
        context.print(
          renderValidationReport(report, {
            paint: context.paint,
            width: Math.min(context.columns, 120),
            all: options.all === true,
          }),
        );
      context.exitCode = exitCodeOf[report.overall.result];
    });
};
