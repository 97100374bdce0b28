import * as z from 'zod';

export const validationReportSchemaId = 'quorate.validation-report';
export const validationReportSchemaVersion = 1;

/** How a test of Test-Cluster ended. `unknown`: neither its word nor its picture is one that we know; see `raw`. */
export const validationResults = ['success', 'warning', 'failed', 'notApplicable', 'cancelled', 'unknown'] as const;
export const validationResultSchema = z.enum(validationResults);
export type ValidationResult = z.infer<typeof validationResultSchema>;

/** What a line of a test's section says of itself, by its class in the report: info, warn, error, notapplicable, cancel. */
export const validationLevels = ['info', 'warning', 'error', 'notApplicable', 'cancelled'] as const;
export type ValidationLevel = (typeof validationLevels)[number];

export const validationMessageSchema = z.object({
  level: z.enum(validationLevels),
  /** Microsoft's words as they stand, white space folded. */
  text: z.string(),
  /** The one node that the line is about: the only one that it names, else the heading above it. */
  node: z.string().optional(),
});
export type ValidationMessage = z.infer<typeof validationMessageSchema>;

export const validationTestSchema = z.object({
  /** The category and the name as the report writes them; ids change from report to report, names do not. */
  category: z.string(),
  name: z.string(),
  result: validationResultSchema,
  /** The result as the report shows it: its word, and its picture where that says something else. */
  raw: z.string(),
  description: z.string().nullable(),
  messages: z.array(validationMessageSchema),
  /** What this result means for a Hyper-V cluster and what to do; null for a test that Quorate does not know. */
  explanation: z.object({ means: z.string(), next: z.string().nullable() }).nullable(),
  /** Is this result what two nodes with iSCSI storage show when all is well? */
  expected: z.boolean(),
});
export type ValidationTest = z.infer<typeof validationTestSchema>;

/**
 * A report of Test-Cluster or of the Validate a Configuration wizard, read. Dates: the server's local time without a zone
 * (ISO 8601), null where the text is in a form that cannot be read for certain; the text itself is kept.
 */
export const validationReportSchema = z.object({
  schema: z.literal(`${validationReportSchemaId}/${validationReportSchemaVersion}`),
  /** The name of the file that was read. */
  source: z.string(),
  nodes: z.array(z.string()),
  startedAt: z.string().nullable(),
  startedText: z.string().nullable(),
  completedAt: z.string().nullable(),
  completedText: z.string().nullable(),
  /** The worst result of all tests, and the report's own sentence. */
  overall: z.object({ result: validationResultSchema, text: z.string() }),
  tests: z.array(validationTestSchema),
  /** What the reader should know about this file: a foreign language, a section that is missing. */
  notes: z.array(z.string()),
});
export type ValidationReport = z.infer<typeof validationReportSchema>;

/** From worst to best: what decides the whole. Unknown stands with the failures, because it may hide one. */
const order: readonly ValidationResult[] = ['failed', 'cancelled', 'unknown', 'warning', 'success', 'notApplicable'];

/** The worst of several results; `unknown` where there are none. */
export const worstResult = (results: readonly ValidationResult[]): ValidationResult =>
  order.find((one) => results.includes(one)) ?? 'unknown';

/** Tests in the order in which a person wants to read them: what blocks, what is new, what is expected, the rest. */
export const sortForReading = (tests: readonly ValidationTest[]): ValidationTest[] => {
  const rank = (test: ValidationTest): number => order.indexOf(test.result) * 2 + (test.expected ? 1 : 0);
  return tests
    .map((test, at) => ({ test, at }))
    .sort((left, right) => rank(left.test) - rank(right.test) || left.at - right.at)
    .map(({ test }) => test);
};
