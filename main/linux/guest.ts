import { cleanText, known, unknownFact, valueOf, type Fact } from '../../shared/model/fact.ts';
import { findGuestSigns, judgeGuest, type MachineTraits } from '../../shared/model/guest-signs.ts';
import { isFirmwarePlaceholder, virtualMachineProduct } from '../../shared/model/virtual-machine.ts';
import type { CpuInfo } from './cpuinfo.ts';
import { readNics } from './nics.ts';
import type { LinuxTree } from './tree.ts';

/** What tells a virtual machine from hardware on Linux. */
export interface GuestFacts {
  readonly present: Fact<boolean>;
  readonly guestOf: Fact<string | null>;
}

/** PCI devices that only one product puts into its virtual machines: vendor and device in hexadecimal. */
const productOfPciDevice: readonly { readonly id: RegExp; readonly product: string }[] = [
  { id: /^80ee(beef|cafe)$/, product: 'VirtualBox' },
  { id: /^15ad(0405|0710|0740|07[ab].|0801)$/, product: 'VMware' },
  { id: /^5853(0001|0002|c000)$/, product: 'Xen' },
  { id: /^14145353$/, product: 'Hyper-V' },
  { id: /^1ab8/, product: 'Parallels' },
  { id: /^(12341111|1b36)/, product: 'KVM/QEMU' },
];

const textOf = (tree: LinuxTree, path: string): string | null => {
  const read = tree.readText(path);
  return read.ok ? read.text : null;
};

/** `/proc/bus/pci/devices`: the second column is vendor and device. */
const pciProduct = (tree: LinuxTree): string | null => {
  const text = textOf(tree, '/proc/bus/pci/devices');
  if (text === null) return null;
  for (const line of text.split('\n')) {
    const id = line.split('\t')[1]?.toLowerCase() ?? '';
    const product = productOfPciDevice.find((row) => row.id.test(id))?.product;
    if (product !== undefined) return product;
  }
  return null;
};

/** s390: each layer above the partition is a `VMnn Control Program`, the highest number is the nearest one. */
const s390Product = (tree: LinuxTree): string | null => {
  const text = textOf(tree, '/proc/sysinfo');
  if (text === null) return null;
  const programs = [...text.matchAll(/^VM\d\d Control Program:\s*(.+?)\s*$/gm)].map((match) => match[1] ?? '');
  const nearest = programs.at(-1);
  if (nearest !== undefined) return cleanText(nearest);
  return /^LPAR Number:/m.test(text) ? 'PR/SM' : null;
};

const powerProduct = (tree: LinuxTree): string | null => {
  const compatible = textOf(tree, '/proc/device-tree/hypervisor/compatible');
  if (compatible?.includes('linux,kvm') === true) return 'KVM';
  const cpuInfo = textOf(tree, '/proc/cpuinfo') ?? '';
  if (/emulated by qemu/i.test(cpuInfo)) return 'KVM/QEMU';
  // "architected" is a processor in the compatibility mode that a partition gets from PowerVM.
  return tree.exists('/proc/device-tree/ibm,partition-name') ? 'PowerVM' : null;
};

/** Of SMBIOS types 0, 1 and 2, and the processors; network cards count by their bus, in `readNics`. */
const traitsOf = (
  tree: LinuxTree,
  cpu: CpuInfo | null,
  manufacturer: Fact<string>,
  model: Fact<string>,
): MachineTraits => {
  const dmi = (name: string): string[] => {
    const text = cleanText(textOf(tree, `/sys/class/dmi/id/${name}`) ?? '');
    return text === '' || isFirmwarePlaceholder(text) ? [] : [text];
  };
  const nics = readNics(tree);
  const [maker = null] = [...dmi('bios_vendor'), ...dmi('board_vendor')];
  return {
    manufacturer,
    model,
    firmware: ['bios_vendor', 'bios_version', 'board_vendor', 'board_name', 'product_version'].flatMap(dmi),
    processors: (cpu?.processors ?? []).map(({ name }) => valueOf(name)).filter((name) => name !== undefined),
    disks: [],
    devices: [],
    maker,
    isPlaceholder: false,
    ports: nics.known ? nics.value.filter(({ kind }) => valueOf(kind) === 'ethernet').length : null,
  };
};

