import type { LoadBalancePolicy } from '../../../shared/model/windows-iscsi.ts';
import { desktopOnlyFeatures, roleFeatureNames, roleFeatures, roleFeatureSchema } from '../../../shared/model/roles.ts';
import type { Change } from '../../../main/rehearsal/world/change.ts';
import { installRoles, removeRoles } from '../../../main/rehearsal/world/changes/roles.ts';
import * as features from '../../../main/rehearsal/world/changes/features.ts';
import { refuse } from '../../../main/rehearsal/world/refusal.ts';
import type { FeatureStateEntry, ServerState } from '../../../main/rehearsal/world/state.ts';
import { changer, enumeration, matches, net, reader, type CimObject, type Cmdlet } from './cim.ts';

const commands = 'Microsoft.Windows.ServerManager.Commands';

/** Numbers as MSFT_ServerFeature has them for State (previous-versions/windows/desktop/mgmtprovider/msft-serverfeature). */
const stateNames = {
  available: enumeration(`${commands}.InstallState`, 'Available', 0),
  installed: enumeration(`${commands}.InstallState`, 'Installed', 1),
  uninstallPending: enumeration(`${commands}.InstallState`, 'UninstallPending', 2),
  installPending: enumeration(`${commands}.InstallState`, 'InstallPending', 3),
  removed: enumeration(`${commands}.InstallState`, 'Removed', 5),
} as const;

const exitCodes = { Success: 0, NoChangeNeeded: 1003, SuccessRestartRequired: 3010 } as const;

const featureObject = (feature: FeatureStateEntry): CimObject =>
  net('Microsoft.Windows.ServerManager.Commands.Feature', {
    Name: feature.name,
    DisplayName: feature.displayName,
    Description: '',
    Installed: feature.state === 'installed' || feature.state === 'uninstallPending',
    InstallState: stateNames[feature.state],
    FeatureType: feature.type,
    Path: feature.displayName,
    Depth: 1,
    DependsOn: [],
    Parent: '',
    SubFeatures: [],
    SystemService: [],
    Notification: [],
    PostConfigurationNeeded: false,
  });

const resultObject = (server: ServerState, outcome: features.FeatureOutcome): CimObject =>
  net('Microsoft.Windows.ServerManager.Commands.FeatureOperationResult', {
    Success: true,
    RestartNeeded: outcome.restart
      ? enumeration(`${commands}.RestartState`, 'Yes', 1)
      : enumeration(`${commands}.RestartState`, 'No', 0),
    ExitCode: enumeration(`${commands}.FeatureOperationExitCode`, outcome.exitCode, exitCodes[outcome.exitCode]),
    FeatureResult: outcome.changed.map((name) => featureObject(server.features[name]!)),
  });

/** Every feature that this server can have: those of the roles are offered by each Windows Server, whatever a scenario says of them. */
const offered = (server: ServerState): FeatureStateEntry[] => [
  ...Object.values(server.features),
  ...roleFeatureNames
    .filter((name) => !(name in server.features) && !(server.core && desktopOnlyFeatures.has(name)))
    .map((name): FeatureStateEntry => ({
      name,
      displayName: roleFeatures[name].title,
      type: name === 'Hyper-V' ? 'Role' : 'Feature',
      state: 'available',
      needsRestart: roleFeatures[name].restart,
    })),
];

/** Install-WindowsFeature, and what it says of it. */
const install = (change: Change, names: readonly string[], source: string | null): features.FeatureOutcome => {
  const roles = names.flatMap((name) => roleFeatureSchema.safeParse(name).data ?? []);
  if (roles.length < names.length) return features.installFeatures(change, names);
  const stateOf = (name: string) => change.server.features[name]?.state ?? 'available';
  const before = new Map(roles.map((name) => [name, stateOf(name)]));
  installRoles(change, roles, source);
  const changed = roles.filter((name) => stateOf(name) !== before.get(name));
  const restart = roles.some((name) => stateOf(name) === 'installPending');
  return {
    exitCode: changed.length === 0 ? 'NoChangeNeeded' : restart ? 'SuccessRestartRequired' : 'Success',
    restart,
    changed,
  };
};

const requireMpio = (server: ServerState): void => {
  const state = server.features['Multipath-IO']?.state ?? 'removed';
  if (state !== 'installed') throw refuse('mpio.notInstalled', { state });
};

export const featureCmdlets: readonly Cmdlet[] = [
  reader('Get-WindowsFeature', 'Name', ({ server }, parameters) => {
    const names = parameters.texts('Name');
    return offered(server)
      .filter((feature) => names.length === 0 || names.some((name) => matches(name, feature.name)))
      .map(featureObject);
  }),
  changer(
    'Install-WindowsFeature',
    'Name IncludeAllSubFeature IncludeManagementTools Restart Source LogPath',
    (change, parameters) => [
      resultObject(change.server, install(change, parameters.texts('Name'), parameters.text('Source'))),
    ],
  ),
  changer(
    'Uninstall-WindowsFeature',
    'Name IncludeManagementTools Remove Restart LogPath',
    ({ server, ...change }, parameters) => {
      const names = parameters.texts('Name').map((name) => roleFeatureSchema.parse(name));
      removeRoles({ server, ...change }, names);
      const waits = names.some((name) => server.features[name]?.state === 'uninstallPending');
      const exitCode = waits ? 'SuccessRestartRequired' : 'Success';
      return [resultObject(server, { exitCode, restart: waits, changed: names })];
    },
  ),
  reader('Get-MSDSMAutomaticClaimSettings', '', ({ server }) => {
    requireMpio(server);
    return [net('System.Collections.Hashtable', { iSCSI: server.mpio.claimsIscsi, SAS: false })];
  }),
  changer('Enable-MSDSMAutomaticClaim', 'BusType', (change, parameters) => {
    requireMpio(change.server);
    if (parameters.text('BusType')?.toLowerCase() === 'iscsi') features.setIscsiClaim(change, true);
    return [true];
  }),
  changer('Disable-MSDSMAutomaticClaim', 'BusType', (change, parameters) => {
    requireMpio(change.server);
    if (parameters.text('BusType')?.toLowerCase() === 'iscsi') features.setIscsiClaim(change, false);
    return [true];
  }),
  reader('Get-MSDSMGlobalDefaultLoadBalancePolicy', '', ({ server }) => {
    requireMpio(server);
    return [server.mpio.policy];
  }),
  changer('Set-MSDSMGlobalDefaultLoadBalancePolicy', 'Policy', (change, parameters) => {
    requireMpio(change.server);
    features.setLoadBalancePolicy(change, parameters.text('Policy') as LoadBalancePolicy);
  }),
  reader('Get-MPIOSetting', '', ({ server }) => {
    requireMpio(server);
    return [
      net('Microsoft.MPIO.MPIOSetting', {
        PathVerificationState: 'Disabled',
        PathVerificationPeriod: 30,
        PDORemovePeriod: 20,
        RetryCount: 3,
        RetryInterval: 1,
        UseCustomPathRecoveryTime: 'Disabled',
        CustomPathRecoveryTime: 40,
        DiskTimeoutValue: 60,
      }),
    ];
  }),
];
