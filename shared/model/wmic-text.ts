/** A property's value as a management class gives it; text from wmic stays text until a reader asks for a type. */
export type WmiValue = string | number | boolean | null | readonly WmiValue[];
export type WmiInstance = Readonly<Record<string, WmiValue>>;

/** `wmic` prints through a stylesheet that escapes for XML, so `&` comes as `&amp;`. */
export const unescapeXml = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|apos);/g, (_whole, name: string) =>
    name === 'amp' ? '&' : name === 'lt' ? '<' : name === 'gt' ? '>' : name === 'quot' ? '"' : "'",
  );

/** Lists come as `{1,2}` or `{"a","b"}`; where PowerShell cut one after its fourth item, dots follow the last that it shows. */
export const parseWmicList = (text: string): string[] | null => {
  const inner = /^\{(.*)\}$/s.exec(text.trim())?.[1];
  if (inner === undefined) return null;
  if (inner.trim() === '') return [];
  if (inner.includes('"')) return [...inner.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((match) => match[1] ?? '');
  return inner
    .split(',')
    .map((item) => item.trim().replace(/(\.\.\.|\u2026)$/, ''))
    .filter((item) => item !== '');
};

/** How a line of text names a property. */
interface LineForm {
  readonly property: RegExp;
  /** What a line that names none is: more of the value before it, or nothing at all. */
  readonly more: (line: string) => string | null;
}

/** `wmic CLASS get /value`: a value of several lines goes on in a line without a name. */
const valueForm: LineForm = {
  property: /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/,
  more: (line) => `\n${unescapeXml(line)}`,
};

/** PowerShell's `Format-List`: names padded to one width; a value that is wider than the window goes on indented. */
const listForm: LineForm = {
  property: /^([A-Za-z_][A-Za-z0-9_]*)\s*:(?:\s(.*))?$/,
  more: (line) => (/^\s/.test(line) ? ` ${line.trim()}` : null),
};

interface PropertyLine {
  /** Blank lines before it. */
  readonly blanks: number;
  readonly name: string;
  raw: string;
}

/** A command that was copied together with what it printed. */
const promptLine = /^(PS )?[A-Za-z]:\\[^>]*>|^\s*(wmic|Get-[A-Za-z]+)\s/i;

/** The properties of a text in their order; null where it begins with something else, or most of its lines are. */
const readProperties = (lines: readonly string[], form: LineForm): PropertyLine[] | null => {
  const properties: PropertyLine[] = [];
  let blanks = 0;
  let content = 0;
  for (const line of lines) {
    if (line.trim() === '') {
      blanks += 1;
      continue;
    }
    if (promptLine.test(line)) {
      // What follows is the output of another command: no gap within an instance is as wide.
      blanks = lines.length;
      continue;
    }
    content += 1;
    if (properties.length === 0 && !form.property.test(line)) return null;
    const match = form.property.exec(line);
    const last = properties.at(-1);
    if (match) properties.push({ blanks, name: match[1] ?? '', raw: match[2] ?? '' });
    else if (last) last.raw += form.more(line) ?? '';
    blanks = 0;
  }
  return properties.length === 0 || properties.length * 2 < content ? null : properties;
};

/**
 * How many blank lines stand between two properties of one instance. wmic ends lines with CR CR LF, and what captured it may have made blank
 * lines of that: then one or two follow every property, and more part the instances. Where all gaps are equal the blank lines at the
 * beginning tell: wmic writes two before the first instance, which were multiplied alike.
 */
const blanksWithin = (properties: readonly PropertyLine[]): number => {
  const gaps = properties.slice(1).map(({ blanks }) => blanks);
  const least = Math.min(...gaps);
  if (gaps.length === 0 || least === 0) return 0;
  const leading = properties[0]?.blanks ?? 0;
  if (leading >= 2) return least < Math.floor(leading / 2) ? least : 0;
  return least === 1 || gaps.some((gap) => gap > least) ? least : 0;
};

const toInstances = (properties: readonly PropertyLine[]): WmiInstance[] => {
  const within = blanksWithin(properties);
  const areGapsEqual = properties.slice(1).every(({ blanks }) => blanks === within);
  const instances: Record<string, WmiValue>[] = [];
  let current: Record<string, WmiValue> | null = null;
  for (const { blanks, name, raw } of properties) {
    const isOther = areGapsEqual && blanks > 0 && current !== null && isOfAnotherClass(Object.keys(current), name);
    if (current === null || blanks > within || name in current || isOther) {
      current = {};
      instances.push(current);
    }
    const value = unescapeXml(raw.trim());
    current[name] = parseWmicList(value) ?? value;
  }
  return instances;
};

/**
 * Reads the text of `wmic CLASS get /value` and of PowerShell's `Format-List`: one `Name=value` or `Name : value` per line, one or many
 * instances, also of several classes. An instance ends where more blank lines come than between its properties, and where a property comes
 * again.
 *
 * Returns null when the text is of neither form.
 */
export const parseWmicText = (text: string): WmiInstance[] | null => {
  const lines = text
    .replace(/\ufeff/g, '')
    .split(/\r*\n|\r/)
    // eslint-disable-next-line no-control-regex -- PowerShell 7 colours the names of a list
    .map((line) => line.replace(/^\u001b\[[0-9;]*m([A-Za-z_]\w*\s*:\s?)\u001b\[0m/, '$1'));
  const [best] = [readProperties(lines, valueForm), readProperties(lines, listForm)]
    .filter((properties) => properties !== null)
    .sort((left, right) => right.length - left.length);
  return best === undefined ? null : toInstances(best);
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
  Win32_BaseBoard: ['Product', 'HostingBoard', 'RequiresDaughterBoard', 'ConfigOptions'],
};

/** Stand in the table above for the class that is asked for them, and other classes have them as well. */
const inSeveralClasses = new Set(['BuildNumber', 'NumberOfLogicalProcessors', 'PermanentAddress']);

const classesOf = (property: string): string[] =>
  Object.entries(distinctive)
    .filter(([, properties]) => properties.includes(property))
    .map(([className]) => className);

/** Can one class not have both: these properties and that one? */
const isOfAnotherClass = (names: readonly string[], name: string): boolean => {
  const [own] = classesOf(name);
  if (own === undefined || inSeveralClasses.has(name)) return false;
  return names.some((one) => !inSeveralClasses.has(one) && classesOf(one).some((className) => className !== own));
};

/** A property of one of the classes that readiness reads. */
export const isKnownProperty = (name: string): boolean =>
  classesOf(name).length > 0 || shared.some(({ properties }) => properties.includes(name));

/** Properties that several classes have, in the order of who is asked first. */
const shared: readonly { readonly className: string; readonly properties: readonly string[] }[] = [
  { className: 'Win32_ComputerSystem', properties: ['Manufacturer', 'Model'] },
  { className: 'Win32_Service', properties: ['Name', 'State', 'Started', 'Status', 'StartMode', 'DisplayName'] },
  { className: 'Win32_OperatingSystem', properties: ['Version', 'Caption', 'Locale'] },
];

const processorVendors = /^(GenuineIntel|AuthenticAMD|HygonGenuine|CentaurHauls)$/;

/**
 * The class of an instance: what it says itself (`CreationClassName`), else the class whose own properties it has, else the
 * class that the file is named after, else the one that its few common properties fit. Null when it cannot be told.
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
