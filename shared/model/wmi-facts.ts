import { cleanText, known, unknownFact, valueOf, type Fact } from './fact.ts';
import type { HostFacts, ProcessorFacts } from './facts.ts';
import { factsSchemaName, type Architecture } from './facts-vocabulary.ts';
import { judgeGuest } from './guest-signs.ts';
import { restartSignOf } from './restart-signs.ts';
import { isFirmwarePlaceholder } from './virtual-machine.ts';
import { readNics } from './wmi-nics.ts';
import { WmiSource, type WmiClass } from './wmi-source.ts';
import type { WmiInstance } from './wmic-text.ts';

/** What the collectors put beside the classes: values of the registry, under the name of a class. */
export const registryClass = 'Registry';

/** `Win32_Processor.Architecture`; Microsoft, Win32_Processor class. */
const architectureNumbers: Readonly<Record<number, Architecture>> = {
  0: 'x86',
  1: 'mips',
  2: 'alpha',
  3: 'powerpc',
  5: 'arm',
  6: 'ia64',
  9: 'x64',
  12: 'arm64',
};

/** A number that is in no table is not an architecture of another kind: it is not known. */
const architectureOf = (fact: Fact<number>): Fact<Architecture> => {
  if (!fact.known) return fact;
  const value = architectureNumbers[fact.value];
  return value === undefined
    ? unknownFact(
        fact.name,
        'notReadable',
        `${fact.name} holds ${fact.value}, which is no architecture that is known here.`,
      )
    : { ...fact, value };
};

/** Drops what makers leave in firmware where a name should be. */
const meaningful = (fact: Fact<string>): Fact<string> =>
  fact.known && isFirmwarePlaceholder(fact.value)
    ? unknownFact(fact.name, 'notReported', `${fact.name} holds the placeholder "${fact.value}".`)
    : fact;

const firstKnown = <Value>(first: Fact<Value>, ...others: readonly Fact<Value>[]): Fact<Value> =>
  [first, ...others].find((fact) => fact.known) ?? first;

/** Family and model stand in `Level` and the high byte of `Revision`, and in the Caption of every version. */
const familyAndModel = (source: WmiSource, instance: WmiInstance): { family: Fact<number>; model: Fact<number> } => {
  const caption = source.text('Win32_Processor', 'Caption', instance);
  const numbers = caption.known ? /Family (\d+) Model (\d+)/.exec(caption.value) : null;
  if (caption.known && numbers)
    return {
      family: known(Number(numbers[1]), caption.name, caption.from),
      model: known(Number(numbers[2]), caption.name, caption.from),
    };
  const revision = source.whole('Win32_Processor', 'Revision', instance);
  return {
    family: source.whole('Win32_Processor', 'Level', instance),
    model: revision.known ? { ...revision, value: revision.value >> 8 } : revision,
  };
};

const readProcessor = (source: WmiSource, instance: WmiInstance, at: number): ProcessorFacts => {
  const className = 'Win32_Processor';
  const architecture = source.whole(className, 'Architecture', instance);
  return {
    socket: valueOf(source.text(className, 'DeviceID', instance)) ?? `processor ${at}`,
    name: source.text(className, 'Name', instance),
    vendor: source.text(className, 'Manufacturer', instance),
    ...familyAndModel(source, instance),
    architecture: architectureOf(architecture),
    dataWidthBits: source.whole(className, 'DataWidth', instance),
    executeDisable: unknownFact(
      'executeDisable',
      'notReported',
      'Win32_Processor does not report it; Win32_OperatingSystem.DataExecutionPrevention_Available does.',
    ),
    virtualizationExtensions: source.flag(className, 'VMMonitorModeExtensions', instance),
    secondLevelAddressTranslation: source.flag(className, 'SecondLevelAddressTranslationExtensions', instance),
    virtualizationFirmwareEnabled: source.flag(className, 'VirtualizationFirmwareEnabled', instance),
    cores: source.whole(className, 'NumberOfCores', instance),
    logicalProcessors: source.whole(className, 'NumberOfLogicalProcessors', instance),
  };
};

const readProcessors = (source: WmiSource): Fact<ProcessorFacts[]> => {
  const instances = source.instances('Win32_Processor');
  if (!instances.known) return instances;
  if (instances.value.length === 0)
    return unknownFact('Win32_Processor', 'notReported', 'Win32_Processor has no instance.');
  return known(
    instances.value.map((instance, at) => readProcessor(source, instance, at)),
    'Win32_Processor',
    instances.from,
  );
};

