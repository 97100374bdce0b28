import * as z from 'zod';
import { judge } from '../done.ts';
import { judgeNic, nicName, nicOf } from './nic.ts';
import { nicSetting } from './setting.ts';

const schema = z.object({
  do: z.literal('nic.setNetworkCategory'),
  /** InterfaceGuid. */
  nic: z.string(),
  /** `DomainAuthenticated` cannot be set: Windows decides it (learn.microsoft.com, Set-NetConnectionProfile). */
  category: z.enum(['public', 'private']),
});

/** A network of the domain is trusted as a private one is, and stays what Windows has made it. */
const isAs = (found: string, wanted: string): boolean =>
  found === wanted || (found === 'domainAuthenticated' && wanted === 'private');

/** Which profile of the firewall applies to the network that an adapter is connected to. */
export const setNetworkCategory = nicSetting({
  schema,
  setting: {
    key: 'networkCategory',
    // Public is only gone back to: nobody wants a server's network less trusted than Windows takes it for.
    value: z.literal('private'),
    words: 'the category of the network',
    property: 'networkCategory',
    absent: 'it is connected to no network',
    isMet: ({ networkCategory }, wanted) => networkCategory !== null && isAs(networkCategory, wanted),
    change: (nic, category) => ({ do: 'nic.setNetworkCategory', nic, category }),
  },
  area: 'network',
  script: 'Set-NicNetworkCategory',
  subject: ({ nic }) => [nic],
  words: ({ nic, category }, observed) => ({
    title: `Set the network of ${nicName(observed, nic)} to ${category}`,
    why: `It is ${nicOf(observed, nic)?.networkCategory ?? 'not known'}; the firewall's profile follows from it.`,
    manual: `Settings, Network & internet, Ethernet, ${nicName(observed, nic)}: Network profile type.`,
  }),
  undo: ({ nic }, observed) => {
    const category = nicOf(observed, nic)?.networkCategory;
    return category === 'public' || category === 'private'
      ? { text: `Goes back to ${category}.`, changes: [{ do: 'nic.setNetworkCategory', nic, category }] }
      : null;
  },
  done: ({ nic, category }, observed) =>
    judgeNic(observed, nic, 'networkCategory', (found) => judge(isAs(found, category), `the network is ${found}`)),
});
