import type { JournalEntry } from '../../../shared/contract/journal.ts';
import type { StateMark } from '../../ui/marks.ts';

/** How an entry of the journal stands. */
export const stateMarks: Readonly<Record<JournalEntry['state'], StateMark>> = {
  running: { outcome: 'running', word: 'Running' },
  interrupted: { outcome: 'interrupted', word: 'Interrupted' },
  restartNeeded: { outcome: 'restart', word: 'Continues after a restart' },
  waitingForConfirmation: { outcome: 'warn', word: 'To be confirmed' },
  done: { outcome: 'pass', word: 'Done' },
  failed: { outcome: 'fail', word: 'Failed' },
  cancelled: { outcome: 'cancelled', word: 'Cancelled' },
  reverted: { outcome: 'reverted', word: 'Reverted by the server' },
  undone: { outcome: 'undone', word: 'Undone' },
  setAside: { outcome: 'dismissed', word: 'Dismissed' },
  newer: { outcome: 'unknown', word: 'Written by a newer version' },
  damaged: { outcome: 'damaged', word: 'Damaged' },
};
