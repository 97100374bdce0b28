import * as z from 'zod';
import type { Epoch } from './caller.ts';
import { fingerprintSchema, peerIdSchema, peerNameSchema } from './peer.ts';

/** Which coordinator's orders are in force. */
export const epochSchema = z.object({ number: z.number().int().min(1), coordinator: fingerprintSchema });

/** The highest epoch that a server heard, as it stands on its disk. */
export const heardEpochSchema = epochSchema.extend({
  /** The coordinator's name as it was known then; it proves nothing. */
  name: peerNameSchema,
  heardAt: z.iso.datetime(),
});
export type HeardEpoch = z.output<typeof heardEpochSchema>;

/**
 * How a server stands to an epoch. `acknowledged`: it wrote the epoch down before it answered. `poweredDown`: it did not answer, and
 * a person said, by its name, that it has no power. `silent`: it did not answer, and nobody said anything.
 */
export const memberStates = ['acknowledged', 'poweredDown', 'silent'] as const;

export const epochMemberSchema = z.object({
  id: peerIdSchema,
  name: peerNameSchema,
  state: z.enum(memberStates),
  /** Why it did not answer; null where it did. */
  because: z.string().nullable(),
});
export type EpochMember = z.output<typeof epochMemberSchema>;

/**
 * How an epoch that is shown stands to the one that was heard. `newer` is to be written down before it is answered, `same` is in
 * force already, `lower` is refused, and so is `contested`: an equal number from another coordinator, so that two cannot have it.
 */
export type EpochStanding = 'newer' | 'same' | 'lower' | 'contested';

export const judgeEpoch = (heard: Epoch | null, shown: Epoch): EpochStanding => {
  if (heard === null || shown.number > heard.number) return 'newer';
  if (shown.number < heard.number) return 'lower';
  return shown.coordinator === heard.coordinator ? 'same' : 'contested';
};
