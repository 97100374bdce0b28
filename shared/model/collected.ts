import * as z from 'zod';
import type { WmiClass } from './wmi-source.ts';

export const collectedSchemaId = 'quorate.collected';
export const collectedSchemaVersion = 1;
export const collectedSchemaName = `${collectedSchemaId}/${collectedSchemaVersion}` as const;

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const instance = z.record(z.string(), z.union([scalar, z.array(scalar)]));

/** What the collectors write: management classes as they were read, and for each class that could not be read, why. */
export const collectedSchema = z.object({
  schema: z.literal(collectedSchemaName),
  collectedAt: z.iso.datetime(),
  collectedBy: z.object({ tool: z.string(), version: z.string() }),
  classes: z.record(z.string(), z.array(instance)),
  errors: z.record(z.string(), z.string()).default({}),
});
export type Collected = z.infer<typeof collectedSchema>;

/** The classes of a collector's document; its queries gave all instances, so they are complete. */
export const classesOfCollected = (collected: Pick<Collected, 'classes' | 'errors'>, from: string): WmiClass[] => [
  ...Object.entries(collected.classes).map(([className, instances]) => ({
    className,
    from,
    instances: instances,
    isComplete: true,
  })),
  ...Object.entries(collected.errors)
    .filter(([className]) => !(className in collected.classes))
    .map(([className, error]) => ({ className, from, instances: [], isComplete: false, error })),
];
