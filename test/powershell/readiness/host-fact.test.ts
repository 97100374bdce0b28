import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { windowsFactsHost } from '../../../main/windows/facts-host.ts';
import type { Progress } from '../../../shared/contract/define.ts';
import { Failure } from '../../../shared/errors/failure.ts';
import { hostFactsSchema } from '../../../shared/model/facts.ts';
import { valueOf } from '../../../shared/model/fact.ts';
import type { WmiInstance } from '../../../shared/model/wmic-text.ts';
import { engineMissing, startEngine, type Engine } from '../../support/engine.ts';
import { hiddenFlags, now, outcomesOf, serverClasses, vmms, w32time } from '../../support/readiness.ts';
import { startFakeWorld, type FakeWorld, type WorldAnswer } from '../simulated/fake-world.ts';

/** Get-HostFact.ps1 on the real engine, its CIM classes answered by a table. The registry is Windows' alone. */
describe.skipIf(engineMissing)('Get-HostFact', () => {
  let engine: Engine;
  let world: FakeWorld;
  const classes = new Map<string, readonly WmiInstance[] | WorldAnswer>();
  const nic = (number: number): WmiInstance => serverClasses.nic(number);

  beforeAll(async () => {
    world = await startFakeWorld();
    engine = await startEngine({ world: { address: world.address, server: 'NODE1' }, stopGraceMs: 3_000 });
    world.answer('Get-CimInstance', ({ parameters }) => {
      const name = String(parameters['ClassName']);
      const found = classes.get(name);
      if (found === undefined)
        return {
          ok: false,
          error: {
            id: 'HRESULT 0x8004100e,Microsoft.Management.Infrastructure.CimCmdlets.GetCimInstanceCommand',
            category: 'MetadataError',
            message: 'Ung\u00fcltiger Namespace',
          },
        };
      if (!Array.isArray(found)) return found as WorldAnswer;
      const namespace = ((parameters['Namespace'] as string | undefined) ?? 'root/cimv2').replace(/^root[/\\]/i, '');
      const $type = `Microsoft.Management.Infrastructure.CimInstance#ROOT/${namespace}/${name}`;
      return { ok: true, objects: (found as WmiInstance[]).map((props) => ({ $type, props })) };
    });
  });
  afterAll(async () => {
    await engine.close();
    await world.close();
  });

  const host = (runner: Pick<Engine['runner'], 'run'> = engine.runner) =>
    windowsFactsHost({
      runner: async () => runner,
      version: '0',
      now,
    });
  const setServer = (
    changes: { processor?: WmiInstance; system?: WmiInstance; services?: WmiInstance[]; guard?: WmiInstance[] } = {},
  ): void => {
    classes.clear();
    classes.set('Win32_Processor', [serverClasses.processor(changes.processor)]);
    classes.set('Win32_ComputerSystem', [serverClasses.system(changes.system)]);
    classes.set('Win32_OperatingSystem', [serverClasses.os()]);
    classes.set('Win32_ComputerSystemProduct', [{ UUID: '4C4C4544-0000', IdentifyingNumber: 'ABC1234' }]);
    classes.set('Win32_BIOS', [{ ...serverClasses.bios, ReleaseDate: null }]);
    classes.set('Win32_PhysicalMemory', [
      { Tag: 'Physical Memory 0', Capacity: '68719476736' },
      { Tag: 'Physical Memory 1', Capacity: '68719476736' },
    ]);
    classes.set('Win32_QuickFixEngineering', [{ HotFixID: 'KB5048667' }, { HotFixID: 'KB5050187' }]);
    classes.set('Win32_Service', changes.services ?? [w32time]);
    classes.set('MSFT_NetAdapter', [nic(1), nic(2), nic(3)]);
    if (changes.guard) classes.set('Win32_DeviceGuard', changes.guard);
  };

  it('gives all facts of a server in one document', async () => {
    setServer();
    const progress: Progress[] = [];
    const facts = await host().gather({ progress: (one) => progress.push(one) });
    expect(hostFactsSchema.safeParse(facts).error?.issues ?? []).toEqual([]);
    expect(outcomesOf(facts)).toMatchObject({
      'cpu.x64': 'pass',
      'cpu.dep': 'pass',
      'cpu.virtualization': 'pass',
      'cpu.slat': 'pass',
      'firmware.virtualization': 'pass',
      hypervisor: 'pass',
      'host.physical': 'pass',
      memory: 'pass',
      'os.version': 'pass',
      'os.edition': 'pass',
      'nic.count': 'pass',
      domain: 'pass',
      verdict: 'ready',
    });
    expect(valueOf(facts.memory.installedBytes)).toBe('137438953472');
    expect(valueOf(facts.os.updates)).toEqual(['KB5048667', 'KB5050187']);
    expect(progress.some((one) => one.doing.includes('Win32_Processor'))).toBe(true);
  });

  it('asks each class once, in its own namespace, with a time limit', async () => {
    setServer();
    world.calls.splice(0);
    await host().gather({});
    const asked = world.calls.map((call) => call.parameters);
    expect(new Set(asked.map((one) => one['ClassName'])).size).toBe(asked.length);
    expect(asked.every((one) => Number(one['OperationTimeoutSec']) > 0)).toBe(true);
    expect(asked.find((one) => one['ClassName'] === 'MSFT_NetAdapter')).toMatchObject({
      Namespace: 'root/StandardCimv2',
    });
  });

  it('comes out right on a fresh 2025 whose hypervisor runs for Credential Guard', async () => {
    setServer({
      processor: hiddenFlags,
      system: { HypervisorPresent: true },
      guard: [{ VirtualizationBasedSecurityStatus: 2, SecurityServicesRunning: [1, 2] }],
    });
    const facts = await host().gather({});
    expect(valueOf(facts.hypervisor.securityServicesRunning)).toEqual([1, 2]);
    expect(outcomesOf(facts)).toMatchObject({
      'cpu.virtualization': 'pass',
      'cpu.slat': 'pass',
      'firmware.virtualization': 'pass',
      verdict: 'ready',
    });
  });

  it('knows the Hyper-V service from its absence', async () => {
    setServer({ services: [vmms, w32time] });
    expect(valueOf((await host().gather({})).hypervisor.vmms)).toBe('running');
    setServer();
    expect(valueOf((await host().gather({})).hypervisor.vmms)).toBe('absent');
  });

  it('keeps a class that could not be read as unknown with its error, and goes on', async () => {
    setServer();
    classes.delete('MSFT_NetAdapter');
    const facts = await host().gather({});
    expect(facts.nics).toMatchObject({ known: false });
    expect(facts.hypervisor.virtualizationBasedSecurity).toMatchObject({ known: false, cause: 'notReadable' });
    expect(facts.hypervisor.virtualizationBasedSecurity).toMatchObject({
      because: expect.stringContaining('Ung\u00fcltiger Namespace') as string,
    });
    expect(outcomesOf(facts)).toMatchObject({ 'cpu.x64': 'pass', 'nic.count': 'unknown' });
  });

  it.skipIf(process.platform === 'win32')(
    'has no registry outside Windows, and then what stands there is unknown',
    async () => {
      setServer();
      const facts = await host().gather({});
      expect(facts.os.pendingReboot).toMatchObject({ known: false, cause: 'notReadable' });
      expect(outcomesOf(facts)).toMatchObject({
        'os.pendingReboot': 'unknown',
        'time.sync': 'unknown',
        verdict: 'ready',
      });
    },
  );

  it('ends when it is cancelled while a class hangs', async () => {
    setServer();
    world.answer('Get-CimInstance', () => 'hang');
    const controller = new AbortController();
    const gathering = host().gather({ signal: controller.signal, progress: () => controller.abort() });
    await expect(gathering).rejects.toMatchObject({ code: 'CANCELLED', effect: 'none' });
  });

  it('names the deadline when a class hangs', async () => {
    const hurried: Pick<Engine['runner'], 'run'> = {
      run: (name, input, options) => engine.runner.run(name, input, { ...options, deadlineMs: 1_500 }),
    };
    const error = await host(hurried)
      .gather({})
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Failure);
    expect((error as Failure).code).toBe('POWERSHELL_DEADLINE_PASSED');
    expect((error as Failure).next).toBeTruthy();
  });
});
