import * as z from 'zod';
import { changeSchema, kindOf } from '../../changes/index.ts';
import type { Area } from '../../changes/kind.ts';

/** The areas whose wishes are named as changes: what is wanted is their effect, whatever has to be done for it. */
export const listedAreas = ['roles', 'cluster', 'vms', 'storageHost'] as const satisfies readonly Area[];
export type ListedArea = (typeof listedAreas)[number];

/** Changes of one area in the order in which they are wanted; those that are there already are no steps. */
export const listedDesireSchema = z.object({
  /** What all of them are for, as a sentence without a full stop. */
  title: z.string().min(1).max(200),
  changes: z.array(changeSchema).min(1).max(200),
});
export type ListedDesire = z.output<typeof listedDesireSchema>;

/** The same, refused where a change is of another area. */
export const listedDesireOf = (area: ListedArea) =>
  listedDesireSchema.refine(({ changes }) => changes.every((change) => kindOf(change).area === area), {
    error: `only changes of ${area}`,
  });
