import { requireAdministrator, type Change } from '../../../main/rehearsal/world/change.ts';
import { isClusterServiceRunning } from '../../../main/rehearsal/world/cluster-view.ts';
import { isLinkUp } from '../../../main/rehearsal/world/reach.ts';
import * as host from '../../../main/rehearsal/world/changes/host.ts';
import { dnsServersOf, setNetbios, setPowerSaving } from '../../../main/rehearsal/world/changes/nics.ts';
import { dnsHostName, machineSidOf } from '../../../main/rehearsal/world/ports/host.ts';
import { echoOnce } from '../../../main/rehearsal/world/ports/measure.ts';
import { NotModelled, Refusal, refuse } from '../../../main/rehearsal/world/refusal.ts';
import { buildOf } from '../../../main/rehearsal/world/scenarios/server.ts';
import type { NicState, ServerState, WindowsService } from '../../../main/rehearsal/world/state.ts';
import { visibleDisks } from '../../../main/rehearsal/world/visible-disks.ts';
import { refuseCmdlet, shows } from './behaviours.ts';
import {
  changer,
  cim,
  dateTime,
  net,
  reader,
  scalar,
  type CimObject,
  type Cmdlet,
  type Look,
  type Parameters,
} from './cim.ts';
import { factClasses } from './cim-facts.ts';
import { initiatorMethods, iscsiClasses } from './cim-iscsi.ts';
import { clusterHere } from './cluster-objects.ts';
import { conditionOf, parseFilter, passes, type Source } from './cim-filter.ts';
import { stdRegProv } from './registry.ts';
import { diskInfos } from './storage.ts';

const cimv2 = 'ROOT/cimv2';
const wmi = 'ROOT/wmi';

const netbiosNumbers = { default: 0, enabled: 1, disabled: 2 } as const;

const configuration = (look: Pick<Look, 'world' | 'server'>, nic: NicState): CimObject =>
  cim(cimv2, 'Win32_NetworkAdapterConfiguration', {
    Index: nic.index,
    InterfaceIndex: nic.index,
    SettingID: nic.guid,
    Description: nic.description,
    Caption: `[${String(nic.index).padStart(8, '0')}] ${nic.description}`,
    MACAddress: nic.mac.replace(/-/g, ':'),
    IPEnabled: isLinkUp(look.world, look.server, nic),
    DHCPEnabled: nic.dhcp.ipv4,
    IPAddress: nic.addresses.map((held) => held.address),
    DefaultIPGateway: nic.gateways.map((gateway) => gateway.nextHop),
    DNSServerSearchOrder: dnsServersOf(nic, 'ipv4'),
    FullDNSRegistrationEnabled: nic.registersInDns,
    DomainDNSRegistrationEnabled: false,
    TcpipNetbiosOptions: netbiosNumbers[nic.netbios],
    MTU: null,
    ServiceName: nic.driver.fileName.replace(/\.sys$/, ''),
  });

const pnpOf = (nic: NicState): string => `PCI\\VEN_8086&DEV_1563\\${nic.permanentMac.replace(/-/g, '')}`;

/** Hyper-V brings its management service, which runs wherever the role is in force. */
const servicesOf = (server: ServerState): WindowsService[] => [
  ...Object.values(server.services),
  ...(server.features['Hyper-V']?.state === 'installed' && !server.services['vmms']
    ? [
        {
          name: 'vmms',
          displayName: 'Hyper-V Virtual Machine Management',
          state: 'running' as const,
          startMode: 'automatic' as const,
          domainTriggered: false,
        },
      ]
    : []),
];

