import * as z from 'zod';

/** The first 16 hexadecimal digits of the SHA-256 of a server's certificate: what names a peer in `peer:ID`. */
export const peerIdSchema = z.string().regex(/^[0-9a-f]{16}$/, 'must be 16 hexadecimal digits');

/** The SHA-256 of a certificate in lower-case hexadecimal. */
export const fingerprintSchema = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits');

/** The id that belongs to a fingerprint. */
export const peerIdOf = (fingerprint: string): string => fingerprint.slice(0, 16);

/** Where a server listens for peers when nothing else is said: TCP. */
export const defaultPeerPort = 23_343;

/** An address that a server listens on. */
export const endpointSchema = z.object({
  address: z.string().min(2).max(64),
  port: z.number().int().min(1).max(65_535),
});
export type Endpoint = z.infer<typeof endpointSchema>;

/** A computer's name as it is shown: printable, short. It proves nothing. */
export const peerNameSchema = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._ -]*$/u, 'must be a name of letters, digits, hyphens, dots and blanks');

export const peerVersionSchema = z.string().min(1).max(40);

/** What a server says of itself to a peer. Nothing of it is secret and nothing of it is proof. */
export const selfDescriptionSchema = z.object({
  name: peerNameSchema,
  version: peerVersionSchema,
  /** Where it listens; empty when it only calls others. */
  endpoints: z.array(endpointSchema).max(32),
});
export type SelfDescription = z.infer<typeof selfDescriptionSchema>;

/**
 * `paired`: both know each other. `unfinished`: it proved that it holds our invitation, and was not heard of since. `introduced`: a paired server
 * vouches for it, and a person at this console has to consent. `cloned`: two servers show this identity. `forgotten`: it is no longer a peer.
 */
export const peerStateSchema = z.enum(['paired', 'unfinished', 'introduced', 'cloned', 'forgotten']);
export type PeerState = z.infer<typeof peerStateSchema>;

/** An identity that was shown at an address of a paired server instead of its own. */
export const changedIdentitySchema = z.object({
  fingerprint: fingerprintSchema,
  at: z.iso.datetime(),
  address: z.string(),
});

/** What this server keeps about another. */
export const peerRecordSchema = z.object({
  fingerprint: fingerprintSchema,
  name: peerNameSchema,
  version: peerVersionSchema.nullable(),
  endpoints: z.array(endpointSchema).max(32),
  state: peerStateSchema,
  how: z.enum(['invited', 'joined', 'introduced']),
  /** Who vouches for it, where it was introduced. */
  introducedBy: peerIdSchema.nullable(),
  since: z.iso.datetime(),
  lastSeenAt: z.iso.datetime().nullable(),
  changedIdentity: changedIdentitySchema.nullable(),
  /** Who asked to forget it, where it is forgotten: this console or the id of a peer. */
  forgottenBy: z.union([z.literal('here'), peerIdSchema]).nullable(),
});
export type PeerRecord = z.infer<typeof peerRecordSchema>;

/** How the connection to a peer is. */
export const peerLinkSchema = z.object({
  state: z.enum(['connected', 'connecting', 'down', 'notTried']),
  /** Why it is down. */
  reason: z.string().nullable(),
  since: z.iso.datetime().nullable(),
  /** The peer's clock minus ours, in milliseconds, give or take `clockToleranceMs`. */
  clockOffsetMs: z.number().nullable(),
  clockToleranceMs: z.number().nullable(),
  protocol: z.number().int().nullable(),
});
export type PeerLink = z.infer<typeof peerLinkSchema>;

/** A connection of a paired server that is open now, and the address of this server that it runs over. */
export interface PeerConnection {
  readonly name: string;
  readonly localAddress: string;
}
