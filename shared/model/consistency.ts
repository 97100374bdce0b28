import * as z from 'zod';
import { hostFactsSchema } from './facts.ts';
import { unreadSchema } from './observed.ts';

/** A NIC as far as it has to differ from, or be like, those of other servers. */
export const comparedNicSchema = z.object({
  name: z.string(),
  interfaceGuid: z.string(),
  /** Burned-in MAC; null for an adapter without one. */
  permanentAddress: z.string().nullable(),
  isHardware: z.boolean(),
  description: z.string(),
  driverVersion: z.string().nullable(),
  /** The virtual switch that it belongs to; null for none, or one that could not be named. */
  switchName: z.string().nullable(),
});

/** What a server tells its peers of itself, to be put side by side. A part that is null was not read; `unread` says why. */
export const serverFactsSchema = z.object({
  schema: z.literal('quorate.server-facts/1'),
  facts: hostFactsSchema,
  nics: z.array(comparedNicSchema).nullable(),
  /** Name of the iSCSI initiator (RFC 7143 section 4.2.7). */
  initiatorName: z.string().nullable(),
  /** The SID of the installation of Windows; left out by an older version. */
  machineSid: z.string().nullable().default(null),
  /** The version of the Quorate that tells this; null: an older one, which does not, or a file of facts. */
  quorateVersion: z.string().max(40).nullable().default(null),
  unread: z.array(unreadSchema),
});
export type ServerFacts = z.infer<typeof serverFactsSchema>;

export const consistencyOutcomes = ['fail', 'warn', 'unknown', 'pass'] as const;
export type ConsistencyOutcome = (typeof consistencyOutcomes)[number];

export const consistencyRowSchema = z.object({
  id: z.string(),
  title: z.string(),
  outcome: z.enum(consistencyOutcomes),
  /** What was found and what it means, as a sentence. */
  text: z.string(),
  /** In the order of `servers`: the value, or why it is not known. */
  cells: z.array(z.object({ value: z.string().nullable(), because: z.string().nullable() })),
  /** What to do; null where nothing is to be done. */
  next: z.string().nullable(),
  /** The public document behind the rule. */
  source: z.string(),
});
export type ConsistencyRow = z.infer<typeof consistencyRowSchema>;

/** All servers side by side, differences first. */
export const consistencySchema = z.object({
  schema: z.literal('quorate.consistency/1'),
  at: z.iso.datetime(),
  servers: z.array(
    z.object({
      /** The peer's id, `local` for the server that asked, or the file that the facts came from. */
      id: z.string(),
      name: z.string(),
      /** Why it told nothing; null when it told something. */
      because: z.string().nullable(),
    }),
  ),
  /** The worst of the rows; `unknown` is worse than `warn`, because it may hide a failure. */
  outcome: z.enum(consistencyOutcomes),
  sentence: z.string(),
  rows: z.array(consistencyRowSchema),
});
export type Consistency = z.infer<typeof consistencySchema>;
