import { shellCommand } from '../../../shared/messages/shell-command.ts';
import type { OutputOf } from '../../../shared/contract/define.ts';
import type { formationInit, FormationStatus, FormationStepResult } from '../../../shared/contract/formation.ts';
import { stageWords, type FormationPlan } from '../../../shared/model/formation.ts';
import { formatDuration } from '../../../shared/model/time.ts';
import { missingSecretOptions, missingSecretWords } from '../../../shared/plan/formation/secrets.ts';
import type { CliContext } from '../context.ts';
import { renderTable } from './table.ts';

export const printPlan = (context: CliContext, plan: FormationPlan): void => {
  if (plan.outcome === 'nothingToChange') context.print(`Nothing to change: ${plan.cluster} is as the file says.`);
  for (const { stage, state, planned, expected } of plan.stages) {
    if (planned + expected === 0 && state !== 'stopped') continue;
    context.print();
    context.print(`${stageWords[stage].title} (${state}): ${stageWords[stage].purpose}`);
    const steps = plan.steps.filter((step) => step.stage === stage);
    if (steps.length > 0)
      context.print(
        renderTable(
          [{ title: 'SERVER' }, { title: 'CERTAINTY' }, { title: 'STEP', maxWidth: 90 }],
          steps.map((step) => [step.node, step.certainty, step.title]),
        ).trimEnd(),
      );
  }
  for (const { server, account, isAdministrator } of plan.servers)
    if (account !== null)
      context.print(
        `On ${server} as ${account}${isAdministrator === null ? '' : isAdministrator ? ', elevated' : ', not elevated'}`,
      );
  for (const stop of plan.stops) {
    context.note(`${stop.server}: ${stop.what}${stop.code === null ? '' : ` [${stop.code}]`}`);
    context.note(stop.next);
  }
  if (plan.secrets.length > 0)
    context.note(`Needed: ${missingSecretWords(plan.secrets)} (${missingSecretOptions(plan.secrets)}).`);
  for (const { text } of plan.questions.filter(({ answered }) => !answered)) context.note(`Question: ${text}`);
};

type Decisions = OutputOf<typeof formationInit>['decisions'];

export const decisionTable = (decisions: Decisions): string =>
  renderTable(
    [{ title: 'LINE' }, { title: '' }, { title: 'DECISION' }, { title: 'IN THE FILE', maxWidth: 60 }],
    decisions.map(({ line, isGuessed, title, value }) => [String(line), isGuessed ? 'guessed' : '', title, value]),
  ).trimEnd();

/** What of a file was guessed, by its decisions and lines. */
export const printGuesses = async (context: CliContext, text: string, path: string): Promise<void> => {
  const { decisions } = await context.call('formation.checkFile', { text, path });
  const guessed = decisions.filter(({ isGuessed }) => isGuessed);
  if (guessed.length === 0) return;
  context.note('Guessed in the file; check this first:');
  context.note(decisionTable(guessed));
};

export const printUndo = (context: CliContext, plan: FormationPlan): void => {
  if (plan.outcome === 'nothingToChange') context.print(`Nothing is left to undo on the servers of ${plan.cluster}.`);
  else printPlan(context, plan);
  for (const { server, text } of plan.warnings) context.note(`${server}: ${text}`);
  for (const { server, title, because } of plan.stays) context.print(`Stays on ${server}: ${title}. ${because}`);
};

/** What a step that runs does or waits for at this moment; of one that takes longer than it should, or that failed, what a person can do about it. */
export const sayWhatCanBeDone = (context: CliContext, step: FormationStepResult, isElsewhere: boolean): void => {
  const { id, node, title, state, doing, startedAt, expectedMs, canSkip } = step;
  if (state === 'running' && doing !== null) context.print(`${node}: ${doing}.`);
  const where = isElsewhere ? ', where it is coordinated' : '';
  if (state === 'running' && startedAt !== null && expectedMs !== null) {
    const elapsedMs = Date.now() - Date.parse(startedAt);
    if (elapsedMs > expectedMs)
      context.note(
        `${node}: "${title}" has been running for ${formatDuration(elapsedMs)}, longer than the expected ${formatDuration(expectedMs)}. Look at the server's own screen. "quorate form pause" starts no step after it, "quorate form cancel"${where} ends the formation after it; steps that are done stay done.`,
      );
  }
  if (state === 'failed' || state === 'interrupted')
    context.note(
      `${node}: to try "${title}" again: "quorate form resume"${where}${canSkip ? `; to skip it: ${shellCommand(['quorate', 'form', 'skip', id, '--reason', '...'])}` : ''}.`,
    );
};

/** How a formation that did not come to its end is continued, and where what is left of it is shown. */
export const sayHowToGoOn = (
  context: Pick<CliContext, 'note'>,
  { state, direction, isPaused, path }: Pick<FormationStatus, 'state' | 'direction' | 'isPaused' | 'path'>,
): void => {
  if (state !== 'interrupted' && state !== 'failed' && state !== 'cancelled') return;
  // An undo finds its file from any folder.
  const plan = shellCommand(
    direction === 'undo' ? ['quorate', 'form', 'undo', '--plan'] : ['quorate', 'form', 'plan', '--file', path],
  );
  const what = direction === 'undo' ? 'undo' : 'formation';
  const waits =
    isPaused && state === 'interrupted' ? ' A person had paused it, so it does not continue by itself.' : '';
  context.note(
    `This ${what} did not come to its end.${waits} ${plan} shows what is left, and "quorate form resume" continues it; steps that are done are not repeated.`,
  );
};
