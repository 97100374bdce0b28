import { buildNumbers, type WindowsVersion } from '../../../../shared/model/host.ts';
import { bindings } from '../../../../shared/model/nic.ts';
import { partitionTypes } from '../../../../shared/model/disk.ts';
import { nextGuid, nextHex, nextId } from '../random.ts';
import type { FeatureStateEntry, NicState, ServerState, WindowsService, WorldState } from '../state.ts';
import { syncDisks } from '../changes/disks.ts';
import { renewDhcp } from '../changes/nics.ts';

export interface ServerSeed {
  readonly name: string;
  readonly version: WindowsVersion;
  readonly core?: boolean;
  readonly standard?: boolean;
  readonly languageId?: number;
  /** Networks that the ports are plugged into, in order; null: no cable. */
  readonly ports: readonly (string | null)[];
  readonly domain?: string | null;
  /** Its address on the first port; null: DHCP. */
  readonly productionAddress?: {
    readonly address: string;
    readonly prefixLength: number;
    readonly gateway: string;
    readonly dns: string;
  } | null;
}

const service = (
  name: string,
  displayName: string,
  state: WindowsService['state'],
  startMode: WindowsService['startMode'],
  domainTriggered = false,
): WindowsService => ({ name, displayName, state, startMode, domainTriggered });

const feature = (
  name: string,
  displayName: string,
  type: FeatureStateEntry['type'],
  needsRestart: boolean,
): FeatureStateEntry => ({
  name,
  displayName,
  type,
  state: 'available',
  needsRestart,
});

const byName = <T extends { readonly name: string }>(list: readonly T[]): Record<string, T> =>
  Object.fromEntries(list.map((item) => [item.name, item]));

const makeNic = (world: WorldState, position: number, network: string | null): NicState => {
  const onBoard = position < 2;
  const mac = `00-15-5D-${nextHex(world, 6).match(/../g)!.join('-')}`;
  const index = 3 + nextId(world);
  return {
    guid: nextGuid(world),
    index,
    name: position === 0 ? 'Ethernet' : `Ethernet ${position + 1}`,
    description: onBoard
      ? `Intel(R) Ethernet Controller X550${position === 0 ? '' : ` #${position + 1}`}`
      : `Broadcom NetXtreme E-Series Advanced Dual-port 25Gb SFP28 Ethernet OCP 3.0 Adapter #${position + 1}`,
    permanentMac: mac,
    mac,
    hardware: true,
    virtual: false,
    driver: onBoard
      ? { provider: 'Intel', version: '4.1.248.0', date: '2024-06-11', fileName: 'ixe.sys' }
      : { provider: 'Broadcom Limited', version: '229.0.142.0', date: '2024-03-20', fileName: 'bnxtnd.sys' },
    enabled: true,
    network,
    linkSpeedBps: onBoard ? '10000000000' : '25000000000',
    bindings: {
      [bindings.clientForMicrosoftNetworks]: true,
      [bindings.fileAndPrinterSharing]: true,
      [bindings.ipv4]: true,
      [bindings.ipv6]: true,
      ms_pacer: true,
      ms_lltdio: true,
      ms_rspndr: true,
      ms_lldp: true,
      [bindings.teamMember]: false,
    },
    addresses: [
      {
        address: `fe80::${nextHex(world, 4).toLowerCase()}:${nextHex(world, 4).toLowerCase()}:${(0x100 + index).toString(16)}`,
        prefixLength: 64,
        family: 'ipv6',
        origin: 'wellKnown',
        skipAsSource: false,
        duplicate: false,
      },
    ],
    dhcp: { ipv4: true, ipv6: true },
    gateways: [],
    dnsServers: { ipv4: [], ipv6: [] },
    registersInDns: true,
    usesSuffixWhenRegistering: false,
    netbios: 'default',
    advanced: [
      {
        keyword: '*JumboPacket',
        displayName: 'Jumbo Packet',
        value: '1514',
        validValues: ['1514', '4088', '9014'],
        validDisplayValues: ['Disabled', '4088 Bytes', '9014 Bytes'],
      },
      {
        keyword: '*FlowControl',
        displayName: 'Flow Control',
        value: '3',
        validValues: ['0', '1', '2', '3'],
        validDisplayValues: ['Disabled', 'Tx Enabled', 'Rx Enabled', 'Rx & Tx Enabled'],
      },
    ],
    powerSaving: onBoard ? 'allowed' : 'unsupported',
    membership: { kind: 'none' },
    category: 'public',
  };
};

