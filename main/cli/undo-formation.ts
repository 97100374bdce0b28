import type { FormationStatus } from '../../shared/contract/formation.ts';
import { resolve } from 'node:path';
import { askLine, canAsk } from './change.ts';
import { UsageError, type CliContext } from './context.ts';
import { answersOf, askMissing, exitOf, isAgreed, secretsOf, type UndoOptions } from './form-options.ts';
import { fileToGoOnWith, readDefault, type GivenFile } from './formation-file.ts';
import { printUndo } from './text/formation-text.ts';

/** Throws UsageError where nobody can be asked for the name of the cluster, and no option gives it. */
export const assertNamedFor = (context: CliContext, options: UndoOptions, cluster: string): void => {
  if (options.confirm === undefined && (!canAsk(context, options) || options.yes))
    throw new UsageError(`Nothing was changed: name the cluster with "--confirm ${cluster}" to undo its formation.`);
};

/** An undo that stopped without anybody having wanted that: its cluster was named when it was begun. */
const isCutUndo = (status: FormationStatus | null, text: string): boolean =>
  status?.direction === 'undo' &&
  status.coordinator === null &&
  (status.state === 'interrupted' || status.state === 'failed') &&
  status.text === text;

/** Taking back: the plan is shown, the cluster's name is typed, and then it goes the way that forming goes. */
export const undo = async (context: CliContext, options: UndoOptions): Promise<void> =>
  undoText(context, (await fileToGoOnWith(context, options.file)) ?? (await readDefault()), options);

/** `goesOn`: where an undo was cut, nobody types its name again. */
export const undoText = async (
  context: CliContext,
  { text, path, goesOn = false }: GivenFile & { readonly goesOn?: boolean },
  options: UndoOptions,
): Promise<void> => {
  const isNamed = goesOn && isCutUndo(await context.call('formation.status', {}), text);
  const given = await secretsOf(context, options);
  const direction = 'undo' as const;
  const plan = await context.call('formation.plan', { text, path, secrets: given, direction, goesOn });
  const printJson = (): void => context.printJson({ schema: 'quorate.formation-undo-plan/1', ...plan });
  if (options.json !== true) printUndo(context, plan);
  if (options.plan || plan.outcome !== 'changes') {
    if (options.json) printJson();
    context.exitCode = exitOf(plan) as typeof context.exitCode;
    return;
  }
  let confirm = options.confirm ?? null;
  if (confirm === null && isNamed) {
    if (!(await isAgreed(context, options, `Continue to undo the formation of ${plan.cluster}? [y/N] `))) return;
  } else if (confirm === null) {
    assertNamedFor(context, options, plan.cluster);
    confirm = await askLine(context, `Type the name of the cluster, ${plan.cluster}, to undo its formation: `);
  }
  const secrets = await askMissing(context, plan, given, options);
  context.acknowledgeStop('Stopping: running steps finish first.');
  const answers = await answersOf(context, plan, options);
  const result = await context.call(
    'formation.apply',
    { text, path: resolve(path), direction, confirm, goesOn, answers, secrets },
    context.progressLine(),
  );
  context.endProgressLine();
  if (options.json) context.printJson({ schema: 'quorate.formation/1', ...result });
  else
    context.print(
      `Undone: the formation of ${result.cluster}, ${result.steps.length} steps in ${result.rounds} rounds.`,
    );
};
