import { clusterEventSchema } from '../model/cluster-events.ts';
import { clusterReportPathSchema, clusterReportSchema } from '../model/cluster-report.ts';
import { validationReportSchema } from '../validation/report.ts';
import { method } from './define.ts';
import { fileInputSchema } from './readiness.ts';
import { serverRefSchema, serverViewSchema } from './server.ts';
import * as z from 'zod';

/**
 * Reads a cluster validation report (HTML of Windows Server 2016 to 2025), wherever it was made. Errors: FILE_*,
 * IMPORT_FILE_*, VALIDATION_REPORT_*.
 */
export const clusterReadValidationReport = method({
  name: 'cluster.readValidationReport',
  kind: 'read',
  callers: ['ui', 'cli'],
  input: z.object({ file: fileInputSchema }),
  output: validationReportSchema,
});

/**
 * What one server logged of the cluster in the last minutes, the newest first: everything that is worse than information, and what decides something; with
 * `all` the rest as well. Errors: CLUSTER_FEATURE_MISSING, HOST_*.
 */
export const clusterEvents = method({
  name: 'cluster.events',
  kind: 'read',
  callers: ['ui', 'cli', 'peer'],
  input: z.object({
    server: serverRefSchema,
    minutes: z.number().int().min(1).max(10_080).default(60),
    all: z.boolean().default(false),
  }),
  output: z.object({
    server: serverViewSchema,
    minutes: z.number().int(),
    events: z.array(
      clusterEventSchema.extend({
        /** What it means here and what to do; null: it is not one of those that are known. */
        means: z.string().nullable(),
        next: z.string().nullable(),
        source: z.string().nullable(),
      }),
    ),
    /** Events that only inform and were left out. */
    leftOut: z.number().int(),
    readAt: z.iso.datetime(),
  }),
});

/**
 * A report that Windows wrote of a change of the cluster ("Create Cluster Wizard ... .htm" in C:\\Windows\\Cluster\\Reports), line by line in Microsoft's
 * words. It is kept beside the validations. Errors: CLUSTER_REPORT_MISSING, VALIDATION_REPORT_NOT_RECOGNISED, FILE_*, HOST_*.
 */
export const clusterReadReport = method({
  name: 'cluster.readReport',
  kind: 'read',
  callers: ['ui', 'cli', 'peer'],
  input: z.object({
    server: serverRefSchema,
    /** On the server. */
    path: clusterReportPathSchema,
  }),
  output: z.object({
    server: serverViewSchema,
    path: z.string(),
    /** Where a copy of it lies, on the machine that answers. */
    kept: z.string(),
    ...clusterReportSchema.shape,
  }),
});

export const clusterMethods = [clusterReadValidationReport, clusterEvents, clusterReadReport] as const;
