import { describe, expect, it } from 'vitest';
import { valueOf } from '../../../shared/model/fact.ts';
import type { WmiInstance } from '../../../shared/model/wmic-text.ts';
import { judgeReadiness } from '../../../shared/rules/judge.ts';
import { hiddenFlags, outcomesOf, serverClasses, vmms, w32time, windowsFacts } from '../../support/readiness.ts';

// Make and model of providers are made up; what firmware, processors and devices call themselves is public.

interface Machine {
  readonly make?: readonly [string, string];
  readonly bios?: WmiInstance;
  readonly processor?: string;
  readonly nics?: readonly WmiInstance[];
  readonly more?: Readonly<Record<string, WmiInstance>>;
  readonly os?: WmiInstance;
}

const card = (path: string, title = 'an adapter'): WmiInstance => ({
  ...serverClasses.nic(1),
  PnPDeviceID: path,
  InterfaceDescription: title,
});
const virtio = card('PCI\\VEN_1AF4&DEV_1041&SUBSYS_11001AF4&REV_01\\3&1', 'VirtIO Ethernet Adapter');

/** A hypervisor runs, and virtualization-based security and the service of Hyper-V with it: what hardware passes with. */
const machine = ({ make = ['Provider', 'VPS 4'], bios, processor, nics, more, os }: Machine) =>
  windowsFacts({
    Win32_Processor: [serverClasses.processor({ ...hiddenFlags, ...(processor ? { Name: processor } : {}) })],
    Win32_ComputerSystem: serverClasses.system({ Manufacturer: make[0], Model: make[1], HypervisorPresent: true }),
    Win32_OperatingSystem: serverClasses.os(os),
    Win32_BIOS: bios ?? { Manufacturer: 'American Megatrends Inc.', SMBIOSBIOSVersion: 'P3.30' },
    Win32_Service: [vmms, w32time],
    Win32_DeviceGuard: { VirtualizationBasedSecurityStatus: 2, SecurityServicesRunning: [1] },
    MSFT_NetAdapter: nics ?? [1, 2, 3].map(serverClasses.nic),
    Registry: serverClasses.registry,
    ...more,
  });

const decisive = ['host.physical', 'hypervisor', 'cpu.virtualization', 'cpu.slat', 'firmware.virtualization'];
const expectNothingProven = (facts: ReturnType<typeof machine>): void => {
  const { verdict, checks } = judgeReadiness(facts);
  expect(verdict).toBe('unknown');
  for (const check of checks.filter(({ id }) => decisive.includes(id))) {
    expect([check.id, check.outcome]).not.toEqual([check.id, 'pass']);
    expect(check.observed).not.toContain('Proven');
  }
};

describe('a virtual machine of a maker that is in no table', () => {
  it.each([
    ['SeaBIOS', { bios: { Manufacturer: 'SeaBIOS', SMBIOSBIOSVersion: '1.16.3' } }, 'KVM/QEMU'],
    ['OVMF', { bios: { Manufacturer: 'EFI Development Kit II / OVMF', SMBIOSBIOSVersion: '0.0.0' } }, 'KVM/QEMU'],
    ['BOCHS tables', { bios: { Manufacturer: 'Provider', Version: 'BOCHS  - 1' } }, 'KVM/QEMU'],
    ['a distribution of EDK II', { bios: { Manufacturer: 'Proxmox distribution of EDK II' } }, 'KVM/QEMU'],
    ['the firmware of VMware', { bios: { Manufacturer: 'VMware, Inc.', SMBIOSBIOSVersion: 'VMW201' } }, 'VMware'],
    ['a serial number of VMware', { bios: { Manufacturer: 'X', SerialNumber: 'VMware-56 4d 00 00' } }, 'VMware'],
    [
      'the firmware of Hyper-V',
      { bios: { Manufacturer: 'X', SMBIOSBIOSVersion: 'Hyper-V UEFI Release v4.1' } },
      'Hyper-V',
    ],
    ['the older firmware of Hyper-V', { bios: { Manufacturer: 'X', Version: 'VRTUAL - 12001807' } }, 'Hyper-V'],
    ['the firmware of Xen', { bios: { Manufacturer: 'Xen', SMBIOSBIOSVersion: '4.17' } }, 'Xen'],
    ['a board of QEMU', { more: { Win32_BaseBoard: { Manufacturer: 'QEMU', Product: 'pc' } } }, 'KVM/QEMU'],
    [
      'memory of QEMU',
      { more: { Win32_PhysicalMemory: { Manufacturer: 'QEMU', Capacity: '17179869184' } } },
      'KVM/QEMU',
    ],
    ['a disk of QEMU', { more: { Win32_DiskDrive: { Model: 'QEMU HARDDISK' } } }, 'KVM/QEMU'],
    ['QEMU’s processor', { processor: 'QEMU Virtual CPU version 2.5+' }, 'KVM/QEMU'],
    ['KVM’s processor', { processor: 'Common KVM processor' }, 'KVM/QEMU'],
    ['a processor without a number', { processor: 'Intel Xeon Processor (Skylake, IBRS)' }, 'KVM/QEMU'],
    ['another one', { processor: 'AMD EPYC-Milan Processor' }, 'KVM/QEMU'],
    ['and one with a clock only', { processor: 'Intel(R) Xeon(R) CPU @ 2.20GHz' }, 'KVM/QEMU'],
    ['two kinds of virtual devices', { nics: [virtio, card('XENVIF\\VEN_XP0001&DEV_NET')] }, 'KVM/QEMU'],
  ] as readonly (readonly [string, Machine, string])[])('is a guest by %s', (_what, traits, product) => {
    const facts = machine(traits);
    expect(valueOf(facts.hypervisor.guestOf)).toBe(product);
    expectNothingProven(facts);
    expectNothingProven(
      machine({ ...traits, os: { Version: '6.3.9600', BuildNumber: '9600', OperatingSystemSKU: 7 } }),
    );
  });

  it.each([
    ['a virtio card', { nics: [virtio] }],
    ['an imitated Intel card of QEMU', { nics: [card('PCI\\VEN_8086&DEV_100E&SUBSYS_11001AF4&REV_03\\3&1')] }],
    ['vmxnet3', { make: ['Dell Inc.', 'PowerEdge R650'], nics: [card('PCI\\VEN_15AD&DEV_07B0&SUBSYS_07B015AD\\4&1')] }],
    ['VMBus', { nics: [card('VMBUS\\{00000000-0000-0000-0000-000000000000}\\5&1')] }],
    ['firmware of EDK II', { bios: { Manufacturer: 'EDK II', SMBIOSBIOSVersion: 'unknown' } }],
  ] as readonly (readonly [string, Machine])[])(
    'is not known to be hardware by %s alone, and says what was seen',
    (_what, traits) => {
      const facts = machine(traits);
      expectNothingProven(facts);
      const check = judgeReadiness(facts).checks.find(({ id }) => id === 'host.physical');
      expect(check).toMatchObject({ outcome: 'unknown' });
      expect(check?.because).toContain('Virtual machines have this');
      expect(check?.remediation?.text).toContain('Ask the administrator of the machine');
    },
  );
});

