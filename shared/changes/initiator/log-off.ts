import * as z from 'zod';
import { no, yes } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { initiatorTool, judgeState, logonTimeoutMs, sessionOf } from './initiator.ts';

const schema = z.object({ do: z.literal('initiator.logOff'), sessionIdentifier: z.string() });

/** Ends one session. Throws `INITIATOR_SESSION_NOT_FOUND`, `INITIATOR_SESSION_IN_USE` when a disk of it is in use. */
export const logOff: ChangeKind<typeof schema, 'initiator'> = {
  schema,
  area: 'initiator',
  script: 'Disconnect-InitiatorSession',
  timeoutMs: logonTimeoutMs,
  subject: ({ sessionIdentifier }) => [sessionIdentifier],
  words: ({ sessionIdentifier }, observed) => ({
    title: `Log off the session ${sessionIdentifier} to ${sessionOf(observed, sessionIdentifier)?.targetNodeAddress ?? 'its target'}`,
    why: 'You asked for it.',
    manual: `${initiatorTool}: Targets, Properties, Disconnect the session.`,
  }),
  undo: ({ sessionIdentifier }, observed) => {
    const session = sessionOf(observed, sessionIdentifier);
    const [connection] = session?.connections ?? [];
    // A secret is not kept, so that a session with CHAP cannot be made again.
    if (!session || !connection || session.authenticationType !== 'NONE') return null;
    return {
      text: 'Logs on over the same path again.',
      changes: [
        {
          do: 'initiator.logOn',
          path: {
            targetNodeAddress: session.targetNodeAddress,
            initiatorPortalAddress: connection.initiatorAddress,
            targetPortalAddress: connection.targetAddress,
            targetPortalPort: connection.targetPort,
          },
          isMultipathEnabled: false,
          isHeaderDigest: session.isHeaderDigest,
          isDataDigest: session.isDataDigest,
          authentication: { kind: 'none' },
        },
      ],
    };
  },
  done: ({ sessionIdentifier }, observed) =>
    judgeState(observed, 'sessions', () =>
      sessionOf(observed, sessionIdentifier) ? no('the session is there') : yes('the session is not there'),
    ),
};
