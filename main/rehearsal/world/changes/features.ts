import type { LoadBalancePolicy } from '../../../../shared/model/windows-iscsi.ts';
import { between, findFault, requireAdministrator, type Change } from '../change.ts';
import { refuse } from '../refusal.ts';
import { syncDisks } from './disks.ts';

export interface FeatureOutcome {
  readonly exitCode: 'Success' | 'NoChangeNeeded' | 'SuccessRestartRequired';
  readonly restart: boolean;
  readonly changed: readonly string[];
}

/** Installs features; one that needs a restart is pending until then. */
export const installFeatures = (change: Change, names: readonly string[]): FeatureOutcome => {
  requireAdministrator(change);
  const { server, world } = change;
  const wanted = names.map((name) => {
    const feature = Object.values(server.features).find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (!feature) throw refuse('feature.unknown', { features: name, reason: `there is no feature ${name}` });
    return feature;
  });
  const changed = wanted.filter((feature) => feature.state === 'available' || feature.state === 'removed');
  for (const feature of changed) {
    const isOf = (fault: { readonly server: string; readonly feature: string }): boolean =>
      fault.server === server.name && fault.feature === feature.name;
    if (findFault(world, 'featureFails', isOf))
      throw refuse('feature.failed', { features: feature.name, reason: 'the component store reported 0x800f081f' });
    if (findFault(world, 'featureSourceMissing', isOf))
      throw refuse('role.sourceMissing', { features: feature.name, reason: '0x800f081f' });
  }
  for (const feature of changed) {
    feature.state = 'installPending';
    if (feature.needsRestart) server.pending.componentServicing = true;
    between(change);
    if (!feature.needsRestart) feature.state = 'installed';
  }
  const restart = wanted.some((feature) => feature.state === 'installPending');
  return {
    exitCode: changed.length === 0 ? 'NoChangeNeeded' : restart ? 'SuccessRestartRequired' : 'Success',
    restart,
    changed: changed.map((feature) => feature.name),
  };
};

const requireMpio = (change: Change): void => {
  const state = change.server.features['Multipath-IO']?.state ?? 'available';
  if (state !== 'installed') throw refuse('mpio.notInstalled', { state });
};

export const setIscsiClaim = (change: Change, claims: boolean): void => {
  requireAdministrator(change);
  requireMpio(change);
  change.server.mpio.claimsIscsi = claims;
  syncDisks(change.world, change.server);
};

export const setLoadBalancePolicy = (change: Change, policy: LoadBalancePolicy): void => {
  requireAdministrator(change);
  requireMpio(change);
  change.server.mpio.policy = policy;
};
