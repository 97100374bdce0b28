import { addFirewallRule, removeFirewallRules } from '../../../main/rehearsal/world/changes/firewall.ts';
import * as initiator from '../../../main/rehearsal/world/changes/initiator.ts';
import type { FirewallRuleState, ServerState } from '../../../main/rehearsal/world/state.ts';
import { refuseCmdlet } from './behaviours.ts';
import { changer, cim, matches, reader, type CimObject, type Cmdlet, type Parameters } from './cim.ts';

const profileBits = { domain: 1, private: 2, public: 4 } as const;

const ruleObject = (rule: FirewallRuleState): CimObject => {
  const bits = rule.profiles.reduce((sum, profile) => sum | profileBits[profile], 0);
  const all = rule.profiles.length === 3;
  return cim(
    'root/standardcimv2',
    'MSFT_NetFirewallRule',
    {
      Name: rule.name,
      InstanceID: rule.name,
      ElementName: rule.displayName,
      DisplayName: rule.displayName,
      RuleGroup: rule.group,
      Group: rule.group,
      DisplayGroup: rule.group.startsWith('@') ? 'iSCSI Service' : rule.group,
      Description: '',
      // 1 True, 2 False
      Enabled: rule.enabled ? 1 : 2,
      // 1 Inbound, 2 Outbound
      Direction: rule.direction === 'inbound' ? 1 : 2,
      // 2 Allow, 4 Block
      Action: rule.action === 'allow' ? 2 : 4,
      // 0 Any, else bits
      Profiles: all ? 0 : bits,
      PolicyStoreSource: 'PersistentStore',
      PolicyStoreSourceType: 1,
      PrimaryStatus: 1,
    },
    {
      Enabled: rule.enabled ? 'True' : 'False',
      Direction: rule.direction === 'inbound' ? 'Inbound' : 'Outbound',
      Action: rule.action === 'allow' ? 'Allow' : 'Block',
      Profile: all ? 'Any' : rule.profiles.map((one) => one[0]!.toUpperCase() + one.slice(1)).join(', '),
      PolicyStoreSourceType: 'Local',
      PrimaryStatus: 'OK',
    },
  );
};

const choose = (server: ServerState, parameters: Parameters): FirewallRuleState[] => {
  const filters: readonly (readonly [string, (rule: FirewallRuleState) => string])[] = [
    ['Name', (rule) => rule.name],
    ['DisplayName', (rule) => rule.displayName],
    ['Group', (rule) => rule.group],
    ['DisplayGroup', () => 'iSCSI Service'],
  ];
  const objects = parameters.objects('InputObject').map((object) => object['InstanceID'] ?? object['Name']);
  let chosen = parameters.has('InputObject')
    ? server.firewallRules.filter((rule) => objects.includes(rule.name))
    : server.firewallRules;
  for (const [name, of] of filters) {
    const wanted = parameters.texts(name);
    if (wanted.length > 0) chosen = chosen.filter((rule) => wanted.some((pattern) => matches(pattern, of(rule))));
  }
  if (chosen.length === 0 && parameters.given.length > 0)
    throw refuseCmdlet('firewall.rule.notFound', { what: parameters.text('Name') ?? '' });
  return chosen;
};

const names = 'Name DisplayName Group DisplayGroup InputObject PolicyStore';

export const firewallCmdlets: readonly Cmdlet[] = [
  reader('Get-NetFirewallRule', `${names} Enabled Direction All`, ({ server }, parameters) =>
    choose(server, parameters).map(ruleObject),
  ),
  changer('Enable-NetFirewallRule', names, (change, parameters) => {
    initiator.setFirewall(
      change,
      choose(change.server, parameters).map((rule) => rule.name),
      true,
    );
  }),
  changer('Disable-NetFirewallRule', names, (change, parameters) => {
    initiator.setFirewall(
      change,
      choose(change.server, parameters).map((rule) => rule.name),
      false,
    );
  }),
  changer('Set-NetFirewallRule', `${names} Enabled Profile`, (change, parameters) => {
    const enabled = parameters.text('Enabled');
    if (enabled !== null) {
      initiator.setFirewall(
        change,
        choose(change.server, parameters).map((rule) => rule.name),
        enabled === 'True' || enabled === '1',
      );
    }
  }),
  changer(
    'New-NetFirewallRule',
    'Name DisplayName Group Direction Action Profile Program Protocol LocalAddress LocalPort InterfaceAlias RemoteAddress',
    (change, parameters) => {
      const rule: FirewallRuleState = {
        name: parameters.text('Name') ?? '',
        displayName: parameters.text('DisplayName') ?? '',
        group: parameters.text('Group') ?? '',
        direction: parameters.text('Direction') === 'Outbound' ? 'outbound' : 'inbound',
        enabled: true,
        profiles: ['domain', 'private', 'public'],
        action: parameters.text('Action') === 'Block' ? 'block' : 'allow',
        filter: {
          program: parameters.text('Program'),
          protocol: parameters.text('Protocol') ?? 'Any',
          localAddress: parameters.texts('LocalAddress')[0] ?? null,
          localPort: parameters.texts('LocalPort')[0] ?? null,
          interfaceAlias: parameters.texts('InterfaceAlias')[0] ?? null,
          remoteAddress: parameters.texts('RemoteAddress')[0] ?? null,
        },
      };
      addFirewallRule(change, rule);
      return [ruleObject(rule)];
    },
  ),
  changer('Remove-NetFirewallRule', names, (change, parameters) => {
    removeFirewallRules(
      change,
      choose(change.server, parameters).map((rule) => rule.name),
    );
  }),
  reader('Get-NetFirewallProfile', 'Name All PolicyStore', () =>
    ['Domain', 'Private', 'Public'].map((name) =>
      cim('root/standardcimv2', 'MSFT_NetFirewallProfile', { Name: name, Enabled: 1 }, { Enabled: 'True' }),
    ),
  ),
];
