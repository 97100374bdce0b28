import * as z from 'zod';
import type { Envelope } from '../errors/failure.ts';
import { method } from './define.ts';

export const envelopeSchema: z.ZodType<Envelope> = z.lazy(() =>
  z.object({
    code: z.string(),
    detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
    retry: z.enum(['now', 'later', 'afterChange', 'never']),
    effect: z.enum(['none', 'partial', 'complete', 'unknown']),
    cause: envelopeSchema.nullable(),
  }),
);

export const progressSchema = z.object({
  doing: z.string(),
  done: z.number().nullable(),
  total: z.number().nullable(),
  leftMs: z.number().nullable(),
  data: z.unknown().optional(),
});

export const activitySchema = z.object({
  id: z.string(),
  method: z.string(),
  title: z.string(),
  /** The printed reference of the server that it is about; null for work about none. */
  server: z.string().nullable(),
  /** Who began it: `ui`, `cli` or `peer:ID`. */
  caller: z.string(),
  input: z.unknown(),
  state: z.enum(['running', 'done', 'failed', 'cancelled']),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  progress: progressSchema.nullable(),
  result: z.unknown().optional(),
  error: envelopeSchema.nullable(),
});
export type Activity = z.infer<typeof activitySchema>;

const everybodyHere = ['ui', 'cli'] as const;

export const coreInfo = method({
  name: 'core.info',
  kind: 'read',
  callers: everybodyHere,
  inCore: true,
  input: z.object({}),
  output: z.object({
    version: z.string(),
    pid: z.number().int(),
    host: z.enum(['window', 'agent', 'cli']),
    dataFolder: z.string(),
    logFile: z.string().nullable(),
    platform: z.string(),
    machineName: z.string(),
    /** The simulated server that this core takes for its own, as `WORLD/SERVER`; null: this machine itself. */
    rehearsal: z.string().nullable(),
  }),
});

export const activityList = method({
  name: 'activity.list',
  kind: 'read',
  callers: everybodyHere,
  inCore: true,
  input: z.object({}),
  output: z.array(activitySchema),
});

export const activityCancel = method({
  name: 'activity.cancel',
  kind: 'change',
  callers: everybodyHere,
  inCore: true,
  input: z.object({ id: z.string() }),
  output: z.object({ cancelled: z.boolean() }),
});

/** Ends a headless core, or the process behind a closed window; refuses while an activity runs unless forced. */
export const coreStop = method({
  name: 'core.stop',
  kind: 'change',
  callers: everybodyHere,
  inCore: true,
  input: z.object({ force: z.boolean().default(false) }),
  output: z.object({ stopped: z.boolean(), running: z.array(z.string()) }),
});

export const unfinishedSchema = z.object({
  /**
   * `activity`: it runs in the core. `drill`: something was taken away and is still to be given back. `restart`, `confirmation`: a change waits
   * for a restart, or for a person who still reaches the server. `formation`: this server began it and it has not come to its end.
   */
  kind: z.enum(['activity', 'drill', 'restart', 'confirmation', 'formation']),
  /** What it is, as a title: "Forming a cluster". */
  title: z.string(),
  /** The journal entry, the activity or the formation. */
  id: z.string(),
  since: z.iso.datetime().nullable(),
  /** What ends the wait, as a sentence. */
  next: z.string(),
});
export type Unfinished = z.infer<typeof unfinishedSchema>;

/**
 * What this data folder has begun and not ended: while there is something, the program that goes on with it must not be replaced or removed.
 */
export const coreUnfinished = method({
  name: 'core.unfinished',
  kind: 'read',
  callers: everybodyHere,
  inCore: true,
  input: z.object({}),
  output: z.array(unfinishedSchema),
});

export const coreMethods = [coreInfo, activityList, activityCancel, coreStop, coreUnfinished] as const;
