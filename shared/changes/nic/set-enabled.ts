import * as z from 'zod';
import { judge, unknown } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { connectionsTool, judgeNic, nicName } from './nic.ts';

const schema = z.object({
  do: z.literal('nic.setEnabled'),
  /** InterfaceGuid. */
  nic: z.string(),
  enabled: z.boolean(),
});

/** Enables or disables an adapter. */
export const setEnabled: ChangeKind<typeof schema, 'network'> = {
  schema,
  area: 'network',
  script: 'Set-NicState',
  cuts: ({ enabled }) => !enabled,
  putsBack: ({ nic }) => ({ nic, families: [] }),
  subject: ({ nic, enabled }) => [nic, String(enabled)],
  words: ({ nic, enabled }, observed) => ({
    title: `${enabled ? 'Enable' : 'Disable'} ${nicName(observed, nic)}`,
    why: `It is ${enabled ? 'disabled' : 'enabled'}.`,
    manual: `${connectionsTool}: ${enabled ? 'Enable' : 'Disable'}.`,
  }),
  undo: ({ nic, enabled }) => ({
    text: enabled ? 'Disables it again.' : 'Enables it again.',
    changes: [{ do: 'nic.setEnabled', nic, enabled: !enabled }],
  }),
  done: ({ nic, enabled }, observed) =>
    judgeNic(observed, nic, 'adminStatus', (status) =>
      status === 'unknown'
        ? unknown('its status is unknown')
        : judge((status === 'up') === enabled, `its status is ${status}`),
    ),
};
