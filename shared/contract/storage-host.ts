import * as z from 'zod';
import { storageHostStateSchema } from '../model/storage-host.ts';
import { listedDesireOf } from '../plan/listed/desire.ts';
import { planAnswersSchema, planSchema } from '../plan/plan.ts';
import { applyFields, applyResultSchema, secretsSchema } from './apply.ts';
import { method } from './define.ts';
import { serverRefSchema, serverViewSchema } from './server.ts';

/** Virtual disks and targets of iSCSI Target Server on a server. One without the role is an answer. */
export const storageHostRead = method({
  name: 'storageHost.read',
  kind: 'read',
  callers: ['ui', 'cli', 'peer'],
  input: z.object({ server: serverRefSchema }),
  output: z.object({ server: serverViewSchema, state: storageHostStateSchema, readAt: z.iso.datetime() }),
});

export const storageHostPlan = method({
  name: 'storageHost.plan',
  kind: 'read',
  callers: ['ui', 'cli'],
  input: z.object({
    server: serverRefSchema,
    desire: listedDesireOf('storageHost'),
    answers: planAnswersSchema.default({}),
    secrets: secretsSchema,
  }),
  output: planSchema,
});

export const storageHostApply = method({
  name: 'storageHost.apply',
  kind: 'work',
  callers: ['ui', 'cli'],
  input: z.object({ ...applyFields, desire: listedDesireOf('storageHost') }),
  output: applyResultSchema,
  title: 'Change the storage host',
});

export const storageHostMethods = [storageHostRead, storageHostPlan, storageHostApply] as const;
