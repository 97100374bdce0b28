import { partitionTypes, type Disk, type Partition } from '../../shared/model/disk.ts';
import type { HostState } from '../../shared/model/host.ts';
import type { Nic, NicRole } from '../../shared/model/nic.ts';
import type { InitiatorState, IscsiSession } from '../../shared/model/windows-iscsi.ts';
import type { HostObserved, InitiatorObserved, NetworkObserved, StorageObserved } from '../../shared/plan/observed.ts';

/** Servers as planners see them, made by hand: every test names only what it is about. */

const guidOf = (number: number): string => `{0000000${number}-0000-4000-8000-000000000000}`;
export const guid = guidOf;

export const makeNic = (number: number, change: Partial<Nic> = {}): Nic => ({
  interfaceGuid: guidOf(number),
  interfaceIndex: number,
  name: `Ethernet ${number}`,
  description: 'Test Adapter',
  permanentAddress: `00-15-5D-00-00-0${number}`,
  macAddress: `00-15-5D-00-00-0${number}`,
  isHardware: true,
  isVirtual: false,
  driver: { provider: 'Test', version: '1.0', date: '2024-01-01', fileName: 'test.sys' },
  adminStatus: 'up',
  operationalStatus: 'up',
  mediaState: 'connected',
  receiveLinkSpeedBps: 10_000_000_000n,
  transmitLinkSpeedBps: 10_000_000_000n,
  bindings: { ms_server: true, ms_msclient: true, ms_tcpip: true, ms_tcpip6: true },
  addresses: [],
  dhcp: { ipv4: true, ipv6: true },
  gateways: [],
  dnsServers: { ipv4: [], ipv6: [] },
  registersInDns: true,
  netbios: 'default',
  mtuBytes: { ipv4: 1500, ipv6: 1500 },
  jumboPacket: { valueBytes: 1514, values: [1514, 4088, 9014] },
  powerSaving: 'allowed',
  membership: { kind: 'none' },
  networkCategory: 'public',
  unread: [],
  ...change,
});

export const staticAddress = (address: string, prefixLength: number): NonNullable<Nic['addresses']>[number] => ({
  address,
  prefixLength,
  family: address.includes(':') ? 'ipv6' : 'ipv4',
  origin: 'manual',
  state: 'preferred',
  skipAsSource: false,
});

/** Four NICs; on the console, so that nothing is cut. */
export const makeNetwork = (
  change: Partial<NetworkObserved> & { readonly roleList?: Readonly<Record<number, NicRole>> } = {},
): NetworkObserved => {
  const { roleList = {}, ...rest } = change;
  return {
    node: 'NODE1',
    nics: [1, 2, 3, 4].map((number) => makeNic(number)),
    roles: new Map(Object.entries(roleList).map(([number, role]) => [guidOf(Number(number)), role])),
    remoteSessions: [],
    probes: new Map(),
    ...rest,
  };
};

export const makeFacts = (change: Partial<HostState> = {}): HostState => ({
  computerName: 'NODE1',
  nextComputerName: 'NODE1',
  dnsHostName: 'NODE1',
  membership: { kind: 'workgroup', name: 'WORKGROUP' },
  nextMembership: null,
  domainRole: 'standaloneServer',
  os: {
    caption: 'Microsoft Windows Server 2025 Datacenter',
    version: '10.0.26100',
    buildNumber: 26100,
    sku: 8,
    installation: 'Server',
    languageId: 1033,
  },
  hardware: { manufacturer: 'Test', model: 'Server', serialNumber: 'S1', uuid: null, hypervisorPresent: false },
  lastBootAt: '2026-01-05T08:00:00.000Z',
  localTime: '2026-01-05T09:00:00.000Z',
  isAdministrator: true,
  unread: [],
  ...change,
});

export const makeHost = (
  change: Partial<HostObserved> & { readonly factsChange?: Partial<HostState> } = {},
): HostObserved => {
  const { factsChange, ...rest } = change;
  return {
    facts: makeFacts(factsChange),
    pendingRestart: { signs: [{ sign: 'componentServicing', state: 'notPending', because: null }] },
    time: {
      serviceState: 'running',
      startMode: 'automatic',
      type: 'NTP',
      servers: ['time.windows.com'],
      isDomainTriggered: false,
      unread: [],
    },
    resumes: [],
    unread: {},
    ...rest,
  };
};

