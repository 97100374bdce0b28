import * as z from 'zod';
import { judge, yes } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { initiatorTool, judgeState, sessionOf } from './initiator.ts';

const schema = z.object({ do: z.literal('initiator.unregisterSession'), sessionIdentifier: z.string() });

/** Removes what registering gave: the session is not repeated at the next start. */
export const unregisterSession: ChangeKind<typeof schema, 'initiator'> = {
  schema,
  area: 'initiator',
  script: 'Unregister-InitiatorSession',
  subject: ({ sessionIdentifier }) => [sessionIdentifier],
  words: ({ sessionIdentifier }, observed) => ({
    title: `Take the session to ${sessionOf(observed, sessionIdentifier)?.targetNodeAddress ?? sessionIdentifier} out of the favorite targets`,
    why: 'You asked for it.',
    manual: `${initiatorTool}: Favorite Targets, Remove.`,
  }),
  undo: () => null,
  done: ({ sessionIdentifier }, observed) =>
    judgeState(observed, 'sessions', () => {
      const session = sessionOf(observed, sessionIdentifier);
      return session
        ? judge(
            !session.isPersistent,
            session.isPersistent ? 'the session is persistent' : 'the session is not persistent',
          )
        : yes('the session is not there');
    }),
};
