import { Option, type Command } from 'commander';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { WarningAcceptance } from '../../../shared/contract/formation.ts';
import type { FormationPlan } from '../../../shared/model/formation.ts';
import { cutQuestion, restartQuestion } from '../../../shared/plan/formation/restart.ts';
import { missingSecretDetail, missingSecrets, secretWords } from '../../../shared/plan/formation/secrets.ts';
import { explain, failure } from '../../../shared/errors/failure.ts';
import { fileReasonOf } from '../../system/reason.ts';
import { askLine, askSecret, canAsk, isYes } from '../change.ts';
import { UsageError, type CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { fileToGoOnWith, type GivenFile, readDefault, readText } from '../formation-file.ts';
import { readSecret } from '../read-secret.ts';
import { consent, type ConsentOptions } from '../consent.ts';
import { readAcceptance } from '../read-acceptance.ts';
import { repeated } from '../repeated.ts';
import { decisionTable, printGuesses, printPlan, printUndo, sayWhatCanBeDone } from '../text/formation-text.ts';
import { formationStateWords, formationStepWords } from '../text/state-words.ts';
import { renderTable } from '../text/table.ts';
import { localTime } from '../../../shared/model/time.ts';

interface JsonOption {
  readonly json?: boolean;
}
interface FileOptions extends JsonOption {
  readonly file: string;
}
interface ApplyOptions extends FileOptions {
  readonly yes?: boolean;
  readonly serial?: readonly string[];
  readonly passwordFile?: string;
  readonly chapFile?: string;
  readonly resumePasswordFile?: string;
  readonly acceptWarning?: readonly WarningAcceptance[];
}
interface UndoOptions extends ApplyOptions {
  readonly plan?: boolean;
  readonly confirm?: string;
}

const withJson = (command: Command): Command => command.option('--json', 'one JSON document on stdout');
const withFile = (command: Command): Command =>
  withJson(command).option('--file <cluster.json>', 'the cluster file', 'cluster.json');

const exitOf = (plan: FormationPlan): number =>
  plan.stops.some(({ kind }) => kind === 'refused')
    ? exitCodes.checkFailed
    : plan.stops.length > 0
      ? exitCodes.unknown
      : exitCodes.done;

/** Answers that options give: every restart and every connection that is cut with --yes, and each serial number for the disk that it is typed for. */
const answersOf = (plan: FormationPlan, options: ApplyOptions): Record<string, string | boolean> => {
  const answers: Record<string, string | boolean> = {};
  const serials = [...(options.serial ?? [])];
  for (const { id, kind, subject } of plan.questions) {
    if (kind === 'serialNumber') {
      const [disk, typed] = (serials.find((one) => one.startsWith(`${subject}=`)) ?? '').split('=');
      if (disk && typed) answers[id] = typed;
    } else if (kind !== 'sharedDisk') answers[id] = true;
  }
  for (const { node } of [...plan.questions, ...plan.steps])
    for (const question of [restartQuestion(node), cutQuestion(node)]) answers[question] = true;
  return answers;
};

const secretsOf = async (context: CliContext, options: ApplyOptions): Promise<Record<string, string>> => ({
  ...(options.passwordFile === undefined ? {} : { account: await readSecret(context, options.passwordFile) }),
  ...(options.chapFile === undefined ? {} : { chap: await readSecret(context, options.chapFile) }),
  ...(options.resumePasswordFile === undefined
    ? {}
    : { resume: await readSecret(context, options.resumePasswordFile) }),
});

/** Asks for what no option gave, where somebody can be asked. Throws FORM_SECRET_MISSING elsewhere. */
const askMissing = async (
  context: CliContext,
  plan: FormationPlan,
  given: Record<string, string>,
  options: JsonOption,
): Promise<Record<string, string>> => {
  const missing = missingSecrets(plan, given);
  if (missing.length === 0) return given;
  if (!canAsk(context, options)) throw failure('FORM_SECRET_MISSING', missingSecretDetail(missing));
  const typed: Record<string, string> = {};
  for (const { name, step } of missing)
    typed[name] = await askSecret(context, `The ${secretWords(name)}, for "${step}": `);
  return { ...given, ...typed };
};

/** `goesOn`: what was agreed to and accepted when it was begun counts as well. */
const applyText = async (
  context: CliContext,
  { text, path, goesOn = false }: GivenFile & { readonly goesOn?: boolean },
  options: ApplyOptions,
): Promise<void> => {
  const given = await secretsOf(context, options);
  const plan = await context.call('formation.plan', { text, path, secrets: given });
  if (options.json !== true) {
    printPlan(context, plan);
    await printGuesses(context, text, path);
  }
  if (plan.outcome === 'stopped') {
    if (options.json) context.printJson({ schema: 'quorate.formation-plan/1', ...plan });
    context.exitCode = exitOf(plan) as typeof context.exitCode;
    return;
  }
  if (plan.outcome === 'changes' && options.yes !== true) {
    if (!canAsk(context, options)) throw new UsageError('Nothing was changed: add --yes to form without being asked.');
    const answer = await askLine(
      context,
      `Form ${plan.cluster}? Servers restart one at a time, and adapters change. [y/N] `,
    );
    if (!isYes(answer)) {
      context.note('Nothing was changed.');
      context.exitCode = exitCodes.cancelled;
      return;
    }
  }
  const secrets = await askMissing(context, plan, given, options);
  context.acknowledgeStop('Stopping: running steps finish first.');
  const result = await context.call(
    'formation.apply',
    {
      // It is gone on with from another folder as well.
      ...{ text, path: resolve(path), goesOn, secrets },
      answers: answersOf(plan, options),
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

/** Taking back: the plan is shown, the cluster's name is typed, and then it goes the way that forming goes. */
const undo = async (context: CliContext, options: UndoOptions): Promise<void> => {
  const { path, text } = (await fileToGoOnWith(context, options.file)) ?? (await readDefault());
  const given = await secretsOf(context, options);
  const direction = 'undo' as const;
  const plan = await context.call('formation.plan', { text, path, secrets: given, direction });
  const printJson = (): void => context.printJson({ schema: 'quorate.formation-undo-plan/1', ...plan });
  if (options.json !== true) printUndo(context, plan);
  if (options.plan || plan.outcome !== 'changes') {
    if (options.json) printJson();
    context.exitCode = exitOf(plan) as typeof context.exitCode;
    return;
  }
  let confirm = options.confirm ?? null;
  if (confirm === null) {
    if (!canAsk(context, options) || options.yes)
      throw new UsageError(
        `Nothing was changed: name the cluster with "--confirm ${plan.cluster}" to undo its formation.`,
      );
    confirm = await askLine(context, `Type the name of the cluster, ${plan.cluster}, to undo its formation: `);
  }
  const secrets = await askMissing(context, plan, given, options);
  context.acknowledgeStop('Stopping: running steps finish first.');
  const answers = answersOf(plan, options);
  const result = await context.call(
    'formation.apply',
    { text, path, direction, confirm, answers, secrets },
    context.progressLine(),
  );
  context.endProgressLine();
  if (options.json) context.printJson({ schema: 'quorate.formation/1', ...result });
  else
    context.print(
      `Undone: the formation of ${result.cluster}, ${result.steps.length} steps in ${result.rounds} rounds.`,
    );
};

const status = async (context: CliContext, options: JsonOption): Promise<void> => {
  const found = await context.call('formation.status', {});
  if (options.json) return context.printJson({ schema: 'quorate.formation-status/1', formation: found });
  if (!found) return context.print('No formation was run from this data folder.');
  context.print(
    `${found.formation}: ${found.cluster}: ${formationStateWords[found.state]}, started ${localTime(found.startedAt)}.`,
  );
  if (found.coordinator !== null) context.print(`It is coordinated by ${found.coordinator}.`);
  context.print(
    renderTable(
      [{ title: 'SERVER' }, { title: 'STATE' }, { title: 'STEP', maxWidth: 90 }],
      [...found.earlier, ...found.steps].map((step) => [step.node, formationStepWords[step.state], step.title]),
    ).trimEnd(),
  );
  for (const step of found.steps) sayWhatCanBeDone(context, step, found.coordinator !== null);
  for (const skip of found.skips) context.print(`Skipped: ${skip.step}, because ${skip.reason} (${skip.by}).`);
  if (found.error) {
    const { what, next, code } = explain(found.error);
    context.note(`${what} [${code}]`);
    context.note(next);
  }
};

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
          context.note('What the file decides; check what is guessed first:');
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
    .action(async (options: ApplyOptions) => {
      const found = await context.call('formation.status', {});
      if (found?.state === 'paused') {
        const { formation } = await context.call('formation.continue', {});
        if (options.json) context.printJson({ schema: 'quorate.formation-continue/1', formation });
        else context.print(`${formation} continues.`);
        return;
      }
      const file = await fileToGoOnWith(context, options.file);
      if (file === null) throw new UsageError('There is no formation to continue. Name its --file.');
      await applyText(context, { ...file, goesOn: true }, options);
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
    .action(async (options: ApplyOptions & { readonly poweredDown?: string[] }) => {
      const file = (await fileToGoOnWith(context, options.file)) ?? (await readDefault());
      await context.call('coordinator.take', { poweredDown: options.poweredDown ?? [] }, context.progressLine());
      context.endProgressLine();
      context.note('This server is the coordinator now; every server refuses orders of the earlier one.');
      await applyText(context, file, options);
    });
  withJson(form.command('undo').description('undo what formations did on all servers, last step first'))
    .option('--file <cluster.json>', 'the cluster file; default: that of the last formation here')
    .option('--plan', 'show what would be undone and what stays, and change nothing')
    .option('--confirm <name>', 'the name of the cluster, to confirm the undo')
    .option('-y, --yes', 'do not ask; needs --confirm')
    .option('--password-file <file>', 'the password of the account that takes servers out of the domain')
    .option('--chap-file <file>', 'the CHAP secret of the target; - reads standard input')
    .action((options: UndoOptions) => undo(context, options));
  withJson(
    form
      .command('consent [formation]')
      .description('show what another server wants to do on this one, and agree to it or refuse it'),
  )
    .option('-y, --yes', 'agree')
    .option('--refuse', 'refuse, or withdraw an agreement')
    .action((formation: string | undefined, options: ConsentOptions) => consent(context, formation, options));
  withJson(form.command('status').description('the formation that runs, or the last one')).action(
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
