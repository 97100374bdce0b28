import * as z from 'zod';
import { endpointSchema, peerNameSchema } from './peer.ts';

/**
 * An invitation as a file, for a USB drive that is carried from one server to the other. It is as secret as the code, and good for as long. When it
 * expires is told for a person; the server that made it decides.
 */
export const invitationFileSchema = z.object({
  schema: z.literal('quorate.invitation/1'),
  code: z.string().max(200),
  expiresAt: z.iso.datetime(),
  name: peerNameSchema,
  /** Where the joiner finds the server that made it. */
  endpoints: z.array(endpointSchema).max(32),
});
export type InvitationFile = z.infer<typeof invitationFileSchema>;
