import * as z from 'zod';
import { hostStateSchema, pendingRestartSchema, resumeSchema, timeSourceSchema } from '../model/host.ts';
import { lastStopSchema } from '../model/last-stop.ts';
import { unreadSchema } from '../model/observed.ts';
import { hostDesireSchema } from '../plan/host/desire.ts';
import { planAnswersSchema, planSchema } from '../plan/plan.ts';
import { standingSchema } from '../plan/standing/standing.ts';
import { applyFields, applyResultSchema } from './apply.ts';
import { method } from './define.ts';
import { serverRefSchema, serverViewSchema } from './server.ts';

export const hostViewSchema = z.object({
  server: serverViewSchema,
  facts: hostStateSchema,
  /** Null: could not be read, see `unread`. */
  pendingRestart: pendingRestartSchema.nullable(),
  time: timeSourceSchema.nullable(),
  resumes: z.array(resumeSchema).nullable(),
  /** How far it is: the same sentence and state wherever it is shown. */
  standing: standingSchema,
  unread: z.array(unreadSchema),
  readAt: z.iso.datetime(),
});
export type HostView = z.infer<typeof hostViewSchema>;

/** What the server is: name, membership, system, pending restart, time. Errors: HOST_UNREACHABLE, HOST_NOT_HERE. */
export const hostRead = method({
  name: 'host.read',
  kind: 'read',
  callers: ['ui', 'cli', 'peer'],
  input: z.object({ server: serverRefSchema }),
  output: hostViewSchema,
});

/** How Windows went down before it started last, by its own log System. Errors: HOST_UNREACHABLE, HOST_NOT_HERE. */
export const hostLastStop = method({
  name: 'host.lastStop',
  kind: 'read',
  callers: ['ui', 'cli', 'peer'],
  input: z.object({ server: serverRefSchema }),
  output: lastStopSchema,
});

export const hostPlan = method({
  name: 'host.plan',
  kind: 'read',
  callers: ['ui', 'cli'],
  input: z.object({ server: serverRefSchema, desire: hostDesireSchema, answers: planAnswersSchema.default({}) }),
  output: planSchema,
});

export const hostApply = method({
  name: 'host.apply',
  kind: 'work',
  callers: ['ui', 'cli'],
  input: z.object({ ...applyFields, desire: hostDesireSchema }),
  output: applyResultSchema,
  title: 'Set up the server',
});

export const hostMethods = [hostRead, hostLastStop, hostPlan, hostApply] as const;
