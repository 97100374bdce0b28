import * as z from 'zod';
import { comparisonSchema, readinessReportSchema } from '../model/readiness-report.ts';
import { method } from './define.ts';
import { handedOverSchema, handOverToSchema } from './hand-over.ts';
import { fileInputSchema } from './readiness.ts';

export const reportFormats = ['html', 'pdf', 'json'] as const;
export type ReportFormat = (typeof reportFormats)[number];

/** Opens a report of another server. Errors: REPORT_ALTERED, REPORT_* (not a report, newer version), FILE_*. */
export const reportImport = method({
  name: 'report.import',
  kind: 'read',
  callers: ['ui', 'cli'],
  input: z.object({ file: fileInputSchema }),
  output: readinessReportSchema,
});

/**
 * Writes a report into a file that the user named, or hands the bytes over (a browser saves them itself). It is a
 * `read`: nothing of this server or of the data folder changes. Errors: FILE_NOT_WRITABLE, REPORT_PDF_UNAVAILABLE.
 */
export const reportExport = method({
  name: 'report.export',
  kind: 'read',
  callers: ['ui', 'cli'],
  input: z.object({
    report: readinessReportSchema,
    format: z.enum(reportFormats),
    to: handOverToSchema,
  }),
  output: handedOverSchema,
});

/** Two or more servers side by side, with what must match marked. */
export const reportCompare = method({
  name: 'report.compare',
  kind: 'read',
  callers: ['ui', 'cli'],
  input: z.object({ reports: z.array(readinessReportSchema).min(2).max(64) }),
  output: comparisonSchema,
});

/** Writes the collector for a stick into a folder. Errors: FILE_NOT_WRITABLE. */
export const collectWrite = method({
  name: 'collect.write',
  kind: 'read',
  callers: ['ui', 'cli'],
  input: z.object({ dir: z.string().min(1) }),
  output: z.object({
    dir: z.string(),
    files: z.array(z.object({ name: z.string(), sizeBytes: z.number().int(), sha256: z.string() })),
    /** What to do with them, one sentence each. */
    steps: z.array(z.string()),
  }),
});

export const reportMethods = [reportImport, reportExport, reportCompare, collectWrite] as const;
