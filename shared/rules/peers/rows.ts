import type { ServerFacts } from '../../model/consistency.ts';
import { valueOf, type AnyFact, type Fact } from '../../model/fact.ts';
import type { ProcessorFacts } from '../../model/facts.ts';
import { installationText } from '../../model/host.ts';
import { localeText } from '../../model/language.ts';
import { makerText } from '../../model/processor-maker.ts';
import { whyUnread } from '../../model/observed.ts';
import { formatSize } from '../../model/size.ts';
import { windowsServerTitle } from '../../model/windows-server.ts';
import { serverSkus } from '../os-profiles.ts';
import { runningServer } from '../os-version.ts';

/** A value as it is compared and shown, or why there is none. */
export type Cell =
  | { readonly value: string; readonly because: null }
  | { readonly value: null; readonly because: string };

export const told = (value: string): Cell => ({ value, because: null });
export const untold = (because: string): Cell => ({ value: null, because });

/** A value that has to be the same on all servers. */
export interface AlikeRow {
  readonly id: string;
  readonly title: string;
  /** What a difference is: a refusal of Windows or a loss of function is `fail`, what only should match is `warn`. */
  readonly ifDifferent: 'fail' | 'warn';
  readonly means: string;
  readonly next: string;
  readonly source: string;
  readonly read: (server: ServerFacts) => Cell;
}

/** What no two servers may share. */
export interface UniqueRow {
  readonly id: string;
  readonly title: string;
  readonly means: string;
  readonly next: string;
  readonly source: string;
  /** Each thing that has to be unique; a text where they could not be read. */
  readonly read: (server: ServerFacts) => readonly string[] | string;
}

const ofFact = <Value>(fact: Fact<Value>, show: (value: Value) => string = String): Cell =>
  fact.known ? told(show(fact.value)) : untold(fact.because);

const ofSockets = (
  { facts }: ServerFacts,
  pick: (processor: ProcessorFacts) => AnyFact,
  show: (value: unknown) => string = String,
): Cell => {
  const processors = facts.processors;
  if (!processors.known) return untold(processors.because);
  const texts = new Set<string>();
  for (const processor of processors.value) {
    const fact = pick(processor);
    if (!fact.known) return untold(fact.because);
    texts.add(show(fact.value));
  }
  return told([...texts].sort().join(', '));
};

const yesOrNo = (value: unknown): string => (value === true ? 'yes' : 'no');
const listText = (values: readonly string[]): string => [...new Set(values)].sort().join(', ') || 'none';

/** A MAC or GUID without the marks that systems set differently. */
const bareHex = (text: string): string => text.toUpperCase().replace(/[^0-9A-F]/g, '');
const nicsUnread = (server: ServerFacts): string => whyUnread(server, 'nics') ?? 'the adapters were not read';

const validation = 'Microsoft, Test-Cluster, system configuration tests:';

/** The features that Hyper-V asks of a processor. While a hypervisor runs Windows does not report them, and they are unknown. */
const featureRow = (id: string, title: string, pick: (processor: ProcessorFacts) => AnyFact): AlikeRow => ({
  id,
  title,
  ifDifferent: 'fail',
  means: 'Hyper-V needs it on every node.',
  next: 'Run "quorate readiness" on the server that says no.',
  source: 'Microsoft, System requirements for Hyper-V on Windows Server; Win32_Processor class',
  read: (server) => {
    const { present } = server.facts.hypervisor;
    if (server.facts.platform === 'windows' && valueOf(present) === true)
      return untold(
        'a hypervisor runs, so Windows does not report it; "quorate readiness" judges it by other evidence',
      );
    return ofSockets(server, pick, yesOrNo);
  },
});

