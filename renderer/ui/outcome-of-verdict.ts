import type { Outcome, Verdict } from '../../shared/model/check.ts';

export const outcomeOfVerdict: Readonly<Record<Verdict, Outcome>> = {
  ready: 'pass',
  notReady: 'fail',
  unknown: 'unknown',
};
