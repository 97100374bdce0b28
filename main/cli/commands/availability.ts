import { InvalidArgumentError, type Command } from 'commander';
import { resolve } from 'node:path';
import type { Input } from '../../../shared/contract/index.ts';
import { isGrave } from '../../../shared/availability/grades.ts';
import type { AvailabilityReport } from '../../../shared/availability/report.ts';
import type { WhatIf } from '../../../shared/availability/what-if.ts';
import { parseServerRef } from '../../../shared/model/server-ref.ts';
import { UsageError, type CliContext } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { expandFactFiles } from '../fact-files.ts';
import { repeated } from '../repeated.ts';
import { serversOfRehearsal } from '../rehearsal-servers.ts';
import { renderAdvice, renderAvailability, renderWhatIf } from '../text/availability-text.ts';
import { formatOfName } from './readiness.ts';

interface SourceOptions {
  readonly state?: string;
  readonly facts?: string[];
  readonly server?: string[];
  readonly rehearsal?: string;
  readonly json?: boolean;
}

const readServer = (text: string): string => {
  if (parseServerRef(text) === null)
    throw new InvalidArgumentError(`${text} is not a server: give local, rehearsal:NAME/SERVER or peer:ID.`);
  return text;
};

const readAll = (text: string): 'single' | 'double' => {
  if (text !== 'single' && text !== 'double') throw new InvalidArgumentError('It is single or double.');
  return text;
};

const readLoss = (text: string): string => {
  if (text.trim() === '') throw new InvalidArgumentError('Name an element, such as node:HV02.');
  return text;
};

const readAnswer = (text: string): { element: string; switch: string | null } => {
  const at = text.lastIndexOf('=');
  if (at < 1) throw new UsageError(`${text} is not an answer: write ELEMENT=SWITCH, such as "nic:HV01/LAN=SW1".`);
  return { element: text.slice(0, at), switch: text.slice(at + 1).trim() || null };
};

/** Where the configuration comes from: exactly one of a state file, facts of servers, servers themselves, a whole rehearsal. */
const sourceOf = async (
  { state, facts, server, rehearsal }: SourceOptions,
  context: CliContext,
): Promise<Input<'availability.read'>['source']> => {
  const given = [
    state !== undefined,
    (facts ?? []).length > 0,
    (server ?? []).length > 0,
    rehearsal !== undefined,
  ].filter(Boolean).length;
  if (given > 1) throw new UsageError('Give only one of --state, --facts, --server and --rehearsal.');
  if (state !== undefined) return { kind: 'state', file: { kind: 'path', path: resolve(state) } };
  if (facts && facts.length > 0) return { kind: 'facts', files: expandFactFiles(facts) };
  if (server && server.length > 0) return { kind: 'servers', servers: server };
  if (rehearsal !== undefined) return { kind: 'servers', servers: await serversOfRehearsal(rehearsal, context) };
  throw new UsageError('Say what to analyze: --state FILE.json, --facts FILE..., --server SERVER or --rehearsal NAME.');
};

const withSource = (command: Command): Command =>
  command
    .option('--state <file>', 'a state file (quorate guide availability), or an availability report as JSON')
    .option('--facts <file...>', 'exported facts, readiness reports or states, one file for each server')
    .option(
      '--server <server>',
      'read a server itself: local, peer:ID or rehearsal:NAME/SERVER; may be repeated',
      repeated(readServer),
    )
    .option('--rehearsal <name>', 'read every server of a rehearsal, such as one that "quorate rehearse" formed')
    .option('--json', 'one JSON document on stdout');

const exitOfWhatIf = ({ results }: WhatIf): ExitCode => {
  const isBad = results.some(({ quorum, counts }) => quorum === 'lost' || counts.down > 0);
  if (isBad) return exitCodes.checkFailed;
  return results.some(({ quorum, counts }) => quorum === 'depends' || counts.depends > 0)
    ? exitCodes.unknown
    : exitCodes.done;
};

const exitOfReport = ({ singlePoints }: AvailabilityReport): ExitCode => {
  const grave = singlePoints.filter(({ grade }) => isGrave(grade));
  if (grave.length === 0) return exitCodes.done;
  return grave.every(({ grade }) => grade === 'open') ? exitCodes.unknown : exitCodes.checkFailed;
};

interface WhatIfOptions extends SourceOptions {
  readonly lose?: string[];
  readonly all?: ('single' | 'double')[];
}

