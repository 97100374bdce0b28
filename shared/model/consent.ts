import * as z from 'zod';
import { fingerprintSchema, peerNameSchema } from './peer.ts';

/** How long a consent is good after it was given. A formation that takes longer asks again. */
export const consentHours = 24;

export const consentKinds = ['formation', 'drills'] as const;

/** One step as the person who consents reads it. */
export const consentStepSchema = z.object({
  title: z.string(),
  /** Data on a disk of this server is lost. */
  isDestructive: z.boolean(),
  restarts: z.boolean(),
  cutsConnection: z.boolean(),
});

/**
 * What another server wants to do on this one: asked once for each formation. It is bound to the coordinator's certificate and to the
 * text of the cluster file, so that neither another server nor another file can use it.
 */
export const consentSchema = z.object({
  /** To a formation by one cluster file, or to drills: what is taken away for a while and given back. Earlier versions did not say. */
  about: z.enum(consentKinds).default('formation'),
  formation: z.string(),
  /** Of a formation: whether it forms or undoes. Earlier versions did not say. */
  direction: z.enum(['form', 'undo']).default('form'),
  coordinator: fingerprintSchema,
  coordinatorName: peerNameSchema,
  epoch: z.number().int(),
  cluster: z.string(),
  /** Of a formation: SHA-256 of the cluster file's text in lower-case hexadecimal. */
  digest: fingerprintSchema,
  /** What this server would do, as it planned when it was asked, expected steps included. */
  steps: z.array(consentStepSchema),
  askedAt: z.iso.datetime(),
  /** `ended`: the formation came to its end, or the person took the consent back. */
  state: z.enum(['needed', 'given', 'refused', 'ended']),
  answeredAt: z.iso.datetime().nullable(),
  /** Who answered at this server: `ui` or `cli`. */
  answeredBy: z.string().nullable(),
});
export type Consent = z.output<typeof consentSchema>;

/** Is it good at a time in milliseconds since 1970? */
export const isConsentGood = ({ state, answeredAt }: Consent, now: number): boolean =>
  state === 'given' && answeredAt !== null && now - Date.parse(answeredAt) < consentHours * 3_600_000;
