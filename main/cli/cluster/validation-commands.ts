import type { Command } from 'commander';
import { resolve } from 'node:path';
import type { Input, Output } from '../../../shared/contract/index.ts';
import { clusterReportPathSchema } from '../../../shared/model/cluster-report.ts';
import { sortForReading, type ValidationResult } from '../../../shared/validation/report.ts';
import { selectionWords } from '../../../shared/validation/selection.ts';
import type { Standing } from '../../../shared/validation/standing.ts';
import { askLine, canAsk, isYes, withServer, type ServerOptions } from '../change.ts';
import { UsageError, type CliContext } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { findDisk } from '../find-thing.ts';
import { repeated } from '../repeated.ts';
import { printRehearsalMark } from '../text/rehearsal-mark.ts';
import { renderTable } from '../text/table.ts';
import { renderValidationReport } from '../text/validation-text.ts';
import { asSentence } from '../../../shared/model/sentence.ts';
import { zonedTime } from '../../../shared/model/time.ts';

type Judged = Output<'cluster.readValidation'>;
type Plan = Output<'cluster.planValidation'>;
type Ask = Omit<Input<'cluster.validate'>, 'server'>;

const exitCodeOf: Readonly<Record<ValidationResult, ExitCode>> = {
  success: exitCodes.done,
  warning: exitCodes.done,
  notApplicable: exitCodes.unknown,
  failed: exitCodes.checkFailed,
  cancelled: exitCodes.unknown,
  unknown: exitCodes.unknown,
};

const verdictCodes: Readonly<Record<Judged['verdict'], ExitCode>> = {
  passed: exitCodes.done,
  open: exitCodes.unknown,
  failed: exitCodes.checkFailed,
};

const standingWords: Readonly<Record<Standing, string>> = {
  blocks: 'blocks',
  new: 'waits for you',
  accepted: 'accepted',
  expected: 'expected',
  clean: 'clean',
};

const verdictWords: Readonly<Record<Judged['verdict'], string>> = {
  passed: 'Nothing in this validation prevents a cluster.',
  open: 'Warnings are open: fix what they name, or accept each by its name with a reason: quorate cluster accept --test NAME --because TEXT.',
  failed:
    'Tests failed: fix what they found, then run "quorate cluster validate --changed". A failure cannot be accepted.',
};

const printJudged = (context: CliContext, judged: Judged, options: { json?: boolean; all?: boolean }): void => {
  context.exitCode = verdictCodes[judged.verdict];
  if (options.json === true) return context.printJson({ schema: 'quorate.validation/1', ...judged });
  context.print(
    renderValidationReport(judged.report, {
      paint: context.paint,
      width: Math.min(context.columns, 120),
      all: options.all === true,
    }),
  );
  const standing = new Map(judged.tests.map((test) => [test.name, test.standing]));
  const rows = sortForReading(judged.report.tests)
    .filter(({ name }) => standing.get(name) !== 'clean')
    .map(({ name, result }) => [standingWords[standing.get(name) ?? 'clean'], result, name]);
  if (rows.length > 0)
    context.print(`\n${renderTable([{ title: 'STATUS' }, { title: 'RESULT' }, { title: 'TEST' }], rows)}`);
  for (const { test, because, by, at } of judged.accepted)
    context.print(`Accepted: ${test}, because ${because} (${by}, ${zonedTime(at)}).`);
  for (const line of judged.kept.disagreements)
    context.note(`Test-Cluster warned of this, but its report does not show it: ${line}`);
  context.print(`\n${verdictWords[judged.verdict]}\nThe report is kept in ${judged.kept.file}`);
};

const treatmentWords: Readonly<Record<Plan['disks'][number]['treatment'], string>> = {
  tested: 'tested',
  interrupted: 'interrupted',
  inUse: 'in use',
  leftOut: 'left out',
};