interface ReportOptions extends SourceOptions {
  readonly report?: string[];
}

/** `quorate availability`: what can still fail, and what to do next. */
export const register = (program: Command, context: CliContext): void => {
  const availability = program
    .command('availability')
    .description('show what can still fail, what remains then, and what to invest in next; changes nothing');

  withSource(
    availability.command('what-if').description('quorum and virtual machines after losses: named ones, or every one'),
  )
    .option(
      '--lose <element>',
      'what is lost, such as node:HV02, nic:HV01/LAN, switch:SW1, target:SAN1, witness, site:Berlin; several are lost in this order, and at once',
      repeated(readLoss),
    )
    .option(
      '--all <single|double>',
      'every single loss, or every pair at once; without --lose the default is single',
      repeated(readAll),
    )
    .addHelpText(
      'after',
      '\nExit codes: 0 everything keeps running or restarts, 4 something stops for good, 5 it depends or is not known.',
    )
    .action(async (options: WhatIfOptions) => {
      const answer = await context.call(
        'availability.whatIf',
        { source: await sourceOf(options, context), lose: options.lose ?? [], all: options.all ?? [] },
        context.progressLine(),
      );
      context.endProgressLine();
      if (options.json === true) context.printJson(answer);
      else context.print(renderWhatIf(answer, context.paint, context.columns));
      context.exitCode = exitOfWhatIf(answer);
    });

  const report = async (options: SourceOptions): Promise<AvailabilityReport> => {
    const made = await context.call(
      'availability.report',
      { source: await sourceOf(options, context) },
      context.progressLine(),
    );
    context.endProgressLine();
    return made;
  };

  withSource(
    availability
      .command('report')
      .description('single points of failure, pairs, N+1, sites, advice and hand-over, as text or as a file'),
  )
    .option('--report <file...>', 'write the report: FILE.html, FILE.pdf or FILE.json; a file of that name is replaced')
    .addHelpText(
      'after',
      '\nExit codes: 0 no single point of failure, 4 there is at least one, 5 it is not known whether there is one.',
    )
    .action(async (options: ReportOptions) => {
      const targets = (options.report ?? []).map((path) => ({ path: resolve(path), format: formatOfName(path) }));
      const made = await report(options);
      // Written first: a path that cannot be written ends with exit code 1 and no half answer on stdout.
      for (const { path, format } of targets) {
        await context.call('availability.export', { report: made, format, to: { kind: 'path', path } });
        context.note(`Written: ${path}`);
      }
      if (options.json === true) context.printJson(made);
      else context.print(renderAvailability(made, context.paint, context.columns));
      context.exitCode = exitOfReport(made);
    });

  withSource(
    availability
      .command('advise')
      .description('judge the eight add-ons for this configuration, in the order that helps most'),
  ).action(async (options: SourceOptions) => {
    const made = await report(options);
    if (options.json === true)
      context.printJson({ schema: 'quorate.availability-advice/1', advice: made.advice, questions: made.questions });
    else context.print(renderAdvice(made, context.paint, context.columns));
  });

  availability
    .command('answer <element=switch...>')
    .description(
      'say which switch NICs and portals are connected to, such as "nic:HV01/LAN=SW1"; kept for this cluster',
    )
    .option(
      '--server <server>',
      'a server of the cluster: local, peer:ID or rehearsal:NAME/SERVER; may be repeated',
      repeated(readServer),
    )
    .option('--rehearsal <name>', 'every server of a rehearsal')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', '\nWith nothing after the =, an answer is removed. A state file holds its switches itself.')
    .action(async (texts: string[], options: SourceOptions) => {
      const source = await sourceOf(options, context);
      if (source.kind !== 'servers') throw new UsageError('Name the cluster: --server SERVER or --rehearsal NAME.');
      const kept = await context.call('availability.answer', {
        servers: source.servers,
        answers: texts.map(readAnswer),
      });
      if (options.json === true) context.printJson({ schema: 'quorate.availability-answers/1', ...kept });
      else context.print(`${kept.cluster}: ${kept.kept} switches of NICs and portals are known.`);
    });

  withSource(
    availability
      .command('state')
      .description('print the configuration as a state file, to add to it what was not read'),
  ).action(async (options: SourceOptions) => {
    const { state, notes } = await context.call('availability.read', { source: await sourceOf(options, context) });
    context.printJson({ schema: 'quorate.availability-state/1', ...state });
    for (const note of notes) context.note(note);
  });
};
