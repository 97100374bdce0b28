import * as z from 'zod';
import {
  endpointSchema,
  fingerprintSchema,
  peerNameSchema,
  peerVersionSchema,
  selfDescriptionSchema,
} from '../../shared/model/peer.ts';

/** The protocols that this version speaks, newest first. The highest that both speak is used. */
export const protocols: readonly number[] = [1];

const runSchema = z.string().regex(/^[0-9a-f]{8,32}$/);

/** The first question on every connection, by the one who connected. */
export const helloSchema = z.object({
  purpose: z.enum(['peer', 'pair']),
  protocols: z.array(z.number().int().min(1).max(65_535)).min(1).max(16),
  self: selfDescriptionSchema,
  /** Of this process. */
  run: runSchema,
});
export type Hello = z.infer<typeof helloSchema>;

/** Why somebody is not let in. It is told to nobody of whom nothing is known, unless an invitation was open lately. */
export const refusalSchema = z.enum(['version', 'stranger', 'consent', 'cloned', 'forgotten']);
export type Refusal = z.infer<typeof refusalSchema>;

export const welcomeSchema = z.discriminatedUnion('accepted', [
  z.object({
    accepted: z.literal(true),
    protocol: z.number().int(),
    self: selfDescriptionSchema,
    run: runSchema,
    /** The clock of the answering side, in milliseconds since 1970. */
    now: z.number(),
  }),
  z.object({
    accepted: z.literal(false),
    because: refusalSchema,
    name: peerNameSchema,
    version: peerVersionSchema,
    protocols: z.array(z.number().int()).max(16),
  }),
]);
export type Welcome = z.infer<typeof welcomeSchema>;

/** A paired server that one vouches for. */
export const introductionSchema = z.object({
  fingerprint: fingerprintSchema,
  name: peerNameSchema,
  endpoints: z.array(endpointSchema).max(32),
});
export type Introduction = z.infer<typeof introductionSchema>;

export const proveSchema = z.object({ proof: fingerprintSchema });
export const provenSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('right'), proof: fingerprintSchema }),
  z.object({ kind: z.literal('wrong'), left: z.number().int().min(0).max(10) }),
  z.object({ kind: z.enum(['locked', 'expired', 'used', 'none']) }),
]);
export type Proven = z.infer<typeof provenSchema>;

export const introduceSchema = z.object({ members: z.array(introductionSchema).max(256) });
export const forgetSchema = z.object({ about: z.string().regex(/^[0-9a-f]{16}$/) });
/** A method of the contract that is called as an order. Whose epoch it is, the connection has proved: only its number is said. */
export const orderSchema = z.object({
  method: z.string().min(1).max(100),
  input: z.unknown(),
  epoch: z.number().int().min(1),
});
export const clockAnswerSchema = z.object({ now: z.number() });

/** The newest protocol that both speak; null when there is none. */
export const commonProtocol = (theirs: readonly number[]): number | null => {
  const both = protocols.filter((one) => theirs.includes(one));
  return both.length > 0 ? Math.max(...both) : null;
};
