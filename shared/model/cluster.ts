import * as z from 'zod';
import { addressFamilyOf, findAddressProblem } from './address.ts';
import { unreadSchema } from './observed.ts';

/** `ClusterNodeState` of Microsoft.FailoverClusters; `isolated` and `quarantined` are told by the node's StatusInformation (2016 on). */
export const nodeStates = ['up', 'down', 'paused', 'joining', 'isolated', 'quarantined', 'unknown'] as const;

/** `ClusterNetworkRole`: 0, 1 and 3 (learn.microsoft.com, "ClusterNetwork.Role"). */
export const networkRoles = ['none', 'cluster', 'clusterAndClient'] as const;
export type ClusterNetworkRole = (typeof networkRoles)[number];

export const resourceStates = ['online', 'offline', 'failed', 'onlinePending', 'offlinePending', 'unknown'] as const;

/**
 * Told by the type of the quorum's resource: QuorumType is always Majority from 2016 on. `unknown`: a type that this product does not know, whose
 * resource is named all the same.
 */
export const witnessKinds = ['none', 'disk', 'share', 'cloud', 'unknown'] as const;
export type WitnessKind = (typeof witnessKinds)[number];

export const clusterNodeSchema = z.object({
  name: z.string(),
  id: z.number().int(),
  state: z.enum(nodeStates),
  /** NodeWeight: 0 where its vote was taken away by hand. */
  assignedVote: z.number().int(),
  /** DynamicWeight. */
  currentVote: z.number().int(),
});
export type ClusterNode = z.infer<typeof clusterNodeSchema>;

export const clusterNetworkSchema = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(networkRoles),
  metric: z.number().int(),
  autoMetric: z.boolean(),
  /** The subnet. */
  address: z.string(),
  prefixLength: z.number().int(),
  state: z.enum(['up', 'down', 'partitioned', 'unavailable', 'unknown']),
});
export type ClusterNetwork = z.infer<typeof clusterNetworkSchema>;

export const clusterDiskSchema = z.object({
  /** The name of the resource. */
  name: z.string(),
  state: z.enum(resourceStates),
  group: z.string(),
  ownerNode: z.string(),
  use: z.enum(['available', 'witness', 'sharedVolume', 'role']),
  /** `MSFT_Disk.UniqueId`; null: not read. */
  disk: z.string().nullable(),
  sizeBytes: z.string().nullable(),
  /** `C:\ClusterStorage\...` of a cluster shared volume. */
  path: z.string().nullable(),
  driveLetter: z.string().nullable(),
});
export type ClusterDisk = z.infer<typeof clusterDiskSchema>;

/** What a disk of the cluster is used for, as Failover Cluster Manager calls it. */
export const clusterDiskUse: Readonly<Record<ClusterDisk['use'], string>> = {
  available: 'Available Storage',
  witness: 'Disk witness',
  sharedVolume: 'Cluster Shared Volume',
  role: 'Role',
};

export const clusterGroupSchema = z.object({
  name: z.string(),
  kind: z.enum(['cluster', 'availableStorage', 'virtualMachine', 'other']),
  ownerNode: z.string(),
  state: z.enum(['online', 'offline', 'partial', 'failed', 'pending', 'unknown']),
  preferredOwners: z.array(z.string()),
});
export type ClusterGroup = z.infer<typeof clusterGroupSchema>;

/** `ResiliencyLevel` (1, 2) and `ResiliencyDefaultPeriod` of a cluster: Microsoft, "Virtual Machine Compute Resiliency in Windows Server 2016". */
export const resiliencyLevels = ['isolateOnSpecialHeartbeat', 'alwaysIsolate'] as const;
export const resiliencySchema = z.object({
  level: z.enum(resiliencyLevels),
  /** How long a node that the others do not hear may stay Isolated, in seconds; 0: not at all. */
  periodSeconds: z.number().int().min(0),
});
export type Resiliency = z.infer<typeof resiliencySchema>;
/** What a new cluster has (same source). */
export const defaultResiliency: Resiliency = { level: 'alwaysIsolate', periodSeconds: 240 };

/** `SameSubnetDelay` and the others of a cluster: how often the nodes send heartbeats, in milliseconds, and how many in a row may be missing. */
export const heartbeatSchema = z.object({
  sameSubnetDelayMs: z.number().int().min(0),
  sameSubnetThreshold: z.number().int().min(0),
  crossSubnetDelayMs: z.number().int().min(0),
  crossSubnetThreshold: z.number().int().min(0),
});
export type Heartbeat = z.infer<typeof heartbeatSchema>;
/** Where the defaults are listed. */
export const heartbeatSource =
  'https://learn.microsoft.com/en-us/troubleshoot/windows-server/high-availability/iaas-sql-failover-cluster-network-thresholds';
