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
      title: `Remember ${nicName(observed, nic)} as ${role === null ? 'without a role' : roleNames[role]}`,
      why: `${current ? `Its role is ${roleNames[current]}.` : 'It has no role yet.'} Quorate keys the role on ${permanentAddress ?? nic}, because names change.`,
      manual: 'Quorate keeps this itself; nothing of Windows is changed.',
    };
  },
  undo: ({ nic, permanentAddress }, observed) => ({
    text: 'Forgets it again.',
    changes: [{ do: 'nic.setRole', nic, permanentAddress, role: observed.roles.get(nic) ?? null }],
  }),
  done: ({ nic, role }, observed) => {
    const current = observed.roles.get(nic) ?? null;
    return judge(current === role, `the role is ${current ?? 'none'}`);
  },
};
