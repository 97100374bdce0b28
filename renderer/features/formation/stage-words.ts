import type { StageState } from '../../ui/stage-states.ts';
import type { Mark } from '../../ui/marks.ts';
import type { Run } from './run.ts';

/** How a run stands, wherever it is shown. */
export const runMarks: Readonly<Record<Run['state'], Mark>> = {
  running: 'running',
  paused: 'paused',
  formed: 'pass',
  undone: 'undone',
  failed: 'fail',
  cancelled: 'cancelled',
  interrupted: 'interrupted',
};

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
  // A rehearsal says nothing about real servers: only that it goes on is shown as its own state.
  if (word !== null || !isShown || !shown.rehearsal) return { outcome: 'waiting', word: word ?? 'Not started' };
  return {
    outcome: shown.state === 'running' || shown.state === 'paused' ? runMarks[shown.state] : 'waiting',
    word: rehearsalWords[shown.state],
  };
};

export const stateOfUndone: StageState = { outcome: runMarks.undone, word: 'Undone' };

const runWords: Readonly<Record<Run['state'], string>> = {
  running: 'Running',
  paused: 'Paused',
  formed: 'Formed',
  undone: 'Undone',
  failed: 'Stopped',
  cancelled: 'Cancelled',
  interrupted: 'Interrupted',
};

/** What it says of one that was begun. */
export const stateOfRun = (run: Run | null): StageState =>
  run === null ? stateOfNone(null) : { outcome: runMarks[run.state], word: runWords[run.state] };
