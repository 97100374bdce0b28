import type { FormationStatus, FormationStepResult } from '../../../shared/contract/formation.ts';
import type { JournalEntry } from '../../../shared/contract/journal.ts';

/** What a change has come to, in the words of the window's History. */
export const journalStateWords: Readonly<Record<JournalEntry['state'], string>> = {
  running: 'running',
  interrupted: 'interrupted',
  restartNeeded: 'continues after a restart',
  waitingForConfirmation: 'to be confirmed',
  done: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
  reverted: 'reverted by the server',
  undone: 'undone',
  setAside: 'dismissed',
  newer: 'written by a newer version',
  damaged: 'damaged',
};

/** How a step of a change stands. */
export const stepStateWords: Readonly<Record<JournalEntry['steps'][number]['result']['state'], string>> = {
  waiting: 'not started',
  running: 'running',
  alreadyDone: 'already done',
  done: 'done',
  failed: 'failed',
  unknown: 'not known whether it was done',
  undone: 'undone',
};

/** How a step of a formation stands, in the words of its page. */
export const formationStepWords: Readonly<Record<FormationStepResult['state'], string>> = {
  waiting: 'waiting',
  running: 'running',
  done: 'done',
  alreadyDone: 'already done',
  failed: 'failed',
  skipped: 'skipped',
  interrupted: 'interrupted',
};

/** What has become of a formation, after the name of its cluster: `CLU1: stopped at a failure`. */
export const formationStateWords: Readonly<Record<FormationStatus['state'], string>> = {
  running: 'running',
  paused: 'paused',
  formed: 'formed',
  undone: 'undone',
  failed: 'stopped at a failure',
  cancelled: 'cancelled',
  interrupted: 'interrupted',
};
