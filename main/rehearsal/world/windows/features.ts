import type { LoadBalancePolicy } from '../../../../shared/model/windows-iscsi.ts';
import * as features from '../changes/features.ts';
import { refuse } from '../refusal.ts';
import type { FeatureStateEntry, ServerState } from '../state.ts';
import { changer, matches, net, reader, type CimObject, type Cmdlet } from './cim.ts';

/** InstallState of Microsoft.Windows.ServerManager.Commands, by name. */
const stateNames = {
  available: 'Available',
  installed: 'Installed',
  installPending: 'InstallPending',
  uninstallPending: 'UninstallPending',
  removed: 'Removed',
} as const;

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
    RestartNeeded: outcome.restart ? 'Yes' : 'No',
    ExitCode: outcome.exitCode,
    FeatureResult: outcome.changed.map((name) => featureObject(server.features[name]!).props),
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
  reader('Get-MSDSMAutomaticClaimSettings', '', ({ server }) => {
    requireMpio(server);
    return [net('System.Collections.Hashtable', { iSCSI: server.mpio.claimsIscsi, SAS: false })];
  }),
  changer('Enable-MSDSMAutomaticClaim', 'BusType', (change, parameters) => {
    requireMpio(change.server);
    if (parameters.text('BusType')?.toLowerCase() === 'iscsi') features.setIscsiClaim(change, true);
    return [net('System.Boolean', { Value: true })];
  }),
  changer('Disable-MSDSMAutomaticClaim', 'BusType', (change, parameters) => {
    requireMpio(change.server);
    if (parameters.text('BusType')?.toLowerCase() === 'iscsi') features.setIscsiClaim(change, false);
    return [net('System.Boolean', { Value: true })];
  }),
  reader('Get-MSDSMGlobalDefaultLoadBalancePolicy', '', ({ server }) => {
    requireMpio(server);
    return [net('System.String', { Value: server.mpio.policy })];
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
