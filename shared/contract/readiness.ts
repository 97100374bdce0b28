import * as z from 'zod';
import { serverRefSchema } from './server.ts';
import { readinessReportSchema, windowsServerSchema } from '../model/readiness-report.ts';
import { method } from './define.ts';

/** A file that the core reads itself, or one whose bytes the caller has (a browser has no paths). */
export const fileInputSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('path'), path: z.string().min(1) }),
  z.object({ kind: z.literal('content'), name: z.string().min(1), base64: z.base64() }),
]);
export type FileInput = z.infer<typeof fileInputSchema>;

export const factsSourceSchema = z.discriminatedUnion('kind', [
  /** The machine itself. */
  z.object({ kind: z.literal('live') }),
  /** A captured tree of a Linux machine: never the live machine. */
  z.object({ kind: z.literal('sysroot'), dir: z.string().min(1) }),
  /** Facts JSON of ours, or texts of `wmic CLASS get /value`, merged in the order given. */
  z.object({ kind: z.literal('facts'), files: z.array(fileInputSchema).min(1).max(64) }),
]);
export type FactsSource = z.infer<typeof factsSourceSchema>;

/**
 * Gathers the facts and judges them. Errors: FACTS_* and SYSROOT_* (a source that cannot be used), POWERSHELL_*
 * (Windows, live).
 */
export const readinessCheck = method({
  name: 'readiness.check',
  kind: 'read',
  callers: ['ui', 'cli'],
  input: z.object({
    /** Whose live facts are meant; a tree or files have their own machine. */
    server: serverRefSchema,
    /** Judge for this release; default: the Windows Server that runs there, elsewhere 2025. */
    for: windowsServerSchema.optional(),
    source: factsSourceSchema.default({ kind: 'live' }),
  }),
  output: readinessReportSchema,
  title: 'Readiness check',
});

export const readinessMethods = [readinessCheck] as const;
