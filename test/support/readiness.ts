import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HostFacts } from '../../shared/model/facts.ts';
import type { ReadinessReport } from '../../shared/model/readiness-report.ts';
import type { WindowsServer } from '../../shared/model/windows-server.ts';
import { factsFromWmi } from '../../shared/model/wmi-facts.ts';
import type { WmiInstance } from '../../shared/model/wmic-text.ts';
import { judgeReadiness } from '../../shared/rules/judge.ts';

export const fixtures = fileURLToPath(new URL('../fixtures', import.meta.url));
export const at = '2026-01-02T03:04:05.000Z';
export const now = (): Date => new Date(at);

/** A folder that is removed when the test file ends. */
export const temporaryFolder = (): { path: string; remove: () => void } => {
  const path = mkdtempSync(join(tmpdir(), 'quorate-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
};

/** Unpacks one of the captured trees and returns its folder. */
export const unpackTree = (name: string, into: string): string => {
  execFileSync('tar', ['-xzf', join(fixtures, 'lscpu', `${name}.tar.gz`), '-C', into]);
  return join(into, name);
};

/** Writes a constructed tree: path to content. */
export const writeTree = (root: string, files: Readonly<Record<string, string>>): string => {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
};

export const readFixture = (path: string): Buffer => readFileSync(join(fixtures, path));

/** Constructed facts of a Windows machine: class name to its instances. Every class counts as completely read. */
export const windowsFacts = (classes: Readonly<Record<string, WmiInstance | readonly WmiInstance[]>>): HostFacts =>
  factsFromWmi(
    Object.entries(classes).map(([className, instances]) => ({
      className,
      from: 'constructed',
      instances: Array.isArray(instances) ? (instances as WmiInstance[]) : [instances as WmiInstance],
      isComplete: true,
    })),
    {
      collectedAt: at,
      collectedBy: { tool: 'test', version: '1' },
      source: { kind: 'files', names: ['constructed'] },
      notes: [],
    },
  );

/** The outcomes by check id, and the verdict as `verdict`. */
export const outcomesOf = (facts: HostFacts, chosen?: WindowsServer): Record<string, string> => {
  const judgement = judgeReadiness(facts, chosen);
  return {
    verdict: judgement.verdict,
    ...Object.fromEntries(judgement.checks.map((check) => [check.id, check.outcome])),
  };
};

export const outcomesOfReport = (report: Pick<ReadinessReport, 'verdict' | 'checks'>): Record<string, string> => ({
  verdict: report.verdict,
  ...Object.fromEntries(report.checks.map((check) => [check.id, check.outcome])),
});

/** A server as its own classes show it; tests change what they are about. Constructed, not captured. */
export const serverClasses = {
  processor: (changes: WmiInstance = {}): WmiInstance => ({
    DeviceID: 'CPU0',
    Name: 'Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz',
    Caption: 'Intel64 Family 6 Model 106 Stepping 6',
    Manufacturer: 'GenuineIntel',
    Architecture: 9,
    AddressWidth: 64,
    DataWidth: 64,
    NumberOfCores: 32,
    NumberOfLogicalProcessors: 64,
    VMMonitorModeExtensions: true,
    SecondLevelAddressTranslationExtensions: true,
    VirtualizationFirmwareEnabled: true,
    SystemName: 'NODE1',
    ...changes,
  }),
  system: (changes: WmiInstance = {}): WmiInstance => ({
    Name: 'NODE1',
    Manufacturer: 'Dell Inc.',
    Model: 'PowerEdge R650',
    HypervisorPresent: false,
    TotalPhysicalMemory: '137218162688',
    PartOfDomain: true,
    Domain: 'contoso.com',
    DomainRole: 3,
    ...changes,
  }),
  os: (changes: WmiInstance = {}): WmiInstance => ({
    Caption: 'Microsoft Windows Server 2025 Datacenter',
    Version: '10.0.26100',
    BuildNumber: '26100',
    OperatingSystemSKU: 8,
    ProductType: 3,
    OSArchitecture: '64-bit',
    ServicePackMajorVersion: 0,
    Locale: '0409',
    CSName: 'NODE1',
    DataExecutionPrevention_Available: true,
    DataExecutionPrevention_SupportPolicy: 3,
    ...changes,
  }),
  bios: {
    Manufacturer: 'Dell Inc.',
    SMBIOSBIOSVersion: '1.12.1',
    ReleaseDate: '20230911000000.000000+000',
    SerialNumber: 'ABC1234',
  },
  nic: (number: number): WmiInstance => ({
    Name: `Ethernet ${number}`,
    InterfaceDescription: 'Broadcom NetXtreme Gigabit Ethernet',
    InterfaceGuid: `{00000000-0000-0000-0000-00000000000${number}}`,
    PermanentAddress: `0010180000${number}${number}`,
    PnPDeviceID: `PCI\\VEN_14E4&DEV_165F\\${number}`,
    Virtual: false,
    Hidden: false,
    HardwareInterface: true,
    InterfaceType: 6,
    NdisPhysicalMedium: 14,
    MediaConnectState: 1,
    Speed: '1000000000',
  }),
  registry: {
    InstallationType: 'Server Core',
    FirmwareType: 2,
    SecureBoot: true,
    W32TimeType: 'NT5DS',
    PendingReboot: [],
  },
};

/** A complete, ready Windows Server 2025 without any role. */
export const readyServer = (
  changes: {
    readonly processors?: readonly WmiInstance[];
    readonly system?: WmiInstance;
    readonly os?: WmiInstance;
    readonly services?: readonly WmiInstance[];
    readonly deviceGuard?: WmiInstance;
    readonly registry?: WmiInstance;
  } = {},
): HostFacts =>
  windowsFacts({
    Win32_Processor: changes.processors ?? [serverClasses.processor()],
    Win32_ComputerSystem: serverClasses.system(changes.system),
    Win32_OperatingSystem: serverClasses.os(changes.os),
    Win32_BIOS: serverClasses.bios,
    Win32_Service: changes.services ?? [{ Name: 'W32Time', State: 'Running', Started: true }],
    Win32_QuickFixEngineering: [{ HotFixID: 'KB5048667' }],
    MSFT_NetAdapter: [serverClasses.nic(1), serverClasses.nic(2), serverClasses.nic(3)],
    Registry: { ...serverClasses.registry, ...changes.registry },
    ...(changes.deviceGuard ? { Win32_DeviceGuard: changes.deviceGuard } : {}),
  });

/** The three flags as they read while any hypervisor runs. */
export const hiddenFlags: WmiInstance = {
  VMMonitorModeExtensions: false,
  SecondLevelAddressTranslationExtensions: false,
  VirtualizationFirmwareEnabled: false,
};

export const vmms: WmiInstance = { Name: 'vmms', State: 'Running', Started: true };
export const w32time: WmiInstance = { Name: 'W32Time', State: 'Running', Started: true };