const xenFacts = (tree: LinuxTree): GuestFacts | null => {
  const type = textOf(tree, '/sys/hypervisor/type')?.trim();
  if (!tree.exists('/proc/xen') && type !== 'xen') return null;
  const capabilities = textOf(tree, '/proc/xen/capabilities');
  const from =
    capabilities === null ? (type === 'xen' ? '/sys/hypervisor/type' : '/proc/xen') : '/proc/xen/capabilities';
  const present = known(true, 'Xen', from);
  return capabilities?.includes('control_d') === true
    ? { present, guestOf: known(null, 'Xen control domain', from) }
    : { present, guestOf: known('Xen', 'Xen guest domain', from) };
};

/**
 * Decides by what a product itself puts there: DMI names, the Xen interface, PCI devices, the partition's description;
 * at last by the processor's `hypervisor` flag, which does not say whose it is.
 */
export const readGuest = (
  tree: LinuxTree,
  cpu: CpuInfo | null,
  manufacturer: Fact<string>,
  model: Fact<string>,
): GuestFacts => {
  const guest = (product: string, name: string, from: string): GuestFacts => ({
    present: known(true, name, from),
    guestOf: known(product, name, from),
  });
  const xen = xenFacts(tree);
  if (xen) return xen;
  const byDmi = virtualMachineProduct(
    manufacturer.known ? manufacturer.value : undefined,
    model.known ? model.value : undefined,
  );
  if (byDmi !== null) return guest(byDmi, 'DMI system manufacturer and product', '/sys/class/dmi/id');
  const byPci = pciProduct(tree);
  if (byPci !== null) return guest(byPci, 'PCI device of a virtual machine', '/proc/bus/pci/devices');
  if (cpu?.architecture === 's390') {
    const product = s390Product(tree);
    if (product !== null) return guest(product, 'Control Program', '/proc/sysinfo');
  }
  if (cpu?.architecture === 'powerpc') {
    const product = powerProduct(tree);
    if (product !== null) return guest(product, 'hypervisor of the device tree', '/proc/device-tree');
  }
  if (
    /^User Mode Linux$/im.test(/^vendor_id\s*:\s*(.*)$/m.exec(textOf(tree, '/proc/cpuinfo') ?? '')?.[1]?.trim() ?? '')
  )
    return guest('User Mode Linux', 'vendor_id', '/proc/cpuinfo');
  const signs = findGuestSigns(traitsOf(tree, cpu, manufacturer, model));
  const proof = signs.find(({ isProof }) => isProof);
  if (proof) return guest(proof.product, 'signs of a virtual machine', signs.map(({ seen }) => seen).join('; '));
  const release = textOf(tree, '/proc/sys/kernel/osrelease') ?? '';
  if (/microsoft/i.test(release))
    return guest('Hyper-V', 'kernel of the Windows Subsystem for Linux', '/proc/sys/kernel/osrelease');
  if (cpu?.hypervisorFlag === true) return guest('a hypervisor without a name', 'flag hypervisor', '/proc/cpuinfo');

  const present: Fact<boolean> =
    cpu?.hypervisorFlag === false
      ? known(false, 'flag hypervisor', '/proc/cpuinfo')
      : unknownFact('flag hypervisor', 'notReported', '/proc/cpuinfo does not show whether a hypervisor runs.');
  // The processor's own word that no hypervisor runs is the best witness; without it make and model alone prove nothing.
  const isForeign =
    cpu !== null && cpu.architecture !== null && cpu.architecture !== 'x64' && cpu.architecture !== 'x86';
  if (manufacturer.known && model.known && !present.known && !isForeign)
    return {
      present,
      guestOf: judgeGuest(
        traitsOf(tree, cpu, manufacturer, model),
        'DMI system manufacturer and product',
        '/sys/class/dmi/id',
      ),
    };
  if (manufacturer.known && model.known)
    return { present, guestOf: known(null, 'DMI system manufacturer and product', manufacturer.from) };
  return {
    present,
    guestOf: unknownFact(
      'DMI system manufacturer and product',
      manufacturer.known ? (model.known ? 'notReported' : model.cause) : manufacturer.cause,
      manufacturer.known ? (model.known ? '' : model.because) : manufacturer.because,
    ),
  };
};
