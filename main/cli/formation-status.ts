import { explain } from '../../shared/errors/failure.ts';
import { zonedTime } from '../../shared/model/time.ts';
import type { CliContext } from './context.ts';
import type { JsonOption } from './form-options.ts';
import { sayHowToGoOn, sayWhatCanBeDone } from './text/formation-text.ts';
import { formationStateWords, formationStepWords } from './text/state-words.ts';
import { renderTable } from './text/table.ts';

/** Of a formation that another server coordinated last and nobody there tells of: that server may be lost. */
const sayWhoCoordinated = async (context: CliContext): Promise<void> => {
  const kept = await context.call('formation.file', {});
  if (kept?.from == null) return;
  const { cluster, from, at } = kept;
  context.note(
    `${from} coordinated the formation of ${cluster} last, since ${zonedTime(at)}, and does not answer now. If it is lost, "quorate form take-over" continues it from this server.`,
  );
};

/** `quorate form status`: the formation that runs, or the last one, with what can be done about it. */
export const status = async (context: CliContext, options: JsonOption): Promise<void> => {
  const found = await context.call('formation.status', {});
  if (options.json) return context.printJson({ schema: 'quorate.formation-status/1', formation: found });
  if (found?.coordinator == null) await sayWhoCoordinated(context);
  if (!found) return context.print('No formation was run from this data folder.');
  context.print(
    `${found.formation}: ${found.cluster}: ${formationStateWords[found.state]}, started ${zonedTime(found.startedAt)}.`,
  );
  if (found.direction === 'undo') context.print('The formation of this cluster is being undone.');
  if (found.coordinator !== null) context.print(`It is coordinated by ${found.coordinator}.`);
  if (found.doing !== null) context.print(`Now: ${found.doing}.`);
  context.print(
    renderTable(
      [{ title: 'SERVER' }, { title: 'STATE' }, { title: 'STEP', maxWidth: 90 }],
      [...found.earlier, ...found.steps].map((step) => [step.node, formationStepWords[step.state], step.title]),
    ).trimEnd(),
  );
  for (const step of found.steps) sayWhatCanBeDone(context, step, found.coordinator !== null);
  if (found.coordinator === null) sayHowToGoOn(context, found);
  for (const skip of found.skips) context.print(`Skipped: ${skip.step}, because ${skip.reason} (${skip.by}).`);
  if (found.error) {
    const { what, next, code } = explain(found.error);
    context.note(`${what} [${code}]`);
    context.note(next);
  }
};
