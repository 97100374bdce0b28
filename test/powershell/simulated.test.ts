import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Failure } from '../../shared/errors/failure.ts';
import { engineMissing, startEngine, type Engine } from '../support/engine.ts';
import { textsByLevel } from '../support/notices.ts';
import { startFakeWorld, type FakeWorld } from './simulated/fake-world.ts';

/** The functions that stand for Windows' cmdlets: they bind as the true ones, and give what the true ones give. */
interface Part {
  readonly ok: boolean;
  readonly data?: readonly unknown[];
  readonly error?: { id: string; category: string; hresult: number | null; win32: number | null; message: string };
}

const cim = (namespace: string, name: string) =>
  `Microsoft.Management.Infrastructure.CimInstance#ROOT/${namespace}/${name}`;

describe.skipIf(engineMissing)('simulated modules', () => {
  let engine: Engine;
  let world: FakeWorld;
  beforeAll(async () => {
    world = await startFakeWorld();
    engine = await startEngine({
      sources: [join(import.meta.dirname, 'simulated/fixtures')],
      world: { address: world.address, server: 'NODE1' },
      // Nothing here is stubborn: a script ends because it was stopped, and not with its process.
      stopGraceMs: 170_000,
    });
    await engine.runner.warm();
  });
  afterAll(async () => {
    await engine.close();
    await world.close();
  });
  afterEach(() => void world.calls.splice(0));

  const run = async (text: string): Promise<Part> => {
    const answer = await engine.runner.run('Test-Snippet', { text });
    return (answer.ok ? answer.data : null) as Part;
  };
  const adapter = {
    $type: cim('StandardCimv2', 'MSFT_NetAdapter'),
    props: {
      Name: 'Ethernet',
      InterfaceIndex: 4,
      ReceiveLinkSpeed: '10000000000',
      Status: 'Up',
      MacAddress: '00-15-5D-01-02-03',
      ifIndex: 4,
    },
  };

  it('sends what was bound, and no more, to the server that it plays', async () => {
    world.answer('New-NetIPAddress', { ok: true, objects: [] });
    await run(
      "New-NetIPAddress -IPAddress '10.0.0.1' -PrefixLength 24 -ifIndex 4 -SkipAsSource $true -AddressFamily IPv4 -ErrorAction Stop",
    );
    expect(world.calls).toEqual([
      {
        server: 'NODE1',
        cmdlet: 'New-NetIPAddress',
        parameters: {
          IPAddress: '10.0.0.1',
          PrefixLength: 24,
          InterfaceIndex: 4,
          SkipAsSource: true,
          AddressFamily: 'IPv4',
        },
      },
    ]);
  });

  it('gives objects with the type names, properties and property types of Windows', async () => {
    world.answer('Get-NetAdapter', { ok: true, objects: [adapter] });
    const part = await run(`$a = Get-NetAdapter
$a.PSObject.TypeNames[0]
$a.PSObject.TypeNames -contains 'Microsoft.Management.Infrastructure.CimInstance#MSFT_NetAdapter'
$a.PSObject.TypeNames -contains 'Microsoft.Management.Infrastructure.CimInstance'
$a.ReceiveLinkSpeed.GetType().Name
$a.InterfaceIndex.GetType().Name
$null -eq $a.DriverDate
$a.CimInstanceProperties['InterfaceIndex'].Value
$a.CimClass.CimClassName`);
    expect(part.data).toEqual([
      cim('StandardCimv2', 'MSFT_NetAdapter'),
      true,
      true,
      'UInt64',
      'UInt32',
      true,
      '4',
      'MSFT_NetAdapter',
    ]);
  });

  it('shows a name where the module does, and keeps the number behind it', async () => {
    world.answer('Get-Disk', {
      ok: true,
      objects: [
        {
          $type: cim('Microsoft/Windows/Storage', 'MSFT_Disk'),
          props: { Number: 1, BusType: 9, Size: '1099511627776', OperationalStatus: [53264] },
          shown: { BusType: 'iSCSI', OperationalStatus: ['Online'] },
        },
      ],
    });
    const part = await run(
      "$d = Get-Disk\n$d.BusType\nGet-CimRawValue $d 'BusType'\nGet-CimRawValue $d 'Number'\n$d.Size\n$d.Size.GetType().Name",
    );
    expect(part.data).toEqual(['iSCSI', '9', '1', '1099511627776', 'UInt64']);
  });

  it('makes a true enumeration of a .NET state', async () => {
    world.answer('Get-WindowsFeature', {
      ok: true,
      objects: [
        {
          $type: 'Microsoft.Windows.ServerManager.Commands.Feature',
          props: {
            Name: 'Multipath-IO',
            InstallState: {
              $enum: 'Microsoft.Windows.ServerManager.Commands.InstallState',
              name: 'Installed',
              value: 1,
            },
          },
        },
      ],
    });
    const part = await run(
      "$f = Get-WindowsFeature -Name Multipath-IO\n[string] $f.InstallState\n[int] $f.InstallState\n$f.InstallState -eq 'Installed'\n$f.PSObject.TypeNames[0]\nConvertTo-EnumName $f.InstallState",
    );
    expect(part.data).toEqual([
      'Installed',
      '1',
      true,
      'Microsoft.Windows.ServerManager.Commands.Feature',
      'Installed',
    ]);
  });

  it('refuses a property that Windows does not give', async () => {
    world.answer('Get-NetAdapter', {
      ok: true,
      objects: [{ ...adapter, props: { ...adapter.props, Colour: 'blue' } }],
    });
    expect((await run('Get-NetAdapter')).error).toMatchObject({ id: 'SimulationUntrue' });
  });

  it('passes objects of one cmdlet to the next, and refuses those of another class', async () => {
    world.answer('Get-NetAdapter', { ok: true, objects: [adapter] });
    world.answer('Get-Disk', {
      ok: true,
      objects: [{ $type: cim('Microsoft/Windows/Storage', 'MSFT_Disk'), props: { Number: 1 } }],
    });
    world.answer('Disable-NetAdapter', { ok: true, objects: [] });
    expect((await run('Get-NetAdapter | Disable-NetAdapter -Confirm:$false')).ok).toBe(true);
    const call = world.calls.find((one) => one.cmdlet === 'Disable-NetAdapter')!;
    expect(call.parameters).toMatchObject({
      InputObject: [{ $type: cim('StandardCimv2', 'MSFT_NetAdapter'), props: { Name: 'Ethernet', InterfaceIndex: 4 } }],
    });
    const wrong = await run('$disk = Get-Disk\nDisable-NetAdapter -InputObject $disk -Confirm:$false');
    expect(wrong.error?.id).toBe('MismatchedPSTypeName,Disable-NetAdapter');
  });

  // What full PowerShell says in the same cases, by the ids that a script would see.
  it.each([
    ['a parameter that does not exist', 'Get-NetAdapter -Guid 1', 'NamedParameterNotFound,Get-NetAdapter'],
    ['a start that fits several', "Get-NetIPAddress -Interface 'a'", 'AmbiguousParameter,Get-NetIPAddress'],
    [
      'a mandatory parameter that is missing',
      'New-NetIPAddress -InterfaceIndex 1',
      'MissingMandatoryParameter,New-NetIPAddress',
    ],
    ['two sets mixed', "Get-Disk -Number 1 -UniqueId 'a'", 'AmbiguousParameterSet,Get-Disk'],
    [
      'a value that is not in the enumeration',
      "Initialize-Disk -Number 1 -PartitionStyle 'RAW'",
      'ParameterArgumentTransformationError,Initialize-Disk',
    ],
    [
      'a value that is not in the set',
      "Set-MSDSMGlobalDefaultLoadBalancePolicy -Policy 'ROUNDROBIN'",
      'ParameterArgumentValidationError,Set-MSDSMGlobalDefaultLoadBalancePolicy',
    ],
    [
      'text for a number',
      "New-NetIPAddress -IPAddress 'a' -PrefixLength 'b' -InterfaceIndex 1",
      'ParameterArgumentTransformationError,New-NetIPAddress',
    ],
    [
      'a number that does not fit',
      "New-NetIPAddress -IPAddress 'a' -PrefixLength 256 -InterfaceIndex 1",
      'ParameterArgumentTransformationError,New-NetIPAddress',
    ],
    ['a parameter twice', 'Get-Disk -Number 1 -Number 2', 'ParameterAlreadyBound,Get-Disk'],
    ['too much by position', 'Get-Disk 1 2', 'PositionalParameterNotFound,Get-Disk'],
    ['a value that is missing', 'Get-Disk -UniqueId', 'MissingArgument,Get-Disk'],
  ])('says as Windows does: %s', async (_what, text, id) => {
    const part = await run(text);
    expect(part.error?.id).toBe(id);
    expect(world.calls).toEqual([]);
  });

  it('binds from the pipeline by property name, and does nothing under -WhatIf', async () => {
    world.answer('Get-NetIPAddress', { ok: true, objects: [] });
    world.answer('Clear-Disk', { ok: true, objects: [] });
    await run("[pscustomobject]@{ IPAddress = '10.0.0.7'; Colour = 'blue' } | Get-NetIPAddress");
    expect(world.calls[0]?.parameters).toEqual({ IPAddress: ['10.0.0.7'] });
    await run('Clear-Disk -Number 1 -RemoveData -WhatIf');
    expect(world.calls.filter((call) => call.cmdlet === 'Clear-Disk')).toEqual([]);
    await run('Clear-Disk -Number 1 -RemoveData -Confirm:$false');
    expect(world.calls.at(-1)).toMatchObject({ cmdlet: 'Clear-Disk', parameters: { Number: [1], RemoveData: true } });
  });

  it('has the parameters of the Windows Server that it plays', async () => {
    const older = await startEngine({
      sources: [join(import.meta.dirname, 'simulated/fixtures')],
      world: { address: world.address, server: 'NODE1', os: '2016' },
    });
    world.answer('Format-Volume', { ok: true, objects: [] });
    const text = 'Format-Volume -DriveLetter Q -DevDrive -Confirm:$false';
    expect((await run(text)).ok).toBe(true);
    const answer = await older.runner.run('Test-Snippet', { text });
    await older.close();
    expect(answer.ok && (answer.data as Part).error?.id).toBe('NamedParameterNotFound,Format-Volume');
  });

  it('throws for what is not modelled', async () => {
    expect((await run('Get-NetLbfoTeam')).error).toMatchObject({
      id: 'NotModelled,Get-NetLbfoTeam',
      category: 'NotImplemented',
    });
    expect((await run('Get-Disk -AsJob')).error?.id).toBe('NotModelled,Get-Disk');
  });

  it('ends with an error when the world ends, and finds it again', async () => {
    world.answer('Get-Disk', () => 'hang');
    const lost = run('Get-Disk -Number 9');
    await expect.poll(() => world.calls.length).toBe(1);
    world.cut();
    expect((await lost).error).toMatchObject({ id: 'WorldGone', category: 'ConnectionError' });
    world.answer('Get-Disk', { ok: true, objects: [] });
    expect((await run('Get-Disk')).ok).toBe(true);
  });

  it('can be cancelled while the world thinks', async () => {
    world.answer('Get-Disk', () => 'hang');
    const controller = new AbortController();
    const call = engine.runner.run('Test-Snippet', { text: 'Get-Disk' }, { signal: controller.signal });
    await expect.poll(() => world.calls.length).toBe(1);
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: 'CANCELLED', effect: 'none' });
  });
});

