import type { ApplyResult } from '../../../shared/contract/apply.ts';
import { isWriteToDisk, type PlanView } from '../../../shared/plan/plan.ts';
import type { CliContext } from '../context.ts';
import { printRehearsalMark } from './rehearsal-mark.ts';
import { printable } from './style.ts';

const indent = (text: string): string => `     ${text}`;

/** A plan for a reader: what will be done and why, what is refused or unknown, what has to be answered. */
export const printPlan = (context: CliContext, view: PlanView): void => {
  const { paint } = context;
  const print = (text = ''): void => context.print(printable(text));
  printRehearsalMark(context, view.server);
  switch (view.outcome) {
    case 'nothingToChange':
      print(`Nothing to change on ${view.node}.`);
      break;
    case 'waits':
      print(`Nothing can be changed on ${view.node} yet.`);
      break;
    case 'changes':
      context.print(
        paint(
          'bold',
          printable(view.steps.length === 1 ? `One step on ${view.node}` : `${view.title}: ${view.steps.length} steps`),
        ),
      );
      break;
    case 'refused':
      context.print(paint('bold', 'This is refused; nothing was changed:'));
      break;
    case 'unknown':
      context.print(paint('bold', 'The plan cannot be made; nothing was changed:'));
      break;
  }
  for (const { what, next, code } of view.refusals) {
    print(`  ${paint('red', '\u2717')} ${what} [${code}]`);
    print(`    ${next}`);
  }
  for (const { what, because, next } of view.unknowns) {
    print(`  ${paint('magenta', '?')} Could not be determined: ${what} (${because}).`);
    print(`    ${next}`);
  }
  for (const [index, step] of view.steps.entries()) {
    const marks = [
      step.destructive ? paint('red', isWriteToDisk(step) ? 'writes to the disk' : 'cannot be undone') : '',
      step.cutsConnection ? paint('yellow', 'may cut your connection') : '',
      step.restart === 'after' ? 'takes effect after a restart' : '',
      step.certainty === 'expected' ? 'expected, checked again before it runs' : '',
    ].filter((mark) => mark !== '');
    print(`${String(index + 1).padStart(3)}. ${step.title}${marks.length > 0 ? ` (${marks.join('; ')})` : ''}`);
    print(indent(step.why));
    print(indent(`Manually: ${step.manual}`));
    print(
      indent(
        step.undo === null
          ? step.destructive
            ? 'This cannot be undone.'
            : 'Quorate cannot undo this.'
          : `To undo: ${step.undo}`,
      ),
    );
  }
  for (const { text, source } of view.warnings)
    print(`  ${paint('yellow', '\u25b2')} ${text}${source === null ? '' : ` (${source})`}`);
  if (view.followUp) print(`Then: ${view.followUp.text}`);
  for (const question of view.questions.filter((candidate) => !candidate.answered))
    print(`  ${paint('yellow', '?')} To be answered: ${question.text}`);
};

/** What was done, with what was read back as its proof. */
export const printResult = (context: CliContext, result: ApplyResult): void => {
  const { paint } = context;
  for (const step of result.steps) {
    const mark =
      step.state === 'done' || step.state === 'undone' || step.state === 'alreadyDone'
        ? paint('green', '\u2713')
        : paint('magenta', '?');
    const words = step.state === 'alreadyDone' ? ' (already done)' : '';
    context.print(printable(`  ${mark} ${step.title}${words}${step.proof === null ? '' : `: ${step.proof}`}`));
  }
  switch (result.outcome) {
    case 'nothingToChange':
      context.print(printable(`Nothing to change on ${result.node}.`));
      break;
    case 'changed':
      context.print(printable(`Done on ${result.node}.`));
      break;
    case 'restartNeeded':
      context.print(printable(`Done on ${result.node}, takes effect after a restart.`));
      break;
    case 'confirmationNeeded':
      context.print(printable(`Done on ${result.node}, and waiting to be confirmed.`));
      break;
  }
  if (result.followUp) context.print(printable(`Then: ${result.followUp.text}`));
  if (result.limits !== null) context.print(printable(result.limits));
};

/** The PowerShell of a plan, as one text that a person can paste or save. */
export const printScripts = (context: CliContext, view: PlanView): void => {
  for (const { what, next } of view.refusals) context.note(`${what} ${next}`);
  for (const { what, because } of view.unknowns) context.note(`Could not be determined: ${what} (${because}).`);
  if (view.outcome === 'nothingToChange') context.print(`# Nothing to change on ${view.node}.`);
  if (view.outcome === 'waits') context.print(`# Nothing can be changed on ${view.node} yet.`);
  for (const [index, step] of view.steps.filter(({ certainty }) => certainty === 'planned').entries()) {
    context.print(`# ${index + 1}. ${printable(step.title)}`);
    context.print(step.script?.trimEnd() ?? '# Quorate keeps this itself; changes nothing in Windows.');
    context.print();
  }
  if (view.followUp) context.print(`# Then: ${printable(view.followUp.text)}`);
};
