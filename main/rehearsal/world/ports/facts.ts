import type { Collected } from '../../../../shared/model/collected.ts';
import { registryClass } from '../../../../shared/model/wmi-facts.ts';
import { isLinkUp } from '../reach.ts';
import { buildOf } from '../scenarios/server.ts';
import type { NicState } from '../state.ts';
import { dnsHostName, pendingSigns } from './host.ts';
import { nothing, reads, type Look } from './method.ts';

/** What Get-HostFact.ps1 reads of a server: management classes, and why a class could not be read. */
export type SimulatedFacts = Pick<Collected, 'classes' | 'errors'>;

/** What no simulated server has; nothing is invented in its place. */
const notModelled = 'it is not modelled in a rehearsal';

/** Intel and Broadcom, by the vendor's number in the PCI identity of the simulated adapters. */
const vendorNumber = (nic: NicState): string => (nic.driver.provider === 'Intel' ? '8086' : '14E4');

const readAdapter = ({ world, server }: Look, nic: NicState): Record<string, string | number | boolean> => ({
  Name: nic.name,
  InterfaceDescription: nic.description,
  InterfaceGuid: nic.guid,
  PermanentAddress: nic.mac.replaceAll(/[^0-9A-Fa-f]/g, ''),
  ...(nic.virtual
    ? { PnPDeviceID: `ROOT\\VMS_MP\\${nic.index}` }
    : { PnPDeviceID: `PCI\\VEN_${vendorNumber(nic)}\\${nic.index}` }),
  Virtual: nic.virtual,
  HardwareInterface: nic.hardware,
  ConnectorPresent: nic.hardware,
  InterfaceType: 6,
  NdisPhysicalMedium: nic.virtual ? 0 : 14,
  MediaConnectState: isLinkUp(world, server, nic) ? 1 : 2,
  Speed: nic.linkSpeedBps,
  SystemName: server.computerName,
});

export const readFacts = (look: Look): SimulatedFacts => {
  const { server } = look;
  const { hardware, membership } = server;
  const hyperV = server.features['Hyper-V']?.state === 'installed';
  const isJoined = membership.kind === 'domain';
  const clock = server.services['W32Time'];
  return {
    classes: {
      Win32_Processor: [
        {
          DeviceID: 'CPU0',
          Name: hardware.processor,
          Manufacturer: 'GenuineIntel',
          // Intel SDM volume 4, table 2-1: family 6, model 106 is Ice Lake-SP, the Xeon Gold 6338 of the scenarios.
          Caption: 'Intel64 Family 6 Model 106 Stepping 6',
          Architecture: 9,
          AddressWidth: 64,
          DataWidth: 64,
          NumberOfCores: 32,
          NumberOfLogicalProcessors: 64,
          // Under a hypervisor of its own Windows sees none of the three (docs/windows-model.md).
          VMMonitorModeExtensions: !hyperV,
          SecondLevelAddressTranslationExtensions: !hyperV,
          VirtualizationFirmwareEnabled: !hyperV,
          SystemName: server.computerName,
        },
      ],
      Win32_OperatingSystem: [
        {
          Caption: server.caption,
          Version: `10.0.${buildOf(server)}`,
          BuildNumber: String(buildOf(server)),
          OperatingSystemSKU: server.sku,
          ProductType: 3,
          OSArchitecture: '64-bit',
          ServicePackMajorVersion: 0,
          Locale: server.languageId.toString(16).padStart(4, '0'),
          CSName: server.computerName,
          SystemDrive: 'C:',
          TotalVisibleMemorySize: String(BigInt(hardware.memoryBytes) / 1024n),
          DataExecutionPrevention_Available: true,
          DataExecutionPrevention_SupportPolicy: 3,
        },
      ],
      Win32_ComputerSystem: [
        {
          Name: server.computerName,
          DNSHostName: dnsHostName(server),
          Manufacturer: hardware.manufacturer,
          Model: hardware.model,
          HypervisorPresent: hyperV,
          TotalPhysicalMemory: hardware.memoryBytes,
          PartOfDomain: isJoined,
          Domain: membership.name,
          DomainRole: isJoined ? 3 : 2,
          Workgroup: isJoined ? null : membership.name,
        },
      ],
      Win32_ComputerSystemProduct: [{ UUID: hardware.uuid, IdentifyingNumber: hardware.serial }],
      Win32_BIOS: [{ SerialNumber: hardware.serial }],
      Win32_PhysicalMemory: [{ Tag: 'Physical Memory 0', Capacity: hardware.memoryBytes }],
      Win32_QuickFixEngineering: [],
      Win32_Service: [
        ...(clock ? [{ Name: 'W32Time', Started: clock.state === 'running' }] : []),
        ...(hyperV ? [{ Name: 'vmms', Started: true }] : []),
      ],
      MSFT_NetAdapter: server.nics.map((nic) => readAdapter(look, nic)),
      Win32_DeviceGuard: [{ VirtualizationBasedSecurityStatus: 0, SecurityServicesRunning: [] }],
      [registryClass]: [
        {
          InstallationType: server.core ? 'Server Core' : 'Server',
          UpdateRevision: 1,
          FirmwareType: 2,
          W32TimeType: server.time.type,
          W32TimeServer: server.time.servers.join(' '),
          PendingReboot: pendingSigns(server).signs.flatMap(({ sign, state }) => (state === 'pending' ? [sign] : [])),
        },
      ],
    },
    errors: { Win32_Tpm: notModelled },
  };
};

export const factsMethods = { 'facts.read': reads(nothing, readFacts) };