const classes: Readonly<Record<string, Source>> = {
  win32_operatingsystem: ({ server, nowMs }) => [
    cim(cimv2, 'Win32_OperatingSystem', {
      Caption: server.caption,
      Version: `10.0.${buildOf(server)}`,
      BuildNumber: String(buildOf(server)),
      OperatingSystemSKU: server.sku,
      OSLanguage: server.languageId,
      OSArchitecture: '64-bit',
      ProductType: 3,
      Primary: true,
      LastBootUpTime: dateTime(server.bootedAtMs),
      LocalDateTime: dateTime(nowMs),
      InstallDate: dateTime(server.bootedAtMs - 86_400_000),
      CSName: server.computerName,
      TotalVisibleMemorySize: BigInt(server.hardware.memoryBytes) / 1024n,
      FreePhysicalMemory: BigInt(server.hardware.memoryBytes) / 2048n,
      SystemDrive: 'C:',
      WindowsDirectory: 'C:\\Windows',
      SystemDirectory: 'C:\\Windows\\system32',
      ServicePackMajorVersion: 0,
      MUILanguages: ['en-US'],
      Status: 'OK',
      DataExecutionPrevention_Available: true,
      DataExecutionPrevention_SupportPolicy: 3,
    }),
  ],
  win32_computersystem: ({ server }) => [
    cim(cimv2, 'Win32_ComputerSystem', {
      Name: server.computerName,
      DNSHostName: dnsHostName(server),
      Domain: server.membership.name,
      Workgroup: server.membership.kind === 'workgroup' ? server.membership.name : null,
      PartOfDomain: server.membership.kind === 'domain',
      DomainRole: server.membership.kind === 'domain' ? 3 : 2,
      Manufacturer: server.hardware.manufacturer,
      Model: server.hardware.model,
      HypervisorPresent: server.features['Hyper-V']?.state === 'installed',
      NumberOfProcessors: 2,
      NumberOfLogicalProcessors: 128,
      TotalPhysicalMemory: BigInt(server.hardware.memoryBytes),
      SystemType: 'x64-based PC',
      PCSystemType: 4,
      UserName: `${server.computerName}\\Administrator`,
      Status: 'OK',
    }),
  ],
  win32_computersystemproduct: ({ server }) => [
    cim(cimv2, 'Win32_ComputerSystemProduct', {
      Name: server.hardware.model,
      Vendor: server.hardware.manufacturer,
      IdentifyingNumber: server.hardware.serial,
      UUID: server.hardware.uuid,
      Version: '1',
    }),
  ],
  // Both are there whatever they are called; only the first has the number 500.
  win32_useraccount: ({ server }) =>
    [
      ['Administrator', 500],
      ['Guest', 501],
    ].map(([name, number]) =>
      cim(cimv2, 'Win32_UserAccount', {
        Name: name,
        Domain: server.computerName,
        LocalAccount: true,
        SID: `${machineSidOf(server)}-${number}`,
      }),
    ),
  win32_bios: ({ server }) => [
    cim(cimv2, 'Win32_BIOS', {
      SerialNumber: server.hardware.serial,
      Manufacturer: server.hardware.manufacturer,
      Name: 'Rehearsal',
      Version: '1',
    }),
  ],
  win32_service: ({ world, server }) =>
    servicesOf(server).map((service) =>
      cim(cimv2, 'Win32_Service', {
        Name: service.name,
        DisplayName: service.displayName,
        State: {
          stopped: 'Stopped',
          startPending: 'Start Pending',
          stopPending: 'Stop Pending',
          running: 'Running',
          paused: 'Paused',
        }[service.name === 'ClusSvc' && !isClusterServiceRunning(world, server) ? 'stopped' : service.state],
        StartMode: { automatic: 'Auto', manual: 'Manual', disabled: 'Disabled' }[service.startMode],
        Started: service.state === 'running',
        Status: 'OK',
        StartName: 'LocalSystem',
      }),
    ),
  win32_networkadapterconfiguration: (look) => look.server.nics.map((nic) => configuration(look, nic)),
  win32_quickfixengineering: () => [],
  win32_pingstatus: ({ world, server }, filter) => {
    const destination = conditionOf(filter, 'Address') ?? '';
    const answer = echoOnce(world, server, {
      destination,
      source: null,
      payloadBytes: Number(conditionOf(filter, 'BufferSize') ?? 32),
      dontFragment: /true|1/i.test(conditionOf(filter, 'NoFragmentation') ?? ''),
    });
    // IP_SUCCESS 0, IP_DEST_HOST_UNREACHABLE 11003, IP_PACKET_TOO_BIG 11009, IP_REQ_TIMED_OUT 11010
    const code = answer.answered
      ? 0
      : { timeout: 11_010, tooBig: 11_009, unreachable: 11_003, other: 11_050 }[answer.because];
    return [
      cim(cimv2, 'Win32_PingStatus', {
        Address: destination,
        BufferSize: Number(conditionOf(filter, 'BufferSize') ?? 32),
        NoFragmentation: /true|1/i.test(conditionOf(filter, 'NoFragmentation') ?? ''),
        Timeout: Number(conditionOf(filter, 'Timeout') ?? 1000),
        ProtocolAddress: answer.answered ? destination : '',
        PrimaryAddressResolutionStatus: 0,
        StatusCode: code,
        ResponseTime: answer.answered ? answer.roundTripMs : null,
      }),
    ];
  },
  win32_logicaldisk: ({ world, server }) => [
    ...visibleDisks(world, server).flatMap((disk) =>
      disk.view.online
        ? disk.content.partitions.flatMap((partition) => {
            const letter = partition.volume && server.letters[partition.volume.guid];
            return letter
              ? [
                  cim(cimv2, 'Win32_LogicalDisk', {
                    DeviceID: `${letter}:`,
                    // 3: local disk
                    DriveType: 3,
                    VolumeName: partition.volume?.label ?? '',
                    FileSystem: partition.volume?.fileSystem ?? null,
                    Size: BigInt(partition.sizeBytes),
                  }),
                ]
              : [];
          })
        : [],
    ),
    ...server.otherLetters.map((other) =>
      cim(cimv2, 'Win32_LogicalDisk', {
        DeviceID: `${other.letter}:`,
        // 4: network drive, 5: compact disc
        DriveType: other.kind === 'remote' ? 4 : 5,
        VolumeName: other.label,
        FileSystem: null,
        Size: null,
      }),
    ),
  ],
  mscluster_resourcetodiskpartition: (look) => {
    const cluster = clusterHere(look);
    return cluster.disks.flatMap((disk) =>
      disk.driveLetter === null
        ? []
        : [
            cim('root/MSCluster', 'MSCluster_ResourceToDiskPartition', {
              GroupComponent: { Name: disk.name },
              PartComponent: { Path: `${disk.driveLetter}:` },
            }),
          ],
    );
  },
  mspower_deviceenable: ({ server }) =>
    server.nics
      .filter((nic) => nic.powerSaving !== 'unsupported')
      .map((nic) =>
        cim(wmi, 'MSPower_DeviceEnable', {
          InstanceName: `${pnpOf(nic)}_0`,
          Enable: nic.powerSaving === 'allowed',
          Active: true,
        }),
      ),
  mpio_disk_info: ({ world, server }) => {
    if (server.features['Multipath-IO']?.state !== 'installed')
      throw refuseCmdlet('cim.class.notFound', { what: 'MPIO_DISK_INFO' });
    const infos = diskInfos(world, server);
    return [
      cim(wmi, 'MPIO_DISK_INFO', {
        Active: true,
        InstanceName: 'Root\\MPIO\\0000_0',
        NumberDrives: infos.length,
        DriveInfo: infos.map((info) => ({
          Name: info.name,
          NumberPaths: info.paths,
          DsmName: 'Microsoft DSM',
          SerialNumber: info.serial,
        })),
      }),
    ];
  },
  ...factClasses,
  ...iscsiClasses,
};

