import { logOn as logOnTo, restart } from '../../support/changes.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ports } from '../../../main/ports/ports.ts';
import { branchAccount, labTarget, secondDomain } from '../../../main/rehearsal/world/scenarios/index.ts';
import type { CimValue } from '../../powershell/world/cim.ts';
import { startTestWorld, type TestWorld } from '../../support/world.ts';
import { runCmdlet } from '../../powershell/world/requests.ts';

interface CimObject {
  readonly $type: string;
  readonly props: Readonly<Record<string, unknown>>;
  readonly shown?: Readonly<Record<string, unknown>>;
}

const asObject = (value: CimValue | undefined): CimObject => value as unknown as CimObject;

/** What the simulated PowerShell modules send, one cmdlet at a time. */
const at = (world: TestWorld, server: string) => ({
  run: async (cmdlet: string, parameters: Record<string, unknown> = {}): Promise<CimObject[]> => {
    const answer = await runCmdlet(world.client, server, cmdlet, parameters);
    if (!answer.ok) throw new Error(`${answer.error.id}: ${answer.error.message}`);
    return answer.objects.map(asObject);
  },
  refused: async (cmdlet: string, parameters: Record<string, unknown> = {}) => {
    const answer = await runCmdlet(world.client, server, cmdlet, parameters);
    if (answer.ok) throw new Error(`${cmdlet} was not refused`);
    return answer.error;
  },
});

const connectBothPaths = async (world: TestWorld, server: string): Promise<void> => {
  const { run } = at(world, server);
  await run('Set-Service', { Name: 'MSiSCSI', StartupType: 'Automatic' });
  await run('Start-Service', { Name: 'MSiSCSI' });
  for (const [alias, address, portal] of [
    ['Ethernet 3', '198.51.100.21', '198.51.100.10'],
    ['Ethernet 4', '203.0.113.21', '203.0.113.10'],
  ] as const) {
    await run('New-NetIPAddress', { InterfaceAlias: alias, IPAddress: address, PrefixLength: 24 });
    await run('New-IscsiTargetPortal', { TargetPortalAddress: portal, InitiatorPortalAddress: address });
    await run('Connect-IscsiTarget', {
      NodeAddress: labTarget,
      TargetPortalAddress: portal,
      InitiatorPortalAddress: address,
      IsMultipathEnabled: true,
      IsPersistent: true,
    });
  }
};

describe('what Windows does beside what it was told', () => {
  it('stops the time service of a server in a workgroup after each start, until its trigger is replaced', async () => {
    const own = await startTestWorld();
    try {
      const { run } = at(own, 'NODE2');
      const state = async () => {
        const services = await run('Get-CimInstance', { ClassName: 'Win32_Service', Filter: "Name='W32Time'" });
        return services.map((one) => [one.props['StartMode'], one.props['State']]);
      };
      const restart = async () => {
        await run('Restart-Computer', {});
        await own.advance(60_000);
      };
      await run('Set-Service', { Name: 'W32Time', StartupType: 'Automatic', Status: 'Running' });
      expect(await state()).toEqual([['Auto', 'Running']]);
      await restart();
      expect(await state()).toEqual([['Auto', 'Stopped']]);
      await run('sc.exe', { Arguments: ['triggerinfo', 'W32Time', 'start/networkon', 'stop/networkoff'] });
      await restart();
      expect(await state()).toEqual([['Auto', 'Running']]);
    } finally {
      await own.stop();
    }
  });

  it('refuses to join another domain while it is joined, unless the flag says so', async () => {
    const own = await startTestWorld({ scenario: 'two-node-ad' });
    try {
      const join = async (options: number) => {
        const [result] = await at(own, 'NODE2').run('Invoke-CimMethod', {
          InputObject: { $type: 'Win32_ComputerSystem', props: {} },
          MethodName: 'JoinDomainOrWorkgroup',
          Arguments: {
            Name: secondDomain,
            UserName: branchAccount.userName,
            Password: branchAccount.password,
            FJoinOptions: options,
          },
        });
        return result!.props['ReturnValue'];
      };
      // 1 NETSETUP_JOIN_DOMAIN, 2 NETSETUP_ACCT_CREATE, 32 NETSETUP_DOMAIN_JOIN_IF_JOINED; 2691 NERR_SetupAlreadyJoined.
      expect([await join(3), await join(35)]).toEqual([2691, 0]);
    } finally {
      await own.stop();
    }
  });
});

