import { cleanText, known, unknownFact, type AnyFact, type Fact, type UnknownFact } from '../../shared/model/fact.ts';
import type { HostFacts } from '../../shared/model/facts.ts';
import { isFirmwarePlaceholder } from '../../shared/model/virtual-machine.ts';
import { factsFromWmi } from '../../shared/model/wmi-facts.ts';
import { parseCpuInfo, type CpuInfo } from './cpuinfo.ts';
import { readGuest } from './guest.ts';
import { readNics } from './nics.ts';
import type { LinuxTree } from './tree.ts';

const textFact = (tree: LinuxTree, path: string, name: string): Fact<string> => {
  const read = tree.readText(path);
  if (!read.ok)
    return read.reason === 'absent'
      ? unknownFact(name, 'notCollected', `${path} is not in ${tree.isLive ? 'this system' : 'the captured tree'}.`)
      : unknownFact(name, 'notReadable', `${path} cannot be read (${read.message}); root may.`);
  const text = cleanText(read.text.replace(/\0+$/, ''));
  if (text === '') return unknownFact(name, 'notReported', `${path} is empty.`);
  return isFirmwarePlaceholder(text)
    ? unknownFact(name, 'notReported', `${path} holds the placeholder "${text}".`)
    : known(text, name, path);
};

const firstKnown = (first: Fact<string>, ...others: readonly (() => Fact<string>)[]): Fact<string> => {
  if (first.known) return first;
  for (const other of others) {
    const fact = other();
    if (fact.known) return fact;
  }
  return first;
};

/** DMI type 0 and 1 as the kernel shows them; boards without DMI have a device tree, mainframes /proc/sysinfo. */
const dmi = '/sys/class/dmi/id';

const sysinfoFact = (tree: LinuxTree, key: string, name: string): Fact<string> => {
  const read = tree.readText('/proc/sysinfo');
  const value = read.ok ? new RegExp(`^${key}:[ \\t]*(\\S.*?)\\s*$`, 'm').exec(read.text)?.[1] : undefined;
  return value === undefined
    ? unknownFact(name, 'notCollected', '/proc/sysinfo does not show it.')
    : known(cleanText(value), name, '/proc/sysinfo');
};

/** DMI writes dates as mm/dd/yyyy. */
const dmiDate = (fact: Fact<string>): Fact<string> => {
  if (!fact.known) return fact;
  const match = /^(\d{2})\/(\d{2})\/(\d{4})$/.exec(fact.value);
  return match
    ? { ...fact, value: `${match[3]}-${match[1]}-${match[2]}` }
    : unknownFact(fact.name, 'notReadable', `${fact.from} holds "${fact.value}", which is not a date.`);
};

const readMemory = (tree: LinuxTree): Fact<string> => {
  const read = tree.readText('/proc/meminfo');
  const name = 'MemTotal';
  if (!read.ok)
    return unknownFact(
      name,
      read.reason === 'absent' ? 'notCollected' : 'notReadable',
      `/proc/meminfo is not in ${tree.isLive ? 'this system' : 'the captured tree'}.`,
    );
  const kilobytes = /^MemTotal:\s+(\d{1,16}) kB$/m.exec(read.text)?.[1];
  return kilobytes === undefined
    ? unknownFact(name, 'notReadable', '/proc/meminfo has no line MemTotal in kB.')
    : known(String(BigInt(kilobytes) * 1024n), name, '/proc/meminfo');
};

/**
 * The device proves that virtualization is switched on and in use. On a running system the node alone does not: it may
 * have been made before any module was loaded, so the driver has to be registered as well.
 */
const readKvm = (tree: LinuxTree): Fact<boolean> => {
  const path = '/dev/kvm';
  if (tree.exists(path) && (!tree.isLive || tree.exists('/sys/class/misc/kvm'))) return known(true, path, path);
  return unknownFact(path, 'notReported', `${path} is not in use there, which proves nothing.`);
};

const readCaption = (tree: LinuxTree): Fact<string> => {
  const name = 'PRETTY_NAME';
  for (const path of ['/etc/os-release', '/usr/lib/os-release']) {
    const read = tree.readText(path);
    const value = read.ok ? /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(read.text)?.[1] : undefined;
    if (value !== undefined) return known(cleanText(value), name, path);
  }
  return unknownFact(name, 'notCollected', '/etc/os-release does not name the system.');
};

const firmwareKind = (tree: LinuxTree, cpu: CpuInfo | null): HostFacts['firmware']['kind'] => {
  const name = '/sys/firmware/efi';
  if (tree.exists(name)) return known('uefi', name, name);
  const isPc = cpu?.architecture === 'x64' || cpu?.architecture === 'x86';
  return tree.isLive && isPc && tree.exists('/sys/firmware')
    ? known('bios', name, '/sys/firmware has no efi')
    : unknownFact(name, 'notCollected', `${name} is not in ${tree.isLive ? 'this system' : 'the captured tree'}.`);
};

