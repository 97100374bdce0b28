import * as z from 'zod';
import { judge } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { judgeNic, nicName } from './nic.ts';

const schema = z.object({
  do: z.literal('nic.setPowerSaving'),
  /** InterfaceGuid. */
  nic: z.string(),
  allowed: z.boolean(),
});

/** May Windows turn the device off to save power? Throws `NIC_POWER_UNSUPPORTED`. */
export const setPowerSaving: ChangeKind<typeof schema, 'network'> = {
  schema,
  area: 'network',
  script: 'Set-NicPowerSaving',
  subject: ({ nic }) => [nic],
  words: ({ nic, allowed }, observed) => ({
    title: `${allowed ? 'Let' : 'Do not let'} Windows switch ${nicName(observed, nic)} off to save power`,
    why: `It ${allowed ? 'may not' : 'may'} now.`,
    manual: 'Device Manager: the adapter, Power Management.',
  }),
  undo: ({ nic, allowed }) => ({
    text: `${allowed ? 'Forbids' : 'Allows'} it again.`,
    changes: [{ do: 'nic.setPowerSaving', nic, allowed: !allowed }],
  }),
  done: ({ nic, allowed }, observed) =>
    judgeNic(observed, nic, 'powerSaving', (found) =>
      judge(
        (found === 'allowed') === allowed,
        `power saving is ${{ allowed: 'on', notAllowed: 'off', unsupported: 'not supported' }[found]}`,
      ),
    ),
};
