import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Ports } from '../../../main/ports/ports.ts';
import { createWindowsPorts } from '../../../main/windows/index.ts';
import { engineMissing, startEngine, type Engine } from '../../support/engine.ts';
import { startFakeWorld, type FakeWorld } from '../simulated/fake-world.ts';

/** Windows' own awkwardness, one at a time: numbers or names, blank or missing, one or many, read or not. */
const storage = (name: string) =>
  `Microsoft.Management.Infrastructure.CimInstance#ROOT/Microsoft/Windows/Storage/${name}`;
const cimv2 = (name: string) => `Microsoft.Management.Infrastructure.CimInstance#ROOT/cimv2/${name}`;
const wmi = (name: string) => `Microsoft.Management.Infrastructure.CimInstance#ROOT/wmi/${name}`;

const rawDisk = {
  UniqueId: '600140500000000000000000000000A1',
  UniqueIdFormat: 3,
  Number: 4,
  SerialNumber: 'LAB-1 ',
  Manufacturer: 'LIO-ORG',
  Model: 'data',
  FriendlyName: 'LIO-ORG data',
  Size: '1099511627776',
  LogicalSectorSize: 512,
  PhysicalSectorSize: 4096,
  BusType: 9,
  IsBoot: false,
  IsSystem: false,
  IsClustered: false,
  IsOffline: true,
  OfflineReason: 1,
  IsReadOnly: true,
  HealthStatus: 0,
  PartitionStyle: 0,
  LargestFreeExtent: '0',
  OperationalStatus: 53267,
};
/** What the module's type file shows in place of the numbers. */
const shownDisk = { BusType: 'iSCSI', PartitionStyle: 'RAW', HealthStatus: 'Healthy', OfflineReason: 'Policy' };
const objects = (...list: readonly object[]) => ({ ok: true, objects: list });

