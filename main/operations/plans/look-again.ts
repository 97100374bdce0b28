import { isDone, kindOf } from '../../../shared/changes/index.ts';
import type { Area } from '../../../shared/changes/kind.ts';
import type { Observed } from '../../../shared/plan/observed.ts';
import { isOpen, touchedSteps, type Entry } from '../../journal/entry.ts';
import { observeArea } from '../areas/index.ts';
import type { Server } from './server.ts';

/** What became of a change that failed, with what was read of each of its steps. */
interface Outcome {
  /** `gone`: nothing of it is left. It can still be finished. */
  readonly state: 'gone' | 'done';
  readonly proofs: readonly (readonly [step: string, proof: string])[];
}

const readAs = (step: string, dones: readonly ReturnType<typeof isDone>[]): Outcome['proofs'] | null =>
  dones.every(({ is }) => is === 'yes')
    ? [[step, dones.map((done) => (done.is === 'yes' ? done.proof : '')).join('; ')]]
    : null;

/** It came to an end, though not to the one that was wanted. */
const isEnded = ({ state }: Pick<Entry, 'state'>): boolean => state === 'failed' || state === 'cancelled';

/**
 * Whether a change that failed, or was cancelled in a step, is over by what the server shows now: somebody took back all that it may have left (with another change, or by hand), or
 * all of it is there by now. Null while something is left to decide, or not known.
 */
export const lookAgain = (entry: Entry, observed: Observed): Outcome | null => {
  if (!isEnded(entry) || !isOpen(entry) || entry.isNewer || entry.revert !== null) return null;
  const touched = touchedSteps(entry);
  const back = touched.map(({ step: { id, undoChanges } }) =>
    undoChanges
      ? readAs(
          id,
          undoChanges.map((change) => isDone(change, observed)),
        )
      : null,
  );
  if (back.every((one) => one !== null)) return { state: 'gone', proofs: back.flat() };
  // What Windows made and warned of is there, and that proves nothing: a person reads the warning.
  const isWarned = touched.some(({ step, result }) =>
    kindOf(step.change).warnings?.some((code) => code === result.error?.code),
  );
  if (isWarned) return null;
  const there = entry.steps.map(({ step: { id, change } }) => readAs(id, [isDone(change, observed)]));
  return there.every((one) => one !== null) ? { state: 'done', proofs: there.flat() } : null;
};

const areasOf = (entry: Entry): readonly Area[] =>
  entry.steps.flatMap(({ step }) => [step.change, ...(step.undoChanges ?? [])].map((change) => kindOf(change).area));

/**
 * Ends earlier changes of one area that failed and are over by now, after another change of that area. What cannot be read ends nothing, and never fails
 * the change that came before it.
 */
export const endWhatIsOver = async (server: Server, area: Area, by: string, signal: AbortSignal): Promise<void> => {
  const failed = server.journal
    .listOpen()
    .filter((entry) => entry.begin.server === server.name && isEnded(entry) && isOpen(entry))
    .filter((entry) => areasOf(entry).every((one) => one === area));
  if (failed.length === 0) return;
  try {
    const observed = await observeArea(server, area, signal);
    for (const entry of failed) {
      const outcome = lookAgain(entry, observed);
      if (!outcome) continue;
      const record = server.journal.continue(entry.begin.id, by);
      try {
        for (const [step, proof] of outcome.proofs) {
          const error = entry.steps.find((one) => one.step.id === step)?.result.error;
          if (outcome.state === 'done') record.write('result', { step, state: 'alreadyDone', proof });
          else if (error) record.write('failed', { step, error: { ...error, effect: 'none' } });
          else record.write('undoResult', { step, proof });
        }
        if (outcome.state === 'done') record.write('end', { state: 'done' });
      } finally {
        record.close();
      }
    }
  } catch {
    // It waits as before.
  }
};
