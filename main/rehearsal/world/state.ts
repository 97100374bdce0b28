import type { AddressFamily } from '../../../shared/model/address.ts';
import type { BusType, OfflineReason, SanPolicy } from '../../../shared/model/disk.ts';
import type { HostMembership, WindowsVersion } from '../../../shared/model/host.ts';
import type { NetbiosSetting } from '../../../shared/model/netbios.ts';
import type { LoadBalancePolicy } from '../../../shared/model/windows-iscsi.ts';
import type { ServerChange } from '../../../shared/changes/index.ts';
import type { NicRestore } from '../../ports/nic-port.ts';
import type { Fault } from '../../../shared/model/rehearsal-faults.ts';
import type { ReservationSnapshot } from '../store/reservations.ts';
import type {
  ClusterEventState,
  ClusterWorldState,
  MachineState,
  SwitchState,
  ValidationRunState,
} from './cluster-state.ts';

/*
 * The whole state of a world as plain data that JSON holds: times are milliseconds since 1970, 64-bit quantities decimal
 * strings.
 */

export interface NicAddressState {
  address: string;
  prefixLength: number;
  family: AddressFamily;
  origin: 'manual' | 'dhcp' | 'wellKnown';
  skipAsSource: boolean;
  /** Somebody answered for the address when it was given. */
  duplicate: boolean;
}

export interface AdvancedProperty {
  /** The standardized keyword, such as `*JumboPacket`. */
  keyword: string;
  displayName: string;
  value: string;
  validValues: string[];
  validDisplayValues: string[];
}

export interface NicState {
  guid: string;
  index: number;
  name: string;
  description: string;
  permanentMac: string;
  mac: string;
  hardware: boolean;
  virtual: boolean;
  driver: { provider: string; version: string; date: string; fileName: string };
  enabled: boolean;
  /** The switch network that the port is plugged into; null: no cable. */
  network: string | null;
  linkSpeedBps: string;
  bindings: Record<string, boolean>;
  addresses: NicAddressState[];
  dhcp: { ipv4: boolean; ipv6: boolean };
  /** `leased`: DHCP gave it, and it goes with the lease. */
  gateways: { family: AddressFamily; nextHop: string; metric: number; leased?: boolean }[];
  /** The configured ones; they come before those of the lease. */
  dnsServers: { ipv4: string[]; ipv6: string[] };
  /** What DHCP gave for IPv4; absent without a lease. */
  leasedDnsServers?: string[];
  registersInDns: boolean;
  usesSuffixWhenRegistering: boolean;
  netbios: NetbiosSetting;
  advanced: AdvancedProperty[];
  powerSaving: 'allowed' | 'notAllowed' | 'unsupported';
  membership:
    | { kind: 'none' }
    | { kind: 'teamMember' | 'team'; team: string }
    | { kind: 'switchMember' | 'switchPort'; switchName: string };
  category: 'public' | 'private' | 'domainAuthenticated';
}

export type ServiceState = 'stopped' | 'startPending' | 'stopPending' | 'running' | 'paused';
export type ServiceStartMode = 'automatic' | 'manual' | 'disabled';

export interface WindowsService {
  name: string;
  displayName: string;
  state: ServiceState;
  startMode: ServiceStartMode;
  /** Has a trigger on the membership of a domain. */
  domainTriggered: boolean;
}

export interface FeatureStateEntry {
  name: string;
  displayName: string;
  type: 'Role' | 'Role Service' | 'Feature';
  state: 'available' | 'installed' | 'installPending' | 'uninstallPending' | 'removed';
  needsRestart: boolean;
}

export interface TaskState {
  path: string;
  name: string;
  description: string;
  trigger:
    | { kind: 'once'; atMs: number }
    | { kind: 'logon'; user: string | null }
    | { kind: 'startup' }
    | { kind: 'none' };
  user: string;
  logonType: 'Password' | 'Interactive' | 'S4U' | 'ServiceAccount';
  runLevel: 'Limited' | 'Highest';
  execute: string;
  arguments: string;
  enabled: boolean;
  lastRunMs: number | null;
  /** Set by the rehearsal host: what the world puts back itself when the task is due. */
  restore: NicRestore[] | null;
  /** Changes that the world makes itself when the task is due. */
  guarded?: ServerChange[];
}

