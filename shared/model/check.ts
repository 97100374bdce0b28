import * as z from 'zod';
import { outcomes, severities } from './outcome.ts';

export * from './outcome.ts';

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

export type Evidence = z.infer<typeof evidenceSchema>;
export type Remediation = z.infer<typeof remediationSchema>;
export type CheckResult = z.infer<typeof checkResultSchema>;
