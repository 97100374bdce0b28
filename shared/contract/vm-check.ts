import * as z from 'zod';
import { checkResults, machineCheckIds } from '../rules/machine-check.ts';
import { method } from './define.ts';
import { serverRefSchema, serverViewSchema } from './server.ts';

export const machineCheckSchema = z.object({
  server: serverViewSchema,
  machine: z.string(),
  result: z.enum(checkResults),
  items: z.array(
    z.object({
      id: z.enum(machineCheckIds),
      result: z.enum(checkResults),
      found: z.string(),
      next: z.string().nullable(),
    }),
  ),
});
export type MachineCheck = z.infer<typeof machineCheckSchema>;

/** What speaks against making a machine highly available, before the cluster is asked. Errors: VM_NOT_FOUND. */
export const vmCheck = method({
  name: 'vm.check',
  kind: 'read',
  callers: ['ui', 'cli'],
  input: z.object({
    server: serverRefSchema,
    name: z.string(),
    /** Other nodes, whose switches and machines are read too. */
    others: z.array(serverRefSchema).default([]),
  }),
  output: machineCheckSchema,
});

export const vmCheckMethods = [vmCheck] as const;
