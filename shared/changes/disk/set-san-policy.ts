import * as z from 'zod';
import { sanPolicies } from '../../model/disk.ts';
import { whyUnread } from '../../model/observed.ts';
import { judge, unknown } from '../done.ts';
import type { ChangeKind } from '../kind.ts';

const schema = z.object({ do: z.literal('disk.setSanPolicy'), policy: z.enum(sanPolicies) });

/** What Windows does with disks that arrive. */
export const setSanPolicy: ChangeKind<typeof schema, 'storage'> = {
  schema,
  area: 'storage',
  script: 'Set-SanPolicy',
  subject: () => [],
  words: ({ policy }, observed) => ({
    title: `Set the SAN policy of ${observed.node} to ${policy}`,
    why: `It is ${observed.policy?.sanPolicy ?? 'not known'}. OfflineShared keeps a shared disk offline until somebody brings it online.`,
    manual: `diskpart: san policy=${policy}.`,
  }),
  undo: (_change, { policy: current }) =>
    current?.sanPolicy
      ? {
          text: `Goes back to ${current.sanPolicy}.`,
          changes: [{ do: 'disk.setSanPolicy', policy: current.sanPolicy }],
        }
      : null,
  done: ({ policy }, { policy: current, unread }) => {
    if (!current) return unknown(unread['policy'] ?? 'the policy was not read');
    return current.sanPolicy === null
      ? unknown(whyUnread(current, 'sanPolicy') ?? 'the SAN policy was not read')
      : judge(current.sanPolicy === policy, `the SAN policy is ${current.sanPolicy}`);
  },
};