describe('what simulated cmdlets return', () => {
  let world: TestWorld;
  let node: ReturnType<typeof at>;
  beforeAll(async () => {
    world = await startTestWorld();
    node = at(world, 'NODE1');
  });
  afterAll(() => world.stop());

  it('is numbers where Windows gives numbers, with the words of its formatting beside them', async () => {
    const [nic] = await node.run('Get-NetAdapter', { Name: 'Ethernet 3' });
    expect(nic!.$type).toBe('Microsoft.Management.Infrastructure.CimInstance#ROOT/StandardCimv2/MSFT_NetAdapter');
    expect(nic!.props).toMatchObject({ InterfaceOperationalStatus: 1, MediaConnectState: 1, InterfaceAdminStatus: 1 });
    const [disk] = await node.run('Get-Disk');
    expect(disk!.props).toMatchObject({ BusType: 17, PartitionStyle: 2, Size: '480103981056', IsBoot: true });
    expect(disk!.shown).toMatchObject({ BusType: 'NVMe', PartitionStyle: 'GPT' });
    const [address] = await node.run('Get-NetIPAddress', { InterfaceAlias: 'Ethernet', AddressFamily: 'IPv6' });
    expect(address!.props).toMatchObject({ AddressFamily: 23, PrefixLength: 64 });
  });

  it('is an enumeration of .NET where the cmdlet is no CIM cmdlet', async () => {
    const [service] = await node.run('Get-Service', { Name: 'MSiSCSI' });
    expect(service!.props['Status']).toEqual({
      $enum: 'System.ServiceProcess.ServiceControllerStatus',
      name: 'Stopped',
      value: 1,
    });
  });

  it('has the properties of its class, all of them, and null for what was not read', async () => {
    const [disk] = await node.run('Get-Disk');
    expect(Object.keys(disk!.props)).toEqual(
      expect.arrayContaining(['PassThroughClass', 'OfflineReason', 'Guid', 'UniqueIdFormat', 'IsClustered']),
    );
    expect(disk!.props['PassThroughClass']).toBeNull();
  });

  it.each([
    ['Rename-NetAdapter', { Name: 'Ethernet', NewName: 'Ethernet 2' }, 'Windows System Error 698,Rename-NetAdapter'],
    ['Get-NetAdapter', { Name: 'Nothing' }, 'CmdletizationQuery_NotFound_Name,Get-NetAdapter'],
    ['Get-IscsiSession', {}, 'HRESULT 0xefff003e,Get-IscsiSession'],
    ['Get-MPIOSetting', {}, 'CommandNotFoundException'],
  ])('is the error of Windows for %s %o', async (cmdlet, parameters, id) => {
    expect(await node.refused(cmdlet, parameters)).toMatchObject({ id });
  });

  it('says no address for a session that was not told one', async () => {
    await node.run('Start-Service', { Name: 'MSiSCSI' });
    await node.run('New-NetIPAddress', { InterfaceAlias: 'Ethernet 3', IPAddress: '198.51.100.21', PrefixLength: 24 });
    await node.run('New-IscsiTargetPortal', { TargetPortalAddress: '198.51.100.10' });
    const [session] = await node.run('Connect-IscsiTarget', { NodeAddress: labTarget });
    expect(session!.props).toMatchObject({ InitiatorPortalAddress: '', IsConnected: true, NumberOfConnections: 1 });
    const [connection] = await node.run('Get-IscsiConnection');
    expect(connection!.props).toMatchObject({ InitiatorAddress: '198.51.100.21', TargetAddress: '198.51.100.10' });
    expect(await node.refused('Connect-IscsiTarget', { NodeAddress: labTarget })).toMatchObject({
      id: 'HRESULT 0xefff003f,Connect-IscsiTarget',
      hresult: 0xefff003f,
    });
  });

  it('is refused by the state of the disk', async () => {
    const [, disk] = await node.run('Get-Disk');
    const { Number: number } = disk!.props;
    expect(await node.refused('New-Partition', { DiskNumber: number, UseMaximumSize: true })).toMatchObject({
      id: 'StorageWMI 41000,New-Partition',
    });
    await node.run('Set-Disk', { Number: number, IsOffline: false });
    await node.run('Set-Disk', { Number: number, IsReadOnly: false });
    await node.run('Initialize-Disk', { Number: number, PartitionStyle: 'GPT' });
    expect(
      await node.refused('New-Partition', { DiskNumber: number, UseMaximumSize: true, DriveLetter: 'C' }),
    ).toMatchObject({ id: 'StorageWMI 42002,New-Partition' });
    // The reserved partition, and the new one: it stays, without a letter.
    const partitions = await node.run('Get-Partition', { DiskNumber: number });
    expect(partitions.map(({ props }) => [props['PartitionNumber'], props['DriveLetter']])).toEqual([
      [1, '\u0000'],
      [2, '\u0000'],
    ]);
  });
});