/**
 * What a new cluster has: the same subnet by {@link heartbeatSource}, other subnets by "Tuning Failover Cluster Network Thresholds" of Microsoft's
 * clustering team. A server of 2025 was seen to have 20 for both (transcript of a console), so the value that is read comes first.
 */
export const defaultHeartbeat: Heartbeat = {
  sameSubnetDelayMs: 1000,
  sameSubnetThreshold: 10,
  crossSubnetDelayMs: 1000,
  crossSubnetThreshold: 20,
};

/**
 * How the account of a cluster's name (the cluster name object in Active Directory) stands. `passwordDiffers`: it is there and enabled, and the cluster
 * cannot log on with the password that it keeps. `unknown`: the name is not online, and nothing that was read says that its account is why.
 */
export const nameAccounts = ['fits', 'passwordDiffers', 'disabled', 'missing', 'unknown'] as const;
export type NameAccount = (typeof nameAccounts)[number];

export const clusterNameSchema = z.object({
  /** The resource that has the name online. */
  resource: z.string(),
  state: z.enum(resourceStates),
  account: z.enum(nameAccounts),
});
export type ClusterName = z.infer<typeof clusterNameSchema>;

export const clusterSchema = z.object({
  name: z.string(),
  /** Where the name is registered: in Active Directory, in DNS alone, or nowhere. */
  accessPoint: z.enum(['activeDirectoryAndDns', 'dns', 'none']),
  addresses: z.array(z.string()),
  /** Null or left out: the name has no account in Active Directory, or it was not read. */
  nameAccount: clusterNameSchema.nullable().optional(),
  functionalLevel: z.number().int().nullable(),
  nodes: z.array(clusterNodeSchema),
  networks: z.array(clusterNetworkSchema),
  disks: z.array(clusterDiskSchema),
  groups: z.array(clusterGroupSchema),
  witness: z.object({
    kind: z.enum(witnessKinds),
    /** The resource's name; null without a witness. */
    resource: z.string().nullable(),
    /** The share of a file share witness; null: another kind, or not read. */
    path: z.string().nullable().default(null),
    currentVote: z.number().int(),
    /** Of its resource; left out: not read. */
    state: z.enum(resourceStates).optional(),
  }),
  dynamicQuorum: z.boolean(),
  /** The node that loses its vote first where two would be left; null: none is named. */
  lowerQuorumPriorityNode: z.string().nullable(),
  /** Null or left out: not read. */
  resiliency: resiliencySchema.nullable().optional(),
  /** Null or left out: not read. */
  heartbeat: heartbeatSchema.nullable().optional(),
  /** Ids of the networks that live migration is kept off; null or left out: not read. */
  migrationExcludes: z.array(z.string()).nullable().optional(),
  /** Ids of the networks that live migration tries first, in that order; empty: Windows chooses by their metrics; null or left out: not read. */
  migrationOrder: z.array(z.string()).nullable().optional(),
  /** Disks that every node sees and that are not in the cluster, by unique id (Get-ClusterAvailableDisk). */
  availableDisks: z.array(z.string()),
});
export type Cluster = z.infer<typeof clusterSchema>;

export const clusterStateSchema = z.object({
  /**
   * `member`: of `cluster`. `leftover`: the registry tells of a cluster that is not there, as after a creation that failed: Clear-ClusterNode
   * removes that. `none`: in no cluster. `notInstalled`: the feature is not there. `stopped`: a member whose cluster service does not run.
   */
  membership: z.enum(['none', 'member', 'leftover', 'stopped', 'notInstalled']),
  cluster: clusterSchema.nullable(),
  unread: z.array(unreadSchema),
});
export type ClusterState = z.infer<typeof clusterStateSchema>;

/** What is wrong with the account of a cluster's name, in words behind a name; null when nothing is. */
export const nameAccountTrouble = ({ nameAccount }: Cluster): string | null => {
  if (!nameAccount || nameAccount.account === 'fits') return null;
  return {
    passwordDiffers: 'cannot log on to its account in Active Directory, whose password is another one',
    disabled: 'has an account in Active Directory that is disabled',
    missing: 'has no account in Active Directory any more',
    unknown: `reads ${nameAccount.state}, and why could not be determined`,
  }[nameAccount.account];
};

/** At least 512 MB for a witness disk (learn.microsoft.com, "Configure and manage quorum"). */
export const leastWitnessBytes = 512n * 1024n ** 2n;

/**
 * What keeps an address from being a cluster's static one wherever its networks lie, in words behind "it"; null when nothing does. That it is in a
 * network of every node, and not the broadcast address there, only the nodes' adapters tell. IPv6: Microsoft, "New-Cluster" (`-StaticAddress` takes
 * IPv4 addresses; IPv6 addresses are made from the prefixes of the networks).
 */
export const findClusterAddressProblem = (address: string): string | null =>
  addressFamilyOf(address) === 'ipv6'
    ? 'is an IPv6 address, and a cluster gets those by itself'
    : (findAddressProblem(address, 32)?.text ?? null);
