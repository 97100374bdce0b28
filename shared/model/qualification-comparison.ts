import * as z from 'zod';
import { qualificationVerdicts } from './qualification.ts';

/**
 * `must`: on equal targets, or on two views of one logical unit, it has to be the same. `info`: it may differ and is to be
 * seen.
 */
export const qualificationMatchRules = ['must', 'info'] as const;

/** Two or more qualifications side by side: of several targets, or of one logical unit seen from several servers. */
export const qualificationComparisonSchema = z.object({
  schema: z.literal('quorate.qualification-comparison/1'),
  reports: z.array(
    z.object({
      /** Target, LUN and server, as short as tells them apart. */
      name: z.string(),
      machine: z.string(),
      target: z.string(),
      lun: z.number().int(),
      verdict: z.enum(qualificationVerdicts),
      sentence: z.string(),
      at: z.iso.datetime(),
    }),
  ),
  /** Whether every report is about one target and LUN: then its identity has to be one as well. */
  isOneUnit: z.boolean(),
  /** `match`: all that must match does. `differ`: something does not. `unknown`: something is not proven on one side. */
  verdict: z.enum(['match', 'differ', 'unknown']),
  sentence: z.string(),
  rows: z.array(
    z.object({
      /** `unit.identity`, `asked.nodes`, a case's id, `access.5`, `figure.` with a case's id and the figure's name. */
      id: z.string(),
      title: z.string(),
      group: z.enum(['unit', 'asked', 'case', 'access', 'figure']),
      match: z.enum(qualificationMatchRules),
      outcome: z.enum(['same', 'different', 'unknown']),
      /** One per report, in their order; null where it is not known. */
      values: z.array(z.string().nullable()),
    }),
  ),
});
export type QualificationComparison = z.infer<typeof qualificationComparisonSchema>;