/** CIM dates are `yyyymmddHHMMSS.ffffff+zzz`; JSON has ISO dates. */
const dateOf = (fact: Fact<string>): Fact<string> => {
  if (!fact.known) return fact;
  const match = /^(\d{4})-?(\d{2})-?(\d{2})/.exec(fact.value);
  return match
    ? { ...fact, value: `${match[1]}-${match[2]}-${match[3]}` }
    : unknownFact(fact.name, 'notReadable', `${fact.name} holds "${fact.value}", which is not a date.`);
};

const textsOf = (source: WmiSource, className: string, properties: readonly string[]): string[] => {
  const instances = source.instances(className);
  if (!instances.known) return [];
  return instances.value
    .flatMap((instance) =>
      properties.map((property) => valueOf(meaningful(source.text(className, property, instance)))),
    )
    .filter((text) => text !== undefined);
};

const instanceText = (instance: WmiInstance, ...names: readonly string[]): string => {
  const value = names.map((name) => instance[name]).find((one) => typeof one === 'string' && one !== '');
  return typeof value === 'string' ? cleanText(value) : '';
};

const readGuest = (
  source: WmiSource,
  manufacturer: Fact<string>,
  model: Fact<string>,
  nics: HostFacts['nics'],
): Fact<string | null> => {
  const firmware = textsOf(source, 'Win32_BIOS', ['Manufacturer', 'SMBIOSBIOSVersion', 'Version', 'SerialNumber']);
  const board = textsOf(source, 'Win32_BaseBoard', ['Manufacturer', 'Product']);
  const more = [
    ...textsOf(source, 'Win32_ComputerSystemProduct', ['Vendor', 'Name', 'Version']),
    ...textsOf(source, 'Win32_PhysicalMemory', ['Manufacturer']),
  ];
  const [maker = null] = [
    ...textsOf(source, 'Win32_BIOS', ['Manufacturer']),
    ...textsOf(source, 'Win32_BaseBoard', ['Manufacturer']),
  ];
  return judgeGuest(
    {
      manufacturer,
      model,
      firmware: [...firmware, ...board, ...more],
      processors: textsOf(source, 'Win32_Processor', ['Name']),
      disks: [
        ...textsOf(source, 'Win32_DiskDrive', ['Model']),
        ...textsOf(source, 'MSFT_PhysicalDisk', ['FriendlyName', 'Model']),
        ...textsOf(source, 'MSFT_Disk', ['FriendlyName', 'Model']),
      ],
      devices: source.everyInstance
        .map((instance) => ({
          path: instanceText(instance, 'PnPDeviceID', 'PNPDeviceID'),
          title: instanceText(instance, 'InterfaceDescription', 'ProductName', 'Description', 'Name', 'PNPDeviceID'),
        }))
        .filter(({ path }) => path !== ''),
      maker,
      isPlaceholder: ['Manufacturer', 'Model'].every((property) => source.text('Win32_ComputerSystem', property).known),
      ports: nics.known ? nics.value.filter((nic) => valueOf(nic.kind) === 'ethernet').length : null,
    },
    'Win32_ComputerSystem.Manufacturer, Model',
    manufacturer.known ? manufacturer.from : 'Win32_ComputerSystem',
  );
};

/** `State` of Win32_Service is a word of the class's own, the same in every language. */
const serviceStates: Readonly<Record<string, 'running' | 'stopped'>> = {
  running: 'running',
  stopped: 'stopped',
  paused: 'stopped',
  'start pending': 'stopped',
  'stop pending': 'stopped',
  'pause pending': 'stopped',
  'continue pending': 'stopped',
};

const readService = (source: WmiSource, serviceName: string): Fact<'running' | 'stopped' | 'absent'> => {
  const name = `Win32_Service (${serviceName})`;
  const services = source.instances('Win32_Service');
  if (!services.known) return { ...services, name };
  const service = services.value.find((one) => String(one['Name']).toLowerCase() === serviceName.toLowerCase());
  if (!service)
    return source.find('Win32_Service')?.isComplete === true
      ? known('absent', name, services.from)
      : unknownFact(name, 'notCollected', `The list of services does not hold ${serviceName}, but may not be whole.`);
  const started = source.flag('Win32_Service', 'Started', service);
  if (started.known) return known(started.value ? 'running' : 'stopped', name, services.from);
  const state = source.text('Win32_Service', 'State', service);
  if (!state.known) return { ...state, name };
  const value = serviceStates[state.value.toLowerCase()];
  return value === undefined
    ? unknownFact(name, 'notReadable', `${state.name} holds "${state.value}", which is no state of a service.`)
    : known(value, name, services.from);
};

/** Memory types of SMBIOS that are not main memory: video, ROM, flash, EPROM ... */
const notMainMemory = new Set([4, 8, 9, 10, 11, 12, 13]);

