import type { ServerChange, ServerChangeName, ChangeOf } from '../../shared/changes/index.ts';
import type { IscsiPath, IscsiSession } from '../../shared/model/windows-iscsi.ts';
import type { Ports } from '../../main/ports/ports.ts';
import { Secret, type Credential } from '../../main/ports/secret.ts';

const nic = '{AAAAAAAA-0000-4000-8000-000000000001}';
const disk = '600140500000000000000000000000A1';
const clusterNetwork = '0b1f5a2c-0000-4000-8000-0000000000a1';
const sessionIdentifier = 'ffffe001-4000013700000002';
const account = { userName: "LAB\\O'Brien", passwordName: 'password' };
const chap = { kind: 'mutualChap', userName: 'node1', secretName: 'secret' } as const;
const portal = {
  targetPortalAddress: '198.51.100.10',
  targetPortalPort: 3260,
  initiatorPortalAddress: '198.51.100.21',
};
const virtualDisk = 'E:\\iSCSI\\witness.vhdx';
const nodeNames = ['iqn.1991-05.com.microsoft:node1', 'iqn.1991-05.com.microsoft:node2'];
const path = { ...portal, targetNodeAddress: 'iqn.2004-04.test.lab:storage' };

/** One change of every kind that a server carries out; a kind without one does not compile. */
export const sampleChanges: { readonly [Name in ServerChangeName]: ChangeOf<Name> } = {
  'host.rename': { do: 'host.rename', newName: 'HV-A', account },
  'host.joinDomain': { do: 'host.joinDomain', domain: 'lab.test', ou: 'OU=Server Räume,DC=lab,DC=test', account },
  'host.joinWorkgroup': { do: 'host.joinWorkgroup', workgroup: 'OTHER', account },
  'host.restart': { do: 'host.restart', reason: "the server's new name", bootedBefore: '2026-01-01T00:00:00.000Z' },
  'host.registerResume': {
    do: 'host.registerResume',
    token: 'work-1',
    trigger: 'startup',
    account: 'NODE1\\Administrator',
    passwordName: 'password',
  },
  'host.removeResume': { do: 'host.removeResume', token: 'work-1' },
  'host.setTime': { do: 'host.setTime', setting: { kind: 'servers', servers: ['ntp1.test'] } },
  'nic.rename': { do: 'nic.rename', nic, newName: "iSCSI 'A' – 東京" },
  'nic.setEnabled': { do: 'nic.setEnabled', nic, enabled: false },
  'nic.setDhcp': { do: 'nic.setDhcp', nic, family: 'ipv4', enabled: false },
  'nic.addAddress': { do: 'nic.addAddress', nic, address: '10.9.0.1', prefixLength: 24 },
  'nic.removeAddress': { do: 'nic.removeAddress', nic, address: '198.51.100.21' },
  'nic.setGateway': { do: 'nic.setGateway', nic, family: 'ipv4', nextHop: '198.51.100.254' },
  'nic.setDnsServers': { do: 'nic.setDnsServers', nic, family: 'ipv4', servers: ['192.0.2.53', '192.0.2.54'] },
  'nic.setDnsRegistration': { do: 'nic.setDnsRegistration', nic, registers: false },
  'nic.setNetbios': { do: 'nic.setNetbios', nic, setting: 'disabled' },
  'nic.setNetworkCategory': { do: 'nic.setNetworkCategory', nic, category: 'private' },
  'nic.setJumboPacket': { do: 'nic.setJumboPacket', nic, valueBytes: 9014 },
  'nic.setBinding': { do: 'nic.setBinding', nic, componentId: 'ms_server', enabled: false },
  'nic.setPowerSaving': { do: 'nic.setPowerSaving', nic, allowed: false },
  'initiator.setService': { do: 'initiator.setService', running: false },
  'initiator.setFirewall': { do: 'initiator.setFirewall', enabled: true },
  'initiator.setName': { do: 'initiator.setName', iqn: 'iqn.2026-01.test.lab:other' },
  'initiator.setMutualSecret': { do: 'initiator.setMutualSecret', secretName: 'secret' },
  'initiator.addPortal': { do: 'initiator.addPortal', ...portal, authentication: chap },
  'initiator.removePortal': { do: 'initiator.removePortal', ...portal },
  'initiator.discover': { do: 'initiator.discover' },
  'initiator.logOn': {
    do: 'initiator.logOn',
    path,
    isMultipathEnabled: true,
    isHeaderDigest: false,
    isDataDigest: false,
    authentication: chap,
  },
  'initiator.logOff': { do: 'initiator.logOff', sessionIdentifier },
  'initiator.registerSession': {
    do: 'initiator.registerSession',
    sessionIdentifier,
    isMultipathEnabled: true,
    authentication: chap,
  },
  'initiator.unregisterSession': { do: 'initiator.unregisterSession', sessionIdentifier },
  'initiator.removeFavourite': { do: 'initiator.removeFavourite', ...path },
  'initiator.bindVolumes': { do: 'initiator.bindVolumes' },
  'mpio.installFeature': { do: 'mpio.installFeature' },
  'mpio.setIscsiClaim': { do: 'mpio.setIscsiClaim', claims: true },
  'mpio.setLoadBalancePolicy': { do: 'mpio.setLoadBalancePolicy', policy: 'LQD' },
  'disk.setOnline': { do: 'disk.setOnline', disk, online: true },
  'disk.setReadOnly': { do: 'disk.setReadOnly', disk, readOnly: false },
  'disk.clear': { do: 'disk.clear', disk, content: 'blank' },
  'disk.initialize': { do: 'disk.initialize', disk, style: 'gpt' },
  'disk.createPartition': { do: 'disk.createPartition', disk, driveLetter: 'Q' },
  'disk.format': {
    do: 'disk.format',
    disk,
    fileSystem: 'NTFS',
    label: "Zeuge ' 1",
    allocationUnitBytes: null,
    discardsContent: false,
    partitionNumber: 2,
  },
  'disk.setDriveLetter': { do: 'disk.setDriveLetter', disk, driveLetter: null, partitionNumber: 2 },
  'disk.setSanPolicy': { do: 'disk.setSanPolicy', policy: 'OfflineShared' },
  'disk.setAutomount': { do: 'disk.setAutomount', enabled: false },
  'roles.install': { do: 'roles.install', features: ['Failover-Clustering', 'Hyper-V'], source: null },
  'roles.remove': { do: 'roles.remove', features: ['Hyper-V'] },
  'cluster.create': {
    do: 'cluster.create',
    name: 'CLU1',
    node: 'NODE1',
    addresses: ['192.0.2.50'],
    ignoreNetworks: ['198.51.100.0/24'],
    accessPoint: 'dns',
  },
  'cluster.destroy': { do: 'cluster.destroy', name: 'CLU1' },
  'cluster.addNode': { do: 'cluster.addNode', node: 'NODE2' },
  'cluster.clearNode': { do: 'cluster.clearNode', node: 'NODE1' },
  'cluster.evictNode': { do: 'cluster.evictNode', node: 'NODE2' },
  'cluster.pauseNode': { do: 'cluster.pauseNode', node: 'NODE2' },
  'cluster.resumeNode': { do: 'cluster.resumeNode', node: 'NODE2' },
  'cluster.stopNode': { do: 'cluster.stopNode', node: 'NODE2' },
  'cluster.startNode': { do: 'cluster.startNode', node: 'NODE2' },
  'cluster.takeWitnessOffline': { do: 'cluster.takeWitnessOffline', resource: 'Witness' },
  'cluster.bringWitnessOnline': { do: 'cluster.bringWitnessOnline', resource: 'Witness' },
  'cluster.renameNetwork': { do: 'cluster.renameNetwork', network: clusterNetwork, newName: 'iSCSI 1' },
  'cluster.setNetworkMetric': { do: 'cluster.setNetworkMetric', network: clusterNetwork, metric: 900 },
  'cluster.setMigrationNetworks': { do: 'cluster.setMigrationNetworks', exclude: [clusterNetwork] },
  'cluster.renameSharedVolume': { do: 'cluster.renameSharedVolume', disk, newName: "Vol 'A' – 東京" },
  'cluster.setNetworkRole': { do: 'cluster.setNetworkRole', network: clusterNetwork, role: 'none' },
  'cluster.addDisk': { do: 'cluster.addDisk', disk },
  'cluster.removeDisk': { do: 'cluster.removeDisk', disk },
  'cluster.renameResource': { do: 'cluster.renameResource', disk, newName: 'Witness' },
  'cluster.addSharedVolume': { do: 'cluster.addSharedVolume', disk },
  'cluster.removeSharedVolume': { do: 'cluster.removeSharedVolume', disk },
  'cluster.setQuorum': { do: 'cluster.setQuorum', witness: { kind: 'disk', disk } },
  'cluster.setLowerQuorumPriority': { do: 'cluster.setLowerQuorumPriority', node: 'NODE2' },
  'cluster.repairName': { do: 'cluster.repairName', name: 'CLU1' },
  'cluster.moveGroup': { do: 'cluster.moveGroup', group: 'Available Storage', node: 'NODE2' },
  'switch.create': { do: 'switch.create', name: 'Production', nics: [nic], hostNic: true },
  'vm.create': {
    do: 'vm.create',
    name: 'VM1',
    folder: 'F:\\',
    generation: 2,
    memoryBytes: 2_147_483_648,
    diskBytes: 42_949_672_960,
    switch: 'Production',
  },
  'vm.start': { do: 'vm.start', name: 'VM1' },
  'vm.stop': { do: 'vm.stop', name: 'VM1' },
  'vm.turnOff': { do: 'vm.turnOff', name: 'VM1' },
  'vm.makeHighlyAvailable': { do: 'vm.makeHighlyAvailable', name: 'VM1' },
  'vm.leaveCluster': { do: 'vm.leaveCluster', name: 'VM1' },
  'vm.move': { do: 'vm.move', name: 'VM1', node: 'NODE2', kind: 'live' },
  'vm.setOwners': { do: 'vm.setOwners', name: 'VM1', preferred: ['NODE1'], possible: [] },
  'vm.setPriority': { do: 'vm.setPriority', name: 'VM1', priority: 'high' },
  'vm.setAntiAffinity': { do: 'vm.setAntiAffinity', name: 'VM1', classes: ['Domain controllers'] },
  'vm.setStartSet': {
    ...{ do: 'vm.setStartSet', name: 'Web servers', machines: ['VM1', 'VM2'] },
    ...{ after: ['Databases'], delaySeconds: 60 },
  },
  'vm.removeStartSet': { do: 'vm.removeStartSet', name: 'Web servers' },
  'vm.remove': { do: 'vm.remove', name: 'VM1' },
  'storageHost.createDisk': {
    do: 'storageHost.createDisk',
    path: virtualDisk,
    sizeBytes: 536_870_912,
    isFixed: true,
    description: "Zeuge's LUN",
  },
  'storageHost.extendDisk': { do: 'storageHost.extendDisk', path: virtualDisk, sizeBytes: 1_073_741_824 },
  'storageHost.removeDisk': { do: 'storageHost.removeDisk', path: virtualDisk },
  'storageHost.importDisk': { do: 'storageHost.importDisk', path: virtualDisk },
  'storageHost.deleteFile': { do: 'storageHost.deleteFile', path: virtualDisk },
  'storageHost.createTarget': { do: 'storageHost.createTarget', name: 'cluster1', initiators: nodeNames },
  'storageHost.setInitiators': { do: 'storageHost.setInitiators', name: 'cluster1', initiators: nodeNames },
  'storageHost.setChap': {
    do: 'storageHost.setChap',
    name: 'cluster1',
    chap: { userName: 'nodes', secretName: 'secret' },
    reverse: { userName: 'storage', secretName: 'mutual' },
  },
  'storageHost.removeTarget': { do: 'storageHost.removeTarget', name: 'cluster1' },
  'storageHost.mapDisk': { do: 'storageHost.mapDisk', name: 'cluster1', path: virtualDisk, lun: 0 },
  'storageHost.unmapDisk': { do: 'storageHost.unmapDisk', name: 'cluster1', path: virtualDisk },
};

