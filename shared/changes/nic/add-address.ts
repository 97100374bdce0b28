import * as z from 'zod';
import { judge, no } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { addressOf, connectionsTool, familiesOf, judgeNic, nicName } from './nic.ts';

const schema = z.object({
  do: z.literal('nic.addAddress'),
  /** InterfaceGuid. */
  nic: z.string(),
  address: z.string(),
  prefixLength: z.number().int(),
  /** True: Windows does not choose it as the source of connections by itself. */
  skipAsSource: z.boolean().optional(),
});

/**
 * Adds a static address (New-NetIPAddress). Throws `NIC_ADDRESS_EXISTS` when this server has it, `NIC_ADDRESS_REFUSED` when
 * Windows does not take it. That another machine has it shows later: the address reads back with the state `duplicate`.
 * https://learn.microsoft.com/en-us/powershell/module/nettcpip/new-netipaddress
 */
export const addAddress: ChangeKind<typeof schema, 'network'> = {
  schema,
  area: 'network',
  script: 'Add-NicAddress',
  cuts: () => true,
  putsBack: ({ nic, address }) => ({ nic, families: familiesOf(address) }),
  subject: ({ nic, address, prefixLength }) => [nic, address, prefixLength],
  words: ({ nic, address, prefixLength }, observed) => ({
    title: `Give ${nicName(observed, nic)} the address ${address}/${prefixLength}`,
    why:
      addressOf(observed, nic, address)?.origin === 'dhcp'
        ? 'DHCP supplies it now; it goes with the lease.'
        : `${nicName(observed, nic)} does not have it yet.`,
    manual: `${connectionsTool}: Properties, Internet Protocol, Use the following IP address.`,
  }),
  undo: ({ nic, address }) => ({ text: 'Removes it again.', changes: [{ do: 'nic.removeAddress', nic, address }] }),
  done: ({ nic, address, prefixLength }, observed) =>
    judgeNic(observed, nic, 'addresses', (_addresses, { mediaState }) => {
      const held = addressOf(observed, nic, address);
      if (!held) return no(`${address} is not there`);
      if (held.state === 'duplicate')
        return {
          is: 'no',
          found: 'another machine answers for it',
          failure: { code: 'NIC_ADDRESS_DUPLICATE', detail: { address, nic: nicName(observed, nic) } },
        };
      // Without a link Windows cannot ask whether the address is free, and keeps it tentative.
      const isWaiting = held.state === 'tentative' && mediaState === 'connected';
      return judge(
        held.prefixLength === prefixLength && held.state !== 'invalid' && !isWaiting,
        `${held.address}/${held.prefixLength} is ${held.state}`,
      );
    }),
};
