import * as z from 'zod';
import { no, yes } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { addressOf, connectionsTool, familiesOf, judgeNic, nicName } from './nic.ts';

const schema = z.object({
  do: z.literal('nic.removeAddress'),
  /** InterfaceGuid. */
  nic: z.string(),
  address: z.string(),
});

/**
 * Removes a static address (Remove-NetIPAddress). Throws `NIC_ADDRESS_NOT_FOUND`.
 * https://learn.microsoft.com/en-us/powershell/module/nettcpip/remove-netipaddress
 */
export const removeAddress: ChangeKind<typeof schema, 'network'> = {
  schema,
  area: 'network',
  script: 'Remove-NicAddress',
  cuts: () => true,
  putsBack: ({ nic, address }) => ({ nic, families: familiesOf(address) }),
  subject: ({ nic, address }) => [nic, address],
  words: ({ nic, address }, observed) => {
    const held = addressOf(observed, nic, address);
    return {
      title: `Remove ${held ? `${address}/${held.prefixLength}` : address} from ${nicName(observed, nic)}`,
      why: 'It is not among the addresses that are wanted.',
      manual: `${connectionsTool}: Properties, Internet Protocol, Advanced, IP addresses.`,
    };
  },
  undo: ({ nic, address }, observed) => {
    const held = addressOf(observed, nic, address);
    return held
      ? { text: 'Gives it back.', changes: [{ do: 'nic.addAddress', nic, address, prefixLength: held.prefixLength }] }
      : null;
  },
  done: ({ nic, address }, observed) =>
    judgeNic(observed, nic, 'addresses', () => {
      const held = addressOf(observed, nic, address);
      return held ? no(`${held.address} is there`) : yes(`${address} is not there`);
    }),
};
