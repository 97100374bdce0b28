import { listOf } from '../../../shared/plan/standing/standing.ts';
import { faultFields, faultProblems, type FaultInput, type FaultKind } from '../../../shared/model/rehearsal-faults.ts';

/** Whether a rehearsal runs, and what was set wrong in it on purpose. */
export const stateWords = ({
  running,
}: {
  readonly running: { readonly faults: readonly unknown[] } | null;
}): string => {
  if (!running) return 'Stopped, starts when opened';
  const { length } = running.faults;
  return length === 0 ? 'Running' : `Running, ${length === 1 ? 'one fault is' : `${length} faults are`} on`;
};

/** What goes when a rehearsal is deleted. */
export const removalText = ({
  running,
}: {
  readonly running: { readonly servers: readonly { readonly computerName: string }[] } | null;
}): string => {
  const names = (running?.servers ?? []).map(({ computerName }) => computerName);
  const servers = names.length === 0 ? 'Its simulated servers' : `The simulated servers ${listOf(names)}`;
  return `${servers}, their networks and their disks are deleted, and with them the records, journals and validation reports of what was formed on them. No real server is touched. This cannot be undone.`;
};

/** What the form shows of a choice: what was chosen, else the first; another kind of fault may have had other choices. */
export const shownChoice = (choices: readonly string[], chosen: string | undefined): string =>
  choices.find((choice) => choice === chosen) ?? choices[0] ?? '';

/** What is wrong with each text of the form, in words. */
export const problemsOf = (
  kind: FaultKind,
  values: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> => faultProblems(faultOf(kind, values));

/** A fault as it is asked for; the contract's own schema judges it. What is left empty is left out. */
export const faultOf = (kind: FaultKind, values: Readonly<Record<string, string | undefined>>): FaultInput =>
  Object.fromEntries([
    ['kind', kind],
    ...faultFields(kind).flatMap(({ name, isOptional, choices }) => {
      const value = choices ? shownChoice(choices, values[name]) : (values[name]?.trim() ?? '');
      return value === '' && isOptional ? [] : [[name, value]];
    }),
  ]) as FaultInput;
