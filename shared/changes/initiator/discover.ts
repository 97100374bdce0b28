import * as z from 'zod';
import { noTrace } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { initiatorTool, logonTimeoutMs } from './initiator.ts';

const schema = z.object({ do: z.literal('initiator.discover') });

/** Discovers again over every portal. Portals that do not answer are named in `INITIATOR_PORTAL_UNREACHABLE`. */
export const discover: ChangeKind<typeof schema, 'initiator'> = {
  schema,
  area: 'initiator',
  script: 'Update-InitiatorTarget',
  timeoutMs: logonTimeoutMs,
  subject: () => [],
  words: (_change, observed) => ({
    title: `Discover the targets of all portals of ${observed.node} again`,
    why: 'You asked for it. Windows shows new and removed targets only then.',
    manual: `${initiatorTool}: Targets, Refresh.`,
  }),
  undo: () => null,
  stays: null,
  done: () => noTrace('The portals were asked.'),
};
