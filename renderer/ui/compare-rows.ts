import type { Outcome } from '../../shared/model/check.ts';

/** One thing, side by side. */
export interface CompareRow {
  readonly id: string;
  readonly title: string;
  readonly match: 'must' | 'should' | 'info';
  readonly outcome: 'same' | 'different' | 'unknown';
  /** In the order of the columns; null where it is not known. */
  readonly values: readonly (string | null)[];
  /** Why it matters that they match. */
  readonly why?: string;
}

/** A difference weighs as much as the rule says; what is only to be seen is no fault. */
export const outcomeOfRow = ({ match, outcome }: Pick<CompareRow, 'match' | 'outcome'>): Outcome => {
  if (outcome === 'same') return 'pass';
  if (match === 'info') return 'notApplicable';
  if (outcome === 'unknown') return 'unknown';
  return match === 'must' ? 'fail' : 'warn';
};
