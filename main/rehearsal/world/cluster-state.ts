import type {
  Cluster,
  ClusterDisk,
  ClusterGroup,
  ClusterNetworkRole,
  Heartbeat,
  Resiliency,
} from '../../../shared/model/cluster.ts';
import type { MachineFile } from '../../../shared/model/virtual-machines.ts';

/*
 * The part of a world's state that belongs to no single server: the cluster, its runs of validation, virtual switches and machines. Plain data,
 * as in state.ts.
 */

export interface ClusterNodeState {
  name: string;
  id: number;
  /** NodeWeight. */
  weight: number;
  paused: boolean;
  /** Left out: in the cluster while its service runs. The cluster goes on without one that is `isolated` or `out`. */
  membership?: 'isolated' | 'out';
  isolatedSinceMs?: number;
  /** The others do not hear it: `counting` the heartbeats that are missing, and it still counts as in the cluster; `missed`: too many are. */
  silence?: 'counting' | 'missed';
}

/** DynamicWeight as it was given after the last change that the cluster survived. */
export interface BallotState {
  /** Nodes that vote. */
  nodes: string[];
  /** The witness that votes; null: none does. */
  witness: string | null;
  total: number;
}

export interface ClusterNetworkState {
  id: string;
  name: string;
  role: ClusterNetworkRole;
  metric: number;
  autoMetric: boolean;
  address: string;
  prefixLength: number;
}

export interface ClusterDiskState {
  /** The name of the resource. */
  name: string;
  /** Unique id of the LUN. */
  disk: string;
  ownerNode: string;
  use: ClusterDisk['use'];
  /** The group that it is in where a role uses it. */
  group: string | null;
  /** Folder below `C:\ClusterStorage` of a cluster shared volume. */
  folder: string | null;
}

export interface ClusterGroupState {
  name: string;
  kind: ClusterGroup['kind'];
  ownerNode: string;
  online: boolean;
  preferredOwners: string[];
}

/** Roles that start together, after those of other sets. */
export interface StartSetState {
  name: string;
  machines: string[];
  after: string[];
  delaySeconds: number;
}

/** The one cluster of a world: its database is shared by the nodes, so it is kept once. */
export interface ClusterWorldState {
  name: string;
  accessPoint: Cluster['accessPoint'];
  addresses: string[];
  nodes: ClusterNodeState[];
  networks: ClusterNetworkState[];
  disks: ClusterDiskState[];
  groups: ClusterGroupState[];
  witness: { kind: 'none' } | { kind: 'disk'; disk: string } | { kind: 'share'; path: string };
  lowerQuorumPriorityNode: string | null;
  startSets?: StartSetState[];
  /** Networks that live migration is kept off. */
  migrationExcludes?: string[];
  /** Networks that live migration tries first. */
  migrationOrder?: string[];
  /** Its account is mended, and the name was not brought online yet. */
  isNameOffline?: boolean;
  /** Somebody took the witness offline. */
  isWitnessOffline?: boolean;
  ballot?: BallotState;
  /** No side had enough votes: the cluster stands still until one has. */
  isQuorumLost?: boolean;
  /** Left out: as a new cluster has it. */
  resiliency?: Resiliency;
  /** Left out: as a new cluster has it. */
  heartbeat?: Heartbeat;
}

/** An event of the provider Microsoft-Windows-FailoverClustering in the log of one node; `level` as Windows counts it, 1 critical to 4 information. */
export interface ClusterEventState {
  atMs: number;
  node: string;
  id: number;
  level: number;
  text: string;
}

/** A run of Test-Cluster that is under way, or whose report was not taken yet. */
export interface ValidationRunState {
  id: string;
  server: string;
  nodes: string[];
  include: string[];
  ignore: string[];
  startedMs: number;
  endsMs: number;
}

export interface SwitchState {
  name: string;
  nics: string[];
  hasHostNic: boolean;
}

/** A virtual machine; the host of one that is highly available is the owner of its group. */
export interface MachineState {
  name: string;
  id: string;
  host: string;
  running: boolean;
  generation: 1 | 2;
  memoryBytes: number;
  switches: string[];
  files: MachineFile[];
  hostDevices: string[];
  /** CompatibilityForMigrationEnabled of its processor; left out: off, as a new machine has it. */
  processorCompatibility?: boolean;
  /**
   * Why one that was started does not run: `critical` (Paused-Critical) goes on where it is once its storage is back, `waiting` is started by
   * the cluster once a node can take it.
   */
  trouble?: 'critical' | 'waiting';
  role: { priority: number; possibleOwners: string[]; antiAffinity: string[] } | null;
}
