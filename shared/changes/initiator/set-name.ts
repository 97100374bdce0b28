import * as z from 'zod';
import { judge } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { initiatorTool, judgeState } from './initiator.ts';

const schema = z.object({ do: z.literal('initiator.setName'), iqn: z.string() });

/** The initiator's name. Sessions that exist keep the old one. Throws `INITIATOR_NAME_REFUSED`. */
export const setName: ChangeKind<typeof schema, 'initiator'> = {
  schema,
  area: 'initiator',
  script: 'Set-InitiatorName',
  parameters: ({ iqn }) => ({ name: iqn }),
  subject: ({ iqn }) => [iqn],
  words: ({ iqn }, { state }) => ({
    title: `Set the initiator name to ${iqn}`,
    why: `It is ${state.iqn ?? 'not known'}.`,
    manual: `${initiatorTool}: Configuration, Change.`,
  }),
  undo: (_change, { state }) =>
    state.iqn === null
      ? null
      : { text: `Goes back to ${state.iqn}.`, changes: [{ do: 'initiator.setName', iqn: state.iqn }] },
  done: ({ iqn }, observed) => judgeState(observed, 'iqn', (name) => judge(name === iqn, `the name is ${name}`)),
};