const readInstalledMemory = (source: WmiSource): Fact<string> => {
  const name = 'Win32_PhysicalMemory.Capacity (sum)';
  const modules = source.instances('Win32_PhysicalMemory');
  if (!modules.known) return { ...modules, name };
  let sum = 0n;
  for (const instance of modules.value) {
    const type = source.whole('Win32_PhysicalMemory', 'MemoryType', instance);
    if (type.known && notMainMemory.has(type.value)) continue;
    const capacity = source.decimal('Win32_PhysicalMemory', 'Capacity', instance);
    if (!capacity.known) return { ...capacity, name };
    sum += BigInt(capacity.value);
  }
  return sum === 0n
    ? unknownFact(name, 'notReported', 'Win32_PhysicalMemory lists no module.')
    : known(String(sum), name, modules.from);
};

const readVisibleMemory = (source: WmiSource): Fact<string> => {
  const kilobytes = source.decimal('Win32_OperatingSystem', 'TotalVisibleMemorySize');
  const visible: Fact<string> = kilobytes.known
    ? { ...kilobytes, value: String(BigInt(kilobytes.value) * 1024n) }
    : kilobytes;
  return firstKnown(source.decimal('Win32_ComputerSystem', 'TotalPhysicalMemory'), visible);
};

/** The running system's width: `AddressWidth` is a number in every language, `OSArchitecture` a text with digits. */
const readOsWidth = (source: WmiSource): Fact<number> => {
  const address = source.whole('Win32_Processor', 'AddressWidth');
  if (address.known) return address;
  const text = source.text('Win32_OperatingSystem', 'OSArchitecture');
  if (!text.known) return text;
  const digits = /(32|64)/.exec(text.value)?.[1];
  return digits === undefined
    ? unknownFact(text.name, 'notReadable', `${text.name} holds "${text.value}".`)
    : known(Number(digits), text.name, text.from);
};

const readUpdates = (source: WmiSource): Fact<string[]> => {
  const list = source.instances('Win32_QuickFixEngineering');
  if (!list.known) return list;
  const updates = list.value
    .map((one) => one['HotFixID'])
    .filter((id): id is string => typeof id === 'string' && id !== '')
    .map((id) => cleanText(id));
  return known([...new Set(updates)], 'Win32_QuickFixEngineering.HotFixID', list.from);
};

const readNames = (source: WmiSource): string[] => {
  const names = [
    source.text('Win32_ComputerSystem', 'Name'),
    source.text('Win32_OperatingSystem', 'CSName'),
    source.text('Win32_Processor', 'SystemName'),
    source.text('Win32_NetworkAdapter', 'SystemName'),
    source.text('MSFT_NetAdapter', 'SystemName'),
  ];
  return [...new Set(names.filter((name) => name.known).map((name) => name.value))];
};

const listText = (fact: Fact<readonly unknown[]>): Fact<string[]> =>
  fact.known
    ? { ...fact, value: fact.value.map((item) => cleanText(String(item))).filter((item) => item !== '') }
    : fact;

const listNumbers = (fact: Fact<readonly unknown[]>): Fact<number[]> =>
  fact.known ? { ...fact, value: fact.value.map(Number).filter((item) => Number.isSafeInteger(item)) } : fact;

/** An empty list in PowerShell's JSON may be missing altogether where the collector wrote the key: then it is empty. */
const readPendingReboot = (source: WmiSource): Fact<string[]> => {
  const fact = source.value(registryClass, 'PendingReboot');
  if (!fact.known && fact.cause === 'notReported' && source.find(registryClass)?.isComplete === true)
    return known([], `${registryClass}.PendingReboot`, source.find(registryClass)?.from ?? registryClass);
  const texts = listText(source.list(registryClass, 'PendingReboot'));
  return texts.known ? { ...texts, value: texts.value.map(restartSignOf) } : texts;
};

/** PEFirmwareType: 1 BIOS, 2 UEFI; 0 is "unknown". */
const firmwareKindOf = (fact: Fact<number>): HostFacts['firmware']['kind'] => {
  if (!fact.known) return fact;
  if (fact.value === 1 || fact.value === 2) return { ...fact, value: fact.value === 2 ? 'uefi' : 'bios' };
  return unknownFact(fact.name, 'notReadable', `${fact.name} holds ${fact.value}, which is no kind of firmware.`);
};

export interface WmiFactsOrigin {
  readonly collectedAt: string;
  readonly collectedBy: HostFacts['collectedBy'];
  readonly source: HostFacts['source'];
  readonly notes: readonly string[];
}

