import * as z from 'zod';
import { iscsiPathSchema } from '../../model/windows-iscsi.ts';
import { isSamePath, pathText } from '../../plan/initiator/paths.ts';
import { judge } from '../done.ts';
import type { ChangeKind } from '../kind.ts';

const schema = z.object({ do: z.literal('initiator.setPathWanted'), path: iscsiPathSchema, wanted: z.boolean() });

/** Whether Quorate itself remembers a path as asked for. */
export const setPathWanted: ChangeKind<typeof schema, 'initiator'> = {
  schema,
  area: 'initiator',
  script: null,
  keep: ({ path, wanted }, kept) => kept.setPathWanted(path, wanted),
  subject: ({ path }) => [
    path.targetNodeAddress,
    path.initiatorPortalAddress,
    path.targetPortalAddress,
    path.targetPortalPort,
  ],
  words: ({ path, wanted }) => ({
    title: `${wanted ? 'Remember' : 'Forget'} the path ${pathText(path)}`,
    why: wanted
      ? 'Quorate checks every path that it remembers, and says so when one is missing.'
      : 'The path is no longer wanted.',
    manual: 'Nothing to do: only Quorate keeps this, and nothing in Windows changes.',
  }),
  undo: ({ path, wanted }) => ({
    text: wanted ? 'Forgets it again.' : 'Remembers it again.',
    changes: [{ do: 'initiator.setPathWanted', path, wanted: !wanted }],
  }),
  done: ({ path, wanted }, { wantedPaths }) => {
    const isWanted = wantedPaths.some((other) => isSamePath(other, path));
    return judge(isWanted === wanted, isWanted ? 'the path is remembered' : 'the path is not remembered');
  },
};
