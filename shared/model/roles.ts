import * as z from 'zod';
import { unreadSchema } from './observed.ts';

/** What a feature of Windows is, in the words of Server Manager's `InstallState`, and what waits for a restart. */
export const featureStates = [
  'available',
  'installed',
  'installPending',
  'uninstallPending',
  /** The payload was removed: installing needs a source. */
  'removed',
  /** This edition or version does not have it. */
  'notOffered',
] as const;
export type FeatureState = (typeof featureStates)[number];

/** What a person reads for each. */
export const featureStateWords: Readonly<Record<FeatureState, string>> = {
  available: 'not installed',
  installed: 'installed',
  installPending: 'installed after a restart',
  uninstallPending: 'removed after a restart',
  removed: 'not installed, its files are not on the server',
  notOffered: 'not offered by this edition or installation',
};

/**
 * The features that a Hyper-V cluster with iSCSI storage is made of, by their names in Get-WindowsFeature. `restart`: whether Windows
 * wants a restart after installing (learn.microsoft.com, "Install Hyper-V" and "Create a failover cluster").
 */
export const roleFeatures = {
  'Hyper-V': { title: 'Hyper-V', restart: true },
  'Failover-Clustering': { title: 'Failover Clustering', restart: false },
  'Multipath-IO': { title: 'Multipath I/O', restart: true },
  'FS-iSCSITarget-Server': { title: 'iSCSI Target Server', restart: false },
  'RSAT-Clustering-PowerShell': { title: 'Failover Cluster Module for Windows PowerShell', restart: false },
  'RSAT-Clustering-Mgmt': { title: 'Failover Cluster Management Tools', restart: false },
  'Hyper-V-PowerShell': { title: 'Hyper-V Module for Windows PowerShell', restart: false },
  'Hyper-V-Tools': { title: 'Hyper-V GUI Management Tools', restart: false },
} as const;
export type RoleFeature = keyof typeof roleFeatures;
export const roleFeatureNames = Object.keys(roleFeatures) as [RoleFeature, ...RoleFeature[]];
export const roleFeatureSchema = z.enum(roleFeatureNames);

/** What a node of a Hyper-V cluster has to have: the roles, and the modules by which they are set up. */
export const nodeFeatures: readonly RoleFeature[] = [
  'Hyper-V',
  'Failover-Clustering',
  'RSAT-Clustering-PowerShell',
  'Hyper-V-PowerShell',
];

/** Management tools with windows of their own are not on Server Core (learn.microsoft.com, "Server Core roles"). */
export const desktopOnlyFeatures: ReadonlySet<RoleFeature> = new Set(['RSAT-Clustering-Mgmt', 'Hyper-V-Tools']);

export const rolesStateSchema = z.object({
  features: z.array(z.object({ name: roleFeatureSchema, state: z.enum(featureStates) })),
  /** `Win32_ComputerSystem.HypervisorPresent`; null: not read. Hyper-V is believed to run only where this is true. */
  hypervisorPresent: z.boolean().nullable(),
  /** The service vmms; null: not read. */
  managementService: z.enum(['running', 'stopped', 'absent']).nullable(),
  unread: z.array(unreadSchema),
});
export type RolesState = z.infer<typeof rolesStateSchema>;

export const featureStateOf = (state: RolesState, name: RoleFeature): FeatureState =>
  state.features.find((one) => one.name === name)?.state ?? 'notOffered';

/** Installed is not enough for Hyper-V: the hypervisor has to run, and the service that manages machines. */
export const isHyperVRunning = (state: RolesState): boolean | null => {
  if (featureStateOf(state, 'Hyper-V') !== 'installed') return false;
  if (state.hypervisorPresent === null || state.managementService === null) return null;
  return state.hypervisorPresent && state.managementService === 'running';
};
