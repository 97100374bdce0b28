import * as z from 'zod';
import { isRehearsalName, parseServerRef, type ServerRef } from '../model/server-ref.ts';

export const rehearsalNameSchema = z
  .string()
  .refine(isRehearsalName, 'must be 1 to 40 lower-case letters, digits and hyphens');

/** A server as it travels: its printed form on the wire, the value inside. */
export const namedServerSchema = z.string().transform((text, context): ServerRef => {
  const ref = parseServerRef(text);
  if (ref) return ref;
  context.addIssue({ code: 'custom', message: 'must be local, peer:ID, rehearsal:NAME or rehearsal:NAME/SERVER' });
  return z.NEVER;
});

/** A server as methods take it: `local` when it is left out. */
export const serverRefSchema = namedServerSchema.prefault('local');

/** The server that answered, as every view names it. */
export const serverViewSchema = z.object({
  /** Its printed form, with the server of a rehearsal named: what every method takes. */
  ref: z.string(),
  computerName: z.string(),
});
export type ServerView = z.infer<typeof serverViewSchema>;
