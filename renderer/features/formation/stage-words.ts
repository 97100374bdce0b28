import type { StageState } from '../../ui/stage-states.ts';
import type { Run } from './run.ts';

const rehearsalWords: Readonly<Record<Exclude<Run['state'], 'undone'>, string>> = {
  running: 'Rehearsal running',
  paused: 'Rehearsal paused',
  formed: 'Only rehearsed',
  failed: 'Rehearsal stopped',
  cancelled: 'Rehearsal interrupted',
  interrupted: 'Rehearsal interrupted',
};

/**
 * What the list of stages says of a cluster that nobody began to form; `shown`: what this page shows meanwhile. Beside that, a rehearsal
 * in which none was begun says that it is not the one.
 */
export const stateOfNone = (shown: Run | null, isOtherRehearsal = false): StageState => {
  const isShown = shown !== null && shown.state !== 'undone';
  const word = isOtherRehearsal ? (isShown ? 'Not started here' : 'Not started') : null;
  return {
    outcome: 'notApplicable',
    word: word ?? (isShown && shown.rehearsal ? rehearsalWords[shown.state] : 'Not started'),
  };
};

export const stateOfUndone: StageState = { outcome: 'notApplicable', word: 'Undone' };

/** What it says of one that was begun. */
export const stateOfRun = (run: Run | null): StageState => {
  if (!run) return stateOfNone(null);
  if (run.state === 'formed') return { outcome: 'pass', word: 'Formed' };
  if (run.state === 'undone') return stateOfUndone;
  if (run.state === 'running') return { outcome: 'notApplicable', word: 'Running' };
  if (run.state === 'paused') return { outcome: 'warn', word: 'Paused' };
  return {
    outcome: run.state === 'failed' ? 'fail' : 'warn',
    word: run.state === 'failed' ? 'Stopped' : 'Interrupted',
  };
};
