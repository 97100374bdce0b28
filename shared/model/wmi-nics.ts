import { cleanText, known, unknownFact, type Fact } from './fact.ts';
import type { NicFacts } from './facts.ts';
import type { NicKind } from './facts-vocabulary.ts';
import { productOfDevicePath } from './guest-signs.ts';
import type { WmiInstance } from './wmic-text.ts';
import type { WmiSource } from './wmi-source.ts';

/** Buses of the plug-and-play tree that no port of the machine hangs on. */
const virtualBuses = /^(ROOT|SW|SWD|COMPOSITEBUS|VMBUS|XENVIF|XENBUS|HTREE|\{)/i;

/**
 * The kind that a plug-and-play device path shows. Network adapters of some makers hang below a bus driver of their own
 * (`B06BDRV\L2ND&PCI_...`, `MLX4\...`), which still carries the PCI identity.
 */
export const kindOfDevicePath = (path: string): NicKind | null => {
  if (/^BTH/i.test(path)) return 'bluetooth';
  if (virtualBuses.test(path) || productOfDevicePath(path) !== null) return 'virtual';
  if (/^V1394/i.test(path)) return 'other';
  if (/^(PCI|USB|PCMCIA|ISAPNP)\\/i.test(path) || /(PCI_|VEN_)[0-9A-F]{4}/i.test(path)) return 'ethernet';
  return null;
};

/** `NdisPhysicalMedium` and `InterfaceType` (IANA ifType) of MSFT_NetAdapter. */
const kindOfMedium = (medium: number | undefined, interfaceType: number | undefined): NicKind | null => {
  if (medium === 1 || medium === 9 || interfaceType === 71) return 'wifi';
  if (medium === 10) return 'bluetooth';
  if (medium === 8 || interfaceType === 243 || interfaceType === 244) return 'mobile';
  if (interfaceType !== undefined && interfaceType !== 6) return 'other';
  return null;
};

const textOf = (instance: WmiInstance, ...names: readonly string[]): string => {
  for (const name of names) {
    const value = instance[name];
    if (typeof value === 'string' && value !== '') return cleanText(value);
  }
  return '';
};

const numberOf = (instance: WmiInstance, name: string): number | undefined => {
  const value = instance[name];
  return value === null || value === '' || value === undefined || Number.isNaN(Number(value))
    ? undefined
    : Number(value);
};

const flagOf = (instance: WmiInstance, name: string): boolean | undefined => {
  const value = instance[name];
  if (typeof value === 'boolean') return value;
  return typeof value === 'string' && /^(true|false)$/i.test(value) ? value.toLowerCase() === 'true' : undefined;
};

const macText = (fact: Fact<string>): Fact<string> =>
  fact.known
    ? {
        ...fact,
        value: (fact.value.replace(/[^0-9a-f]/gi, '').match(/../g) ?? []).join(':').toUpperCase() || fact.value,
      }
    : fact;

const netAdapter = (source: WmiSource, instance: WmiInstance, from: string): NicFacts => {
  const className = 'MSFT_NetAdapter';
  const path = textOf(instance, 'PnPDeviceID', 'PNPDeviceID');
  const byMedium = kindOfMedium(numberOf(instance, 'NdisPhysicalMedium'), numberOf(instance, 'InterfaceType'));
  const name = `${className}.Virtual, HardwareInterface, NdisPhysicalMedium, InterfaceType, PnPDeviceID`;
  const isVirtual = flagOf(instance, 'Virtual');
  const isHardware = flagOf(instance, 'HardwareInterface');
  const byPath = path === '' ? null : kindOfDevicePath(path);
  const kind: NicKind | null =
    byMedium ??
    (isVirtual === true || isHardware === false ? (byPath === 'bluetooth' ? 'bluetooth' : 'virtual') : null) ??
    (byPath !== null && byPath !== 'ethernet' ? byPath : null) ??
    (isHardware === true || byPath === 'ethernet' ? 'ethernet' : null);
  const state = source.whole(className, 'MediaConnectState', instance);
  return {
    name: textOf(instance, 'Name', 'InterfaceDescription', 'InterfaceGuid'),
    description: textOf(instance, 'InterfaceDescription', 'DriverDescription', 'Name'),
    kind:
      kind === null
        ? unknownFact(name, 'ambiguous', `${className} does not show whether ${textOf(instance, 'Name')} is hardware.`)
        : known(kind, name, from),
    macAddress: macText(source.text(className, 'PermanentAddress', instance)),
    // MediaConnectState: 0 unknown, 1 connected, 2 disconnected.
    linkUp:
      state.known && state.value > 0
        ? known(state.value === 1, state.name, state.from)
        : unknownFact(`${className}.MediaConnectState`, 'notReported', 'The state of the link is not reported.'),
    speedBitsPerSecond: source.decimal(className, 'Speed', instance),
  };
};

/** A driver's product name is the only thing by which Win32_NetworkAdapter tells radio from cable: `AdapterTypeId` is 0 for both. */
const wirelessProduct = /\b(wireless|wi-?fi|wlan|802\.11)/i;

const networkAdapter = (source: WmiSource, instance: WmiInstance, from: string): NicFacts => {
  const className = 'Win32_NetworkAdapter';
  const path = textOf(instance, 'PNPDeviceID');
  const product = textOf(instance, 'ProductName', 'Description', 'Name');
  const name = `${className}.PNPDeviceID, PhysicalAdapter`;
  const physical = flagOf(instance, 'PhysicalAdapter');
  const byPath = path === '' ? null : kindOfDevicePath(path);
  const kind: NicKind | null =
    byPath === 'ethernet'
      ? numberOf(instance, 'AdapterTypeId') === 9 || wirelessProduct.test(product)
        ? 'wifi'
        : 'ethernet'
      : (byPath ?? (physical === false ? 'virtual' : null));
  const status = source.whole(className, 'NetConnectionStatus', instance);
  return {
    name: textOf(instance, 'NetConnectionID', 'Name', 'Description'),
    description: product,
    kind:
      kind === null
        ? // An adapter without device path is a leftover or a tunnel; without the other property nothing is known of it.
          path === '' && physical === undefined && textOf(instance, 'MACAddress') === ''
          ? known('virtual', name, from)
          : unknownFact(name, 'ambiguous', `${className} does not show whether "${product}" is hardware.`)
        : known(kind, name, from),
    macAddress: macText(source.text(className, 'MACAddress', instance)),
    // NetConnectionStatus 2 is connected, 7 media disconnected.
    linkUp: status.known
      ? known(status.value === 2, status.name, status.from)
      : unknownFact(`${className}.NetConnectionStatus`, status.cause, status.because),
    speedBitsPerSecond: source.decimal(className, 'Speed', instance),
  };
};

/** Network adapters: MSFT_NetAdapter (from Windows Server 2012 on) says more, Win32_NetworkAdapter is everywhere. */
export const readNics = (source: WmiSource): Fact<NicFacts[]> => {
  const better = source.instances('MSFT_NetAdapter');
  if (better.known && better.value.length > 0)
    return known(
      better.value.filter((one) => flagOf(one, 'Hidden') !== true).map((one) => netAdapter(source, one, better.from)),
      'MSFT_NetAdapter',
      better.from,
    );
  const every = source.instances('Win32_NetworkAdapter');
  if (!every.known) return every;
  return known(
    every.value.map((one) => networkAdapter(source, one, every.from)),
    'Win32_NetworkAdapter',
    every.from,
  );
};