describe.skipIf(engineMissing)('what Windows gives in more than one shape', () => {
  let world: FakeWorld;
  let engine: Engine;
  let ports: Ports;
  let instances: Record<string, readonly object[]>;
  beforeAll(async () => {
    world = await startFakeWorld();
    engine = await startEngine({ world: { address: world.address, server: 'NODE1' } });
    ports = createWindowsPorts(engine.runner, { version: '0', now: () => new Date() });
    world.answer('Get-CimInstance', (call) => {
      const name = String(call.parameters['ClassName']);
      return name in instances
        ? objects(...instances[name]!)
        : {
            ok: false,
            error: {
              id: `HRESULT 0x80041010,Microsoft.Management.Infrastructure.CimCmdlets.GetCimInstanceCommand`,
              category: 'MetadataError',
              hresult: 0x80041010,
              message: 'Ungültige Klasse',
            },
          };
    });
  });
  afterAll(async () => {
    await engine.close();
    await world.close();
  });
  beforeEach(() => {
    instances = { Win32_Service: [] };
    for (const name of ['Get-Disk', 'Get-Partition', 'Get-Volume', 'Get-WindowsFeature']) world.answer(name, objects());
  });

  it.each([
    ['numbers', { props: rawDisk }],
    ['names over numbers', { props: rawDisk, shown: shownDisk }],
    ['names alone, as a session without raw values shows them', { props: { ...rawDisk, ...shownDisk } }],
  ])('reads a disk that comes with %s', async (_title, disk) => {
    world.answer('Get-Disk', objects({ $type: storage('MSFT_Disk'), ...disk }));
    const [read] = await ports.disks.list();
    expect(read).toMatchObject({
      uniqueId: '600140500000000000000000000000A1',
      uniqueIdFormat: 'fcphName',
      busType: 'iscsi',
      partitionStyle: 'raw',
      healthStatus: 'healthy',
      offlineReason: 'policy',
      sizeBytes: 1_099_511_627_776n,
    });
  });

  it('takes a disk without a unique id and without an OfflineReason, and a bus of the future', async () => {
    const disk = { ...rawDisk, UniqueId: null, IsOffline: false, OfflineReason: null, BusType: 77, HealthStatus: 5 };
    world.answer('Get-Disk', objects({ $type: storage('MSFT_Disk'), props: disk }));
    const [read] = await ports.disks.list();
    expect(read).toMatchObject({ uniqueId: null, offlineReason: null, busType: 'unknown', healthStatus: 'unknown' });
  });

  it('refuses to act on a disk that is there twice', async () => {
    const disk = { $type: storage('MSFT_Disk'), props: rawDisk };
    world.answer('Get-Disk', objects(disk, { ...disk, props: { ...rawDisk, Number: 5 } }));
    await expect(ports.apply({ do: 'disk.setOnline', disk: rawDisk.UniqueId, online: true })).rejects.toMatchObject({
      code: 'DISK_AMBIGUOUS',
      effect: 'none',
      detail: { count: '2' },
    });
    expect(world.calls.some((call) => call.cmdlet === 'Set-Disk')).toBe(false);
  });

  it('says that partitions are unread and never that there are none', async () => {
    world.answer('Get-Disk', objects({ $type: storage('MSFT_Disk'), props: { ...rawDisk, PartitionStyle: 2 } }));
    world.answer('Get-Partition', {
      ok: false,
      error: {
        id: 'StorageWMI 40001,Get-Partition',
        category: 'PermissionDenied',
        message: 'アクセスが拒否されました',
      },
    });
    const [read] = await ports.disks.list();
    expect(read!.partitions).toBeNull();
    expect(read!.unread).toContainEqual({ property: 'partitions', because: 'ACCESS_DENIED' });
  });

  it('knows no drive letter behind a partition whose letter is the character 0', async () => {
    world.answer('Get-Disk', objects({ $type: storage('MSFT_Disk'), props: { ...rawDisk, PartitionStyle: 2 } }));
    const partition = {
      DiskNumber: 4,
      PartitionNumber: 2,
      DriveLetter: '\u0000',
      Offset: '16777216',
      Size: '1099494850560',
      GptType: '{ebd0a0a2-b9e5-4433-87c0-68b6b72699c7}',
      Guid: '{11111111-2222-4333-8444-555555555555}',
      AccessPaths: ['\\\\?\\Volume{11111111-2222-4333-8444-555555555555}\\'],
    };
    world.answer('Get-Partition', objects({ $type: storage('MSFT_Partition'), props: partition }));
    const [read] = await ports.disks.list();
    expect(read!.partitions).toEqual([
      expect.objectContaining({
        driveLetter: null,
        gptType: '{EBD0A0A2-B9E5-4433-87C0-68B6B72699C7}',
        offsetBytes: 16_777_216n,
        volume: null,
      }),
    ]);
  });

  const service = { $type: cimv2('Win32_Service'), props: { Name: 'MSiSCSI', State: 'Running', StartMode: 'Auto' } };
  const login = (over: object) => ({
    $type: wmi('MSiSCSIInitiator_PersistentLoginClass'),
    props: {
      TargetName: 'iqn.2004-04.test.lab:storage',
      InitiatorInstance: 'ROOT\\ISCSIPRT\\0000_0',
      InitiatorPortNumber: 1,
      TargetPortal: { Index: 0, SymbolicName: '', Address: '198.51.100.10', Port: 3260 },
      LoginOptions: { LoginFlags: 2 },
      ...over,
    },
  });
  const withInitiator = (logins: readonly object[]): void => {
    instances = {
      Win32_Service: [service],
      MSiSCSIInitiator_PersistentLoginClass: logins,
      MSiSCSIInitiator_PersistentDevices: [
        { $type: wmi('MSiSCSIInitiator_PersistentDevices'), props: { DevicePath: '\\\\?\\Volume{1}\\' } },
      ],
      MSiSCSI_PortalInfoClass: [
        {
          $type: wmi('MSiSCSI_PortalInfoClass'),
          props: {
            InstanceName: 'ROOT\\ISCSIPRT\\0000_0',
            PortalInformation: [
              // 192.0.2.21 and 198.51.100.21 as the numbers whose lowest byte comes first.
              { Index: 0, IPAddr: { Type: 1, IpV4Address: 0x150200c0, IpV6Address: [], TextAddress: '' } },
              { Index: 1, IPAddr: { Type: 1, IpV4Address: 0x156433c6, IpV6Address: [], TextAddress: '' } },
            ],
          },
        },
      ],
    };
    world.answer('Get-NetFirewallRule', objects());
    world.answer('Get-InitiatorPort', objects());
    world.answer('Get-IscsiTarget', objects());
    world.answer('Get-IscsiTargetPortal', objects());
    world.answer('Get-IscsiSession', objects());
  };

  it('finds the source address of a favourite behind the number of its initiator port', async () => {
    withInitiator([
      login({}),
      login({
        InitiatorPortNumber: 4_294_967_295,
        TargetPortal: { Address: '', Port: 0 },
        LoginOptions: { LoginFlags: 0 },
      }),
    ]);
    const state = await ports.initiator.readState();
    expect(state.favourites).toEqual([
      {
        targetNodeAddress: 'iqn.2004-04.test.lab:storage',
        initiatorPortalAddress: '198.51.100.21',
        targetPortalAddress: '198.51.100.10',
        targetPortalPort: 3260,
        isMultipathEnabled: true,
      },
      {
        targetNodeAddress: 'iqn.2004-04.test.lab:storage',
        initiatorPortalAddress: null,
        targetPortalAddress: null,
        targetPortalPort: null,
        isMultipathEnabled: false,
      },
    ]);
    expect(state.boundVolumes).toEqual(['\\\\?\\Volume{1}\\']);
    expect(state.iqn).toBeNull();
    expect(state.unread.map((entry) => entry.property)).toEqual(['iqn']);
  });

  it('says that favourites are unread when a port number has no address: it may be any', async () => {
    withInitiator([login({ InitiatorPortNumber: 7 })]);
    const state = await ports.initiator.readState();
    expect(state.favourites).toBeNull();
    expect(state.unread.map((entry) => entry.property)).toContain('favourites');
  });

  it('takes a blank source address of a session for not bound', async () => {
    withInitiator([]);
    const session = {
      SessionIdentifier: 'ffffe001-4000013700000002',
      TargetNodeAddress: 'iqn.2004-04.test.lab:storage',
      InitiatorNodeAddress: 'iqn.1991-05.com.microsoft:node1',
      InitiatorPortalAddress: '',
      InitiatorInstanceName: 'ROOT\\ISCSIPRT\\0000_0',
      InitiatorSideIdentifier: '400001370000',
      TargetSideIdentifier: '0100',
      AuthenticationType: 'NONE',
      IsConnected: true,
      IsPersistent: false,
      IsDiscovered: false,
      IsHeaderDigest: false,
      IsDataDigest: false,
      NumberOfConnections: 1,
    };
    world.answer('Get-IscsiSession', objects({ $type: storage('MSFT_iSCSISession'), props: session }));
    world.answer('Get-IscsiConnection', {
      ok: false,
      error: {
        id: 'HRESULT 0xefff0013,Get-IscsiConnection',
        category: 'NotSpecified',
        hresult: 0xefff0013,
        message: '',
      },
    });
    const [read] = (await ports.initiator.readState()).sessions!;
    expect(read).toMatchObject({ initiatorPortalAddress: null, authenticationType: 'NONE', connections: null });
  });

  it('sets NetBIOS of an adapter without a link where the method refuses it', async () => {
    const guid = '{AAAAAAAA-0000-4000-8000-000000000001}';
    const adapter = 'Microsoft.Management.Infrastructure.CimInstance#ROOT/StandardCimv2/MSFT_NetAdapter';
    world.answer('Get-NetAdapter', objects({ $type: adapter, props: { Name: 'Ethernet', InterfaceGuid: guid } }));
    instances['Win32_NetworkAdapterConfiguration'] = [
      { $type: cimv2('Win32_NetworkAdapterConfiguration'), props: { SettingID: guid, TcpipNetbiosOptions: null } },
    ];
    const result = 'Microsoft.Management.Infrastructure.CimMethodResult';
    const answers: Record<string, number> = { SetTcpipNetbios: 84, SetDWORDValue: 0 };
    world.answer('Invoke-CimMethod', (call) =>
      objects({ $type: result, props: { ReturnValue: answers[String(call.parameters['MethodName'])] } }),
    );
    world.calls.splice(0);
    await ports.apply({ do: 'nic.setNetbios', nic: guid, setting: 'disabled' });
    const written = world.calls.find((call) => call.parameters['MethodName'] === 'SetDWORDValue')!;
    expect(written.parameters['Arguments']).toMatchObject({
      hDefKey: 2_147_483_650,
      sSubKeyName: `SYSTEM\\CurrentControlSet\\Services\\NetBT\\Parameters\\Interfaces\\Tcpip_${guid}`,
      sValueName: 'NetbiosOptions',
      uValue: 2,
    });
    answers['SetTcpipNetbios'] = 81;
    await expect(ports.apply({ do: 'nic.setNetbios', nic: guid, setting: 'disabled' })).rejects.toMatchObject({
      code: 'WINDOWS_REFUSED',
      detail: { code: '81' },
    });
  });

  it.each([
    [{ Enabled: 1, Profile: 0, Direction: 1, Action: 2 }, ['any']],
    [{ Enabled: 1, Profile: 7, Direction: 1, Action: 2 }, ['any']],
    [{ Enabled: 'True', Profile: 'Domain, Private', Direction: 'Inbound', Action: 'Allow' }, ['domain', 'private']],
  ])('reads a firewall rule in the form %j', async (values, profiles) => {
    withInitiator([]);
    const type = 'Microsoft.Management.Infrastructure.CimInstance#ROOT/StandardCimv2/MSFT_NetFirewallRule';
    world.answer('Get-NetFirewallRule', objects({ $type: type, props: { Name: 'MsiScsi-In-TCP', ...values } }));
    expect((await ports.initiator.readState()).firewallRules).toEqual([
      { name: 'MsiScsi-In-TCP', direction: 'inbound', enabled: true, action: 'allow', profiles },
    ]);
  });

  const resumes = { program: 'C:\\Q\\quorate.exe', arguments: ['journal', 'resume', '--yes'] };
  const started = { Execute: resumes.program, Arguments: 'journal resume --yes' };
  it.each([
    ['is not there', null, 'it is not there'],
    ['starts another program', { ...started, Execute: 'C:\\Temp\\q.exe' }, 'it starts C:\\Temp\\q.exe'],
    [
      'starts it with other arguments',
      { ...started, Arguments: 'journal resume' },
      'it starts with the arguments journal resume',
    ],
    ['is kept', started, null],
  ])('a task after a restart that %s once it was registered is told as that', async (_what, action, reason) => {
    const task = (name: string, props: object = {}) => ({
      $type: `Microsoft.Management.Infrastructure.CimInstance#Root/Microsoft/Windows/TaskScheduler/${name}`,
      props,
    });
    world.answer('New-ScheduledTaskAction', objects(task('MSFT_TaskExecAction', started)));
    world.answer('New-ScheduledTaskSettingsSet', objects(task('MSFT_TaskSettings3')));
    world.answer('New-ScheduledTaskTrigger', objects(task('MSFT_TaskLogonTrigger')));
    world.answer('New-ScheduledTaskPrincipal', objects(task('MSFT_TaskPrincipal2')));
    world.answer('Register-ScheduledTask', objects());
    const kept = { TaskPath: '\\Quorate\\', TaskName: 'Resume-work-3' };
    world.answer(
      'Get-ScheduledTask',
      action === null
        ? objects()
        : objects(task('MSFT_ScheduledTask', { ...kept, Actions: [task('MSFT_TaskExecAction', action)] })),
    );
    const change = { token: 'work-3', trigger: 'logon', account: 'NODE1\\Administrator', passwordName: null } as const;
    const applied = ports.apply({ do: 'host.registerResume', ...change }, { resumeCommand: resumes });
    if (reason === null) await applied;
    else
      await expect(applied).rejects.toMatchObject({
        code: 'HOST_RESUME_NOT_KEPT',
        effect: 'partial',
        detail: { reason },
      });
  });
});