export const target = 'iqn.2004-04.test.lab:array1';

export const makeSession = (change: Partial<IscsiSession> = {}): IscsiSession => ({
  sessionIdentifier: 'ffff-1',
  targetNodeAddress: target,
  initiatorNodeAddress: 'iqn.1991-05.com.microsoft:node1',
  initiatorPortalAddress: '10.1.0.1',
  initiatorInstanceName: 'ROOT\\ISCSIPRT\\0000_0',
  initiatorSideIdentifier: '400001370000',
  targetSideIdentifier: '0100',
  authenticationType: 'NONE',
  isConnected: true,
  isPersistent: true,
  isDiscovered: true,
  isHeaderDigest: false,
  isDataDigest: false,
  connections: [
    {
      connectionIdentifier: 'ffff-1-1',
      initiatorAddress: '10.1.0.1',
      initiatorPort: 50_000,
      targetAddress: '10.1.0.100',
      targetPort: 3260,
    },
  ],
  ...change,
});

export const makeInitiator = (
  change: Partial<InitiatorObserved> & { readonly stateChange?: Partial<InitiatorState> } = {},
): InitiatorObserved => {
  const { stateChange, ...rest } = change;
  return {
    node: 'NODE1',
    state: {
      service: { state: 'running', startMode: 'automatic' },
      iqn: 'iqn.1991-05.com.microsoft:node1',
      firewallRules: [
        { name: 'MsiScsi-In-TCP', direction: 'inbound', enabled: true, action: 'allow', profiles: ['any'] },
      ],
      portals: [],
      targets: [{ nodeAddress: target, isConnected: false }],
      sessions: [],
      favourites: [],
      boundVolumes: [],
      unread: [],
      ...stateChange,
    },
    mpio: { feature: 'installed', claimsIscsi: true, loadBalancePolicy: 'RR', unread: [] },
    mpioUnread: null,
    nics: [
      makeNic(3, { name: 'iSCSI A', addresses: [staticAddress('10.1.0.1', 24)] }),
      makeNic(4, { name: 'iSCSI B', addresses: [staticAddress('10.2.0.1', 24)] }),
    ],
    roles: new Map([
      [guidOf(3), 'iscsiA'],
      [guidOf(4), 'iscsiB'],
    ]),
    iscsiVolumes: [],
    wantedPaths: [],
    ...rest,
  };
};

const gibibyte = 1n << 30n;

export const makePartition = (change: Partial<Partition> = {}): Partition => ({
  partitionNumber: 2,
  offsetBytes: 1n << 20n,
  sizeBytes: gibibyte,
  gptType: partitionTypes.basicData,
  mbrType: null,
  guid: null,
  driveLetter: null,
  volume: {
    path: '\\\\?\\Volume{1}\\',
    driveLetter: null,
    label: 'Old',
    fileSystem: 'NTFS',
    sizeBytes: gibibyte,
    freeBytes: gibibyte,
    healthStatus: 'healthy',
  },
  ...change,
});

/** A shared disk, online, writable and blank unless said otherwise. */
export const makeDisk = (number: number, change: Partial<Disk> = {}): Disk => ({
  uniqueId: `6001405000000000000000000000000${number}`,
  uniqueIdFormat: 'fcphName',
  number,
  serialNumber: `SERIAL-${number}`,
  manufacturer: 'TEST',
  model: 'LUN',
  friendlyName: 'TEST LUN',
  sizeBytes: gibibyte,
  logicalSectorBytes: 512,
  physicalSectorBytes: 4096,
  busType: 'iscsi',
  isBoot: false,
  isSystem: false,
  isClustered: false,
  isOffline: false,
  offlineReason: null,
  isReadOnly: false,
  healthStatus: 'healthy',
  partitionStyle: 'raw',
  largestFreeExtentBytes: gibibyte,
  pathCount: 2,
  partitions: [],
  unread: [],
  ...change,
});

export const makeStorage = (change: Partial<StorageObserved> = {}): StorageObserved => ({
  node: 'NODE1',
  disks: [makeDisk(1), makeDisk(2)],
  letters: [{ letter: 'C', kind: 'fixed', label: 'Windows' }],
  policy: { sanPolicy: 'OfflineShared', automount: true, unread: [] },
  unread: {},
  ...change,
});
