import * as z from 'zod';
import { judge } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { connectionsTool, judgeNic, nicName } from './nic.ts';

const schema = z.object({
  do: z.literal('nic.rename'),
  /** InterfaceGuid. */
  nic: z.string(),
  newName: z.string(),
});

/** Throws `NIC_NAME_IN_USE` when another adapter (a hidden one too) has the name. */
export const rename: ChangeKind<typeof schema, 'network'> = {
  schema,
  area: 'network',
  script: 'Rename-Nic',
  subject: ({ nic, newName }) => [nic, newName],
  words: ({ nic, newName }, observed) => ({
    title: `Rename ${nicName(observed, nic)} to ${newName}`,
    why: `It is called ${nicName(observed, nic)}. The same names on all servers make the cluster readable.`,
    manual: `${connectionsTool}: Rename.`,
  }),
  undo: ({ nic }, observed) => ({
    text: 'Renames it back.',
    changes: [{ do: 'nic.rename', nic, newName: nicName(observed, nic) }],
  }),
  done: ({ nic, newName }, observed) =>
    judgeNic(observed, nic, 'name', (name) => judge(name === newName, `the name is ${name}`)),
};
