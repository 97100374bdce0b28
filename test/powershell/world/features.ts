import type { LoadBalancePolicy } from '../../../shared/model/windows-iscsi.ts';
import { roleFeatureSchema } from '../../../shared/model/roles.ts';
import { removeRoles } from '../../../main/rehearsal/world/changes/roles.ts';
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

const requireMpio = (server: ServerState): void => {
  const state = server.features['Multipath-IO']?.state ?? 'removed';
  if (state !== 'installed') throw refuse('mpio.notInstalled', { state });
};

export const featureCmdlets: readonly Cmdlet[] = [
  reader('Get-WindowsFeature', 'Name', ({ server }, parameters) => {
    const names = parameters.texts('Name');
    return Object.values(server.features)
      .filter((feature) => names.length === 0 || names.some((name) => matches(name, feature.name)))
      .map(featureObject);
  }),
  changer(
    'Install-WindowsFeature',
    'Name IncludeAllSubFeature IncludeManagementTools Restart Source LogPath',
    (change, parameters) => [resultObject(change.server, features.installFeatures(change, parameters.texts('Name')))],
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
