import type { CheckResult, Outcome, Verdict } from '../../shared/model/check.ts';

/** The same word for the same outcome wherever it is shown. */
export const outcomeWords: Readonly<Record<Outcome, string>> = {
  pass: 'Pass',
  warn: 'Warning',
  fail: 'Fail',
  unknown: 'Unknown',
  notApplicable: 'Not applicable',
};

export const verdictWords: Readonly<Record<Verdict, string>> = {
  ready: 'Ready',
  notReady: 'Not ready',
  unknown: 'Not known',
};

const rank: Readonly<Record<Outcome, number>> = { fail: 0, unknown: 1, warn: 2, pass: 3, notApplicable: 4 };

/** What needs a person first: fail, next to it unknown, then warnings; otherwise the order of the rules. */
export const sortChecks = <Check extends Pick<CheckResult, 'outcome'>>(checks: readonly Check[]): Check[] =>
  [...checks].sort((left, right) => rank[left.outcome] - rank[right.outcome]);

export const countOutcomes = (checks: readonly Pick<CheckResult, 'outcome'>[]): Record<Outcome, number> => {
  const counts: Record<Outcome, number> = { pass: 0, warn: 0, fail: 0, unknown: 0, notApplicable: 0 };
  for (const { outcome } of checks) counts[outcome] += 1;
  return counts;
};
