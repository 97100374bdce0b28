/**
 * Every check and observation ends in one of these. `unknown` is shown as loudly as `fail`; a `catch` may lead to
 * `unknown`, never to `fail` or to "absent".
 */
export const outcomes = ['pass', 'warn', 'fail', 'unknown', 'notApplicable'] as const;
export const severities = ['critical', 'warning', 'info'] as const;

export type Outcome = (typeof outcomes)[number];
export type Severity = (typeof severities)[number];

export const verdicts = ['ready', 'notReady', 'unknown'] as const;
export type Verdict = (typeof verdicts)[number];

/** A critical fail makes it `notReady`; else a critical unknown makes it `unknown`; else it is `ready`. */
export const addUp = (checks: readonly { readonly outcome: Outcome; readonly severity: Severity }[]): Verdict => {
  const critical = checks.filter((check) => check.severity === 'critical');
  if (critical.some((check) => check.outcome === 'fail')) return 'notReady';
  if (critical.some((check) => check.outcome === 'unknown')) return 'unknown';
  return 'ready';
};
