import * as z from 'zod';
import { judge } from '../done.ts';
import { connectionsTool, judgeNic, nicName } from './nic.ts';
import { nicSetting } from './setting.ts';

const schema = z.object({
  do: z.literal('nic.setDnsRegistration'),
  /** InterfaceGuid. */
  nic: z.string(),
  registers: z.boolean(),
});

/** Does the adapter register its addresses in DNS? */
export const setDnsRegistration = nicSetting({
  schema,
  setting: {
    key: 'registersInDns',
    value: schema.shape.registers,
    words: 'the DNS registration',
    property: 'registersInDns',
    change: (nic, registers) => ({ do: 'nic.setDnsRegistration', nic, registers }),
  },
  area: 'network',
  script: 'Set-NicDnsRegistration',
  subject: ({ nic }) => [nic],
  words: ({ nic, registers }, observed) => ({
    title: `Switch the DNS registration of ${nicName(observed, nic)} ${registers ? 'on' : 'off'}`,
    why: `It is ${registers ? 'off' : 'on'}.`,
    manual: `${connectionsTool}: Properties, Internet Protocol, Advanced, DNS, Register this connection's addresses in DNS.`,
  }),
  undo: ({ nic, registers }) => ({
    text: `Switches it ${registers ? 'off' : 'on'} again.`,
    changes: [{ do: 'nic.setDnsRegistration', nic, registers: !registers }],
  }),
  done: ({ nic, registers }, observed) =>
    judgeNic(observed, nic, 'registersInDns', (found) =>
      judge(found === registers, `the DNS registration is ${found ? 'on' : 'off'}`),
    ),
});
