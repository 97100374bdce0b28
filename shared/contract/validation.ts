import * as z from 'zod';
import { diskTreatments } from '../validation/disturbed-disks.ts';
import { validationReportSchema } from '../validation/report.ts';
import { selectionSchema } from '../validation/selection.ts';
import { acceptanceSchema, standings } from '../validation/standing.ts';
import { method } from './define.ts';
import { serverRefSchema, serverViewSchema } from './server.ts';

/* Test-Cluster: what it would do, a run of it, the reports that are kept, and the warnings that a person accepts. */

const asked = {
  server: serverRefSchema,
  /** Computer names of the future nodes; this server is always one of them. Empty: the nodes of its cluster. */
  nodes: z.array(z.string()).default([]),
  selection: selectionSchema.default({ kind: 'whole' }),
};

const refusalSchema = z.object({ code: z.string(), what: z.string(), next: z.string() });

export const validationPlanSchema = z.object({
  server: serverViewSchema,
  nodes: z.array(z.string()),
  include: z.array(z.string()),
  ignore: z.array(z.string()),
  tests: z.array(z.object({ category: z.string(), name: z.string() })),
  /** What Windows does besides testing, in sentences. */
  notices: z.array(z.string()),
  /** Empty where no storage test is run. */
  disks: z.array(
    z.object({ id: z.string().nullable(), name: z.string(), treatment: z.enum(diskTreatments), because: z.string() }),
  ),
  /** What could not be read of what decides about the disks. */
  unread: z.array(z.string()),
  refusal: refusalSchema.nullable(),
});
export type ValidationPlan = z.infer<typeof validationPlanSchema>;

const verdicts = z.enum(['failed', 'open', 'passed']);

/** A validation that this data folder keeps. */
export const keptValidationSchema = z.object({
  id: z.string(),
  /** The server's printed reference. */
  server: z.string(),
  nodes: z.array(z.string()),
  at: z.iso.datetime(),
  selection: selectionSchema,
  /** The report as Windows wrote it. */
  file: z.string(),
  /** Lines of Test-Cluster's warning stream that the report does not bear out. */
  disagreements: z.array(z.string()),
});
export type KeptValidation = z.infer<typeof keptValidationSchema>;

export const judgedValidationSchema = z.object({
  kept: keptValidationSchema,
  verdict: verdicts,
  tests: z.array(
    z.object({
      name: z.string(),
      standing: z.enum(standings),
      /** It needs attention, and the validation before this one did not say so of it; false where there was none. */
      isNew: z.boolean(),
    }),
  ),
  /** The validation of the same servers before this one, which `isNew` compares with. */
  comparedWith: z.object({ id: z.string(), at: z.iso.datetime() }).nullable(),
  /** Every test was run: at once, or in a whole run that only changed parts were run again after. */
  isWhole: z.boolean(),
  /** The categories that look at what was changed here since, by the journal. */
  outdated: z.array(z.string()),
  accepted: z.array(acceptanceSchema),
  report: validationReportSchema,
});
export type JudgedValidation = z.infer<typeof judgedValidationSchema>;

/** What a validation would run and disturb; it changes nothing. Errors: CLUSTER_FEATURE_MISSING, VALIDATION_*. */
export const clusterPlanValidation = method({
  name: 'cluster.planValidation',
  kind: 'read',
  callers: ['ui', 'cli'],
  input: z.object({
    ...asked,
    /** Unique ids of disks whose interruption was agreed with. */
    interrupt: z.array(z.string()).default([]),
  }),
  output: validationPlanSchema,
});

/**
 * Runs Test-Cluster on the server itself, keeps the report and explains it. Windows makes the temporary account CliTest2 on every node. Errors:
 * CLUSTER_FEATURE_MISSING, CLUSTER_RIGHTS_MISSING, VALIDATION_*, CANCELLED.
 */
export const clusterValidate = method({
  name: 'cluster.validate',
  kind: 'work',
  callers: ['ui', 'cli'],
  input: clusterPlanValidation.input,
  output: judgedValidationSchema,
  title: 'Validate the servers',
});

/** Validations that are kept, newest first. */
export const clusterListValidations = method({
  name: 'cluster.listValidations',
  kind: 'read',
  callers: ['ui', 'cli'],
  input: z.object({ server: serverRefSchema }),
  output: z.object({
    server: serverViewSchema,
    validations: z.array(keptValidationSchema),
    /** The server that coordinated the formation of this one, and has its report; null: none, or this server itself. */
    elsewhere: z.string().nullable(),
  }),
});

/** One of them, judged under what was accepted by now; the last one where no id is given. Errors: VALIDATION_NOT_FOUND, VALIDATION_NOTHING_KEPT. */
export const clusterReadValidation = method({
  name: 'cluster.readValidation',
  kind: 'read',
  callers: ['ui', 'cli'],
  input: z.object({ server: serverRefSchema, id: z.string().nullable().default(null) }),
  output: judgedValidationSchema,
});

/**
 * Accepts warnings by the names of their tests, with a reason, in the journal. Errors: VALIDATION_TEST_NOT_IN_REPORT, VALIDATION_NOT_ACCEPTABLE and those
 * of reading.
 */
export const clusterAcceptWarning = method({
  name: 'cluster.acceptWarning',
  kind: 'change',
  callers: ['ui', 'cli'],
  input: z.object({
    server: serverRefSchema,
    id: z.string().nullable().default(null),
    tests: z.array(z.string().min(1)).min(1),
    because: z.string().trim().min(10),
  }),
  output: judgedValidationSchema,
});

export const validationMethods = [
  clusterPlanValidation,
  clusterValidate,
  clusterListValidations,
  clusterReadValidation,
  clusterAcceptWarning,
] as const;