/** Every sample, for tests that treat all kinds alike. */
export const allSamples: readonly ServerChange[] = Object.values(sampleChanges);

/** A restart, whenever the server started before. */
export const restart = (reason: string): ChangeOf<'host.restart'> => ({
  do: 'host.restart',
  reason,
  bootedBefore: '2026-01-01T00:00:00.000Z',
});

const given = (credential: Credential | null) => ({
  account: credential && { userName: credential.userName, passwordName: 'password' },
  options: credential ? { secrets: { password: credential.password } } : {},
});

export const renameHost = (ports: Ports, newName: string, credential: Credential | null = null): Promise<void> => {
  const { account: named, options } = given(credential);
  return ports.apply({ do: 'host.rename', newName, account: named }, options);
};

export const joinDomain = (
  ports: Ports,
  { domain, ou, credential }: { readonly domain: string; readonly ou: string | null; readonly credential: Credential },
): Promise<void> => {
  const { account: named, options } = given(credential);
  return ports.apply({ do: 'host.joinDomain', domain, ou, account: named! }, options);
};

export const setMutualSecret = (ports: Ports, secret: string | null): Promise<void> =>
  ports.apply(
    { do: 'initiator.setMutualSecret', secretName: secret === null ? null : 'mutual' },
    secret === null ? {} : { secrets: { mutual: new Secret(secret) } },
  );

