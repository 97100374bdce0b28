import type { ClusterState } from '../model/cluster.ts';
import type { Disk, DiskPolicy, LetterUse } from '../model/disk.ts';
import type { HostState, PendingRestart, Resume, TimeSource } from '../model/host.ts';
import type { Nic, NicRole, RemoteSession } from '../model/nic.ts';
import type { PeerConnection } from '../model/peer.ts';
import type { RolesState } from '../model/roles.ts';
import type { StorageHostState } from '../model/storage-host.ts';
import type { MachinesState } from '../model/virtual-machines.ts';
import type { InitiatorState, IscsiPath, IscsiSession, MpioState } from '../model/windows-iscsi.ts';

/*
 * What planners are given. Null where reading failed as a whole; the reason is beside it, because an unknown that
 * matters stops a plan and has to be named.
 */

export interface HostObserved {
  readonly facts: HostState;
  readonly pendingRestart: PendingRestart | null;
  readonly time: TimeSource | null;
  readonly resumes: readonly Resume[] | null;
  readonly unread: Readonly<Record<string, string>>;
}

export interface NetworkObserved {
  /** The computer name, for texts. */
  readonly node: string;
  readonly nics: readonly Nic[];
  /** InterfaceGuid -> the role that the user gave. */
  readonly roles: ReadonlyMap<string, NicRole>;
  /** Null: not readable, so any address may carry the connection that one sits on. */
  readonly remoteSessions: readonly RemoteSession[] | null;
  /** `InterfaceGuid address` -> did another machine answer for it when it was asked. */
  readonly probes: ReadonlyMap<string, 'free' | 'answered' | 'unknown'>;
  /** iSCSI sessions that run now; null: not readable, so any address may carry one; left out where nobody plans. */
  readonly iscsiSessions?: readonly IscsiSession[] | null;
  /** Connections of paired servers that are open now; left out where nobody plans. */
  readonly peerConnections?: readonly PeerConnection[];
}

export interface InitiatorObserved {
  readonly node: string;
  readonly state: InitiatorState;
  readonly mpio: MpioState | null;
  readonly mpioUnread: string | null;
  /** Null: the adapters could not be read. */
  readonly nics: readonly Nic[] | null;
  readonly roles: ReadonlyMap<string, NicRole>;
  /** Volumes on the iSCSI disks that are online; null: the disks could not be read. */
  readonly iscsiVolumes: readonly { readonly path: string; readonly driveLetter: string | null }[] | null;
  /** Paths that the user asked for in earlier changes. */
  readonly wantedPaths: readonly IscsiPath[];
}

export interface StorageObserved {
  readonly node: string;
  readonly disks: readonly Disk[];
  readonly letters: readonly LetterUse[] | null;
  readonly policy: DiskPolicy | null;
  readonly unread: Readonly<Record<string, string>>;
}

export interface RolesObserved {
  readonly node: string;
  readonly state: RolesState;
}

/** The cluster as this server sees it. */
export interface ClusterObserved {
  readonly node: string;
  readonly state: ClusterState;
  /** The addresses of this server's adapters with their prefix lengths, where a cluster is to be created; left out: not read. */
  readonly held?: readonly { readonly address: string; readonly prefixLength: number }[];
}

/** Switches and virtual machines; those of a cluster are read with their roles. */
export interface MachinesObserved {
  readonly node: string;
  readonly state: MachinesState;
  /** The cluster, where a plan makes something on one of its disks; left out elsewhere. */
  readonly cluster?: ClusterState;
  /** Roles and features, where a plan finds that Hyper-V does not run; left out elsewhere. */
  readonly roles?: RolesState;
}

/** What a server offers to others by iSCSI Target Server. */
export interface StorageHostObserved {
  readonly node: string;
  readonly state: StorageHostState;
}

export interface Observed {
  readonly host?: HostObserved;
  readonly network?: NetworkObserved;
  readonly initiator?: InitiatorObserved;
  readonly storage?: StorageObserved;
  readonly roles?: RolesObserved;
  readonly cluster?: ClusterObserved;
  readonly vms?: MachinesObserved;
  readonly storageHost?: StorageHostObserved;
}
