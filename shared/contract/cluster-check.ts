import * as z from 'zod';
import { clusterFactsSchema } from '../rules/cluster/facts.ts';
import { checkResults } from '../rules/machine-check.ts';
import { method } from './define.ts';
import { fileInputSchema } from './readiness.ts';
import { serverRefSchema } from './server.ts';

export const clusterCheckSchema = z.object({
  /** The servers that were looked at, by their computer names. */
  nodes: z.array(z.string()),
  /** Of each server in the same order: when it was read, and the file that its facts came from; null: it was asked itself. */
  sources: z.array(z.object({ node: z.string(), readAt: z.string(), file: z.string().nullable() })),
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

const proposal = {
  /** The name that the cluster is to have. */
  name: z.string().trim().min(1).nullable().default(null),
  /** The static addresses that it is to have. */
  addresses: z.array(z.string()).max(64).default([]),
};

/** Everything of one server that the check looks at. What cannot be read is told as that. Nothing is changed. Errors: HOST_*. */
export const clusterObserve = method({
  name: 'cluster.observe',
  kind: 'read',
  callers: ['ui', 'cli', 'peer'],
  input: z.object({ server: serverRefSchema, ...proposal }),
  output: clusterFactsSchema,
});

/**
 * Looks for known failures before a cluster is formed, on every server that is named and on those whose facts are in files. Nothing is changed.
 * Errors: HOST_*, FILE_*, IMPORT_*, CLUSTER_FACTS_*.
 */
export const clusterCheck = method({
  name: 'cluster.check',
  kind: 'read',
  callers: ['ui', 'cli'],
  input: z
    .object({
      servers: z.array(serverRefSchema).max(64).default([]),
      /** Files that `cluster.observe` was written to, one for each server. */
      facts: z.array(fileInputSchema).max(64).default([]),
      ...proposal,
    })
    .refine(({ servers, facts }) => servers.length + facts.length > 0, 'must name a server or a file'),
  output: clusterCheckSchema,
});

export const clusterCheckMethods = [clusterObserve, clusterCheck] as const;
