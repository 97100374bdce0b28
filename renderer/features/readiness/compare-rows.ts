import type { Outcome } from '../../../shared/model/check.ts';
import type { Comparison } from '../../../shared/model/readiness-report.ts';

type Row = Comparison['rows'][number];

/** A difference weighs as much as the rule says; what is only to be seen is no fault. */
export const outcomeOfRow = ({ match, outcome }: Pick<Row, 'match' | 'outcome'>): Outcome => {
  if (outcome === 'same') return 'pass';
  if (match === 'info') return 'notApplicable';
  if (outcome === 'unknown') return 'unknown';
  return match === 'must' ? 'fail' : 'warn';
};
