import { Option, type Command } from 'commander';
import { readFile } from 'node:fs/promises';
import { nearestName } from '../../../shared/availability/nearest-name.ts';
import { faultFields, faultKinds } from '../../../shared/model/rehearsal-faults.ts';
import type { WarningAcceptance } from '../../../shared/contract/formation.ts';
import { windowsVersions } from '../../../shared/model/host.ts';
import { explain } from '../../../shared/errors/failure.ts';
import { prepareRehearsal } from '../../agent/prepare-rehearsal.ts';
import { fileReasonOf } from '../../system/reason.ts';
import { UsageError, type CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { repeated } from '../repeated.ts';
import { readAcceptance } from '../read-acceptance.ts';
import { renderTable } from '../text/table.ts';

interface RehearseOptions {
  readonly name: string;
  readonly nodes: string;
  readonly os: (typeof windowsVersions)[number];
  readonly seed: string;
  readonly fault?: readonly string[];
  readonly file?: string;
  readonly resume?: boolean;
  readonly undo?: boolean;
  readonly acceptWarning?: readonly WarningAcceptance[];
  readonly json?: boolean;
}

const wholeNumber = (text: string, option: string, least: number, most: number, example: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most)
    throw new UsageError(
      `${option} takes a whole number from ${least} to ${most}, not ${text}: write, for example, "quorate rehearse ${example}".`,
    );
  return value;
};

/** `nicDown,server=NODE1,nic=Ethernet@initiator.logOn`: a fault with its fields, and the step before which it is set. */
export const readFaultAtStep = (text: string): { fault: Record<string, unknown>; step: string } => {
  const at = text.lastIndexOf('@');
  const [kind = '', ...fields] = text.slice(0, at < 0 ? undefined : at).split(',');
  const known = faultKinds.find((one) => one === kind);
  if (!known) {
    const near = nearestName(kind, faultKinds);
    throw new UsageError(
      `There is no fault ${kind || text}${near === null ? '' : `; did you mean ${near}?`} "quorate rehearsal fault --help" says what each does and needs. There are ${faultKinds.join(', ')}.`,
    );
  }
  const whole = [
    known,
    ...faultFields(known).flatMap(({ name, isOptional }) => (isOptional ? [] : [`${name}=${name.toUpperCase()}`])),
  ].join(',');
  if (at < 0 || at === text.length - 1)
    throw new UsageError(`${text} names no step. Write ${whole}@STEP, such as ${whole}@initiator.logOn.`);
  const wanted = faultFields(known);
  const fault: Record<string, unknown> = { kind: known };
  for (const field of fields) {
    const [name = '', ...rest] = field.split('=');
    if (!wanted.some((one) => one.name === name))
      throw new UsageError(
        `The fault ${known} has no ${name}; it takes ${wanted.map((one) => one.name).join(', ') || 'nothing'}. Write ${whole}@STEP.`,
      );
    fault[name] = rest.join('=');
  }
  for (const { name, isOptional } of wanted)
    if (!isOptional && fault[name] === undefined)
      throw new UsageError(`The fault ${known} needs ${name}=... Write ${whole}@STEP.`);
  return { fault, step: text.slice(at + 1) };
};

const run = async (context: CliContext, options: RehearseOptions): Promise<void> => {
  const text =
    options.file === undefined
      ? undefined
      : await readFile(options.file, 'utf8').catch((error: unknown) => {
          throw new UsageError(
            `${options.file ?? ''} cannot be read: ${fileReasonOf(error)}. Without --file an example is rehearsed; "quorate form init" writes a file.`,
          );
        });
  const nodes = wholeNumber(options.nodes, '--nodes', 2, 64, '--nodes 2');
  const seed = wholeNumber(options.seed, '--seed', 0, 0xffff_ffff, '--seed 1');
  const faults = (options.fault ?? []).map(readFaultAtStep);
  prepareRehearsal();
  const result = await context.call(
    'formation.rehearse',
    {
      name: options.name,
      nodes,
      os: options.os,
      seed,
      faults,
      resume: options.resume === true,
      direction: options.undo === true ? 'undo' : 'form',
      acceptWarnings: [...(options.acceptWarning ?? [])],
      ...(text === undefined ? {} : { text, path: options.file ?? 'cluster.json' }),
    },
    context.progressLine(),
  );
  context.endProgressLine();
  if (options.json) context.printJson(result);
  else {
    context.print('REHEARSAL: simulated servers, nothing real was changed.');
    context.print(
      renderTable(
        [{ title: 'SERVER' }, { title: 'STAGE' }, { title: 'STATE' }, { title: 'STEP', maxWidth: 90 }],
        result.steps.map((step) => [step.node, step.stage, step.state, step.title]),
      ).trimEnd(),
    );
    context.print();
    context.print(
      result.outcome === 'nothingToChange'
        ? options.undo
          ? 'Nothing is left to undo.'
          : 'Nothing to change: everything is as the cluster file says.'
        : result.outcome === 'formed'
          ? `Formed in ${(result.tookMs / 1000).toFixed(1)} s.`
          : result.outcome === 'undone'
            ? `Undone in ${(result.tookMs / 1000).toFixed(1)} s.`
            : 'The formation did not finish.',
    );
    if (result.cluster)
      context.print(
        `Cluster ${result.cluster.name}: ${result.cluster.nodes.join(', ')}; witness: ${result.cluster.witness ?? 'none'}.`,
      );
    for (const vm of result.vms)
      context.print(
        `Virtual machine ${vm.name}: ${vm.state} on ${vm.node}${vm.highlyAvailable ? ', highly available' : ''}.`,
      );
  }
  for (const { fault, step } of result.faultsNotSet)
    context.note(
      `The fault ${fault} was not set: no step with "${step}" in its id began. The ids of the steps are in the JSON document (--json).`,
    );
  for (const { text: note } of result.switchedOn) context.note(note);
  if (result.error) {
    const { what, next, code } = explain(result.error);
    context.note(`${what} [${code}]`);
    context.note(next);
    const goesOn = `quorate rehearse --name ${options.name} ${options.undo ? '--undo' : '--resume'}`;
    if (!next.includes(goesOn)) context.note(`Continue with: ${goesOn}`);
  }
  context.exitCode = result.outcome === 'failed' ? exitCodes.failed : exitCodes.done;
};

/** `quorate rehearse`: a whole formation on simulated servers. */
export const register = (program: Command, context: CliContext): void => {
  program
    .command('rehearse')
    .description('form a whole cluster of simulated servers, from bare machines to a drill; nothing real is changed')
    .option('--name <name>', 'what to call the rehearsal', 'rehearse')
    .option('--nodes <number>', 'how many servers, 2 to 64', '2')
    .addOption(new Option('--os <version>', 'their Windows Server').choices([...windowsVersions]).default('2022'))
    .option(
      '--fault <fault@step>',
      'set a fault before a step, such as nicDown,server=NODE1,nic=Ethernet@initiator.logOn; may be repeated',
      repeated((text) => text),
    )
    .option('--seed <number>', 'the seed of all that is random; the same seed gives the same run', '1')
    .option('--file <cluster.json>', 'rehearse this cluster file; default: an example')
    .option('--resume', 'continue the rehearsal of this name')
    .option('--undo', 'undo what the rehearsal of this name formed')
    .option(
      '--accept-warning <test=reason>',
      'accept a warning of the validation by the name of its test, with a reason; may be repeated',
      repeated(readAcceptance),
    )
    .option('--json', 'one JSON document on stdout')
    .action((options: RehearseOptions) => run(context, options));
};