/** A server fresh from its installation: six NICs on DHCP, one disk, nothing set up. */
export const addServer = (world: WorldState, seed: ServerSeed): ServerState => {
  const systemDisk = nextHex(world, 16);
  const systemVolume = nextGuid(world);
  const computerName = seed.name;
  const server: ServerState = {
    name: seed.name,
    power: 'on',
    version: seed.version,
    core: seed.core ?? false,
    // Win32_OperatingSystem.OperatingSystemSKU: 7 Standard, 8 Datacenter.
    sku: (seed.standard ?? false) ? 7 : 8,
    caption: `Microsoft Windows Server ${seed.version} ${(seed.standard ?? false) ? 'Standard' : 'Datacenter'}`,
    languageId: seed.languageId ?? 1033,
    computerName,
    nextComputerName: computerName,
    membership: seed.domain ? { kind: 'domain', name: seed.domain } : { kind: 'workgroup', name: 'WORKGROUP' },
    nextMembership: seed.domain ? { kind: 'domain', name: seed.domain } : { kind: 'workgroup', name: 'WORKGROUP' },
    primaryDnsSuffix: seed.domain ?? '',
    hardware: {
      manufacturer: 'Quorate Rehearsal',
      model: 'Simulated Server',
      serial: `SIM-${nextHex(world, 8)}`,
      uuid: nextGuid(world).slice(1, -1),
      memoryBytes: (128n * 1024n ** 3n).toString(),
      processor: 'Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz',
    },
    bootedAtMs: world.clock.nowMs - 600_000,
    administrator: true,
    pending: { componentServicing: false, windowsUpdate: false, fileRename: false },
    time: seed.domain ? { type: 'NT5DS', servers: [] } : { type: 'NTP', servers: ['time.windows.com'] },
    services: byName([
      service('MSiSCSI', 'Microsoft iSCSI Initiator Service', 'stopped', 'manual'),
      service(
        'W32Time',
        'Windows Time',
        seed.domain ? 'running' : 'stopped',
        seed.domain ? 'automatic' : 'manual',
        true,
      ),
      service('WinRM', 'Windows Remote Management (WS-Management)', 'running', 'automatic'),
      service('TermService', 'Remote Desktop Services', 'running', 'manual'),
      service('Schedule', 'Task Scheduler', 'running', 'automatic'),
      service('LanmanServer', 'Server', 'running', 'automatic'),
    ]),
    features: byName([
      feature('Multipath-IO', 'Multipath I/O', 'Feature', true),
      feature('Failover-Clustering', 'Failover Clustering', 'Feature', false),
      feature('Hyper-V', 'Hyper-V', 'Role', true),
      feature('RSAT-Clustering-PowerShell', 'Failover Cluster Module for Windows PowerShell', 'Feature', false),
      feature('Hyper-V-PowerShell', 'Hyper-V Module for Windows PowerShell', 'Feature', false),
    ]),
    tasks: [],
    nics: seed.ports.map((network, position) => makeNic(world, position, network)),
    firewallRules: [
      {
        name: 'MsiScsi-In-TCP',
        displayName: 'iSCSI Service (TCP-In)',
        group: '@FirewallAPI.dll,-29002',
        direction: 'inbound',
        enabled: false,
        profiles: ['domain', 'private', 'public'],
        action: 'allow',
      },
      {
        name: 'MsiScsi-Out-TCP',
        displayName: 'iSCSI Service (TCP-Out)',
        group: '@FirewallAPI.dll,-29002',
        direction: 'outbound',
        enabled: false,
        profiles: ['domain', 'private', 'public'],
        action: 'allow',
      },
    ],
    remoteSessions: [],
    initiator: {
      name: `iqn.1991-05.com.microsoft:${computerName.toLowerCase()}${seed.domain ? `.${seed.domain}` : ''}`,
      instance: 'ROOT\\ISCSIPRT\\0000_0',
      mutualSecret: null,
      portals: [],
      discovered: [],
      sessions: [],
      favourites: [],
      boundVolumes: [],
    },
    mpio: { claimsIscsi: false, policy: 'None' },
    localDisks: [
      {
        uniqueId: systemDisk,
        serial: `SSD-${nextHex(world, 8)}`,
        manufacturer: 'NVMe',
        model: 'Rehearsal SSD 480GB',
        bus: 'nvme',
        sizeBytes: '480103981056',
        boot: true,
        content: {
          style: 'gpt',
          guid: nextGuid(world),
          signature: null,
          clustered: false,
          partitions: [
            {
              number: 1,
              offsetBytes: '1048576',
              sizeBytes: '104857600',
              gptType: partitionTypes.efiSystem,
              mbrType: null,
              guid: nextGuid(world),
              volume: null,
            },
            {
              number: 2,
              offsetBytes: '105906176',
              sizeBytes: '16777216',
              gptType: partitionTypes.microsoftReserved,
              mbrType: null,
              guid: nextGuid(world),
              volume: null,
            },
            {
              number: 3,
              offsetBytes: '122683392',
              sizeBytes: '479980224512',
              gptType: partitionTypes.basicData,
              mbrType: null,
              guid: nextGuid(world),
              volume: { guid: systemVolume, fileSystem: 'NTFS', label: '', allocationUnitBytes: 4096 },
            },
          ],
        },
      },
    ],
    diskViews: {},
    letters: { [systemVolume]: 'C' },
    otherLetters: [{ letter: 'D', kind: 'cdRom', label: '' }],
    sanPolicy: 'OfflineShared',
    automount: true,
    boots: 1,
  };
  world.servers[seed.name] = server;
  for (const nic of server.nics) renewDhcp(world, server, nic);
  const fixed = seed.productionAddress;
  const first = server.nics[0];
  if (fixed && first) {
    first.dhcp.ipv4 = false;
    first.addresses = first.addresses.filter((held) => held.family !== 'ipv4');
    first.addresses.push({
      address: fixed.address,
      prefixLength: fixed.prefixLength,
      family: 'ipv4',
      origin: 'manual',
      skipAsSource: false,
      duplicate: false,
    });
    delete first.leasedDnsServers;
    first.gateways = [{ family: 'ipv4', nextHop: fixed.gateway, metric: 256 }];
    first.dnsServers.ipv4 = [fixed.dns];
    first.category = seed.domain ? 'domainAuthenticated' : 'public';
  }
  syncDisks(world, server);
  return server;
};

export const buildOf = (server: ServerState): number => buildNumbers[server.version];