/** A logon with its secret beside it. */
export interface Logon extends IscsiPath {
  readonly isPersistent: boolean;
  readonly isMultipathEnabled: boolean;
  readonly isHeaderDigest: boolean;
  readonly isDataDigest: boolean;
  readonly authentication:
    | { readonly kind: 'none' }
    | { readonly kind: 'oneWayChap' | 'mutualChap'; readonly userName: string; readonly secret: Secret };
}

/** Logs on and returns the session that was not there before. */
export const logOn = async (ports: Ports, logon: Logon): Promise<IscsiSession> => {
  const { authentication, isPersistent, isMultipathEnabled, isHeaderDigest, isDataDigest, ...rest } = logon;
  const before = new Set((await ports.initiator.readState()).sessions?.map((one) => one.sessionIdentifier));
  await ports.apply(
    {
      do: 'initiator.logOn',
      path: rest,
      isPersistent,
      isMultipathEnabled,
      isHeaderDigest,
      isDataDigest,
      authentication:
        authentication.kind === 'none'
          ? authentication
          : { kind: authentication.kind, userName: authentication.userName, secretName: 'secret' },
    },
    authentication.kind === 'none' ? {} : { secrets: { secret: authentication.secret } },
  );
  const after = (await ports.initiator.readState()).sessions ?? [];
  return after.find((one) => !before.has(one.sessionIdentifier))!;
};
