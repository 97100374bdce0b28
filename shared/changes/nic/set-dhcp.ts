import * as z from 'zod';
import { addressFamilySchema } from '../../model/address.ts';
import { judge } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { connectionsTool, familyNames, judgeNic, nicName } from './nic.ts';

const schema = z.object({
  do: z.literal('nic.setDhcp'),
  /** InterfaceGuid. */
  nic: z.string(),
  family: addressFamilySchema,
  enabled: z.boolean(),
});

/** DHCP on or off for a family. Windows removes DHCP's own addresses when it is switched off. */
export const setDhcp: ChangeKind<typeof schema, 'network'> = {
  schema,
  area: 'network',
  script: 'Set-NicDhcp',
  cuts: () => true,
  // DHCP brings gateway and DNS servers again: configured ones beside them would stay for good.
  putsBack: ({ nic, family, enabled }) => ({ nic, families: [family], endsLease: !enabled }),
  subject: ({ nic, family }) => [nic, family],
  words: ({ nic, family, enabled }, observed) => ({
    title: `${enabled ? 'Enable' : 'Disable'} DHCP for ${familyNames[family]} on ${nicName(observed, nic)}`,
    why: enabled ? 'It is disabled.' : 'It is enabled; a static address takes its place.',
    manual: `${connectionsTool}: Properties, Internet Protocol, ${enabled ? 'Obtain an IP address automatically' : 'Use the following IP address'}.`,
  }),
  undo: ({ nic, family, enabled }) => ({
    text: `${enabled ? 'Disables' : 'Enables'} it again.`,
    changes: [{ do: 'nic.setDhcp', nic, family, enabled: !enabled }],
  }),
  done: ({ nic, family, enabled }, observed) =>
    judgeNic(observed, nic, 'dhcp', (dhcp) =>
      judge(dhcp[family] === enabled, `DHCP for ${familyNames[family]} is ${dhcp[family] ? 'enabled' : 'disabled'}`),
    ),
};
