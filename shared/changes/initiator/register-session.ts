import * as z from 'zod';
import { isSameAddress } from '../../model/address.ts';
import { judgePath } from '../../model/windows-iscsi.ts';
import { authenticationSchema } from '../../plan/initiator/desire.ts';
import { explainVerdict, pathText } from '../../plan/initiator/paths.ts';
import { judge, no } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { initiatorTool, judgeState, secretNamesOf, sessionOf, withSecret } from './initiator.ts';

const schema = z.object({
  do: z.literal('initiator.registerSession'),
  sessionIdentifier: z.string(),
  isMultipathEnabled: z.boolean(),
  authentication: authenticationSchema,
});

/**
 * Makes a session persistent. Not idempotent: registering twice gives two favourites, and two sessions after the next start.
 */
export const registerSession: ChangeKind<typeof schema, 'initiator'> = {
  schema,
  area: 'initiator',
  script: 'Register-InitiatorSession',
  parameters: ({ sessionIdentifier, isMultipathEnabled, authentication }, { secret }) => ({
    sessionIdentifier,
    isMultipathEnabled,
    authentication: withSecret(authentication, secret),
  }),
  secrets: ({ authentication }) => secretNamesOf(authentication),
  subject: ({ sessionIdentifier }) => [sessionIdentifier],
  words: ({ sessionIdentifier }, observed) => {
    const session = sessionOf(observed, sessionIdentifier);
    const [connection] = session?.connections ?? [];
    const path = session &&
      connection && {
        targetNodeAddress: session.targetNodeAddress,
        initiatorPortalAddress: connection.initiatorAddress,
        targetPortalAddress: connection.targetAddress,
        targetPortalPort: connection.targetPort,
      };
    return {
      title: `Make the session ${path ? pathText(path) : sessionIdentifier} persistent`,
      why: path
        ? explainVerdict(judgePath(path, observed.state.sessions ?? [], isSameAddress))
        : 'It ends with the next restart.',
      manual: `${initiatorTool}: Targets, Connect, Add this connection to the list of Favorite Targets.`,
    };
  },
  undo: ({ sessionIdentifier }) => ({
    text: 'Removes it from the favorite targets again.',
    changes: [{ do: 'initiator.unregisterSession', sessionIdentifier }],
  }),
  done: ({ sessionIdentifier }, observed) =>
    judgeState(observed, 'sessions', () => {
      const session = sessionOf(observed, sessionIdentifier);
      return session
        ? judge(
            session.isPersistent,
            session.isPersistent ? 'the session is persistent' : 'the session is not persistent',
          )
        : no('the session is not there');
    }),
};
