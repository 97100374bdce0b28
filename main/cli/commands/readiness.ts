import { Option, type Command } from 'commander';
import { resolve } from 'node:path';
import type { FactsSource } from '../../../shared/contract/readiness.ts';
import type { ReportFormat } from '../../../shared/contract/reports.ts';
import { failure } from '../../../shared/errors/failure.ts';
import type { ReadinessReport } from '../../../shared/model/readiness-report.ts';
import { windowsServers, type WindowsServer } from '../../../shared/model/windows-server.ts';
import { localServer, parseServerRef } from '../../../shared/model/server-ref.ts';
import { UsageError, type CliContext } from '../context.ts';
import { withServerOption } from '../server-option.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { expandFactFiles } from '../fact-files.ts';
import { renderReport } from '../text/readiness-text.ts';

const exitCodeOf: Readonly<Record<ReadinessReport['verdict'], ExitCode>> = {
  ready: exitCodes.done,
  notReady: exitCodes.checkFailed,
  unknown: exitCodes.unknown,
};

/** The form that a file's name asks for. */
export const formatOfName = (path: string): ReportFormat => {
  const ending = /\.(html?|pdf|json)$/i.exec(path)?.[1]?.toLowerCase();
  if (ending === undefined) throw failure('REPORT_FORMAT_UNKNOWN', { path });
  return ending === 'pdf' || ending === 'json' ? ending : 'html';
};

/** Prints a report as text or JSON and sets the exit code of its verdict. */
export const showReport = (context: CliContext, report: ReadinessReport, isJson: boolean): void => {
  if (isJson) context.printJson(report);
  else context.print(renderReport(report, context.paint, context.streams.stdout.columns ?? 100));
  context.exitCode = exitCodeOf[report.verdict];
};

interface ReadinessOptions {
  readonly server: string;
  readonly for?: WindowsServer;
  readonly sysroot?: string;
  readonly facts?: string[];
  readonly json?: boolean;
  readonly report?: string[];
}

const sourceOf = (options: ReadinessOptions): FactsSource => {
  if (options.sysroot !== undefined) return { kind: 'sysroot', dir: resolve(options.sysroot) };
  if (options.facts && options.facts.length > 0) return { kind: 'facts', files: expandFactFiles(options.facts) };
  return { kind: 'live' };
};

/** `quorate readiness`: can this machine, or the one whose facts are given, be a Hyper-V cluster node? */
export const register = (program: Command, context: CliContext): void => {
  withServerOption(
    program
      .command('readiness')
      .description('say whether a machine can be a Hyper-V cluster node, why not, and what to do'),
  )
    .addOption(
      new Option(
        '--for <os>',
        'judge for this Windows Server; default: the one that runs there, elsewhere 2025',
      ).choices(windowsServers),
    )
    .addOption(
      new Option('--sysroot <dir>', 'read a captured tree of a Linux machine, never this machine').conflicts('facts'),
    )
    .option('--facts <file...>', 'facts of another server: the collector’s JSON file, its .wmi files, or their folder')
    .option('--json', 'one JSON document on stdout')
    .option('--report <file...>', 'write the report as well: FILE.html, FILE.pdf or FILE.json')
    .addHelpText('after', '\nExit codes: 0 ready, 4 not ready, 5 not known.')
    .action(async (options: ReadinessOptions) => {
      const reports = (options.report ?? []).map((path) => ({ path: resolve(path), format: formatOfName(path) }));
      // The same operation that the contract's readiness.check calls, without its parsers: the input was checked above,
      // the report is our own, and this is the command that has to answer at once.
      const { checkReadinessOf } = await import('../../agent/readiness-here.ts');
      const server = parseServerRef(options.server) ?? localServer;
      const source = sourceOf(options);
      if (server.kind !== 'local' && source.kind !== 'live')
        throw new UsageError('--server reads a server now: give it without --sysroot and --facts.');
      const progress = context.progressLine();
      const report =
        server.kind === 'peer'
          ? await context.call('readiness.check', { server: options.server, for: options.for, source }, progress)
          : await checkReadinessOf({ server, for: options.for, source }, () => context.dataFolder(), {
              signal: context.signal,
              progress,
            });
      if (context.streams.stderr.isTTY === true) context.streams.stderr.write('\r\u001b[K');
      // Written first: a path that cannot be written ends with exit code 1 and no half answer on stdout.
      for (const { path, format } of reports) {
        await context.call('report.export', { report, format, to: { kind: 'path', path } });
        context.note(`Written: ${path}`);
      }
      showReport(context, report, options.json === true);
    });
};
