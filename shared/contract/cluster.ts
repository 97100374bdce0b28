import { validationReportSchema } from '../validation/report.ts';
import { method } from './define.ts';
import { fileInputSchema } from './readiness.ts';
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

export const clusterMethods = [clusterReadValidationReport] as const;
