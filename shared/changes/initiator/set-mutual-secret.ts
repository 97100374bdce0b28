import * as z from 'zod';
import { noTrace } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { initiatorTool } from './initiator.ts';

const schema = z.object({
  do: z.literal('initiator.setMutualSecret'),
  /** Null removes the secret. */
  secretName: z.string().nullable(),
});

/** The secret with which targets prove themselves, one for the whole initiator; 12 to 16 bytes on Windows. */
export const setMutualSecret: ChangeKind<typeof schema, 'initiator'> = {
  schema,
  area: 'initiator',
  script: 'Set-InitiatorSecret',
  parameters: ({ secretName }, { secret }) => ({ secret: secretName === null ? null : secret(secretName) }),
  secrets: ({ secretName }) => (secretName === null ? [] : [secretName]),
  subject: () => [],
  words: ({ secretName }) => ({
    title:
      secretName === null
        ? 'Remove the initiator’s secret for mutual CHAP'
        : 'Set the initiator’s secret for mutual CHAP',
    why: 'Windows does not show this secret, so Quorate sets it each time you ask for it.',
    manual: `${initiatorTool}: Configuration, CHAP.`,
  }),
  undo: () => null,
  stays: 'Windows does not tell the secret that was there before.',
  done: () => noTrace('Windows accepted it; it cannot be read back.'),
};