describe('both roads lead to one state', () => {
  let world: TestWorld;
  let node: ReturnType<typeof at>;
  let ports: Ports;
  beforeAll(async () => {
    world = await startTestWorld();
    node = at(world, 'NODE1');
    ports = await world.ports();
  });
  afterAll(async () => {
    await ports.close();
    await world.stop();
  });

  it('for what a cmdlet changes', async () => {
    await node.run('Rename-NetAdapter', { Name: 'Ethernet', NewName: 'Production' });
    await node.run('Set-NetAdapterAdvancedProperty', {
      Name: 'Ethernet 3',
      RegistryKeyword: '*JumboPacket',
      RegistryValue: '9014',
    });
    const nics = await ports.nics.list();
    expect(nics[0]!.name).toBe('Production');
    expect(nics.find((nic) => nic.name === 'Ethernet 3')!.jumboPacket!.valueBytes).toBe(9014);
  });

  it('for what a port changes', async () => {
    const nic = (await ports.nics.list())[1]!;
    await ports.apply({ do: 'nic.rename', nic: nic.interfaceGuid, newName: 'Heartbeat' });
    await ports.apply({ do: 'nic.addAddress', nic: nic.interfaceGuid, address: '10.10.10.1', prefixLength: 30 });
    const [address] = await node.run('Get-NetIPAddress', { InterfaceAlias: 'Heartbeat', AddressFamily: 'IPv4' });
    expect(address!.props).toMatchObject({ IPAddress: '10.10.10.1', PrefixLength: 30 });
  });

  it('for sessions, MPIO and the disks that come of them', async () => {
    await connectBothPaths(world, 'NODE1');
    const state = await ports.initiator.readState();
    expect(state.sessions!.map((session) => session.connections![0]!.initiatorAddress)).toEqual([
      '198.51.100.21',
      '203.0.113.21',
    ]);
    expect(state.favourites).toHaveLength(2);
    // Without MPIO each path brings a disk of its own for each LUN.
    expect((await ports.disks.list()).filter((disk) => disk.busType === 'iscsi')).toHaveLength(4);

    await node.run('Install-WindowsFeature', { Name: 'Multipath-IO' });
    await ports.apply(restart('test'));
    await world.advance(10_000);
    await node.run('Enable-MSDSMAutomaticClaim', { BusType: 'iSCSI' });
    await ports.apply(restart('test'));
    await world.advance(10_000);
    const disks = (await ports.disks.list()).filter((disk) => disk.busType === 'iscsi');
    expect(disks.map((disk) => disk.pathCount)).toEqual([2, 2]);
  });

  it('keeps the unique id of a disk while its number changes over restarts', async () => {
    const numbers = new Set<string>();
    const ids = new Set<string>();
    for (let round = 0; round < 6; round += 1) {
      await ports.apply(restart('test'));
      await world.advance(10_000);
      const disks = (await ports.disks.list()).filter((disk) => disk.busType === 'iscsi');
      numbers.add(
        disks
          .map((disk) => `${disk.serialNumber}:${disk.number}`)
          .sort()
          .join(),
      );
      ids.add(
        disks
          .map((disk) => disk.uniqueId)
          .sort()
          .join(),
      );
    }
    expect(ids.size).toBe(1);
    expect(numbers.size).toBeGreaterThan(1);
  });

  it('tells a client that the server is gone', async () => {
    await world.client.control('powerOff', { server: 'NODE1' });
    expect(await runCmdlet(world.client, 'NODE1', 'Get-NetAdapter', {})).toMatchObject({ ok: false, gone: true });
    await expect(ports.nics.list()).rejects.toMatchObject({ code: 'HOST_UNREACHABLE' });
    await world.client.control('powerOn', { server: 'NODE1' });
    expect(await node.run('Get-NetAdapter')).toHaveLength(6);
  });

  it('loses its power at a cmdlet', async () => {
    for (const [moment, name] of [
      ['before', 'Production'],
      ['after', 'Changed after'],
    ] as const) {
      await world.fault({ kind: 'powerLoss', server: 'NODE1', on: 'Rename-NetAdapter', moment });
      const answer = await runCmdlet(world.client, 'NODE1', 'Rename-NetAdapter', {
        Name: 'Production',
        NewName: `Changed ${moment}`,
      });
      expect(answer).toMatchObject({ ok: false, gone: true });
      await world.client.control('powerOn', { server: 'NODE1' });
      expect((await ports.nics.list())[0]!.name).toBe(name);
    }
  });
});