export const alikeRows: readonly AlikeRow[] = [
  {
    id: 'os.version',
    title: 'Windows Server release',
    ifDifferent: 'fail',
    means: 'All nodes of a new cluster run the same release.',
    next: 'Install the same release on every server.',
    source: `${validation} Validate Operating System Version`,
    read: ({ facts }) => {
      const running = runningServer(facts);
      if (running) return told(windowsServerTitle(running));
      return running === null ? ofFact(facts.os.caption) : ofFact(facts.os.version);
    },
  },
  {
    id: 'os.edition',
    title: 'Edition',
    ifDifferent: 'fail',
    means: 'The nodes of a cluster run the same edition.',
    next: 'Install the same edition on every server.',
    source: `${validation} Validate Operating System Edition`,
    read: ({ facts }) => ofFact(facts.os.sku, (sku) => serverSkus[sku]?.title ?? `edition number ${sku}`),
  },
  {
    id: 'os.installation',
    title: 'Installation option',
    ifDifferent: 'warn',
    means: 'Server Core and Desktop Experience should not be mixed.',
    next: 'Install all servers with the same option.',
    source: `${validation} Validate Operating System Installation Option`,
    read: ({ facts }) => ofFact(facts.os.installationType, installationText),
  },
  {
    id: 'os.build',
    title: 'Build',
    ifDifferent: 'warn',
    means: 'Different update levels are a known cause of failures.',
    next: 'Install the same updates on every server.',
    source: `${validation} Validate Software Update Levels`,
    read: ({ facts }) => ofFact(facts.os.version),
  },
  {
    id: 'os.updateRevision',
    title: 'Update revision',
    ifDifferent: 'warn',
    means: 'Different update levels are a known cause of failures.',
    next: 'Install the same cumulative update on every server.',
    source: `${validation} Validate Software Update Levels`,
    read: ({ facts }) => ofFact(facts.os.updateRevision, String),
  },
  {
    id: 'os.updates',
    title: 'Installed updates',
    ifDifferent: 'warn',
    means: 'Different update levels are a known cause of failures.',
    next: 'Install the same updates on every server.',
    source: `${validation} Validate Software Update Levels`,
    read: ({ facts }) => ofFact(facts.os.updates, listText),
  },
  {
    id: 'os.systemDrive',
    title: 'System drive',
    ifDifferent: 'fail',
    means: 'The nodes of a cluster have Windows on the same drive letter.',
    next: 'Install Windows on the same drive letter on every server.',
    source: `${validation} Validate System Drive Variable`,
    read: ({ facts }) => ofFact(facts.os.systemDrive),
  },
  {
    id: 'os.locale',
    title: 'Locale',
    ifDifferent: 'warn',
    means: 'Different locales on the nodes are a known cause of failures.',
    next: 'Set the same system locale on every server.',
    source: 'Microsoft, Win32_OperatingSystem class (Locale)',
    read: ({ facts }) => ofFact(facts.os.locale, localeText),
  },
  {
    id: 'cpu.architecture',
    title: 'Processor architecture',
    ifDifferent: 'fail',
    means: 'All nodes have the same processor architecture.',
    next: 'Use servers of one architecture.',
    source: `${validation} Validate Same Processor Architecture`,
    read: (server) => ofSockets(server, ({ architecture }) => architecture),
  },
  {
    id: 'cpu.vendor',
    title: 'Processor maker',
    ifDifferent: 'fail',
    means: 'A running virtual machine cannot be moved between processors of different makers.',
    next: 'Use servers with processors of one maker.',
    source: 'Microsoft, Test-Cluster, Hyper-V configuration: Validate Matching Processor Manufacturers',
    read: (server) =>
      ofSockets(
        server,
        ({ vendor }) => vendor,
        (vendor) => makerText(String(vendor)),
      ),
  },
  {
    id: 'cpu.model',
    title: 'Processor',
    ifDifferent: 'warn',
    means: 'Live migration between different models needs processor compatibility on each virtual machine.',
    next: 'Set processor compatibility for virtual machines that are to move live.',
    source: 'Microsoft, Processor compatibility mode in Hyper-V',
    read: (server) => ofSockets(server, ({ name }) => name),
  },
  featureRow('cpu.virtualization', 'Hardware virtualization', (processor) => processor.virtualizationExtensions),
  featureRow('cpu.slat', 'Second-level address translation', (processor) => processor.secondLevelAddressTranslation),
  {
    id: 'memory',
    title: 'Memory',
    ifDifferent: 'warn',
    means: 'The nodes that are left must hold the virtual machines of the one that failed.',
    next: 'Plan for the loss of the server with the most memory: "quorate availability".',
    source: 'Microsoft, Failover clustering hardware requirements and storage options (matching computers)',
    read: ({ facts }) => {
      const { installedBytes, visibleBytes } = facts.memory;
      return ofFact(installedBytes.known ? installedBytes : visibleBytes, formatSize);
    },
  },
  {
    id: 'domain',
    title: 'Domain',
    ifDifferent: 'fail',
    means: 'The nodes of a cluster are members of one domain, or none of them is.',
    next: 'Join all servers to the same domain, or none.',
    source: 'Microsoft, Create a failover cluster (prerequisites); Validate Active Directory Configuration',
    read: ({ facts }) => {
      const { joined, name } = facts.domain;
      if (!joined.known) return untold(joined.because);
      return joined.value ? ofFact(name, (text) => text.toLowerCase()) : told('no domain');
    },
  },
  {
    id: 'nic.names',
    title: 'Names of the network adapters',
    ifDifferent: 'warn',
    means: 'The same name for the same network on every server keeps scripts and people from the wrong one.',
    next: 'Rename the adapters alike: "quorate nic rename".',
    source: 'Microsoft, Rename-NetAdapter',
    read: (server) =>
      server.nics
        ? told(listText(server.nics.filter(({ isHardware }) => isHardware).map(({ name }) => name)))
        : untold(nicsUnread(server)),
  },
  {
    id: 'switch.names',
    title: 'Virtual switches',
    ifDifferent: 'warn',
    means: 'A virtual machine keeps its network after a move only where a virtual switch of the same name is.',
    next: 'Give every server a virtual switch of the same name.',
    source: 'Microsoft, Troubleshoot live migration issues (event 21502, switch missing on the destination)',
    read: (server) =>
      server.nics
        ? told(listText(server.nics.flatMap(({ switchName }) => (switchName === null ? [] : [switchName]))))
        : untold(nicsUnread(server)),
  },
];

