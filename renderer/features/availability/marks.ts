import type { Grade } from '../../../shared/availability/grades.ts';
import type { LossResult } from '../../../shared/availability/what-if.ts';
import type { Mark, StateMark } from '../../ui/marks.ts';
import type { DrillRecord } from './drills/store.ts';

/** What the loss of an element stops, worst first. */
export const gradeMarks: Readonly<Record<Grade, Mark>> = {
  cluster: 'fail',
  machines: 'fail',
  open: 'unknown',
  interruption: 'warn',
  none: 'pass',
};

/** What becomes of a virtual machine. */
export const vmMarks: Readonly<Record<LossResult['vms'][number]['outcome'], StateMark>> = {
  stays: { outcome: 'pass', word: 'Runs on' },
  restarts: { outcome: 'warn', word: 'Restarts' },
  down: { outcome: 'fail', word: 'Stays down' },
  depends: { outcome: 'unknown', word: 'Depends' },
};

export const quorumMarks: Readonly<Record<LossResult['quorum'], StateMark>> = {
  kept: { outcome: 'pass', word: 'Quorum kept' },
  lost: { outcome: 'fail', word: 'Quorum lost' },
  depends: { outcome: 'unknown', word: 'Quorum depends' },
};

/** How a drill ended. A finding is another result than the predicted one; a drill that failed found out nothing. */
export const drillMarks: Readonly<Record<DrillRecord['outcome'], StateMark>> = {
  asPredicted: { outcome: 'pass', word: 'As predicted' },
  finding: { outcome: 'finding', word: 'Finding' },
  failed: { outcome: 'fail', word: 'Failed' },
  interrupted: { outcome: 'interrupted', word: 'Interrupted' },
};