const printPlan = (context: CliContext, plan: Plan): void => {
  printRehearsalMark(context, plan.server.ref);
  context.print(`Servers: ${plan.nodes.join(', ')}. ${plan.tests.length} tests.`);
  for (const notice of plan.notices) context.print(notice);
  if (plan.disks.length > 0)
    context.print(
      renderTable(
        [{ title: 'DISK', maxWidth: 70 }, { title: 'WILL BE' }, { title: 'BECAUSE' }],
        plan.disks.map(({ name, treatment, because }) => [name, treatmentWords[treatment], because]),
      ).trimEnd(),
    );
  for (const line of plan.unread) context.note(`Not known: ${line}.`);
  if (plan.refusal) context.note(`${plan.refusal.what} [${plan.refusal.code}]\n${plan.refusal.next}`);
};

interface ValidateOptions extends ServerOptions {
  readonly node?: string[];
  readonly withoutStorage?: boolean;
  readonly changed?: boolean;
  readonly only?: string[];
  readonly interrupt?: string[];
  readonly whatIf?: boolean;
  readonly list?: boolean;
  readonly yes?: boolean;
  readonly all?: boolean;
}

const selectionOf = ({ withoutStorage, changed, only }: ValidateOptions): Ask['selection'] => {
  if ([withoutStorage === true, changed === true, only !== undefined].filter(Boolean).length > 1)
    throw new UsageError('Give one of --without-storage, --changed and --only.');
  if (withoutStorage === true) return { kind: 'withoutStorage' };
  if (changed === true) return { kind: 'changed' };
  return only === undefined ? { kind: 'whole' } : { kind: 'only', names: only };
};

const validate = async (context: CliContext, options: ValidateOptions): Promise<void> => {
  const { server } = options;
  const interrupt: string[] = [];
  for (const text of options.interrupt ?? []) interrupt.push(await findDisk(context, server, text));
  const ask: Ask = { nodes: options.node ?? [], selection: selectionOf(options), interrupt };
  const plan = await context.call('cluster.planValidation', { server, ...ask });
  if (options.list === true) {
    if (options.json === true) return context.printJson({ schema: 'quorate.validation-tests/1', tests: plan.tests });
    context.print(
      renderTable(
        [{ title: 'CATEGORY' }, { title: 'TEST' }],
        plan.tests.map(({ category, name }) => [category, name]),
      ).trimEnd(),
    );
    return;
  }
  if (options.whatIf === true) {
    if (options.json === true) context.printJson({ schema: 'quorate.validation-plan/1', ...plan });
    else printPlan(context, plan);
    context.exitCode = plan.refusal ? exitCodes.failed : exitCodes.done;
    return;
  }
  if (options.json !== true) printPlan(context, plan);
  // What is refused is refused by the run itself, with its code.
  if (!plan.refusal && options.yes !== true) {
    if (!canAsk(context, options)) throw new UsageError('Nothing was run: add --yes to validate without being asked.');
    if (!isYes(await askLine(context, 'Validate these servers now? [y/N] '))) {
      context.note('Nothing was run.');
      context.exitCode = exitCodes.cancelled;
      return;
    }
  }
  const judged = await context.call('cluster.validate', { server, ...ask }, context.progressLine());
  context.endProgressLine();
  printJudged(context, judged, options);
};

const texts = repeated((text) => text);