export const uniqueRows: readonly UniqueRow[] = [
  {
    id: 'clone.name',
    title: 'Computer name',
    means: 'two servers have the same name',
    next: 'Rename one of them: "quorate host rename".',
    source: 'Microsoft KB909264, Naming conventions in Active Directory',
    read: ({ facts }) =>
      facts.machine.name.known ? [facts.machine.name.value.toUpperCase()] : facts.machine.name.because,
  },
  {
    id: 'clone.uuid',
    title: 'SMBIOS UUID',
    means:
      'two servers show the same hardware: one is a copy of the other’s virtual machine, or its firmware was set wrong',
    next: 'Give the copy a UUID of its own, or compare two different servers.',
    source: 'DMTF DSP0134, System Information (type 1), UUID; Win32_ComputerSystemProduct.UUID',
    read: ({ facts }) => {
      const { uuid } = facts.machine;
      if (!uuid.known) return uuid.because;
      // All zeros and all ones mean that none was set (DSP0134, 7.2.1).
      return /^[0-]+$|^[Ff-]+$/.test(uuid.value) ? 'its firmware has none' : [bareHex(uuid.value)];
    },
  },
  {
    id: 'clone.machineSid',
    title: 'Machine SID',
    means:
      'two servers have the same machine SID: one Windows is a copy of the other, made without Sysprep. Windows Server 2025 refuses Kerberos and NTLM between them, and failover clustering ends with "access denied"',
    next: 'Reinstall one of them from an image generalized with Sysprep; the SID of a running server cannot be changed.',
    source:
      'Microsoft KB5070568, Kerberos and NTLM authentication failures due to duplicate SIDs; Microsoft KB314828, policy for disk duplication of Windows installations',
    read: (server) =>
      server.machineSid === null
        ? (whyUnread(server, 'machineSid') ?? 'its version of Quorate does not tell it')
        : [server.machineSid],
  },
  {
    id: 'clone.mac',
    title: 'MAC addresses',
    means: 'two adapters have the same address: frames reach one or the other',
    next: 'Remove the address that was set by hand, or give the copied virtual machine new adapters.',
    source: 'Microsoft KB969256 and KB973838 (duplicate and locally administered addresses on cluster nodes); IEEE 802',
    read: (server) => {
      if (server.nics)
        return server.nics.flatMap(({ isHardware, permanentAddress }) =>
          isHardware && permanentAddress !== null ? [bareHex(permanentAddress)] : [],
        );
      const { nics } = server.facts;
      if (!nics.known) return nics.because;
      return nics.value.flatMap(({ kind, macAddress }) =>
        valueOf(kind) === 'ethernet' && macAddress.known ? [bareHex(macAddress.value)] : [],
      );
    },
  },
  {
    id: 'clone.nicGuid',
    title: 'Identities of the network adapters',
    means: 'two adapters have the same GUID: one Windows is a copy of the other, made without Sysprep',
    next: 'Remove the adapter in Device Manager on the copy and let Windows find it again, or reinstall the copy with Sysprep.',
    source: 'Microsoft KB2002405',
    read: (server) =>
      server.nics
        ? server.nics.filter(({ isHardware }) => isHardware).map(({ interfaceGuid }) => bareHex(interfaceGuid))
        : nicsUnread(server),
  },
  {
    id: 'clone.initiatorName',
    title: 'Name of the iSCSI initiator',
    means: 'two servers log on as the same initiator and end each other’s sessions',
    next: 'Give one of them another name: "quorate initiator name".',
    source: 'RFC 7143 section 4.2.7 (an iSCSI name is unique) and section 6.3.5 (session reinstatement)',
    read: (server) =>
      server.initiatorName === null
        ? (whyUnread(server, 'initiatorName') ?? 'it was not read')
        : [server.initiatorName.toLowerCase()],
  },
];
