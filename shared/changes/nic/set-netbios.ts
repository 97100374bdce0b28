import * as z from 'zod';
import { netbiosSettings } from '../../model/netbios.ts';
import { judge } from '../done.ts';
import { connectionsTool, judgeNic, nicName, nicOf } from './nic.ts';
import { nicSetting } from './setting.ts';

const schema = z.object({
  do: z.literal('nic.setNetbios'),
  /** InterfaceGuid. */
  nic: z.string(),
  setting: z.enum(netbiosSettings),
});

/** NetBIOS over TCP/IP of an adapter. */
export const setNetbios = nicSetting({
  schema,
  setting: {
    key: 'netbios',
    value: schema.shape.setting,
    words: 'the NetBIOS setting',
    property: 'netbios',
    change: (nic, setting) => ({ do: 'nic.setNetbios', nic, setting }),
  },
  area: 'network',
  script: 'Set-NicNetbios',
  subject: ({ nic }) => [nic],
  words: ({ nic, setting }, observed) => ({
    title: `Set NetBIOS over TCP/IP of ${nicName(observed, nic)} to ${setting}`,
    why: `It is ${nicOf(observed, nic)?.netbios ?? 'not known'}.`,
    manual: `${connectionsTool}: Properties, Internet Protocol Version 4, Advanced, WINS.`,
  }),
  undo: ({ nic }, observed) => {
    const setting = nicOf(observed, nic)?.netbios;
    return setting ? { text: `Goes back to ${setting}.`, changes: [{ do: 'nic.setNetbios', nic, setting }] } : null;
  },
  done: ({ nic, setting }, observed) =>
    judgeNic(observed, nic, 'netbios', (found) => judge(found === setting, `NetBIOS over TCP/IP is ${found}`)),
});
