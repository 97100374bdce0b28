import * as z from 'zod';
import { storageDesireSchema } from './disk/desire.ts';
import { hostDesireSchema } from './host/desire.ts';
import { initiatorDesireSchema } from './initiator/desire.ts';
import { listedDesireOf } from './listed/desire.ts';
import { networkDesireSchema } from './nic/desire.ts';

/** What was wanted, with the area that it is about: what the journal keeps to go on from the truth later. */
export const desireSchema = z.discriminatedUnion('area', [
  z.object({ area: z.literal('host'), desire: hostDesireSchema }),
  z.object({ area: z.literal('network'), desire: networkDesireSchema }),
  z.object({ area: z.literal('initiator'), desire: initiatorDesireSchema }),
  z.object({ area: z.literal('storage'), desire: storageDesireSchema }),
  z.object({ area: z.literal('roles'), desire: listedDesireOf('roles') }),
  z.object({ area: z.literal('cluster'), desire: listedDesireOf('cluster') }),
  z.object({ area: z.literal('vms'), desire: listedDesireOf('vms') }),
  z.object({ area: z.literal('storageHost'), desire: listedDesireOf('storageHost') }),
]);
export type Desire = z.output<typeof desireSchema>;