/** Facts that only Windows has, under the names that it gives them. */
const windowsOnly = <Group extends Record<string, AnyFact>>(group: Group): Record<keyof Group, UnknownFact> =>
  Object.fromEntries(
    Object.entries(group).map(([key, { name }]) => [
      key,
      unknownFact(name, 'notCollected', 'This machine does not run Windows.'),
    ]),
  ) as Record<keyof Group, UnknownFact>;

export interface LinuxFactsOrigin {
  readonly collectedAt: string;
  readonly version: string;
  /** The tree's folder; null for the live machine. */
  readonly sysroot: string | null;
}

/** Reads the facts of a Linux machine from its file tree; nothing is started and nothing is written. */
export const readLinuxFacts = (tree: LinuxTree, origin: LinuxFactsOrigin): HostFacts => {
  const cpuText = tree.readText('/proc/cpuinfo');
  const cpu = cpuText.ok ? parseCpuInfo(cpuText.text) : null;
  const manufacturer = firstKnown(textFact(tree, `${dmi}/sys_vendor`, 'DMI system manufacturer'), () =>
    sysinfoFact(tree, 'Manufacturer', 'machine manufacturer'),
  );
  const model = firstKnown(
    textFact(tree, `${dmi}/product_name`, 'DMI product name'),
    () => textFact(tree, '/proc/device-tree/model', 'device tree model'),
    () => sysinfoFact(tree, 'Type', 'machine type'),
  );
  const guest = readGuest(tree, cpu, manufacturer, model);
  const name = firstKnown(textFact(tree, '/proc/sys/kernel/hostname', 'hostname'), () =>
    textFact(tree, '/etc/hostname', 'hostname'),
  );
  // What Windows' classes would tell, all of it unknown here: a new fact of theirs needs no line in this file.
  const windows = factsFromWmi([], {
    collectedAt: origin.collectedAt,
    collectedBy: { tool: 'quorate', version: origin.version },
    source: origin.sysroot === null ? { kind: 'live', names: [] } : { kind: 'sysroot', names: [origin.sysroot] },
    notes: [],
  });
  return {
    ...windows,
    platform: 'linux',
    machine: {
      name,
      names: name.known ? [name.value] : [],
      manufacturer,
      model,
      serialNumber: textFact(tree, `${dmi}/product_serial`, 'DMI serial number'),
      uuid: textFact(tree, `${dmi}/product_uuid`, 'DMI UUID'),
    },
    firmware: {
      vendor: textFact(tree, `${dmi}/bios_vendor`, 'DMI BIOS vendor'),
      version: textFact(tree, `${dmi}/bios_version`, 'DMI BIOS version'),
      releaseDate: dmiDate(textFact(tree, `${dmi}/bios_date`, 'DMI BIOS release date')),
      kind: firmwareKind(tree, cpu),
      secureBoot: unknownFact('SecureBoot', 'notCollected', 'It is not read on Linux.'),
    },
    processors:
      cpu && cpu.processors.length > 0
        ? known(cpu.processors, 'processor', '/proc/cpuinfo')
        : unknownFact(
            'processor',
            cpuText.ok ? 'notReadable' : 'notCollected',
            cpuText.ok
              ? '/proc/cpuinfo holds no processor that can be read.'
              : `/proc/cpuinfo is not in ${tree.isLive ? 'this system' : 'the captured tree'}.`,
          ),
    hypervisor: {
      ...windowsOnly(windows.hypervisor),
      ...guest,
      kvmDevice: readKvm(tree),
    },
    memory: {
      visibleBytes: readMemory(tree),
      installedBytes: unknownFact('memory modules', 'notCollected', 'The memory modules were not asked for.'),
    },
    os: {
      ...windowsOnly(windows.os),
      caption: readCaption(tree),
      version: textFact(tree, '/proc/sys/kernel/osrelease', 'kernel release'),
    },
    nics: readNics(tree),
    time: windowsOnly(windows.time),
    domain: windowsOnly(windows.domain),
    tpm: {
      present: tree.exists('/sys/class/tpm/tpm0')
        ? known(true, '/sys/class/tpm/tpm0', '/sys/class/tpm')
        : unknownFact('/sys/class/tpm/tpm0', 'notReported', 'The kernel shows no TPM, which proves nothing.'),
      specVersion: textFact(tree, '/sys/class/tpm/tpm0/tpm_version_major', 'TPM version'),
    },
  };
};
