import { Option, type Command } from 'commander';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileReasonOf } from '../../system/reason.ts';
import { UsageError, type CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import {
  answersOf,
  askMissing,
  exitOf,
  isAgreed,
  secretsOf,
  type ApplyOptions,
  type FileOptions,
  type JsonOption,
  type ResumeOptions,
  type UndoOptions,
} from '../form-options.ts';
import { fileToGoOnWith, type GivenFile, readDefault, readText } from '../formation-file.ts';
import { status } from '../formation-status.ts';
import { consent, type ConsentOptions } from '../consent.ts';
import { readAcceptance } from '../read-acceptance.ts';
import { repeated } from '../repeated.ts';
import { decisionTable, printGuesses, printPlan } from '../text/formation-text.ts';
import { assertNamedFor, undo, undoText } from '../undo-formation.ts';

const withJson = (command: Command): Command => command.option('--json', 'one JSON document on stdout');
const withFile = (command: Command): Command =>
  withJson(command).option('--file <cluster.json>', 'the cluster file', 'cluster.json');

/** `goesOn`: what was agreed to and accepted when it was begun counts as well. */
const applyText = async (
  context: CliContext,
  { text, path, goesOn = false }: GivenFile & { readonly goesOn?: boolean },
  options: ApplyOptions,
): Promise<void> => {
  const given = await secretsOf(context, options);
  const plan = await context.call('formation.plan', { text, path, secrets: given, goesOn });
  if (options.json !== true) {
    printPlan(context, plan);
    await printGuesses(context, text, path);
  }
  if (plan.outcome === 'stopped') {
    if (options.json) context.printJson({ schema: 'quorate.formation-plan/1', ...plan });
    context.exitCode = exitOf(plan) as typeof context.exitCode;
    return;
  }
  const question = `Form ${plan.cluster}? Servers restart one at a time, and adapters change. [y/N] `;
  if (plan.outcome === 'changes' && !(await isAgreed(context, options, question))) return;
  const answers = await answersOf(context, plan, options);
  const secrets = await askMissing(context, plan, given, options);
  context.acknowledgeStop('Stopping: running steps finish first.');
  const result = await context.call(
    'formation.apply',
    {
      // It is gone on with from another folder as well.
      ...{ text, path: resolve(path), goesOn, secrets },
      answers,
      acceptWarnings: [...(options.acceptWarning ?? [])],
    },
    context.progressLine(),
  );
  context.endProgressLine();
  if (options.json) context.printJson({ schema: 'quorate.formation/1', ...result });
  else
    context.print(
      result.outcome === 'nothingToChange'
        ? 'Nothing was to be changed.'
        : `Formed ${result.cluster}: ${result.steps.length} steps in ${result.rounds} rounds.`,
    );
};

const withApply = (command: Command): Command =>
  command
    .option('-y, --yes', 'do not ask; servers restart and connections may be cut')
    .option(
      '--serial <disk=serial>',
      'agree that the content of this disk is lost, by its unique id and serial number; may be repeated',
      repeated((text) => text),
    )
    .option(
      '--password-file <file>',
      'the password of the account that joins servers to the domain; - reads standard input',
    )
    .option('--chap-file <file>', 'the CHAP secret of the target; - reads standard input')
    .option(
      '--resume-password-file <file>',
      'for "afterRestart": "startup": the password of the account that Quorate runs as, the same on every server',
    )
    .option(
      '--accept-warning <test=reason>',
      'accept a warning of the validation by the name of its test, with a reason; may be repeated',
      repeated(readAcceptance),
    );

/** `quorate form`: real servers become a cluster. */
export const register = (program: Command, context: CliContext): void => {
  const form = program.command('form').description('form a cluster of this server and its peers, from a cluster file');
  withJson(form.command('init').description('draft a cluster file from what this server and its peers show'))
    .option('--out <file>', 'where to write it; default: standard output')
    .option(
      '--portal <address[:port]>',
      'a portal of the target; may be repeated',
      repeated((text) => text),
    )
    .option('--target <iqn>', 'the iSCSI name of the target')
    .option('--cluster <name>', 'the name of the cluster')
    .option('--storage-host <server>', 'a paired server that is to become the target, where there is none')
    .action(
      async (
        options: JsonOption & {
          readonly storageHost?: string;
          readonly out?: string;
          readonly portal?: string[];
          readonly target?: string;
          readonly cluster?: string;
        },
      ) => {
        const drafted = await context.call('formation.init', {
          portals: options.portal ?? [],
          target: options.target ?? null,
          cluster: options.cluster ?? null,
          storageHost: options.storageHost ?? null,
        });
        if (options.out !== undefined)
          await writeFile(options.out, drafted.text, { flag: 'wx' }).catch((error: unknown) => {
            throw new UsageError(`${options.out ?? ''} cannot be written: ${fileReasonOf(error)}.`);
          });
        if (options.json) context.printJson({ schema: 'quorate.formation-init/1', ...drafted });
        else if (options.out === undefined) context.print(drafted.text.trimEnd());
        if (drafted.decisions.length > 0) {
          context.note('Decisions in the file; check the guesses first:');
          context.note(decisionTable(drafted.decisions));
        }
        for (const sentence of drafted.missing) context.note(sentence);
        if (drafted.missing.length > 0) context.exitCode = exitCodes.unknown;
      },
    );
  withFile(form.command('plan').description('show the whole plan, and change nothing')).action(
    async ({ file, json }: FileOptions) => {
      const text = await readText(file);
      const plan = await context.call('formation.plan', { text, path: file });
      if (json) context.printJson({ schema: 'quorate.formation-plan/1', ...plan });
      else {
        printPlan(context, plan);
        await printGuesses(context, text, file);
      }
      context.exitCode = exitOf(plan) as typeof context.exitCode;
    },
  );
  withApply(
    withFile(form.command('apply').description('form the cluster; steps that are done are not repeated')),
  ).action(async (options: ApplyOptions) =>
    applyText(context, { text: await readText(options.file), path: options.file }, options),
  );
  withApply(withJson(form.command('resume').description('continue a paused formation, or the last one from its file')))
    .option('--file <cluster.json>', 'a different cluster file from that of the last formation')
    .option(
      '--confirm <name>',
      'the name of the cluster, where the last formation was undone and somebody cancelled that',
    )
    .action(async (options: ResumeOptions) => {
      const found = await context.call('formation.status', {});
      if (found?.state === 'running' && found.coordinator === null) {
        if (options.json) context.printJson({ schema: 'quorate.formation-continue/1', formation: found.formation });
        else context.print(`${found.formation} is running: "quorate form status" shows it.`);
        return;
      }
      // Where another server coordinates it, this refuses and names that one.
      if (found?.state === 'paused' || found?.state === 'running') {
        const { formation } = await context.call('formation.continue', {});
        if (options.json) context.printJson({ schema: 'quorate.formation-continue/1', formation });
        else context.print(`${formation} continues.`);
        return;
      }
      const file = await fileToGoOnWith(context, options.file);
      if (file === null) throw new UsageError('There is no formation to continue. Name its --file.');
      await (file.direction === 'undo' ? undoText : applyText)(context, { ...file, goesOn: true }, options);
    });
  withApply(
    withJson(
      form
        .command('take-over')
        .description('continue from this server: make it the coordinator, then form from the file'),
    ),
  )
    .option('--file <cluster.json>', 'the cluster file; default: that of the last formation here')
    .option(
      '--powered-down <peer>',
      'declare that this server has no power, after you checked; may be repeated',
      repeated((text) => text),
    )
    .option('--confirm <name>', 'the name of the cluster, where its formation is being undone')
    .action(async (options: ResumeOptions & { readonly poweredDown?: string[] }) => {
      const file = (await fileToGoOnWith(context, options.file)) ?? (await readDefault());
      const isUndo = 'direction' in file && file.direction === 'undo';
      if (isUndo) assertNamedFor(context, options, (await context.call('formation.file', {}))?.cluster ?? 'CLUSTER');
      await context.call('coordinator.take', { poweredDown: options.poweredDown ?? [] }, context.progressLine());
      context.endProgressLine();
      context.note('This server is the coordinator now; every server refuses orders of the earlier one.');
      await (isUndo ? undoText : applyText)(context, file, options);
    });
  withJson(form.command('undo').description('undo what formations did on all servers, last step first'))
    .option('--file <cluster.json>', 'the cluster file; default: that of the last formation here')
    .option('--plan', 'show what would be undone and what stays, and change nothing')
    .option('--confirm <name>', 'the name of the cluster, to confirm the undo')
    .option('-y, --yes', 'do not ask; needs --confirm')
    .option('--password-file <file>', 'the password of the account that takes servers out of the domain')
    .option('--chap-file <file>', 'the CHAP secret of the target; - reads standard input')
    .option(
      '--resume-password-file <file>',
      'for "afterRestart": "startup": the password of the account that Quorate runs as, the same on every server',
    )
    .action((options: UndoOptions) => undo(context, options));
  withJson(
    form
      .command('consent [formation]')
      .description('show what another server wants to do on this one, and agree to it or refuse it'),
  )
    .option('-y, --yes', 'agree')
    .option('--refuse', 'refuse, or withdraw an agreement')
    .action((formation: string | undefined, options: ConsentOptions) => consent(context, formation, options));
  withJson(form.command('status').description('show the formation that runs, or the last one')).action(
    (options: JsonOption) => status(context, options),
  );
  withJson(form.command('pause').description('start no more steps; running steps finish')).action(
    async ({ json }: JsonOption) => {
      const paused = await context.call('formation.pause', {});
      if (json) context.printJson({ schema: 'quorate.formation-pause/1', ...paused });
      else context.print(`Paused.${paused.running.length > 0 ? ` Still running: ${paused.running.join('; ')}.` : ''}`);
    },
  );
  withJson(form.command('cancel').description('end the running formation once its running steps have finished')).action(
    async ({ json }: JsonOption) => {
      const ended = await context.call('formation.cancel', {});
      if (json) context.printJson({ schema: 'quorate.formation-cancel/1', ...ended });
      else context.print(`${ended.formation} was asked to stop.`);
    },
  );
  withJson(form.command('skip <step>').description('skip a step that no other step needs; the reason is kept'))
    .requiredOption('--reason <text>', 'why, in at least ten characters')
    .action(async (step: string, { json, reason }: JsonOption & { readonly reason: string }) => {
      const skip = await context.call('formation.skip', { step, reason });
      if (json) context.printJson({ schema: 'quorate.formation-skip/1', ...skip });
      else context.print(`Skipped: ${skip.step}.`);
    });
  withFile(form.command('export').description('write the plan, or the record of the last formation, to files'))
    .addOption(
      new Option('--format <format>', 'runbook, one script for each server, the plan, or the record')
        .choices(['markdown', 'powershell', 'json', 'html', 'pdf'])
        .default('markdown'),
    )
    .option('--out <folder>', 'the folder to write into', '.')
    .action(
      async (
        options: FileOptions & {
          readonly format: 'markdown' | 'powershell' | 'json' | 'html' | 'pdf';
          readonly out: string;
        },
      ) => {
        const isRecord = options.format === 'html' || options.format === 'pdf';
        const { files } = await context.call('formation.export', {
          format: options.format,
          path: options.file,
          ...(isRecord ? {} : { text: await readText(options.file) }),
        });
        const paths = files.map(({ name }) => join(options.out, name));
        for (const [index, { base64 }] of files.entries())
          await writeFile(paths[index]!, Buffer.from(base64 ?? '', 'base64')).catch((error: unknown) => {
            throw new UsageError(`${paths[index] ?? ''} cannot be written: ${fileReasonOf(error)}.`);
          });
        if (options.json) context.printJson({ schema: 'quorate.formation-export/1', files: paths });
        else for (const path of paths) context.print(`Wrote ${path}.`);
      },
    );
};
