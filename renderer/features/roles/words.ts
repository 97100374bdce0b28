import type { Mark, StateMark } from '../../ui/marks.ts';
import { nodeFeatures, type FeatureState, type RoleFeature, type RolesState } from '../../../shared/model/roles.ts';

export interface FeatureRow {
  readonly name: RoleFeature;
  /** Null: not read. */
  readonly state: FeatureState | null;
}

/** What each is for, in one sentence of the table. */
export const featurePurposes: Readonly<Record<RoleFeature, string>> = {
  'Hyper-V': 'Runs the virtual machines.',
  'Failover-Clustering': 'Makes this server a node, and restarts the virtual machines of a failed node.',
  'Multipath-IO': 'Makes several paths to one disk a single disk. Needed with two paths to the storage.',
  'FS-iSCSITarget-Server':
    'Offers disks of this server over iSCSI. Only for a server that is the storage, never for a node.',
  'RSAT-Clustering-PowerShell': 'The cmdlets that set up the cluster.',
  'RSAT-Clustering-Mgmt': 'Failover Cluster Manager. Not on Server Core.',
  'Hyper-V-PowerShell': 'The cmdlets that set up virtual machines.',
  'Hyper-V-Tools': 'Hyper-V Manager. Not on Server Core.',
};

export const isNeeded = (name: RoleFeature): boolean => nodeFeatures.includes(name);

/** The state of a feature as a mark; what no node needs is no warning while it is not installed. */
export const markOfFeature = ({ name, state }: FeatureRow): StateMark => {
  const missing: Mark = isNeeded(name) ? 'warn' : 'off';
  switch (state) {
    case 'installed':
      return { outcome: 'pass', word: 'Installed' };
    case 'installPending':
      return { outcome: 'restart', word: 'Installed after a restart' };
    case 'uninstallPending':
      return { outcome: 'restart', word: 'Removed after a restart' };
    case 'available':
      return { outcome: missing, word: 'Not installed' };
    case 'removed':
      return { outcome: missing, word: 'Not installed, files removed' };
    case 'notOffered':
      return { outcome: isNeeded(name) ? 'fail' : 'notApplicable', word: 'Not offered by this edition' };
    case null:
      return { outcome: 'unknown', word: 'Unknown' };
  }
};

/** What can still be installed of what a node needs. */
export const missingFeatures = ({ features }: RolesState): RoleFeature[] =>
  nodeFeatures.filter((name) =>
    features.some((one) => one.name === name && (one.state === 'available' || one.state === 'removed')),
  );
