import * as z from 'zod';
import { checkResults } from '../rules/machine-check.ts';
import { method } from './define.ts';
import { serverRefSchema } from './server.ts';

export const clusterCheckSchema = z.object({
  /** The servers that were asked, by their computer names. */
  nodes: z.array(z.string()),
  /** The worst of the items that are read from here. */
  result: z.enum(checkResults),
  items: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      result: z.enum(checkResults),
      found: z.string(),
      /** What to do, or how to prove it; null where nothing has to be done. */
      next: z.string().nullable(),
      /** What it would look like later if it were left as it is. */
      later: z.string(),
      /** The public document or report that it is known from. */
      source: z.string(),
      /** It is not read from here: a person proves it. */
      isManual: z.boolean(),
    }),
  ),
});
export type ClusterCheck = z.infer<typeof clusterCheckSchema>;

/** Looks for known failures before a cluster is formed, on every server that is named. Nothing is changed. Errors: HOST_*. */
export const clusterCheck = method({
  name: 'cluster.check',
  kind: 'read',
  callers: ['ui', 'cli'],
  input: z.object({
    servers: z.array(serverRefSchema).min(1).max(64),
    /** The name that the cluster is to have. */
    name: z.string().trim().min(1).nullable().default(null),
    /** The static addresses that it is to have. */
    addresses: z.array(z.string()).default([]),
  }),
  output: clusterCheckSchema,
});

export const clusterCheckMethods = [clusterCheck] as const;