/** `quorate cluster validate`, `validations`, `accept` and `report`. */
export const registerValidation = (cluster: Command, context: CliContext): void => {
  withServer(
    cluster
      .command('validate')
      .description('run Test-Cluster on this server, keep its report and explain each finding'),
  )
    .option('--node <name>', 'a server by its computer name; may be repeated; default: the nodes of the cluster', texts)
    .option('--without-storage', 'leave the storage tests out; no disk is disturbed')
    .option('--changed', 'only tests of what changed since the last validation, and tests not passed or accepted then')
    .option('--only <name>', 'only this category or test; may be repeated', texts)
    .option('--interrupt <disk>', 'agree that this disk, which is online, is unavailable while it is tested', texts)
    .option('--list', 'list the tests that would be run, and run nothing')
    .option('--what-if', 'show what would be run and which disks it disturbs, and run nothing')
    .option('-y, --yes', 'do not ask')
    .option('--all', 'list every test, also those that need no attention')
    .addHelpText(
      'after',
      '\nExit codes: 0 nothing prevents a cluster, 4 a test failed, 5 warnings are not accepted yet.',
    )
    .action((options: ValidateOptions) => validate(context, options));

  withServer(cluster.command('validations').description('list the validations that are kept, or read one of them'))
    .option('--id <id>', 'read this one')
    .option('--open', 'read the last one')
    .option('--all', 'list every test, also those that need no attention')
    .action(async (options: ServerOptions & { id?: string; open?: boolean; all?: boolean }) => {
      const { server } = options;
      if (options.id !== undefined || options.open === true)
        return printJudged(
          context,
          await context.call('cluster.readValidation', { server, id: options.id ?? null }),
          options,
        );
      const found = await context.call('cluster.listValidations', { server });
      if (options.json === true) return context.printJson({ schema: 'quorate.validations/1', ...found });
      if (found.validations.length === 0)
        return context.print(
          found.elsewhere === null
            ? 'No validation was run from this data folder.'
            : `No report is kept here. ${found.elsewhere} coordinated the formation and has its report: run this command there.`,
        );
      context.print(
        renderTable(
          [{ title: 'ID' }, { title: 'SERVERS' }, { title: 'TESTS' }, { title: 'WHEN' }],
          found.validations.map(({ id, nodes, selection, at }) => [
            id,
            nodes.join(', '),
            selectionWords[selection.kind],
            at,
          ]),
        ).trimEnd(),
      );
    });

  withServer(
    cluster
      .command('accept')
      .description('accept warnings of a validation by the names of their tests; the journal keeps who and why'),
  )
    .requiredOption('--test <name>', 'the test, as the report names it; may be repeated', texts)
    .requiredOption('--because <text>', 'why, in at least ten characters')
    .option('--id <id>', 'of this validation; default: the last one')
    .action(async (options: ServerOptions & { test: string[]; because: string; id?: string }) => {
      if (options.because.trim().length < 10) throw new UsageError('--because needs at least ten characters.');
      const judged = await context.call('cluster.acceptWarning', {
        server: options.server,
        id: options.id ?? null,
        tests: options.test,
        because: options.because,
      });
      if (options.json === true) context.printJson({ schema: 'quorate.validation/1', ...judged });
      else {
        const names = new Set(options.test.map((name) => name.toLowerCase()));
        for (const { test, because } of judged.accepted.filter((one) => names.has(one.test.toLowerCase())))
          context.print(`Accepted: ${test}, because ${asSentence(because)}`);
        context.print(verdictWords[judged.verdict]);
      }
      context.exitCode = verdictCodes[judged.verdict];
    });

  cluster
    .command('report <file>')
    .description('read a cluster validation report (.htm of Test-Cluster) and explain each finding')
    .option('--all', 'list every test, also those that need no attention')
    .option(
      '--server <server>',
      'the file is a report of a change, such as "Create Cluster Wizard ...", on this server: read it there and keep it',
    )
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      '\nThe file is the .htm that Test-Cluster names when it ends; any machine can read it.\nExit codes: 0 passed (warnings included), 4 a test failed, 5 cancelled or not readable in part.',
    )
    .action(async (file: string, options: { json?: boolean; all?: boolean; server?: string }) => {
      if (options.server !== undefined) {
        if (!clusterReportPathSchema.safeParse(file).success)
          throw new UsageError(
            'FILE is the report as the failure names it, in C:\\Windows\\Cluster\\Reports of the server.',
          );
        const read = await context.call('cluster.readReport', { server: options.server, path: file });
        if (options.json === true) return context.printJson({ schema: 'quorate.cluster-report/1', ...read });
        printRehearsalMark(context, read.server.ref);
        context.print(read.title);
        for (const { level, text } of read.lines)
          context.print(
            level === 'info' ? `  ${text}` : `  ${context.paint(level === 'error' ? 'red' : 'yellow', level)}: ${text}`,
          );
        context.print(`\nThe report is kept in ${read.kept}`);
        return;
      }
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
