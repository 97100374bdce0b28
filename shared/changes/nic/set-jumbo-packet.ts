import * as z from 'zod';
import { judge } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { judgeNic, nicName, nicOf } from './nic.ts';

const schema = z.object({
  do: z.literal('nic.setJumboPacket'),
  /** InterfaceGuid. */
  nic: z.string(),
  /** In bytes with the Ethernet header, such as 9014. */
  valueBytes: z.number().int(),
});

/**
 * The driver's `*JumboPacket`. The adapter restarts. Throws `NIC_JUMBO_UNSUPPORTED` when the driver has no such property or
 * does not take the value.
 */
export const setJumboPacket: ChangeKind<typeof schema, 'network'> = {
  schema,
  area: 'network',
  script: 'Set-NicJumboPacket',
  cuts: () => true,
  putsBack: ({ nic }) => ({ nic, families: [] }),
  subject: ({ nic }) => [nic],
  words: ({ nic, valueBytes }, observed) => ({
    title: `Set the jumbo packet of ${nicName(observed, nic)} to ${valueBytes} bytes`,
    why: `It is ${nicOf(observed, nic)?.jumboPacket?.valueBytes ?? 'an unknown number of'} bytes. The adapter restarts, which interrupts it for a moment.`,
    manual: 'Device Manager: the adapter, Advanced, Jumbo Packet.',
  }),
  undo: ({ nic }, observed) => {
    const valueBytes = nicOf(observed, nic)?.jumboPacket?.valueBytes;
    return valueBytes === undefined
      ? null
      : { text: `Goes back to ${valueBytes} bytes.`, changes: [{ do: 'nic.setJumboPacket', nic, valueBytes }] };
  },
  done: ({ nic, valueBytes }, observed) =>
    judgeNic(observed, nic, 'jumboPacket', (found) =>
      judge(found.valueBytes === valueBytes, `the jumbo packet size is ${found.valueBytes} bytes`),
    ),
};
