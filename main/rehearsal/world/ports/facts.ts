import { known, unknownFact, type UnknownFact } from '../../../../shared/model/fact.ts';
import { factsSchemaName, type HostFacts, type NicFacts } from '../../../../shared/model/facts.ts';
import { isLinkUp } from '../reach.ts';
import { buildOf } from '../scenarios/server.ts';
import { pendingSigns } from './host.ts';
import { nothing, reads, type Look } from './method.ts';

const from = 'the rehearsal';

/** What no simulated server has a value for; nothing is invented in its place. */
const notModelled = (name: string): UnknownFact =>
  unknownFact(name, 'notReported', `${name} is not modelled in a rehearsal.`);

/** What readiness asks of a machine, as a simulated server has it; who asks puts in who collected it and when. */
export type SimulatedFacts = Omit<HostFacts, 'collectedAt' | 'collectedBy'>;

const readFacts = ({ world, server }: Look): SimulatedFacts => {
  const { hardware, membership } = server;
  const memory = known(hardware.memoryBytes, 'Win32_PhysicalMemory.Capacity', from);
  const isJoined = membership.kind === 'domain';
  const hyperV = server.features['Hyper-V']?.state === 'installed';
  const clock = server.services['W32Time'];
  const nics = server.nics.map((nic): NicFacts => ({
    name: nic.name,
    description: nic.description,
    kind: known(nic.virtual ? 'virtual' : 'ethernet', 'MSFT_NetAdapter.NdisPhysicalMedium', from),
    macAddress: known(nic.mac, 'MSFT_NetAdapter.PermanentAddress', from),
    linkUp: known(isLinkUp(world, server, nic), 'MSFT_NetAdapter.MediaConnectState', from),
    speedBitsPerSecond: known(nic.linkSpeedBps, 'MSFT_NetAdapter.ReceiveLinkSpeed', from),
  }));
  return {
    schema: factsSchemaName,
    source: { kind: 'rehearsal', names: [server.name] },
    platform: 'windows',
    notes: ['These are facts of a simulated server of a rehearsal.'],
    machine: {
      name: known(server.computerName, 'Win32_ComputerSystem.Name', from),
      names: [server.computerName],
      manufacturer: known(hardware.manufacturer, 'Win32_ComputerSystem.Manufacturer', from),
      model: known(hardware.model, 'Win32_ComputerSystem.Model', from),
      serialNumber: known(hardware.serial, 'Win32_BIOS.SerialNumber', from),
      uuid: known(hardware.uuid, 'Win32_ComputerSystemProduct.UUID', from),
    },
    firmware: {
      vendor: notModelled('Win32_BIOS.Manufacturer'),
      version: notModelled('Win32_BIOS.SMBIOSBIOSVersion'),
      releaseDate: notModelled('Win32_BIOS.ReleaseDate'),
      kind: known('uefi', 'PEFirmwareType', from),
      secureBoot: notModelled('UEFISecureBootEnabled'),
    },
    processors: known(
      [
        {
          socket: 'CPU0',
          name: known(hardware.processor, 'Win32_Processor.Name', from),
          vendor: known('GenuineIntel', 'Win32_Processor.Manufacturer', from),
          // Intel SDM volume 4, table 2-1: family 6, model 106 is Ice Lake-SP, the Xeon Gold 6338 of the scenarios.
          family: known(6, 'Win32_Processor.Caption', from),
          model: known(106, 'Win32_Processor.Caption', from),
          architecture: known('x64', 'Win32_Processor.Architecture', from),
          dataWidthBits: known(64, 'Win32_Processor.DataWidth', from),
          executeDisable: notModelled('executeDisable'),
          virtualizationExtensions: known(!hyperV, 'Win32_Processor.VMMonitorModeExtensions', from),
          secondLevelAddressTranslation: known(
            !hyperV,
            'Win32_Processor.SecondLevelAddressTranslationExtensions',
            from,
          ),
          virtualizationFirmwareEnabled: known(!hyperV, 'Win32_Processor.VirtualizationFirmwareEnabled', from),
          cores: known(32, 'Win32_Processor.NumberOfCores', from),
          logicalProcessors: known(64, 'Win32_Processor.NumberOfLogicalProcessors', from),
        },
      ],
      'Win32_Processor',
      from,
    ),
    hypervisor: {
      present: known(hyperV, 'Win32_ComputerSystem.HypervisorPresent', from),
      guestOf: known(null, 'Win32_ComputerSystem.Model', from),
      vmms: known(hyperV ? 'running' : 'absent', 'Win32_Service', from),
      virtualizationBasedSecurity: known(0, 'Win32_DeviceGuard.VirtualizationBasedSecurityStatus', from),
      securityServicesRunning: known([], 'Win32_DeviceGuard.SecurityServicesRunning', from),
      kvmDevice: notModelled('/dev/kvm'),
    },
    memory: { visibleBytes: memory, installedBytes: memory },
    os: {
      caption: known(server.caption, 'Win32_OperatingSystem.Caption', from),
      version: known(`10.0.${buildOf(server)}`, 'Win32_OperatingSystem.Version', from),
      build: known(buildOf(server), 'Win32_OperatingSystem.BuildNumber', from),
      servicePack: known(0, 'Win32_OperatingSystem.ServicePackMajorVersion', from),
      sku: known(server.sku, 'Win32_OperatingSystem.OperatingSystemSKU', from),
      productType: known(3, 'Win32_OperatingSystem.ProductType', from),
      widthBits: known(64, 'Win32_OperatingSystem.OSArchitecture', from),
      installationType: known(server.core ? 'Server Core' : 'Server', 'InstallationType', from),
      locale: known(server.languageId.toString(16).padStart(4, '0'), 'Win32_OperatingSystem.Locale', from),
      depAvailable: known(true, 'Win32_OperatingSystem.DataExecutionPrevention_Available', from),
      depSupportPolicy: known(3, 'Win32_OperatingSystem.DataExecutionPrevention_SupportPolicy', from),
      updates: known([], 'Win32_QuickFixEngineering.HotFixID', from),
      pendingReboot: known(
        pendingSigns(server).signs.flatMap(({ sign, state }) => (state === 'pending' ? [sign] : [])),
        'Registry.PendingReboot',
        from,
      ),
    },
    nics: known(nics, 'MSFT_NetAdapter', from),
    time: {
      service: known(!clock ? 'absent' : clock.state === 'running' ? 'running' : 'stopped', 'Win32_Service', from),
      type: known(server.time.type, 'W32Time\\Parameters\\Type', from),
      server: known(server.time.servers.join(' '), 'W32Time\\Parameters\\NtpServer', from),
    },
    domain: {
      joined: known(isJoined, 'Win32_ComputerSystem.PartOfDomain', from),
      name: known(membership.name, 'Win32_ComputerSystem.Domain', from),
      role: known(isJoined ? 3 : 2, 'Win32_ComputerSystem.DomainRole', from),
    },
    tpm: { present: notModelled('Win32_Tpm'), specVersion: notModelled('Win32_Tpm.SpecVersion') },
  };
};

export const factsMethods = { 'facts.read': reads(nothing, readFacts) };
