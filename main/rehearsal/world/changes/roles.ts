import { roleFeatures, type RoleFeature } from '../../../../shared/model/roles.ts';
import { between, findFault, requireAdministrator, type Change } from '../change.ts';
import { refuse } from '../refusal.ts';
import type { FeatureStateEntry } from '../state.ts';

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
};