/** Turns management classes, from wherever they came, into the facts document. Pure. */
export const factsFromWmi = (classes: readonly WmiClass[], origin: WmiFactsOrigin): HostFacts => {
  const source = new WmiSource(classes);
  const names = readNames(source);
  const manufacturer = meaningful(source.text('Win32_ComputerSystem', 'Manufacturer'));
  const model = meaningful(source.text('Win32_ComputerSystem', 'Model'));
  const kind = source.whole(registryClass, 'FirmwareType');
  const tpm = source.instances('Win32_Tpm');
  const version = source.text('Win32_OperatingSystem', 'Version');
  const build = source.whole('Win32_OperatingSystem', 'BuildNumber');
  const service = readService(source, 'W32Time');
  const nics = readNics(source);
  return {
    schema: factsSchemaName,
    collectedAt: origin.collectedAt,
    collectedBy: origin.collectedBy,
    source: origin.source,
    platform: 'windows',
    notes: [...origin.notes, ...source.misfits],
    machine: {
      name: firstKnown(
        source.text('Win32_ComputerSystem', 'Name'),
        source.text('Win32_OperatingSystem', 'CSName'),
        source.text('Win32_Processor', 'SystemName'),
        source.text('Win32_NetworkAdapter', 'SystemName'),
        source.text('MSFT_NetAdapter', 'SystemName'),
      ),
      names,
      manufacturer,
      model,
      serialNumber: meaningful(
        firstKnown(
          source.text('Win32_BIOS', 'SerialNumber'),
          source.text('Win32_ComputerSystemProduct', 'IdentifyingNumber'),
        ),
      ),
      uuid: source.text('Win32_ComputerSystemProduct', 'UUID'),
    },
    firmware: {
      vendor: source.text('Win32_BIOS', 'Manufacturer'),
      version: meaningful(
        firstKnown(source.text('Win32_BIOS', 'SMBIOSBIOSVersion'), source.text('Win32_BIOS', 'Version')),
      ),
      releaseDate: dateOf(source.text('Win32_BIOS', 'ReleaseDate')),
      kind: firmwareKindOf(kind),
      secureBoot: source.flag(registryClass, 'SecureBoot'),
    },
    processors: readProcessors(source),
    hypervisor: {
      present: source.flag('Win32_ComputerSystem', 'HypervisorPresent'),
      guestOf: readGuest(source, manufacturer, model, nics),
      vmms: readService(source, 'vmms'),
      virtualizationBasedSecurity: source.whole('Win32_DeviceGuard', 'VirtualizationBasedSecurityStatus'),
      securityServicesRunning: listNumbers(source.list('Win32_DeviceGuard', 'SecurityServicesRunning')),
      kvmDevice: unknownFact('/dev/kvm', 'notCollected', 'Windows has no /dev/kvm.'),
    },
    memory: { visibleBytes: readVisibleMemory(source), installedBytes: readInstalledMemory(source) },
    os: {
      caption: source.text('Win32_OperatingSystem', 'Caption'),
      version,
      build,
      servicePack: source.whole('Win32_OperatingSystem', 'ServicePackMajorVersion'),
      sku: source.whole('Win32_OperatingSystem', 'OperatingSystemSKU'),
      productType: source.whole('Win32_OperatingSystem', 'ProductType'),
      widthBits: readOsWidth(source),
      updateRevision: source.whole(registryClass, 'UpdateRevision'),
      systemDrive: source.text('Win32_OperatingSystem', 'SystemDrive'),
      installationType: source.text(registryClass, 'InstallationType'),
      locale: source.text('Win32_OperatingSystem', 'Locale'),
      depAvailable: source.flag('Win32_OperatingSystem', 'DataExecutionPrevention_Available'),
      depSupportPolicy: source.whole('Win32_OperatingSystem', 'DataExecutionPrevention_SupportPolicy'),
      updates: readUpdates(source),
      pendingReboot: readPendingReboot(source),
    },
    nics,
    time: {
      service,
      type: source.text(registryClass, 'W32TimeType'),
      server: source.text(registryClass, 'W32TimeServer'),
    },
    domain: {
      joined: source.flag('Win32_ComputerSystem', 'PartOfDomain'),
      name: firstKnown(source.text('Win32_ComputerSystem', 'Domain'), source.text('Win32_ComputerSystem', 'Workgroup')),
      role: source.whole('Win32_ComputerSystem', 'DomainRole'),
    },
    tpm: {
      present:
        tpm.known && (tpm.value.length > 0 || source.find('Win32_Tpm')?.isComplete === true)
          ? known(tpm.value.length > 0, 'Win32_Tpm', tpm.from)
          : unknownFact(
              'Win32_Tpm',
              tpm.known ? 'notReported' : tpm.cause,
              tpm.known ? 'Win32_Tpm has no instance.' : tpm.because,
            ),
      specVersion: source.text('Win32_Tpm', 'SpecVersion'),
    },
  };
};
