import { known, unknownFact, valueOf, type Fact } from './fact.ts';
import { virtualMachineProduct } from './virtual-machine.ts';

/** Something that a machine shows of itself, and the product whose virtual machines show it. */
export interface GuestSign {
  /** What was seen, as a sentence's part: `firmware "SeaBIOS"`. */
  readonly seen: string;
  readonly product: string;
  /** Hardware never shows it; without this it is only unusual there. */
  readonly isProof: boolean;
}

interface SignRow {
  readonly product: string;
  readonly matches: RegExp;
}

/**
 * What the firmware of virtual machines writes into SMBIOS types 0 to 2 and 17 in its own name. Providers put their own make and model into
 * type 1 and leave the rest (open-vm-tools, SeaBIOS, edk2 and systemd's `detect-virt` name the same).
 */
const firmwareRows: readonly SignRow[] = [
  { product: 'KVM/QEMU', matches: /\b(OVMF|SeaBIOS|BOCHS|BXPC|QEMU|KubeVirt|oVirt|RHEV|OpenStack|CloudStack)\b/i },
  { product: 'KVM/QEMU', matches: /distribution of EDK ?II/i },
  { product: 'VMware', matches: /^(VMware\b|VMW\d)|^440BX Desktop Reference Platform/i },
  { product: 'VirtualBox', matches: /VirtualBox|^innotek GmbH|^VBOX/i },
  { product: 'Xen', matches: /^Xen\b|^HVM domU/i },
  { product: 'Hyper-V', matches: /^VRTUAL\b|^Hyper-V\b/i },
  { product: 'Parallels', matches: /^Parallels/i },
  { product: 'bhyve', matches: /^BHYVE/i },
];

/** Firmware of this name is in virtual machines mostly, and on few boards. */
const unusualFirmware = /\bEDK ?II\b|EFI Development Kit|TianoCore/i;

/**
 * Names that a hypervisor gives to a processor of its own making: QEMU's CPU models have neither "(R)" nor a model number, Google's have no
 * number before the "@". A processor that is passed through keeps its name, which then proves nothing.
 */
