import * as z from 'zod';
import { validationLevels } from '../validation/report.ts';

/** A report of Windows' own in the folder `Cluster\\Reports`, and nothing else on the server. */
export const clusterReportPathSchema = z
  .string()
  .max(260)
  .regex(/^[A-Za-z]:\\(?:[^\\/<>:"|?*]+\\)*Cluster\\Reports\\[^\\/<>:"|?*]+\.html?$/i, 'no report in Cluster\\Reports');

/** What a report of Windows says of a change of the cluster. */
export const clusterReportSchema = z.object({
  title: z.string(),
  /** In their order, each as the report marks it; Microsoft's words, in the language of that Windows. */
  lines: z.array(z.object({ level: z.enum(validationLevels), text: z.string() })),
});
export type ClusterReport = z.infer<typeof clusterReportSchema>;