export interface FirewallRuleState {
  name: string;
  displayName: string;
  group: string;
  direction: 'inbound' | 'outbound';
  enabled: boolean;
  profiles: ('domain' | 'private' | 'public')[];
  action: 'allow' | 'block';
  /** What it holds for; left out of Windows' own rules, whose filters nothing here asks for. */
  filter?: {
    program: string | null;
    protocol: string;
    localAddress: string | null;
    localPort: string | null;
    interfaceAlias: string | null;
    remoteAddress: string | null;
  };
}

export interface ChapState {
  kind: 'NONE' | 'ONEWAYCHAP' | 'MUTUALCHAP';
  userName: string | null;
  secret: string | null;
}

export interface PortalState {
  address: string;
  port: number;
  initiatorAddress: string | null;
  initiatorInstance: string | null;
  headerDigest: boolean;
  dataDigest: boolean;
  chap: ChapState;
}

export interface SessionState {
  id: string;
  target: string;
  initiatorName: string;
  /** The address that the logon named; null: Windows chose, and shows it blank. */
  boundAddress: string | null;
  localAddress: string;
  localPort: number;
  portalAddress: string;
  portalPort: number;
  connectionId: string;
  isid: string;
  tsih: string;
  persistent: boolean;
  connected: boolean;
  /** Did MPIO claim its disks when it was made? */
  claimed: boolean;
  discovered: boolean;
  multipath: boolean;
  headerDigest: boolean;
  dataDigest: boolean;
  chap: ChapState;
}

export interface FavouriteState {
  id: string;
  target: string;
  initiatorAddress: string | null;
  portalAddress: string | null;
  portalPort: number | null;
  multipath: boolean;
  headerDigest: boolean;
  dataDigest: boolean;
  chap: ChapState;
}

export interface VolumeState {
  guid: string;
  fileSystem: string | null;
  label: string;
  allocationUnitBytes: number;
}

export interface PartitionState {
  number: number;
  offsetBytes: string;
  sizeBytes: string;
  gptType: string | null;
  mbrType: number | null;
  guid: string | null;
  volume: VolumeState | null;
}

export interface DiskContentState {
  style: 'raw' | 'mbr' | 'gpt';
  guid: string | null;
  signature: number | null;
  partitions: PartitionState[];
  clustered: boolean;
}

/** A disk that only one server has. */
export interface LocalDiskState {
  uniqueId: string;
  serial: string;
  manufacturer: string;
  model: string;
  bus: BusType;
  sizeBytes: string;
  boot: boolean;
  content: DiskContentState;
}

/** What one server remembers of one disk, by its key (the unique id, and the session where MPIO does not join paths). */
export interface DiskViewState {
  number: number;
  online: boolean;
  readOnly: boolean;
  offlineReason: OfflineReason | null;
}

export interface ServerState {
  name: string;
  power: 'on' | 'off' | 'restarting';
  version: WindowsVersion;
  core: boolean;
  /** `Win32_OperatingSystem.OperatingSystemSKU`. */
  sku: number;
  caption: string;
  languageId: number;
  computerName: string;
  nextComputerName: string;
  membership: HostMembership;
  nextMembership: HostMembership;
  primaryDnsSuffix: string;
  hardware: {
    manufacturer: string;
    model: string;
    serial: string;
    uuid: string;
    memoryBytes: string;
    processor: string;
  };
  bootedAtMs: number;
  /** How Windows went down before it started last: `inOrder` (it was told to), or `unexpectedly`. Left out: it has not since it was installed. */
  wentDown?: 'inOrder' | 'unexpectedly';
  administrator: boolean;
  pending: { componentServicing: boolean; windowsUpdate: boolean; fileRename: boolean };
  time: { type: 'NT5DS' | 'NTP' | 'AllSync' | 'NoSync'; servers: string[] };
  services: Record<string, WindowsService>;
  features: Record<string, FeatureStateEntry>;
  tasks: TaskState[];
  nics: NicState[];
  firewallRules: FirewallRuleState[];
  remoteSessions: {
    service: 'rdp' | 'winrm' | 'ssh';
    localAddress: string;
    localPort: number;
    remoteAddress: string;
  }[];
  initiator: {
    name: string;
    instance: string;
    mutualSecret: string | null;
    portals: PortalState[];
    discovered: string[];
    sessions: SessionState[];
    favourites: FavouriteState[];
    boundVolumes: string[];
  };
  mpio: { claimsIscsi: boolean; policy: LoadBalancePolicy };
  localDisks: LocalDiskState[];
  diskViews: Record<string, DiskViewState>;
  /** Letter by volume GUID. */
  letters: Record<string, string>;
  /** Letters of drives that are no disks of this model (DVD, network). */
  otherLetters: { letter: string; kind: 'cdRom' | 'remote'; label: string }[];
  sanPolicy: SanPolicy;
  automount: boolean;
  /** A creation of a cluster failed and left its mark in the registry. */
  clusterLeftover?: boolean;
  /** The last creation of a cluster that this server was asked for, as Windows reported it; `trouble` is what went wrong with it. */
  creation?: { cluster: string; level: 'info' | 'warn' | 'error'; trouble: string };
  switches?: SwitchState[];
  /** Security descriptors (SDDL) of folders and files that are not as Windows makes them below ProgramData, by path in lower case. */
  fileSecurity?: Record<string, string>;
  /** The protected folders that are noted in the registry: their paths by identity. */
  notedFolders?: Record<string, string>;
  /** Files that iSCSI Target Server made or took over. */
  virtualDisks?: VirtualDiskState[];
  /** Counts up with every start; numbers of disks depend on it. */
  boots: number;
}

