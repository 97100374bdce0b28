import * as z from 'zod';
import { addressFamilySchema, isSameAddress, type AddressFamily } from '../../model/address.ts';
import type { NetworkObserved } from '../../plan/observed.ts';
import { judge } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { connectionsTool, familyNames, judgeNic, nicName, nicOf } from './nic.ts';

const schema = z.object({
  do: z.literal('nic.setGateway'),
  /** InterfaceGuid. */
  nic: z.string(),
  family: addressFamilySchema,
  nextHop: z.string().nullable(),
});

const gatewaysOf = (observed: NetworkObserved, nic: string, family: AddressFamily): string[] =>
  (nicOf(observed, nic)?.gateways ?? []).flatMap((gateway) => (gateway.family === family ? [gateway.nextHop] : []));

/** The one default gateway of a family; null removes every one. Replaces whatever was there. */
export const setGateway: ChangeKind<typeof schema, 'network'> = {
  schema,
  area: 'network',
  script: 'Set-NicGateway',
  cuts: () => true,
  putsBack: ({ nic, family }) => ({ nic, families: [family] }),
  subject: ({ nic, family }) => [nic, family],
  words: ({ nic, family, nextHop }, observed) => {
    const current = gatewaysOf(observed, nic, family);
    return {
      title:
        nextHop === null
          ? `Remove the ${familyNames[family]} gateway of ${nicName(observed, nic)}`
          : `Set the ${familyNames[family]} gateway of ${nicName(observed, nic)} to ${nextHop}`,
      why: current.length > 0 ? `The gateway is ${current.join(', ')}.` : 'There is no gateway yet.',
      manual: `${connectionsTool}: Properties, Internet Protocol, Default gateway.`,
    };
  },
  undo: ({ nic, family }, observed) => {
    const [nextHop = null, ...more] = gatewaysOf(observed, nic, family);
    return more.length > 0
      ? null
      : {
          text: nextHop === null ? 'Removes it again.' : `Goes back to ${nextHop}.`,
          changes: [{ do: 'nic.setGateway', nic, family, nextHop }],
        };
  },
  done: ({ nic, family, nextHop }, observed) =>
    judgeNic(observed, nic, 'gateways', () => {
      const current = gatewaysOf(observed, nic, family);
      return judge(
        nextHop === null ? current.length === 0 : current.length === 1 && isSameAddress(current[0]!, nextHop),
        current.length === 0 ? 'there is no gateway' : `the gateway is ${current.join(', ')}`,
      );
    }),
};
