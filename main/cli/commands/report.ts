import type { Command } from 'commander';
import { resolve } from 'node:path';
import type { Comparison, ReadinessReport } from '../../../shared/model/readiness-report.ts';
import { UsageError, type CliContext } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { renderComparison } from '../text/readiness-text.ts';
import { formatOfName, showReport } from './readiness.ts';

const exitCodeOf: Readonly<Record<Comparison['verdict'], ExitCode>> = {
  match: exitCodes.done,
  differ: exitCodes.checkFailed,
  unknown: exitCodes.unknown,
};

const open = (context: CliContext, path: string): Promise<ReadinessReport> =>
  context.call('report.import', { file: { kind: 'path', path: resolve(path) } });

/** `quorate report`: reports that were exported as JSON, on this or another machine. */
export const register = (program: Command, context: CliContext): void => {
  const report = program.command('report').description('show, convert and compare exported readiness reports');

  report
    .command('show <file>')
    .description('show a report; a report that was altered is refused')
    .option('--json', 'one JSON document on stdout')
    .option('--report <file...>', 'save it as FILE.html, FILE.pdf or FILE.json')
    .action(async (file: string, options: { json?: boolean; report?: string[] }) => {
      const targets = (options.report ?? []).map((path) => ({ path: resolve(path), format: formatOfName(path) }));
      const opened = await open(context, file);
      for (const { path, format } of targets) {
        await context.call('report.export', { report: opened, format, to: { kind: 'path', path } });
        context.note(`Written: ${path}`);
      }
      showReport(context, opened, options.json === true);
    });

  report
    .command('compare <files...>')
    .description('put two or more servers side by side and mark what must match')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nExit codes: 0 all that must match does, 4 something differs, 5 something is not known.')
    .action(async (files: string[], options: { json?: boolean }) => {
      if (files.length < 2) throw new UsageError('Give two reports or more.');
      const reports = [];
      for (const file of files) reports.push(await open(context, file));
      const comparison = await context.call('report.compare', { reports });
      if (options.json === true) context.printJson(comparison);
      else context.print(renderComparison(comparison, context.paint, context.streams.stdout.columns ?? 100));
      context.exitCode = exitCodeOf[comparison.verdict];
    });
};
