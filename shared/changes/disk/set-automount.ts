import * as z from 'zod';
import { whyUnread } from '../../model/observed.ts';
import { judge, unknown } from '../done.ts';
import type { ChangeKind } from '../kind.ts';

const schema = z.object({ do: z.literal('disk.setAutomount'), enabled: z.boolean() });

/** Whether new volumes get a letter by themselves. */
export const setAutomount: ChangeKind<typeof schema, 'storage'> = {
  schema,
  area: 'storage',
  script: 'Set-Automount',
  subject: () => [],
  words: ({ enabled }, observed) => ({
    title: `Turn automount ${enabled ? 'on' : 'off'} on ${observed.node}`,
    why: `It is ${enabled ? 'off' : 'on'}. With automount off, the disk failover test of Test-Cluster fails (KB3020013).`,
    manual: `diskpart: automount ${enabled ? 'enable' : 'disable'}.`,
  }),
  undo: ({ enabled }) => ({
    text: `Switches it ${enabled ? 'off' : 'on'} again.`,
    changes: [{ do: 'disk.setAutomount', enabled: !enabled }],
  }),
  done: ({ enabled }, { policy, unread }) => {
    if (!policy) return unknown(unread['policy'] ?? 'the policy was not read');
    return policy.automount === null
      ? unknown(whyUnread(policy, 'automount') ?? 'automount was not read')
      : judge(policy.automount === enabled, `automount is ${policy.automount ? 'on' : 'off'}`);
  },
};