const select = (look: Look, parameters: Parameters): CimObject[] => {
  const query = parameters.text('Query');
  const match = query === null ? null : /^\s*select\s+.+?\s+from\s+(\w+)(?:\s+where\s+(.+))?$/i.exec(query);
  const name = match?.[1] ?? parameters.text('ClassName') ?? '';
  const source = classes[name.toLowerCase()];
  if (!source) throw new NotModelled(`the CIM class ${name}`);
  // Alternatives of one filter are alternatives of one key: no instance meets two of them.
  return (match?.[2] ?? parameters.text('Filter') ?? '').split(/\s+or\s+/i).flatMap((part) => {
    const filter = parseFilter(part);
    return source(look, filter).filter((object) => passes(object, filter));
  });
};

const nicOf = (change: Change, object: Readonly<Record<string, unknown>> | undefined): NicState => {
  const nic = change.server.nics.find(
    (one) => one.guid === object?.['SettingID'] || one.index === Number(object?.['InterfaceIndex']),
  );
  if (!nic) throw refuse('nic.notFound', { nic: '' });
  return nic;
};

type Given = Readonly<Record<string, unknown>>;

const accountOf = (given: Given): { userName: string; password: string } | null => {
  const userName = scalar(given['UserName']);
  return userName === null ? null : { userName, password: scalar(given['Password']) ?? '' };
};