describe('make and model alone', () => {
  const only = (changes: WmiInstance) =>
    windowsFacts({ Win32_ComputerSystem: serverClasses.system({ HypervisorPresent: true, ...changes }) });

  it('never prove hardware', () => {
    expect(outcomesOf(only({}))).toMatchObject({ 'host.physical': 'unknown', 'cpu.virtualization': 'unknown' });
  });

  it('with a maker’s firmware or with physical ports do', () => {
    expect(outcomesOf(machine({ make: ['Dell Inc.', 'PowerEdge R650'] }))['host.physical']).toBe('pass');
    const system = { Win32_ComputerSystem: serverClasses.system() };
    expect(outcomesOf(windowsFacts({ ...system, Win32_BIOS: serverClasses.bios }))['host.physical']).toBe('pass');
    expect(outcomesOf(windowsFacts({ ...system, MSFT_NetAdapter: serverClasses.nic(1) }))['host.physical']).toBe(
      'pass',
    );
  });

  it('that are placeholders leave it to firmware and ports together', () => {
    const make = ['To Be Filled By O.E.M.', 'To Be Filled By O.E.M.'] as const;
    const facts = machine({ make });
    expect(outcomesOf(facts)).toMatchObject({ 'host.physical': 'pass', 'cpu.virtualization': 'pass' });
    expect(facts.hypervisor.guestOf).toMatchObject({
      from: expect.stringContaining('3 physical network ports') as string,
    });
    const bare = only({ Manufacturer: make[0], Model: make[1] });
    const check = judgeReadiness(bare).checks.find(({ id }) => id === 'host.physical');
    expect(check?.outcome).toBe('unknown');
    expect(check?.remediation?.manual).toContain('baseboard');
    expect(check?.remediation?.manual).not.toContain('computersystem');
  });
});

describe('flags that contradict each other', () => {
  const flags = (changes: WmiInstance, system: WmiInstance = { HypervisorPresent: false }) =>
    outcomesOf(
      windowsFacts({
        Win32_Processor: serverClasses.processor(changes),
        Win32_ComputerSystem: serverClasses.system(system),
      }),
    );

  it.each([{ HypervisorPresent: false }, { HypervisorPresent: null }])(
    'are not known where no hypervisor is known to hide one (%j)',
    (system) => {
      const none = { VMMonitorModeExtensions: false };
      expect(flags({ ...none, SecondLevelAddressTranslationExtensions: false }, system)).toMatchObject({
        'cpu.virtualization': 'unknown',
        'firmware.virtualization': 'unknown',
      });
      expect(flags({ ...none, VirtualizationFirmwareEnabled: false }, system)['cpu.virtualization']).toBe('unknown');
    },
  );

  it('are none where firmware has switched off what the processor has', () => {
    expect(flags({ VirtualizationFirmwareEnabled: false })).toMatchObject({
      'cpu.virtualization': 'pass',
      'firmware.virtualization': 'fail',
    });
    expect(flags(hiddenFlags)['cpu.virtualization']).toBe('fail');
  });
});

describe('what is not recognised', () => {
  it('is no verdict: an architecture, a state of a service, a kind of firmware', () => {
    const facts = windowsFacts({
      Win32_Processor: serverClasses.processor({ Architecture: 14, Manufacturer: 'Somebody' }),
      Win32_Service: [{ Name: 'W32Time', State: 'Whatever' }],
      Registry: { ...serverClasses.registry, FirmwareType: 3 },
    });
    expect(outcomesOf(facts)).toMatchObject({ 'cpu.x64': 'unknown', 'time.sync': 'unknown' });
    expect(facts.firmware.kind.known).toBe(false);
  });
});