describe('faults of the storage network, on both roads', () => {
  let world: TestWorld;
  let node: ReturnType<typeof at>;
  let ports: Ports;
  const logOn = () =>
    logOnTo(ports, {
      targetNodeAddress: labTarget,
      initiatorPortalAddress: '198.51.100.21',
      targetPortalAddress: '198.51.100.10',
      targetPortalPort: 3260,
      isPersistent: false,
      isMultipathEnabled: true,
      isHeaderDigest: false,
      isDataDigest: false,
      authentication: { kind: 'none' },
    });
  const parameters = {
    NodeAddress: labTarget,
    TargetPortalAddress: '198.51.100.10',
    InitiatorPortalAddress: '198.51.100.21',
    IsMultipathEnabled: true,
  };
  beforeAll(async () => {
    world = await startTestWorld({ scenario: 'two-node-ad' });
    node = at(world, 'NODE1');
    ports = await world.ports();
    await connectBothPaths(world, 'NODE1');
    for (const session of (await ports.initiator.readState()).sessions!)
      await ports.apply({ do: 'initiator.logOff', sessionIdentifier: session.sessionIdentifier });
  });
  afterAll(async () => {
    await ports.close();
    await world.stop();
  });

  it.each([
    [{ kind: 'targetUnreachable', target: labTarget }, 'INITIATOR_PORTAL_UNREACHABLE', '0xefff0003'],
    [{ kind: 'logonRefused', target: labTarget, reason: 'authentication' }, 'INITIATOR_LOGON_REFUSED', '0xefff0009'],
    [{ kind: 'logonRefused', target: labTarget, reason: 'authorization' }, 'INITIATOR_LOGON_REFUSED', '0xefff000a'],
  ] as const)('%o refuses a logon', async (input, code, hresult) => {
    const fault = await world.fault(input);
    await expect(logOn()).rejects.toMatchObject({ code });
    expect((await node.refused('Connect-IscsiTarget', parameters)).id).toContain(hresult);
    await world.clearFault(fault);
    const session = await logOn();
    await ports.apply({ do: 'initiator.logOff', sessionIdentifier: session.sessionIdentifier });
  });

  it('loses and finds again the sessions of a target that cannot be reached', async () => {
    const session = await logOn();
    const fault = await world.fault({ kind: 'targetUnreachable', target: labTarget, portal: '198.51.100.10' });
    const connected = async () => (await ports.initiator.readState()).sessions![0]!.isConnected;
    expect(await connected()).toBe(false);
    await world.clearFault(fault);
    expect(await connected()).toBe(true);
    await ports.apply({ do: 'initiator.logOff', sessionIdentifier: session.sessionIdentifier });
  });

  it('keeps a reserved disk offline', async () => {
    const session = await logOn();
    await ports.disks.rescan();
    const disk = (await ports.disks.list()).find((one) => one.serialNumber === 'LAB-DATA-0002')!;
    const fault = await world.fault({ kind: 'diskReserved', lun: 'data', holder: 'iqn.2026-01.example:stranger' });
    await expect(ports.apply({ do: 'disk.setOnline', disk: disk.uniqueId!, online: true })).rejects.toMatchObject({
      code: 'DISK_RESERVED',
      effect: 'none',
    });
    await world.clearFault(fault);
    await ports.apply({ do: 'disk.setOnline', disk: disk.uniqueId!, online: true });
    await ports.apply({ do: 'initiator.logOff', sessionIdentifier: session.sessionIdentifier });
  });

  it('lets nobody join or rename while the domain cannot be reached', async () => {
    const fault = await world.fault({ kind: 'domainUnreachable', domain: 'lab.test' });
    const facts = await ports.host.readState();
    expect(facts.membership.kind).toBe('domain');
    expect((await node.refused('Rename-Computer', { NewName: 'SRV1' })).category).not.toBe('');
    expect((await ports.host.readState()).nextComputerName).toBe(facts.nextComputerName);
    await world.clearFault(fault);
  });
});