/** Methods of Win32_ComputerSystem: what they return is the Win32 error of the refusal (`host.rename.method`). */
const computerMethods: Readonly<Record<string, (change: Change, given: Given) => void>> = {
  rename: (change, given) => host.renameComputer(change, scalar(given['Name']) ?? '', accountOf(given)),
  joindomainorworkgroup: (change, given) => {
    const name = scalar(given['Name']) ?? '';
    const options = Number(given['FJoinOptions'] ?? 0);
    // NETSETUP_JOIN_DOMAIN; without it the name is a workgroup's.
    if ((options & 0x1) === 0) {
      host.joinWorkgroup(change, name, null);
      return;
    }
    host.joinDomain(change, {
      domain: name,
      ou: scalar(given['AccountOU']),
      account: accountOf(given) ?? { userName: '', password: '' },
      // NETSETUP_DOMAIN_JOIN_IF_JOINED
      ifJoined: (options & 0x20) !== 0,
    });
  },
  unjoindomainorworkgroup: (change, given) => host.joinWorkgroup(change, 'WORKGROUP', accountOf(given)),
};

const returning = (change: Change, act: () => void): CimObject[] => {
  try {
    act();
    return methodResult({ ReturnValue: 0 });
  } catch (error) {
    if (!(error instanceof Refusal) || error.windowsError.win32 === undefined) throw error;
    change.used.add(error.behaviourId);
    return methodResult({ ReturnValue: error.windowsError.win32 });
  }
};

const methodResult = (props: Given): CimObject[] => [net('Microsoft.Management.Infrastructure.CimMethodResult', props)];

const invoke = (change: Change, parameters: Parameters): CimObject[] => {
  const method = parameters.text('MethodName') ?? '';
  const given = parameters.objects('Arguments')[0] ?? {};
  const [object] = parameters.objects('InputObject');
  if (parameters.text('ClassName')?.toLowerCase() === 'stdregprov')
    return methodResult(stdRegProv(change, method, given));
  const ofComputer = computerMethods[method.toLowerCase()];
  if (ofComputer) return returning(change, () => ofComputer(change, given));
  const ofInitiator = initiatorMethods[method.toLowerCase()];
  if (ofInitiator) return returning(change, () => ofInitiator(change, given));
  if (/^settcpipnetbios$/i.test(method)) {
    const setting = (['default', 'enabled', 'disabled'] as const)[Number(given['TcpipNetbiosOptions'])];
    const [result] = returning(change, () => setNetbios(change, nicOf(change, object).guid, setting ?? 'default'));
    if (result!.props['ReturnValue'] !== 5) return [result!];
    // This class has return values of its own: 91 is "Access denied".
    shows(change, 'nic.netbios.denied');
    return methodResult({ ReturnValue: 91 });
  }
  throw new NotModelled(`the CIM method ${method}`);
};

export const cimCmdlets: readonly Cmdlet[] = [
  reader(
    'Get-CimInstance',
    'ClassName Namespace Filter Query Property KeyOnly OperationTimeoutSec Shallow QueryDialect',
    select,
  ),
  changer('Invoke-CimMethod', 'ClassName Namespace MethodName Arguments InputObject Query OperationTimeoutSec', invoke),
  changer('Set-CimInstance', 'InputObject Property Query Namespace', (change, parameters) => {
    requireAdministrator(change);
    for (const object of parameters.objects('InputObject')) {
      const instance = object['InstanceName'];
      const nic = change.server.nics.find((one) => typeof instance === 'string' && instance.startsWith(pnpOf(one)));
      const [values] = parameters.objects('Property');
      const enable = values ? values['Enable'] : object['Enable'];
      if (!nic || typeof enable !== 'boolean') throw new NotModelled('Set-CimInstance of this class');
      setPowerSaving(change, nic.guid, enable);
    }
  }),
];
