import * as z from 'zod';
import { addressFamilySchema, isSameAddress } from '../../model/address.ts';
import { judge } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { connectionsTool, familyNames, judgeNic, nicName, nicOf } from './nic.ts';

const schema = z.object({
  do: z.literal('nic.setDnsServers'),
  /** InterfaceGuid. */
  nic: z.string(),
  family: addressFamilySchema,
  /** In order; empty goes back to what DHCP gives. */
  servers: z.array(z.string()),
});

/** The DNS servers of a family. */
export const setDnsServers: ChangeKind<typeof schema, 'network'> = {
  schema,
  area: 'network',
  script: 'Set-NicDnsServer',
  parameters: ({ nic, family, servers }) => ({ nic, family, server: servers }),
  putsBack: ({ nic, family }) => ({ nic, families: [family] }),
  subject: ({ nic, family }) => [nic, family],
  words: ({ nic, family, servers }, observed) => {
    const current = nicOf(observed, nic)?.dnsServers?.[family] ?? [];
    return {
      title:
        servers.length === 0
          ? `Remove the ${familyNames[family]} DNS servers of ${nicName(observed, nic)}`
          : `Set the ${familyNames[family]} DNS servers of ${nicName(observed, nic)} to ${servers.join(', ')}`,
      why: current.length === 0 ? 'It has none.' : `They are ${current.join(', ')}.`,
      manual: `${connectionsTool}: Properties, Internet Protocol, DNS server addresses.`,
    };
  },
  undo: ({ nic, family }, observed) => {
    const servers = nicOf(observed, nic)?.dnsServers?.[family] ?? [];
    return {
      text: servers.length === 0 ? 'Removes them again.' : `Goes back to ${servers.join(', ')}.`,
      changes: [{ do: 'nic.setDnsServers', nic, family, servers }],
    };
  },
  done: ({ nic, family, servers }, observed) =>
    judgeNic(observed, nic, 'dnsServers', (found) => {
      const current = found[family];
      return judge(
        current.length === servers.length && current.every((one, index) => isSameAddress(one, servers[index]!)),
        current.length === 0 ? 'there are no DNS servers' : `the DNS servers are ${current.join(', ')}`,
      );
    }),
};
