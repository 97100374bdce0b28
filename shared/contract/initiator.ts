import * as z from 'zod';
import { initiatorStateSchema, iscsiPathSchema, mpioStateSchema } from '../model/windows-iscsi.ts';
import { nicRoleSchema } from '../model/nic.ts';
import { unreadSchema } from '../model/observed.ts';
import { initiatorDesireSchema } from '../plan/initiator/desire.ts';
import { planAnswersSchema, planSchema } from '../plan/plan.ts';
import { standingSchema } from '../plan/standing/standing.ts';
import { applyFields, applyResultSchema } from './apply.ts';
import { method } from './define.ts';
import { serverRefSchema, serverViewSchema } from './server.ts';

export const pathVerdictSchema = z.enum([
  'proven',
  'absent',
  'unknown',
  'doubled',
  'notConnected',
  'notPersistent',
  'notBound',
]);

/** A path with its proof: exactly one session, bound to the source address, over the portal, persistent, connected. */
export const pathViewSchema = z.object({
  path: iscsiPathSchema,
  /** The NIC that has the source address; null when none has it. */
  nic: z.object({ interfaceGuid: z.string(), name: z.string(), role: nicRoleSchema.nullable() }).nullable(),
  /** True when the user asked for this path; false when it was only found. */
  wanted: z.boolean(),
  verdict: pathVerdictSchema,
  /** The verdict as a sentence, with what to do. */
  text: z.string(),
  sessionIdentifiers: z.array(z.string()),
});
export type PathView = z.infer<typeof pathViewSchema>;

export const initiatorViewSchema = z.object({
  server: serverViewSchema,
  state: initiatorStateSchema,
  mpio: mpioStateSchema.nullable(),
  paths: z.array(pathViewSchema),
  /** Addresses of this server that a path may start from: those of NICs with an iSCSI role. */
  sources: z.array(
    z.object({
      address: z.string(),
      /** The network of the address, such as `10.0.0.0/24`; null from a server that does not tell it. */
      network: z.string().nullable().default(null),
      interfaceGuid: z.string(),
      name: z.string(),
      role: nicRoleSchema.nullable(),
    }),
  ),
  /** How far the paths are: the same sentence and state wherever it is shown. */
  standing: standingSchema,
  unread: z.array(unreadSchema),
  readAt: z.iso.datetime(),
});
export type InitiatorView = z.infer<typeof initiatorViewSchema>;

export const initiatorRead = method({
  name: 'initiator.read',
  kind: 'read',
  callers: ['ui', 'cli', 'peer'],
  input: z.object({ server: serverRefSchema }),
  output: initiatorViewSchema,
});

export const initiatorPlan = method({
  name: 'initiator.plan',
  kind: 'read',
  callers: ['ui', 'cli'],
  input: z.object({
    server: serverRefSchema,
    desire: initiatorDesireSchema,
    answers: planAnswersSchema.default({}),
    /** Secrets are needed to check their length; they are in no answer. */
    secrets: applyFields.secrets,
  }),
  output: planSchema,
});

export const initiatorApply = method({
  name: 'initiator.apply',
  kind: 'work',
  callers: ['ui', 'cli'],
  input: z.object({ ...applyFields, desire: initiatorDesireSchema }),
  output: applyResultSchema,
  title: 'Set up iSCSI logons',
});

export const initiatorMethods = [initiatorRead, initiatorPlan, initiatorApply] as const;
