import * as z from 'zod';
import { diskPolicySchema, diskSchema, letterUseSchema, partitionSchema, volumeSchema } from '../model/disk.ts';
import { unreadSchema } from '../model/observed.ts';
import { uint64TextSchema } from '../model/quantity.ts';
import { storageDesireSchema } from '../plan/disk/desire.ts';
import { planAnswersSchema, planSchema } from '../plan/plan.ts';
import { standingSchema } from '../plan/standing/standing.ts';
import { applyFields, applyResultSchema } from './apply.ts';
import { method } from './define.ts';
import { serverRefSchema, serverViewSchema } from './server.ts';

const volumeViewSchema = volumeSchema.extend({
  sizeBytes: uint64TextSchema.nullable(),
  freeBytes: uint64TextSchema.nullable(),
});

const partitionViewSchema = partitionSchema.extend({
  offsetBytes: uint64TextSchema,
  sizeBytes: uint64TextSchema,
  volume: volumeViewSchema.nullable(),
});

/** A disk as it was observed and judged. Sizes are decimal texts, in bytes. */
export const diskViewSchema = diskSchema.extend({
  sizeBytes: uint64TextSchema,
  largestFreeExtentBytes: uint64TextSchema.nullable(),
  partitions: z.array(partitionViewSchema).nullable(),
  content: z.object({
    kind: z.enum(['blank', 'partitioned', 'foreign', 'cluster', 'unknown']),
    /** The content in words, such as `1 volume: "Data" (F:)` or why it is unknown. */
    text: z.string(),
  }),
  /** May another server reach it? */
  isShared: z.boolean(),
  /** A disk that is prepared, as a disk of the cluster or of this server; null for one that is not. */
  prepared: z
    .object({
      /** `Q: Witness`; for a disk of a cluster that it is one. */
      name: z.string(),
      isOffline: z.boolean(),
    })
    .nullable(),
});
export type DiskView = z.infer<typeof diskViewSchema>;

export const storageViewSchema = z.object({
  server: serverViewSchema,
  disks: z.array(diskViewSchema),
  /** Null: could not be read. */
  letters: z.array(letterUseSchema).nullable(),
  policy: diskPolicySchema.nullable(),
  /** How far the shared disks are: the same sentence and state wherever it is shown. */
  standing: standingSchema,
  unread: z.array(unreadSchema),
  readAt: z.iso.datetime(),
});
export type StorageView = z.infer<typeof storageViewSchema>;

export const diskList = method({
  name: 'disk.list',
  kind: 'read',
  callers: ['ui', 'cli', 'peer'],
  input: z.object({ server: serverRefSchema }),
  output: storageViewSchema,
});

/** Looks for disks that came or went, then lists. */
export const diskRescan = method({
  name: 'disk.rescan',
  kind: 'work',
  callers: ['ui', 'cli'],
  input: z.object({ server: serverRefSchema }),
  output: storageViewSchema,
  title: 'Look for disks',
});

export const diskPlan = method({
  name: 'disk.plan',
  kind: 'read',
  callers: ['ui', 'cli'],
  input: z.object({ server: serverRefSchema, desire: storageDesireSchema, answers: planAnswersSchema.default({}) }),
  output: planSchema,
});

export const diskApply = method({
  name: 'disk.apply',
  kind: 'work',
  callers: ['ui', 'cli'],
  input: z.object({ ...applyFields, desire: storageDesireSchema }),
  output: applyResultSchema,
  title: 'Set up disks',
});

export const diskMethods = [diskList, diskRescan, diskPlan, diskApply] as const;