/** One layer-2 network of the rehearsal's switches. */
export interface NetworkState {
  id: string;
  name: string;
  vlan: number;
  /** Largest frame's payload that the switches pass, in bytes. */
  mtuBytes: number;
  /** Machines that are no servers of this world but answer on the network. */
  strangers: string[];
  dhcp: {
    prefix: string;
    prefixLength: number;
    gateway: string | null;
    dnsServers: string[];
    /** Addresses by MAC address; absent in a world in which none was given yet. */
    leases?: Record<string, string>;
  } | null;
}

export interface DomainState {
  name: string;
  controllers: string[];
  accounts: { userName: string; password: string; mayJoin: boolean }[];
  computers: string[];
}

/** A `.vhdx` file, and the LUN whose bytes it holds. */
export interface VirtualDiskState {
  path: string;
  lun: string;
  isFixed: boolean;
  description: string;
  /** False: the file is there, and no virtual disk uses it. */
  isOffered: boolean;
  /** Bytes that the file takes of its volume. */
  takenBytes: string;
}

export interface TargetState {
  name: string;
  /** A server of this world that offers it by iSCSI Target Server; it listens at that server's addresses. Absent: a device. */
  host?: string;
  /** The short name that the cmdlets of that server know it by. */
  alias?: string;
  /** Empty for a target of a server. */
  portals: { address: string; port: number; network: string; portalGroupTag: number }[];
  /** Names that may log on; null: everybody. */
  admits: string[] | null;
  chap: { userName: string; secret: string } | null;
  mutual: { secret: string; userName?: string } | null;
  luns: { number: number; lun: string }[];
}

export interface LunState {
  id: string;
  serial: string;
  uniqueId: string;
  vendor: string;
  product: string;
  sizeBytes: string;
  /** Bytes of a logical sector; left out: 512. */
  sectorBytes?: number;
  /** It has no VPD page 80h, so that Windows shows no serial number. */
  hasNoSerial?: boolean;
  content: DiskContentState;
  reservations: ReservationSnapshot;
}

export type FaultState = Fault & { id: string };
export type FaultKind = FaultState['kind'];

export type DueEvent = { id: string; atMs: number; server: string } & (
  | { kind: 'booted' }
  | { kind: 'taskDue'; task: string }
  | { kind: 'validated' }
  | { kind: 'isolationEnds' }
  | { kind: 'heartbeatsMissed' }
);

/** A computer object, with the record that DNS has of it. `prestaged`: made ahead and disabled, for a cluster to take. */
export interface DirectoryEntry {
  name: string;
  kind: 'cluster' | 'computer' | 'prestaged';
  address: string | null;
}

export interface WorldState {
  format: 1;
  scenario: string;
  seed: number;
  /** State of the random numbers: the same seed and the same requests give the same world. */
  random: number;
  nextId: number;
  clock: { mode: 'real' | 'driven'; nowMs: number };
  servers: Record<string, ServerState>;
  networks: Record<string, NetworkState>;
  domains: Record<string, DomainState>;
  targets: Record<string, TargetState>;
  luns: Record<string, LunState>;
  events: DueEvent[];
  faults: FaultState[];
  /** Absent or null: none was formed. Worlds that were made before clusters were modelled have no such member. */
  cluster?: ClusterWorldState | null;
  machines?: MachineState[];
  validations?: ValidationRunState[];
  /** What the nodes logged of their cluster, the oldest first. */
  clusterEvents?: ClusterEventState[];
  /** Names in Active Directory and DNS beside those of the servers: of clusters that were made. */
  directory?: DirectoryEntry[];
}
