import * as z from 'zod';

/**
 * Every check and observation ends in one of these. `unknown` is shown as loudly as `fail`; a `catch` may lead to
 * `unknown`, never to `fail` or to "absent".
 */
export const outcomes = ['pass', 'warn', 'fail', 'unknown', 'notApplicable'] as const;
export const severities = ['critical', 'warning', 'info'] as const;

export const evidenceSchema = z.object({
  /** The fact's name in the standard's own words, such as `Win32_Processor.DataWidth`. */
  fact: z.string(),
  /** The raw value as it was read; null when it could not be read. */
  value: z.string().nullable(),
  /** Where it was read: a class, a file, an imported file. */
  from: z.string(),
});

export const remediationSchema = z.object({
  text: z.string(),
  link: z.string().optional(),
  /** How a person does it in the tools of the system. */
  manual: z.string().optional(),
  /** The PowerShell that does the same. */
  script: z.string().optional(),
});

/** A check's result: one shape in the CLI, the window, reports and files. */
export const checkResultSchema = z.object({
  id: z.string(),
  title: z.string(),
  outcome: z.enum(outcomes),
  /** Why the outcome is `unknown` or `notApplicable`; null for the others. */
  because: z.string().nullable(),
  severity: z.enum(severities),
  /** What was looked at, by name. */
  target: z.string(),
  expected: z.string(),
  observed: z.string(),
  evidence: z.array(evidenceSchema),
  /** What to do; null when there is nothing to do. */
  remediation: remediationSchema.nullable(),
  /** The public document behind the rule. */
  source: z.string(),
  /** When the evidence was read, ISO 8601 in UTC. */
  at: z.iso.datetime(),
});

export type Outcome = (typeof outcomes)[number];
export type Severity = (typeof severities)[number];
export type Evidence = z.infer<typeof evidenceSchema>;
export type Remediation = z.infer<typeof remediationSchema>;
export type CheckResult = z.infer<typeof checkResultSchema>;

export const verdicts = ['ready', 'notReady', 'unknown'] as const;
export type Verdict = (typeof verdicts)[number];

/** A critical fail makes it `notReady`; else a critical unknown makes it `unknown`; else it is `ready`. */
export const addUp = (checks: readonly Pick<CheckResult, 'outcome' | 'severity'>[]): Verdict => {
  const critical = checks.filter((check) => check.severity === 'critical');
  if (critical.some((check) => check.outcome === 'fail')) return 'notReady';
  if (critical.some((check) => check.outcome === 'unknown')) return 'unknown';
  return 'ready';
};
