import { roleFeatures, type RoleFeature } from '../../../../shared/model/roles.ts';
import { between, findFault, requireAdministrator, type Change } from '../change.ts';
import { refuse } from '../refusal.ts';
import type { FeatureStateEntry, ServerState, WindowsService } from '../state.ts';

/** Features that were not modelled when a world was made are offered by every Windows Server, and are not installed. */
export const featureOf = (change: Pick<Change, 'server'>, name: RoleFeature): FeatureStateEntry => {
  const { title, restart } = roleFeatures[name];
  change.server.features[name] ??= {
    name,
    displayName: title,
    type: name === 'Hyper-V' ? 'Role' : 'Feature',
    state: 'available',
    needsRestart: restart,
  };
  return change.server.features[name];
};

/** Services that come and go with a feature: the cluster's is disabled until the server is a node. */
const featureServices = {
  'Failover-Clustering': {
    name: 'ClusSvc',
    displayName: 'Cluster Service',
    state: 'stopped',
    startMode: 'disabled',
    domainTriggered: false,
  },
  'Hyper-V': {
    name: 'vmms',
    displayName: 'Hyper-V Virtual Machine Management',
    state: 'running',
    startMode: 'automatic',
    domainTriggered: false,
  },
  'FS-iSCSITarget-Server': {
    name: 'WinTarget',
    displayName: 'Microsoft iSCSI Software Target',
    state: 'running',
    startMode: 'automatic',
    domainTriggered: false,
  },
} as const satisfies Partial<Record<RoleFeature, WindowsService>>;

/** Gives a server the services of the features that are in force, and takes those of the others. */
export const syncFeatureServices = (server: ServerState): void => {
  for (const [feature, service] of Object.entries(featureServices)) {
    const state = server.features[feature]?.state;
    if (state === 'installed' || state === 'uninstallPending') server.services[service.name] ??= { ...service };
    else delete server.services[service.name];
  }
};

/** Install-WindowsFeature for the features of a cluster: see features.ts for the one of multipath I/O. */
export const installRoles = (change: Change, names: readonly RoleFeature[], source: string | null): void => {
  requireAdministrator(change);
  const { server, world } = change;
  const features = names.map((name) => featureOf(change, name));
  const missing = features.filter(({ state }) => state === 'available' || state === 'removed');
  for (const { name } of missing) {
    const isOf = (fault: { readonly server: string; readonly feature: string }): boolean =>
      fault.server === server.name && fault.feature === name;
    if (findFault(world, 'featureFails', isOf))
      throw refuse('feature.failed', { features: name, reason: 'the component store reported 0x800f081f' });
    if (source === null && findFault(world, 'featureSourceMissing', isOf))
      throw refuse('role.sourceMissing', { features: name, reason: '0x800f081f' });
    if (name === 'Hyper-V' && findFault(world, 'virtualizationOff', (fault) => fault.server === server.name))
      throw refuse('role.prerequisite', {
        features: 'Hyper-V',
        reason: 'virtualization support is not enabled in the BIOS',
      });
  }
  for (const feature of missing) {
    feature.state = 'installPending';
    if (feature.needsRestart) server.pending.componentServicing = true;
    between(change);
    if (!feature.needsRestart) feature.state = 'installed';
  }
  syncFeatureServices(server);
};

/** Uninstall-WindowsFeature. */
export const removeRoles = (change: Change, names: readonly RoleFeature[]): void => {
  requireAdministrator(change);
  const { server } = change;
  for (const feature of names.map((name) => featureOf(change, name))) {
    if (feature.state === 'installPending') feature.state = 'available';
    if (feature.state !== 'installed') continue;
    feature.state = 'uninstallPending';
    if (feature.needsRestart) server.pending.componentServicing = true;
    between(change);
    if (!feature.needsRestart) feature.state = 'available';
  }
  syncFeatureServices(server);
};
