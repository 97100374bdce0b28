import * as z from 'zod';
import { addressSchema } from '../model/address.ts';
import { linkStateSchema, nicRoleSchema, nicSchema, remoteSessionSchema } from '../model/nic.ts';
import { unreadSchema } from '../model/observed.ts';
import { uint64TextSchema } from '../model/quantity.ts';
import { networkDesireSchema } from '../plan/nic/desire.ts';
import { planAnswersSchema, planSchema } from '../plan/plan.ts';
import { standingSchema } from '../plan/standing/standing.ts';
import { applyFields, applyResultSchema, pendingRevertSchema } from './apply.ts';
import { method } from './define.ts';
import { serverRefSchema, serverViewSchema } from './server.ts';

/** A NIC as it was observed, with the role that the user gave it. Speeds are decimal texts, in bits per second. */
export const nicViewSchema = nicSchema.extend({
  receiveLinkSpeedBps: uint64TextSchema.nullable(),
  transmitLinkSpeedBps: uint64TextSchema.nullable(),
  /** Null: nobody gave it a role yet. */
  role: nicRoleSchema.nullable(),
  /** False for a member of a team or a virtual switch: its team or switch is to be set instead. */
  canBeSet: z.boolean(),
  /** Connections of an administrator that run over this NIC. */
  carries: z.array(remoteSessionSchema),
});
export type NicView = z.infer<typeof nicViewSchema>;

export const networkViewSchema = z.object({
  server: serverViewSchema,
  nics: z.array(nicViewSchema),
  /** Roles whose NIC was not found again. */
  lostRoles: z.array(
    z.object({ role: nicRoleSchema, permanentAddress: z.string().nullable(), interfaceGuid: z.string() }),
  ),
  /** Connections from outside; null: could not be read, so a change may cut one unseen. */
  remoteSessions: z.array(remoteSessionSchema).nullable(),
  /** Changes that wait to be confirmed. */
  reverts: z.array(pendingRevertSchema),
  /** How far it is: the same sentence and state wherever it is shown. */
  standing: standingSchema,
  unread: z.array(unreadSchema),
  readAt: z.iso.datetime(),
});
export type NetworkView = z.infer<typeof networkViewSchema>;

export const nicList = method({
  name: 'nic.list',
  kind: 'read',
  callers: ['ui', 'cli', 'peer'],
  input: z.object({ server: serverRefSchema }),
  output: networkViewSchema,
});

export const nicPlan = method({
  name: 'nic.plan',
  kind: 'read',
  callers: ['ui', 'cli'],
  input: z.object({ server: serverRefSchema, desire: networkDesireSchema, answers: planAnswersSchema.default({}) }),
  output: planSchema,
});

/** With `outcome: 'confirmationNeeded'` the change reverts at `revert.dueAt` unless `nic.confirm` comes first. */
export const nicApply = method({
  name: 'nic.apply',
  kind: 'work',
  callers: ['ui', 'cli'],
  input: z.object({ ...applyFields, desire: networkDesireSchema }),
  output: applyResultSchema,
  title: 'Set up the network',
});

/** Keeps a change that waits to be confirmed. Errors: NIC_CHANGE_NOT_CONFIRMED when it was taken back already. */
export const nicConfirm = method({
  name: 'nic.confirm',
  kind: 'change',
  callers: ['ui', 'cli'],
  input: z.object({ server: serverRefSchema, revert: z.string() }),
  output: z.object({ confirmed: z.boolean() }),
});

/**
 * Finds the port of a NIC. `blink`: disables and enables `nic` `times` times, so that its lamp goes out; refused for a NIC
 * that carries a connection. `watch`: reports every link until one changes or `seconds` have passed; `progress.data` is
 * `{links: LinkState[], dropped: string | null}`.
 */
export const nicIdentify = method({
  name: 'nic.identify',
  kind: 'work',
  callers: ['ui', 'cli'],
  input: z.discriminatedUnion('how', [
    z.object({
      how: z.literal('blink'),
      server: serverRefSchema,
      nic: z.string(),
      times: z.number().int().min(1).max(20).default(5),
    }),
    z.object({
      how: z.literal('watch'),
      server: serverRefSchema,
      seconds: z.number().int().min(5).max(600).default(120),
    }),
  ]),
  output: z.object({
    /** InterfaceGuid of the NIC whose link went down (or up) while it was watched; null when none did. */
    found: z.string().nullable(),
    links: z.array(linkStateSchema),
  }),
  title: 'Identify a NIC',
});

/** One ICMP echo, to prove a path or an MTU end to end (8972 bytes unfragmented prove 9000 on IPv4). */
export const nicEcho = method({
  name: 'nic.echo',
  kind: 'read',
  callers: ['ui', 'cli'],
  input: z.object({
    server: serverRefSchema,
    destination: addressSchema,
    /** An address of the server to send from; null: Windows chooses one by its routes. */
    source: addressSchema.nullable().default(null),
    payloadBytes: z.number().int().min(0).max(65_500).default(32),
    dontFragment: z.boolean().default(true),
  }),
  output: z.object({
    answered: z.boolean(),
    roundTripMs: z.number().nullable(),
    /** Null when it was answered. */
    because: z.enum(['timeout', 'tooBig', 'unreachable', 'other']).nullable(),
  }),
});

export const nicMethods = [nicList, nicPlan, nicApply, nicConfirm, nicIdentify, nicEcho] as const;