describe.skipIf(engineMissing)('unhappy paths', () => {
  let engine: Engine;
  let world: FakeWorld;
  beforeAll(async () => {
    world = await startFakeWorld();
    engine = await startEngine({
      sources: [join(import.meta.dirname, 'simulated/fixtures')],
      world: { address: world.address, server: 'NODE1' },
    });
  });
  afterAll(async () => {
    await engine.close();
    await world.close();
  });
  const failureOf = async (name: string, input: object): Promise<Failure> => {
    try {
      await engine.runner.run(name, input);
    } catch (error) {
      if (error instanceof Failure) return error;
      throw error;
    }
    throw new Error('the call did not fail');
  };
  const refuse = (error: Record<string, unknown>) => world.answer('Set-Disk', { ok: false, error });

  const messages = ['Access denied', 'Zugriff verweigert', 'アクセスが拒否されました。'];
  it.each(messages)('access denied, whatever the language: %s', async (message) => {
    const forms = [
      { id: 'HRESULT 0x80070005,Set-Disk', category: 'NotSpecified', hresult: -2147024891, message },
      { id: 'Windows System Error 5,Set-Disk', category: 'NotSpecified', hresult: 0, message },
      { id: 'StorageWMI 40001,Set-Disk', category: 'PermissionDenied', hresult: 0, message },
      { id: 'MI RESULT 2,Set-Disk', category: 'NotSpecified', hresult: 0, message },
    ];
    for (const form of forms) {
      refuse(form);
      const error = await failureOf('Set-DiskState', { uniqueId: 'a' });
      expect(error).toMatchObject({ code: 'ACCESS_DENIED', effect: 'none', detail: { message } });
    }
  });

  it.each(['The RPC server is unavailable', 'Der RPC-Server ist nicht verfügbar.', 'RPC サーバーを利用できません。'])(
    'RPC unavailable, whatever the language: %s',
    async (message) => {
      for (const form of [
        { id: 'HRESULT 0x800706ba,Set-Disk', category: 'NotSpecified', hresult: -2147023174, message },
        { id: 'Odd,Set-Disk', category: 'NotSpecified', win32: 1722, message },
      ]) {
        refuse(form);
        expect(await failureOf('Set-DiskState', { uniqueId: 'a' })).toMatchObject({ code: 'WINDOWS_RPC_UNAVAILABLE' });
      }
    },
  );

  it('never takes words for a reason: a message about access with another id stays unknown', async () => {
    refuse({ id: 'StorageWMI 4,Set-Disk', category: 'NotSpecified', hresult: 0, message: 'Access denied (RPC)' });
    expect(await failureOf('Set-DiskState', { uniqueId: 'a' })).toMatchObject({
      code: 'POWERSHELL_ERROR_UNKNOWN',
      effect: 'unknown',
      detail: { id: 'StorageWMI 4', message: 'Access denied (RPC)' },
    });
  });

  it('a cmdlet that is missing, and a module that is missing', async () => {
    expect(await failureOf('Set-DiskState', { uniqueId: 'a', missing: 'command' })).toMatchObject({
      code: 'CLUSTER_FEATURE_MISSING',
      detail: { node: 'this server' },
      effect: 'none',
    });
    expect(await failureOf('Set-DiskState', { uniqueId: 'a', missing: 'module' })).toMatchObject({
      code: 'POWERSHELL_MODULE_MISSING',
      detail: { module: 'StorageReplica' },
      effect: 'none',
    });
  });

  it('warnings, progress, verbose text and a non-terminating error before the success', async () => {
    world.answer('Set-Disk', {
      ok: true,
      objects: [],
      warnings: ['Der Datenträger ist langsam.'],
      verbose: ['attempt 1'],
      progress: [{ activity: 'Set-Disk', status: 'working', percent: 40 }],
      errors: [{ id: 'StorageWMI 50003,Set-Disk', category: 'ResourceBusy', message: 'ビジー' }],
    });
    const progress: unknown[] = [];
    const answer = await engine.runner.run(
      'Set-DiskState',
      { uniqueId: 'a', chatty: true },
      { onProgress: (one) => progress.push(one) },
    );
    expect(answer).toMatchObject({ ok: true, data: { set: true } });
    expect(textsByLevel(answer.notices)).toEqual({
      warning: ['Der Datenträger ist langsam.'],
      verbose: ['attempt 1'],
      error: ['ビジー'],
    });
    expect(answer.notices.find(({ level }) => level === 'error')?.error).toMatchObject({
      id: 'StorageWMI 50003,Set-Disk',
      category: 'ResourceBusy',
    });
    expect(progress).toContainEqual({ doing: 'Set-Disk: working', done: 40, total: 100, leftMs: null });
  });
});
