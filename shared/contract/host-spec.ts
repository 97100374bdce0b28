import * as z from 'zod';

/** The name of a rehearsal: 1 to 40 lower-case letters, digits and hyphens. */
export const rehearsalNameSchema = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/, 'must be 1 to 40 lower-case letters, digits and hyphens');

/**
 * Which server is meant: `local`, the Windows Server that Quorate runs on, or `rehearsal:NAME`, a simulated server. A
 * rehearsal with several servers names one as `rehearsal:NAME/SERVER`; without it the first one is meant.
 */
export const hostSpecSchema = z
  .string()
  .regex(
    /^(local|rehearsal:[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?(\/[A-Za-z0-9-]{1,15})?)$/,
    'must be local or rehearsal:NAME',
  )
  .default('local');

/** The server that answered. */
export const hostRefSchema = z.object({
  /** `local` or `rehearsal:NAME`, as it is given to every method. */
  spec: z.string(),
  kind: z.enum(['windows', 'rehearsal']),
  /** The rehearsal's name; null for the server itself. */
  rehearsal: z.string().nullable(),
  computerName: z.string(),
});
export type HostRef = z.infer<typeof hostRefSchema>;
