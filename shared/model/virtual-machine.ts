/** What a virtual machine's firmware says of itself, in DMI type 1 (`Win32_ComputerSystem`, /sys/class/dmi/id). */
interface VirtualMachineRow {
  readonly product: string;
  readonly manufacturer?: RegExp;
  readonly model?: RegExp;
}

/**
 * The public identifiers by which a virtual machine can be told from hardware; these are identifiers that the products
 * put into DMI, not display names, and are the same in every language.
 */
const virtualMachineTable: readonly VirtualMachineRow[] = [
  { product: 'Hyper-V', manufacturer: /^Microsoft Corporation$/i, model: /^Virtual Machine$/i },
  { product: 'VMware', manufacturer: /^VMware/i },
  { product: 'VMware', model: /^VMware/i },
  { product: 'VirtualBox', manufacturer: /^innotek GmbH$/i },
  { product: 'VirtualBox', model: /^VirtualBox$/i },
  { product: 'KVM/QEMU', manufacturer: /^QEMU$/i },
  { product: 'KVM/QEMU', manufacturer: /^BOCHS/i },
  { product: 'KVM/QEMU', model: /^(BXPC|Bochs)/i },
  { product: 'KVM/QEMU', model: /^(KVM|Standard PC \(|RHEV Hypervisor|oVirt Node|OpenStack (Nova|Compute))/i },
  { product: 'KVM/QEMU', manufacturer: /^(oVirt|OpenStack Foundation|Red Hat|KubeVirt|Apache Software Foundation)\b/i },
  { product: 'KVM/QEMU', model: /^(KubeVirt|CloudStack|OpenShift Virtualization|Proxmox|Virtuozzo)\b/i },
  { product: 'Xen', manufacturer: /^Xen$/i },
  { product: 'Xen', model: /^HVM domU$/i },
  { product: 'Nutanix AHV', manufacturer: /^Nutanix$/i, model: /^AHV$/i },
  { product: 'Parallels', manufacturer: /^Parallels/i },
  { product: 'bhyve', model: /^BHYVE$/i },
  { product: 'Amazon EC2', manufacturer: /^Amazon EC2$/i, model: /^(?!.*\.metal)/i },
  { product: 'Google Compute Engine', model: /^Google Compute Engine$/i },
  { product: 'DigitalOcean', manufacturer: /^DigitalOcean$/i },
  { product: 'Alibaba Cloud ECS', model: /^Alibaba Cloud ECS$/i },
  { product: 'Apple Virtualization', manufacturer: /^Apple/i, model: /^Apple Virtualization/i },
];

/** The product whose virtual machine this is, or null when make and model are not those of a virtual machine. */
export const virtualMachineProduct = (manufacturer: string | undefined, model: string | undefined): string | null =>
  virtualMachineTable.find(
    (row) =>
      (row.manufacturer === undefined || row.manufacturer.test(manufacturer?.trim() ?? '')) &&
      (row.model === undefined || row.model.test(model?.trim() ?? '')),
  )?.product ?? null;

/** Placeholders that makers leave in firmware where a name should be. */
export const isFirmwarePlaceholder = (text: string): boolean =>
  /^(to be filled by o\.?e\.?m\.?|system (manufacturer|product name|version|serial number)|default string|not (specified|applicable|available|provided)|none|unknown|undefined|invalid|type1(sku|productconfigid)\d*|0?123456789|o\.?e\.?m\.?|n\/a|0+|x+|empty|\.+)$/i.test(
    text.trim(),
  );