const processorRows: readonly SignRow[] = [
  { product: 'KVM/QEMU', matches: /\b(QEMU|KVM|Virtual CPU|TCG)\b|^DO-(Regular|Premium)/i },
  { product: 'KVM/QEMU', matches: /^Intel (Xeon|Core) Processor( \(|$)/i },
  { product: 'KVM/QEMU', matches: /\bClass (CPU|Core)\b|\b(E312xx|E3-12xx|E56xx|P9xxx|Celeron_4x0)\b/i },
  { product: 'KVM/QEMU', matches: /^AMD EPYC(-(Rome|Milan|Genoa|Turin)\S*)? Processor\b|^Hygon Dhyana Processor\b/i },
  { product: 'KVM/QEMU', matches: /^Intel\(R\) Xeon\(R\)( CPU| Processor)?\s*(@.*)?$/i },
];

/** Where virtual machines have their devices: plug-and-play paths, with the maker of the card that is imitated as subsystem. */
const deviceRows: readonly SignRow[] = [
  { product: 'KVM/QEMU', matches: /VEN_(1AF4|1B36|1234)\b|SUBSYS_[0-9A-F]{4}1AF4/i },
  { product: 'VMware', matches: /VEN_15AD\b|SUBSYS_[0-9A-F]{4}15AD/i },
  { product: 'Xen', matches: /VEN_5853\b|SUBSYS_[0-9A-F]{4}5853|^XEN(VIF|BUS|VBD|PCI)?\\/i },
  { product: 'Hyper-V', matches: /^VMBUS\\|VEN_1414\b|VEN_1011&DEV_0009/i },
  { product: 'VirtualBox', matches: /VEN_80EE\b/i },
  { product: 'Parallels', matches: /VEN_1AB8\b/i },
  { product: 'Google Compute Engine', matches: /VEN_1AE0&DEV_0042/i },
];

const diskRows: readonly SignRow[] = [
  { product: 'KVM/QEMU', matches: /^(QEMU|Red Hat VirtIO|VirtIO)\b/i },
  { product: 'VMware', matches: /^VMware\b/i },
  { product: 'VirtualBox', matches: /^VBOX\b/i },
  { product: 'Xen', matches: /^XEN(SRC)?\b/i },
];

const productIn = (rows: readonly SignRow[], text: string): string | null =>
  rows.find(({ matches }) => matches.test(text.trim()))?.product ?? null;

/** The product whose virtual machines alone have such a device, by its plug-and-play path; null for any other. */
export const productOfDevicePath = (path: string): string | null => productIn(deviceRows, path);

/** What can be held against each other; whatever was not collected is left out. */
export interface MachineTraits {
  readonly manufacturer: Fact<string>;
  readonly model: Fact<string>;
  /** Maker and versions of firmware and board, makers of memory modules. */
  readonly firmware: readonly string[];
  readonly processors: readonly string[];
  /** Models of disks. */
  readonly disks: readonly string[];
  /** Plug-and-play paths of devices with their names. */
  readonly devices: readonly { readonly path: string; readonly title: string }[];
  /** The maker of firmware or board, where one stands there. */
  readonly maker: string | null;
  /** Make and model were read, and one of them that is not known holds a placeholder. */
  readonly isPlaceholder: boolean;
  /** Physical network ports; null where the adapters were not collected. */
  readonly ports: number | null;
}

const quoted = (what: string, text: string): string => `${what} "${text.trim()}"`;

/** Everything that speaks for a virtual machine, proofs first. */
export const findGuestSigns = (traits: MachineTraits): GuestSign[] => {
  const signs: GuestSign[] = [];
  const look = (what: string, texts: readonly string[], rows: readonly SignRow[], isProof: boolean): void => {
    for (const text of new Set(texts)) {
      const product = productIn(rows, text);
      if (product !== null) signs.push({ seen: quoted(what, text), product, isProof });
    }
  };
  look('firmware', traits.firmware, firmwareRows, true);
  look('processor', traits.processors, processorRows, true);
  look('disk', traits.disks, diskRows, true);
  const unusual = traits.firmware.find((text) => unusualFirmware.test(text) && productIn(firmwareRows, text) === null);
  if (unusual !== undefined) signs.push({ seen: quoted('firmware', unusual), product: 'KVM/QEMU', isProof: false });
  // A card with an offloading processor of its own can show such a device to hardware: one alone is no proof.
  const shown = new Set<string>();
  for (const { path, title } of traits.devices) {
    const product = productOfDevicePath(path);
    if (product === null || shown.has(product)) continue;
    shown.add(product);
    signs.push({ seen: quoted('device', title), product, isProof: false });
  }
  return signs.sort((left, right) => Number(right.isProof) - Number(left.isProof));
};

/** Of what the machine is a guest, from everything that it shows; null for hardware. */
export const judgeGuest = (traits: MachineTraits, name: string, from: string): Fact<string | null> => {
  const { manufacturer, model, ports, maker, isPlaceholder } = traits;
  const byMake = virtualMachineProduct(valueOf(manufacturer), valueOf(model));
  if (byMake !== null) return known(byMake, name, manufacturer.known ? manufacturer.from : from);
  const signs = findGuestSigns(traits);
  const seen = signs.map((sign) => sign.seen).join('; ');
  const [first] = signs;
  if (first && (first.isProof || signs.length > 1)) return known(first.product, 'signs of a virtual machine', seen);
  if (first)
    return unknownFact(
      name,
      'ambiguous',
      `Virtual machines have this: ${seen}; hardware seldom has it, and make and model alone do not prove it.`,
    );
  const isNamed = manufacturer.known && model.known;
  const hasPorts = ports !== null && ports > 0;
  const witnesses = [
    ...(maker === null ? [] : [`firmware of ${maker}`]),
    ...(hasPorts ? [`${ports} physical network ${ports === 1 ? 'port' : 'ports'}`] : []),
  ];
  const where = [manufacturer.known ? manufacturer.from : from, ...witnesses].join('; ');
  if (isNamed && ports === 0)
    return unknownFact(name, 'ambiguous', 'Make and model alone do not prove hardware: no adapter is a physical port.');
  if (isNamed && witnesses.length > 0) return known(null, name, where);
  if (isNamed)
    return unknownFact(
      name,
      'ambiguous',
      'Make and model alone do not prove hardware: neither firmware nor network adapters were collected.',
    );
  if (isPlaceholder && witnesses.length === 2) return known(null, 'firmware and network ports', where);
  const cause = manufacturer.known ? model : manufacturer;
  return cause.known ? unknownFact(name, 'notReported', 'Make and model are missing.') : { ...cause, name };
};
