import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { elementName } from '../../../shared/availability/words.ts';
import type { DrillPlan, DrillRecord } from '../../../shared/contract/drill.ts';
import { leastHoldSeconds, mostHoldSeconds } from '../../../shared/model/drill-limits.ts';
import { parseServerRef } from '../../../shared/model/server-ref.ts';
import { UsageError, type CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { serversOfRehearsal } from '../rehearsal-servers.ts';
import { repeated } from '../repeated.ts';
import { zonedTime } from '../../../shared/model/time.ts';

interface DrillOptions {
  readonly server?: string[];
  readonly rehearsal?: string;
  readonly hold: number;
  readonly yes?: boolean;
  readonly json?: boolean;
}

const readServer = (text: string): string => {
  if (parseServerRef(text) === null)
    throw new InvalidArgumentError(`${text} is not a server: give local, rehearsal:NAME/SERVER or peer:ID.`);
  return text;
};

const readHold = (text: string): number => {
  const seconds = Number(text);
  if (!Number.isInteger(seconds) || seconds < leastHoldSeconds || seconds > mostHoldSeconds)
    throw new InvalidArgumentError(`It is a whole number of seconds from ${leastHoldSeconds} to ${mostHoldSeconds}.`);
  return seconds;
};

const outcomeWords = { stays: 'keeps running', down: 'stays down', depends: 'may stay down' } as const;

const printPlan = (plan: DrillPlan, context: CliContext): void => {
  context.print(plan.title);
  context.print(`Quorum: ${plan.quorum}`);
  for (const { node, what, back } of plan.changes) context.print(`On ${node}: ${what}. Afterwards: ${back}`);
  for (const { name, node, outcome, nodes } of plan.expected)
    context.print(
      outcome === 'restarts'
        ? `${name} (${node}) restarts on ${nodes.join(' or ')}.`
        : `${name} (${node}) ${outcomeWords[outcome]}.`,
    );
  context.print(
    `Outage: ${(plan.outage.seconds ?? 0) === 0 ? '' : `at most ${plan.outage.seconds} s. `}${plan.outage.because}`,
  );
  if (plan.observer) context.print(`${plan.observer.node} watches.`);
  if (plan.refusals.length === 0)
    context.print(`Each server undoes it by itself after ${plan.guardSeconds} s, even if Quorate ends.`);
  for (const note of plan.notes) context.print(note);
  for (const because of plan.refusals) context.print(`Refused: ${because}`);
};

const printRecord = (record: DrillRecord, context: CliContext): void => {
  const outcome = { asPredicted: 'as predicted', finding: 'FINDING', failed: 'FAILED', interrupted: 'INTERRUPTED' }[
    record.outcome
  ];
  context.print(
    `${zonedTime(record.at)} ${elementName(record.element)}: ${outcome}${record.isRehearsal ? ' (rehearsal)' : ''}`,
  );
  for (const { name, before, after, outageMs } of record.vms)
    context.print(
      `  ${name}: ${before} to ${after ?? 'nowhere'}, ${outageMs === 0 ? 'no outage seen' : `not seen for at most ${(outageMs / 1000).toFixed(1)} s`}`,
    );
  for (const finding of record.findings) context.print(`  ${finding}`);
  if (!record.isBack) context.print('  Not everything is back yet: each server undoes the rest by itself.');
};

const run = async (element: string, options: DrillOptions, context: CliContext): Promise<void> => {
  const given = options.server ?? [];
  if (given.length > 0 === (options.rehearsal !== undefined))
    throw new UsageError('Name the nodes: --server SERVER for each of them, or --rehearsal NAME.');
  const servers = options.rehearsal === undefined ? given : await serversOfRehearsal(options.rehearsal, context);
  const asked = { servers, element, holdSeconds: options.hold };
  const plan = await context.call('drill.plan', asked, context.progressLine());
  context.endProgressLine();
  if (options.yes !== true) {
    if (options.json === true) context.printJson(plan);
    else {
      printPlan(plan, context);
      if (plan.refusals.length === 0) context.note('Nothing was changed. Carry it out with --yes.');
    }
    context.exitCode = plan.refusals.length > 0 ? exitCodes.checkFailed : exitCodes.done;
    return;
  }
  const record = await context.call('drill.run', { ...asked, plan: plan.id }, context.progressLine());
  context.endProgressLine();
  if (options.json === true) context.printJson(record);
  else {
    printPlan(plan, context);
    printRecord(record, context);
  }
  context.exitCode =
    record.outcome === 'asPredicted'
      ? exitCodes.done
      : record.outcome === 'finding'
        ? exitCodes.checkFailed
        : exitCodes.failed;
};

const withOptions = (command: Command): Command =>
  command
    .option(
      '--server <server>',
      'a node: local, peer:ID or rehearsal:NAME/SERVER; name each of them',
      repeated(readServer),
    )
    .option('--rehearsal <name>', 'every server of a rehearsal')
    .option('--hold <seconds>', 'seconds until it is given back', readHold, 30)
    .option('--yes', 'carry it out; without it the plan is shown and nothing is changed')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      '\nExit codes: 0 the plan may be carried out, or the drill went as predicted; 4 refused, or a finding; 1 it failed.',
    );

/** `quorate drill`: take something away on purpose, watch, and give it back. */
export const register = (program: Command, context: CliContext): void => {
  const drill = program
    .command('drill')
    .description('take a NIC, path, node, target or the witness away on purpose, measure, and give it back');
  const kind = (name: string, argument: string, what: string): void => {
    withOptions(drill.command(name).argument('<element>', argument).description(what)).action(
      (element: string, options: DrillOptions) =>
        run(element.startsWith(`${name}:`) ? element : `${name}:${element}`, options, context),
    );
  };
  kind('nic', 'NODE/NIC', 'disable a NIC');
  kind('path', 'NODE/NIC>PORTAL', 'log off one iSCSI path');
  kind('node', 'NODE', 'stop the cluster service of a node');
  kind('target', 'TARGET', 'log off every path to a target; needs a proven mirrored target');
  withOptions(drill.command('witness').description('take the witness offline')).action((options: DrillOptions) =>
    run('witness', options, context),
  );
  drill
    .command('list')
    .description('drills that were carried out, newest first')
    .option('--json', 'one JSON document on stdout')
    .action(async ({ json }: { json?: boolean }) => {
      const drills = await context.call('drill.list', {});
      if (json === true) context.printJson({ schema: 'quorate.drills/1', drills });
      else if (drills.length === 0) context.print('No drill was carried out yet.');
      else for (const record of drills) printRecord(record, context);
    });
};
