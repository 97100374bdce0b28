import * as z from 'zod';
import { clusterStateSchema } from '../model/cluster.ts';
import { rolesStateSchema } from '../model/roles.ts';
import { machinesStateSchema } from '../model/virtual-machines.ts';
import { listedDesireOf } from '../plan/listed/desire.ts';
import { planAnswersSchema, planSchema } from '../plan/plan.ts';
import { standingSchema } from '../plan/standing/standing.ts';
import { applyFields, applyResultSchema } from './apply.ts';
import { method } from './define.ts';
import { serverRefSchema, serverViewSchema } from './server.ts';

/* Roles, the cluster and virtual machines: what is wanted of them is named as changes. */

const input = z.object({ server: serverRefSchema });
const view = <Schema extends z.ZodType>(state: Schema) =>
  z.object({
    server: serverViewSchema,
    state,
    /** How far it is: the same sentence and state wherever it is shown. */
    standing: standingSchema,
    readAt: z.iso.datetime(),
  });

/** The features that a cluster is made of, and whether the hypervisor runs. */
export const rolesRead = method({
  name: 'roles.read',
  kind: 'read',
  callers: ['ui', 'cli', 'peer'],
  input,
  output: view(rolesStateSchema),
});

/** The cluster as this server sees it. A server that is in none is an answer. */
export const clusterRead = method({
  name: 'cluster.read',
  kind: 'read',
  callers: ['ui', 'cli', 'peer'],
  input,
  output: view(clusterStateSchema),
});

/** Virtual switches and virtual machines with every file. */
export const machinesRead = method({
  name: 'vm.list',
  kind: 'read',
  callers: ['ui', 'cli', 'peer'],
  input,
  output: view(machinesStateSchema),
});

const planInput = <Schema extends z.ZodType>(desire: Schema) =>
  z.object({ server: serverRefSchema, desire, answers: planAnswersSchema.default({}) });

export const rolesPlan = method({
  name: 'roles.plan',
  kind: 'read',
  callers: ['ui', 'cli'],
  input: planInput(listedDesireOf('roles')),
  output: planSchema,
});

export const rolesApply = method({
  name: 'roles.apply',
  kind: 'work',
  callers: ['ui', 'cli'],
  input: z.object({ ...applyFields, desire: listedDesireOf('roles') }),
  output: applyResultSchema,
  title: 'Change roles',
});

export const clusterPlan = method({
  name: 'cluster.plan',
  kind: 'read',
  callers: ['ui', 'cli'],
  input: planInput(listedDesireOf('cluster')),
  output: planSchema,
});

export const clusterApply = method({
  name: 'cluster.apply',
  kind: 'work',
  callers: ['ui', 'cli'],
  input: z.object({ ...applyFields, desire: listedDesireOf('cluster') }),
  output: applyResultSchema,
  title: 'Change the cluster',
});

export const machinesPlan = method({
  name: 'vm.plan',
  kind: 'read',
  callers: ['ui', 'cli'],
  input: planInput(listedDesireOf('vms')),
  output: planSchema,
});

export const machinesApply = method({
  name: 'vm.apply',
  kind: 'work',
  callers: ['ui', 'cli'],
  input: z.object({ ...applyFields, desire: listedDesireOf('vms') }),
  output: applyResultSchema,
  title: 'Change virtual machines',
});

export const listedMethods = [
  rolesRead,
  rolesPlan,
  rolesApply,
  clusterRead,
  clusterPlan,
  clusterApply,
  machinesRead,
  machinesPlan,
  machinesApply,
] as const;
