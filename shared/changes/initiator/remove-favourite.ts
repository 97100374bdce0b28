import * as z from 'zod';
import { no, yes } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { initiatorTool, judgeState } from './initiator.ts';

const schema = z.object({
  do: z.literal('initiator.removeFavourite'),
  targetNodeAddress: z.string(),
  /** Null, here and below, names a favourite that leaves the value open. */
  initiatorPortalAddress: z.string().nullable(),
  targetPortalAddress: z.string().nullable(),
  targetPortalPort: z.number().int().nullable(),
});

/** Removes a favourite by what it names. Throws `INITIATOR_FAVOURITE_NOT_FOUND`. */
export const removeFavourite: ChangeKind<typeof schema, 'initiator'> = {
  schema,
  area: 'initiator',
  script: 'Remove-InitiatorFavourite',
  subject: (favourite) => [
    favourite.targetNodeAddress,
    favourite.initiatorPortalAddress,
    favourite.targetPortalAddress,
    favourite.targetPortalPort,
  ],
  words: ({ targetNodeAddress, initiatorPortalAddress, targetPortalAddress }) => ({
    title: `Remove the favorite target ${targetNodeAddress} from ${initiatorPortalAddress ?? 'any address'} over ${targetPortalAddress ?? 'any portal'}`,
    why: 'You asked for it.',
    manual: `${initiatorTool}: Favorite Targets, Remove.`,
  }),
  undo: () => null,
  done: (unwanted, observed) =>
    judgeState(observed, 'favourites', (favourites) => {
      const isThere = favourites.some(
        (favourite) =>
          favourite.targetNodeAddress === unwanted.targetNodeAddress &&
          favourite.initiatorPortalAddress === unwanted.initiatorPortalAddress &&
          favourite.targetPortalAddress === unwanted.targetPortalAddress &&
          favourite.targetPortalPort === unwanted.targetPortalPort,
      );
      return isThere ? no('the favorite target is there') : yes('the favorite target is not there');
    }),
};
