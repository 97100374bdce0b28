import * as z from 'zod';
import type { InitiatorObserved } from '../../plan/observed.ts';
import { judge } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { judgeState } from './initiator.ts';

const schema = z.object({ do: z.literal('initiator.setFirewall'), enabled: z.boolean() });

const differentRules = ({ state }: InitiatorObserved, enabled: boolean): string[] =>
  (state.firewallRules ?? []).filter((rule) => rule.enabled !== enabled).map((rule) => rule.name);

/** Switches Windows' own firewall rules for iSCSI on or off, in every profile that they have. */
export const setFirewall: ChangeKind<typeof schema, 'initiator'> = {
  schema,
  area: 'initiator',
  script: 'Set-InitiatorFirewall',
  subject: ({ enabled }) => [String(enabled)],
  words: ({ enabled }, observed) => {
    const different = differentRules(observed, enabled);
    return {
      title: `${enabled ? 'Enable' : 'Disable'} the firewall rules for iSCSI`,
      why: `${different.length} of ${observed.state.firewallRules?.length ?? 0} rules are ${enabled ? 'disabled' : 'enabled'}: ${different.join(', ')}.`,
      manual: 'Windows Defender Firewall with Advanced Security: the rules of the group iSCSI Service.',
    };
  },
  // Rules that differed among themselves are not told apart any more once they are all the same.
  undo: ({ enabled }, observed) =>
    differentRules(observed, enabled).length === observed.state.firewallRules?.length
      ? {
          text: `${enabled ? 'Disables' : 'Enables'} them again.`,
          changes: [{ do: 'initiator.setFirewall', enabled: !enabled }],
        }
      : null,
  done: ({ enabled }, observed) =>
    judgeState(observed, 'firewallRules', (rules) => {
      const different = differentRules(observed, enabled).length;
      return judge(
        different === 0,
        `${rules.length - different} of ${rules.length} rules are ${enabled ? 'enabled' : 'disabled'}`,
      );
    }),
};
