import { requireAdministrator, type Change } from '../change.ts';
import { NotModelled } from '../refusal.ts';
import type { FirewallRuleState } from '../state.ts';

/** Makes a rule (New-NetFirewallRule). What Windows answers to a name that is taken nobody has shown. */
export const addFirewallRule = (change: Change, rule: FirewallRuleState): void => {
  requireAdministrator(change);
  const { firewallRules } = change.server;
  if (firewallRules.some(({ name }) => name === rule.name))
    throw new NotModelled(`a second firewall rule ${rule.name}`);
  firewallRules.push(rule);
};

/** Removes rules by their names (Remove-NetFirewallRule). */
export const removeFirewallRules = (change: Change, names: readonly string[]): void => {
  requireAdministrator(change);
  change.server.firewallRules = change.server.firewallRules.filter(({ name }) => !names.includes(name));
};

interface PeerOpening {
  readonly address: string;
  readonly port: number;
  readonly nic: string | null;
}

/** What Set-PeerOpening comes to. */
export const setPeerOpenings = (
  change: Change,
  {
    owner,
    program,
    openings,
  }: { readonly owner: string; readonly program: string; readonly openings: readonly PeerOpening[] },
): void => {
  const prefix = `Quorate-${owner}-`;
  const old = change.server.firewallRules.map(({ name }) => name).filter((name) => name.startsWith(prefix));
  removeFirewallRules(change, old);
  const base = {
    group: 'Quorate',
    direction: 'inbound',
    enabled: true,
    profiles: ['domain', 'private', 'public'],
    action: 'allow',
  } as const;
  openings.forEach(({ address, port, nic }, index) => {
    const own = { ...base, profiles: [...base.profiles] };
    addFirewallRule(change, {
      ...own,
      name: `${prefix}${index}-tcp`,
      displayName: 'Quorate (TCP-In)',
      filter: {
        program,
        protocol: 'TCP',
        localAddress: address,
        localPort: `${port}`,
        interfaceAlias: null,
        remoteAddress: null,
      },
    });
    if (nic === null) return;
    addFirewallRule(change, {
      ...own,
      name: `${prefix}${index}-mdns`,
      displayName: 'Quorate (mDNS-In)',
      filter: {
        program,
        protocol: 'UDP',
        localAddress: null,
        localPort: '5353',
        interfaceAlias: nic,
        remoteAddress: 'LocalSubnet',
      },
    });
  });
};
