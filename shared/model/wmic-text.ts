/** A property's value as a management class gives it; text from wmic stays text until a reader asks for a type. */
export type WmiValue = string | number | boolean | null | readonly WmiValue[];
export type WmiInstance = Readonly<Record<string, WmiValue>>;

const propertyLine = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/;

/** `wmic` prints through a stylesheet that escapes for XML, so `&` comes as `&amp;`. */
const unescapeXml = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|apos);/g, (_whole, name: string) =>
    name === 'amp' ? '&' : name === 'lt' ? '<' : name === 'gt' ? '>' : name === 'quot' ? '"' : "'",
  );

/** Lists come as `{1,2}` or `{"a","b"}`. */
export const parseWmicList = (text: string): string[] | null => {
  const inner = /^\{(.*)\}$/.exec(text.trim())?.[1];
  if (inner === undefined) return null;
  if (inner.trim() === '') return [];
  if (!inner.includes('"')) return inner.split(',').map((item) => item.trim());
  return [...inner.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((match) => match[1] ?? '');
};

/**
 * Reads the text of `wmic CLASS get /value`: one `Name=value` per line, one or many instances.
 *
 * wmic ends lines with CR CR LF, and what captured it may have made blank lines of them. So an instance ends at a blank
 * line only where blank lines do not follow every property, and in any case where a property comes again.
 *
 * Returns null when the text is not of this form.
 */
export const parseWmicText = (text: string): WmiInstance[] | null => {
  const lines = text.replace(/\ufeff/g, '').split(/\r*\n|\r/);
  const content = lines.filter((line) => line.trim() !== '');
  const properties = content.filter((line) => propertyLine.test(line));
  const first = content[0];
  if (first === undefined || !propertyLine.test(first) || properties.length * 2 < content.length) return null;

  const isBlank = (at: number): boolean => (lines[at] ?? '').trim() === '';
  const followedByBlank = lines.filter((line, at) => propertyLine.test(line) && isBlank(at + 1)).length;
  const everyLineIsFollowedByBlank = properties.length > 3 && followedByBlank === properties.length;

  const instances: Record<string, WmiValue>[] = [];
  let current: Record<string, WmiValue> | null = null;
  let last: string | null = null;
  let blanks = 0;
  const begin = (): Record<string, WmiValue> => {
    const created: Record<string, WmiValue> = {};
    instances.push(created);
    return created;
  };
  for (const line of lines) {
    if (line.trim() === '') {
      blanks += 1;
      if (blanks > (everyLineIsFollowedByBlank ? 1 : 0)) current = null;
      continue;
    }
    blanks = 0;
    const match = propertyLine.exec(line);
    if (!match) {
      // A value of several lines goes on.
      if (current && last !== null) current[last] = `${String(current[last])}\n${unescapeXml(line)}`;
      continue;
    }
    const [, name = '', raw = ''] = match;
    if (current === null || name in current) current = begin();
    const value = unescapeXml(raw.trim());
    current[name] = parseWmicList(value) ?? value;
    last = name;
  }
  return instances;
};

/** Properties that no other class of those that readiness reads has. */
const distinctive: Readonly<Record<string, readonly string[]>> = {
  Win32_Processor: [
    'DataWidth',
    'AddressWidth',
    'VMMonitorModeExtensions',
    'SecondLevelAddressTranslationExtensions',
    'VirtualizationFirmwareEnabled',
    'NumberOfLogicalProcessors',
    'NumberOfCores',
    'ProcessorId',
    'ProcessorType',
    'SocketDesignation',
    'L2CacheSize',
    'MaxClockSpeed',
  ],
  Win32_OperatingSystem: [
    'DataExecutionPrevention_Available',
    'DataExecutionPrevention_SupportPolicy',
    'OperatingSystemSKU',
    'OSArchitecture',
    'ServicePackMajorVersion',
    'ProductType',
    'TotalVisibleMemorySize',
    'BuildNumber',
    'CSName',
    'CSDVersion',
  ],
  Win32_ComputerSystem: [
    'HypervisorPresent',
    'PartOfDomain',
    'DomainRole',
    'TotalPhysicalMemory',
    'SystemType',
    'NumberOfProcessors',
    'DNSHostName',
    'Workgroup',
  ],
  Win32_BIOS: ['SMBIOSBIOSVersion', 'SMBIOSMajorVersion', 'BiosCharacteristics', 'ReleaseDate', 'PrimaryBIOS'],
  Win32_PhysicalMemory: ['BankLabel', 'DeviceLocator', 'FormFactor', 'Capacity', 'PositionInRow'],
  Win32_QuickFixEngineering: ['HotFixID', 'FixComments', 'ServicePackInEffect', 'InstalledOn'],
  MSFT_NetAdapter: [
    'InterfaceDescription',
    'NdisPhysicalMedium',
    'HardwareInterface',
    'PermanentAddress',
    'PnPDeviceID',
  ],
  Win32_NetworkAdapter: ['NetConnectionID', 'PhysicalAdapter', 'NetEnabled', 'NetConnectionStatus', 'AdapterTypeId'],
  Win32_Service: ['StartMode', 'PathName', 'AcceptStop', 'StartName', 'TagId'],
  Win32_DeviceGuard: [
    'VirtualizationBasedSecurityStatus',
    'SecurityServicesRunning',
    'CodeIntegrityPolicyEnforcementStatus',
  ],
  Win32_Tpm: ['IsEnabled_InitialValue', 'SpecVersion', 'IsActivated_InitialValue'],
  Win32_ComputerSystemProduct: ['UUID', 'IdentifyingNumber', 'SKUNumber'],
};

/** Properties that several classes have, in the order of who is asked first. */
const shared: readonly { readonly className: string; readonly properties: readonly string[] }[] = [
  { className: 'Win32_ComputerSystem', properties: ['Manufacturer', 'Model'] },
  { className: 'Win32_Service', properties: ['Name', 'State', 'Started'] },
  { className: 'Win32_OperatingSystem', properties: ['Version', 'Caption', 'Locale'] },
];

const processorVendors = /^(GenuineIntel|AuthenticAMD|HygonGenuine|CentaurHauls)$/;

/**
 * The class of an instance: what it says itself (`CreationClassName`), else the class whose own properties it has, else the
 * class that the file is named after, else the one that its few common properties fit. Null when it can not be told.
 */
export const inferClass = (instance: WmiInstance, fileName: string): string | null => {
  const own = instance['CreationClassName'];
  if (typeof own === 'string' && own !== '') return own;
  const names = Object.keys(instance);
  const namedAfter = /(Win32_[A-Za-z]+|MSFT_[A-Za-z]+|MSVM_[A-Za-z]+|CIM_[A-Za-z]+)/i.exec(fileName)?.[1] ?? null;
  const scores = Object.entries(distinctive)
    .map(([className, properties]) => ({
      className,
      score: names.filter((name) => properties.includes(name)).length,
    }))
    .sort((left, right) => right.score - left.score);
  const best = scores[0];
  const second = scores[1];
  if (namedAfter !== null) {
    const known = Object.keys(distinctive).find((name) => name.toLowerCase() === namedAfter.toLowerCase());
    if (known === undefined) return namedAfter;
    const own = scores.find((score) => score.className === known)?.score ?? 0;
    if (own >= (best?.score ?? 0)) return known;
  }
  if (best && best.score > 0 && best.score > (second?.score ?? 0)) return best.className;
  const manufacturer = instance['Manufacturer'];
  if (typeof manufacturer === 'string' && processorVendors.test(manufacturer)) return 'Win32_Processor';
  return (
    shared.find((row) => names.length > 0 && names.every((name) => row.properties.includes(name)))?.className ?? null
  );
};
