import type { Outcome, Verdict } from '../../shared/model/check.ts';

export const outcomeOfVerdict: Readonly<Record<Verdict, Outcome>> = {
  ready: 'pass',
  notReady: 'fail',
  unknown: 'unknown',
};

export const outcomeOfComparison = { match: 'pass', differ: 'fail', unknown: 'unknown' } as const satisfies Record<
  string,
  Outcome
>;
