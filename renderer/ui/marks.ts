import type { Outcome } from '../../shared/model/check.ts';

/**
 * What is drawn beside a state: one of the five outcomes, or a state of work or of a thing that is none of them. Each has a shape of
 * its own (`outcome.tsx`): what runs does not look like what does not apply.
 */
export type Mark =
  | Outcome
  | 'alreadyDone'
  | 'partly'
  | 'running'
  | 'waiting'
  | 'paused'
  | 'restart'
  | 'interrupted'
  | 'cancelled'
  | 'undone'
  | 'reverted'
  | 'dismissed'
  | 'damaged'
  | 'finding'
  | 'error'
  | 'info'
  | 'off';

/** A state as it is shown: its mark, and its word beside it. */
export interface StateMark {
  readonly outcome: Mark;
  readonly word: string;
}

/** Which of the five outcomes lends a mark its colour and its weight: what asks for a person is as loud as its outcome. */
export const toneOf: Readonly<Record<Mark, Outcome>> = {
  pass: 'pass',
  warn: 'warn',
  fail: 'fail',
  unknown: 'unknown',
  notApplicable: 'notApplicable',
  alreadyDone: 'pass',
  partly: 'notApplicable',
  running: 'notApplicable',
  waiting: 'notApplicable',
  paused: 'warn',
  restart: 'warn',
  interrupted: 'unknown',
  cancelled: 'notApplicable',
  undone: 'notApplicable',
  reverted: 'notApplicable',
  dismissed: 'notApplicable',
  damaged: 'unknown',
  finding: 'fail',
  error: 'fail',
  info: 'notApplicable',
  off: 'notApplicable',
};
