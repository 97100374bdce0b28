import * as z from 'zod';
import { failure } from '../../errors/failure.ts';
import { iscsiPathSchema } from '../../model/windows-iscsi.ts';
import { pathText, sessionsOnPath } from '../../plan/initiator/paths.ts';
import { judge } from '../done.ts';
import type { ChangeKind, NamedChange } from '../kind.ts';
import { initiatorTool, isOwnFavourite, judgeState } from './initiator.ts';

const schema = z.object({ do: z.literal('initiator.leavePath'), path: iscsiPathSchema });

/** Ends whatever goes over a path and takes its favourites away: what takes a logon back. */
export const leavePath: ChangeKind<typeof schema, 'initiator'> = {
  schema,
  area: 'initiator',
  script: null,
  parts: ({ path }, { state: { sessions, favourites } }) => {
    if (!sessions || !favourites) throw failure('INITIATOR_SERVICE_STOPPED', {}, { effect: 'none' });
    const own = sessionsOnPath(path, sessions);
    // Unregistering a session takes its favourite with it: favourites that are left show once the sessions have ended.
    if (own.length > 0)
      return own.flatMap(({ isPersistent, sessionIdentifier }): NamedChange[] => [
        ...(isPersistent ? [{ do: 'initiator.unregisterSession' as const, sessionIdentifier }] : []),
        { do: 'initiator.logOff', sessionIdentifier },
      ]);
    return favourites
      .filter((favourite) => isOwnFavourite(favourite, path))
      .map(({ targetNodeAddress, initiatorPortalAddress, targetPortalAddress, targetPortalPort }) => ({
        do: 'initiator.removeFavourite' as const,
        targetNodeAddress,
        initiatorPortalAddress,
        targetPortalAddress,
        targetPortalPort,
      }));
  },
  subject: ({ path }) => [
    path.targetNodeAddress,
    path.initiatorPortalAddress,
    path.targetPortalAddress,
    path.targetPortalPort,
  ],
  words: ({ path }) => ({
    title: `Log off the path ${pathText(path)}`,
    why: 'The logon is undone.',
    manual: `${initiatorTool}: Targets, Properties, Disconnect; Favorite Targets, Remove.`,
  }),
  undo: () => null,
  done: ({ path }, observed) =>
    judgeState(observed, 'sessions', (sessions) =>
      judgeState(observed, 'favourites', (favourites) => {
        const isThere =
          sessionsOnPath(path, sessions).length > 0 || favourites.some((one) => isOwnFavourite(one, path));
        return judge(
          !isThere,
          isThere ? 'a session or favorite target is there' : 'no session and no favorite target is there',
        );
      }),
    ),
};
