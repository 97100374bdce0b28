import * as z from 'zod';
import { loadBalancePolicies, loadBalancePolicyWords } from '../../model/windows-iscsi.ts';
import { judge, unknown } from '../done.ts';
import type { ChangeKind } from '../kind.ts';

const schema = z.object({ do: z.literal('mpio.setLoadBalancePolicy'), policy: z.enum(loadBalancePolicies) });

const policyText = (policy: (typeof loadBalancePolicies)[number]): string =>
  `${policy} (${loadBalancePolicyWords[policy]})`;

/** The policy of disks that are claimed from now on. Throws `MPIO_NOT_INSTALLED`. */
export const setLoadBalancePolicy: ChangeKind<typeof schema, 'initiator'> = {
  schema,
  area: 'initiator',
  script: 'Set-MpioPolicy',
  subject: ({ policy }) => [policy],
  words: ({ policy }, { mpio }) => ({
    title: `Set the load-balance policy of new disks to ${policyText(policy)}`,
    why: `It is ${mpio?.loadBalancePolicy == null ? 'not known' : policyText(mpio.loadBalancePolicy)}.`,
    manual: 'Set-MSDSMGlobalDefaultLoadBalancePolicy, or mpiocpl.exe.',
  }),
  undo: (_change, { mpio }) =>
    mpio?.loadBalancePolicy
      ? {
          text: `Goes back to ${policyText(mpio.loadBalancePolicy)}.`,
          changes: [{ do: 'mpio.setLoadBalancePolicy', policy: mpio.loadBalancePolicy }],
        }
      : null,
  done: ({ policy }, { mpio, mpioUnread }) =>
    mpio?.loadBalancePolicy == null
      ? unknown(mpioUnread ?? 'the policy was not read')
      : judge(mpio.loadBalancePolicy === policy, `the policy is ${policyText(mpio.loadBalancePolicy)}`),
};
