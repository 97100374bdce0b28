import * as z from 'zod';
import { nicRoleSchema, roleNames } from '../../model/nic.ts';
import { judge } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { nicName } from './nic.ts';

const schema = z.object({
  do: z.literal('nic.setRole'),
  /** InterfaceGuid. */
  nic: z.string(),
  permanentAddress: z.string().nullable(),
  role: nicRoleSchema.nullable(),
});

/** What Quorate itself remembers an adapter as. */
export const setRole: ChangeKind<typeof schema, 'network'> = {
  schema,
  area: 'network',
  script: null,
  keep: ({ nic, permanentAddress, role }, kept) => kept.setRole({ interfaceGuid: nic, permanentAddress }, role),
  subject: ({ nic }) => [nic],
  words: ({ nic, permanentAddress, role }, observed) => {
    const current = observed.roles.get(nic);
    return {
      title:
        role === null
          ? `Take the role from ${nicName(observed, nic)}`
          : `Give ${nicName(observed, nic)} the role ${roleNames[role]}`,
      why: `${current ? `Its role is ${roleNames[current]}.` : 'It has no role yet.'} Quorate ties the role to ${permanentAddress ? `the MAC address ${permanentAddress}` : 'the adapter’s interface GUID'}, because names change.`,
      manual: 'Nothing to do: only Quorate keeps this, and nothing in Windows changes.',
    };
  },
  undo: ({ nic, permanentAddress }, observed) => ({
    text: 'Gives back the role from before.',
    changes: [{ do: 'nic.setRole', nic, permanentAddress, role: observed.roles.get(nic) ?? null }],
  }),
  done: ({ nic, role }, observed) => {
    const current = observed.roles.get(nic) ?? null;
    return judge(current === role, `the role is ${current ? roleNames[current] : 'none'}`);
  },
};
