import { valueOf, type AnyFact } from '../model/fact.ts';
import { installationText } from '../model/host.ts';
import { localeText } from '../model/language.ts';
import { makerText } from '../model/processor-maker.ts';
import { formatSize } from '../model/size.ts';
import type { HostFacts, ProcessorFacts } from '../model/facts.ts';
import type { Comparison, ReadinessReport } from '../model/readiness-report.ts';
import { windowsServerTitle } from '../model/windows-server.ts';
import { serverSkus } from './os-profiles.ts';
import { runningServer } from './os-version.ts';

type Row = Comparison['rows'][number];

interface ComparedRow {
  readonly id: string;
  readonly title: string;
  readonly group: 'hardware' | 'machine' | 'system';
  readonly match: Row['match'];
  readonly why: string;
  /** The value as text; null where it is not known. */
  readonly read: (report: ReadinessReport) => string | null;
}

const textOf = (fact: AnyFact): string | null => {
  if (!fact.known || fact.value === null) return null;
  if (typeof fact.value === 'boolean') return fact.value ? 'yes' : 'no';
  return typeof fact.value === 'string' || typeof fact.value === 'number' ? String(fact.value) : null;
};

/** A value as a person calls it. */
const showing = (value: string | null, show: (value: string) => string): string | null =>
  value === null ? null : show(value);

/** The same fact of every socket as one text; null as soon as one is not known. */
const ofSockets = (
  facts: HostFacts,
  pick: (processor: ProcessorFacts) => AnyFact,
  show: (value: string) => string = String,
): string | null => {
  const values = (valueOf(facts.processors) ?? []).map((processor) => showing(textOf(pick(processor)), show));
  return values.length === 0 || values.includes(null) ? null : [...new Set(values)].sort().join(', ');
};

/** What a check found, as far as it is known. */
const ofCheck =
  (id: string) =>
  (report: ReadinessReport): string | null => {
    const outcome = report.checks.find((check) => check.id === id)?.outcome;
    return outcome === undefined || outcome === 'unknown' || outcome === 'notApplicable' ? null : outcome;
  };

const ports = ({ facts }: ReadinessReport): string | null => {
  const nics = valueOf(facts.nics);
  if (!nics || nics.some((nic) => !nic.kind.known)) return null;
  return String(nics.filter((nic) => valueOf(nic.kind) === 'ethernet').length);
};

/** One table: what is compared, whether it must match, and why. */
const comparedRows: readonly ComparedRow[] = [
  {
    id: 'cpu.architecture',
    title: 'Processor architecture',
    group: 'hardware',
    match: 'must',
    why: 'All nodes of a cluster have the same processor architecture.',
    read: ({ facts }) => ofSockets(facts, (processor) => processor.architecture),
  },
  {
    id: 'cpu.vendor',
    title: 'Processor maker',
    group: 'hardware',
    match: 'must',
    why: 'A running virtual machine cannot be moved between an Intel and an AMD server.',
    read: ({ facts }) => ofSockets(facts, (processor) => processor.vendor, makerText),
  },
  {
    id: 'cpu.name',
    title: 'Processors',
    group: 'hardware',
    match: 'should',
    why: 'Different models of one maker need the processor compatibility setting on each virtual machine that is moved live.',
    read: ({ machine }) => machine.processors,
  },
  {
    id: 'cpu.dep',
    title: 'Hardware data execution prevention',
    group: 'hardware',
    match: 'must',
    why: 'Hyper-V needs it on every node.',
    read: ofCheck('cpu.dep'),
  },
  {
    id: 'cpu.virtualization',
    title: 'Hardware virtualization',
    group: 'hardware',
    match: 'must',
    why: 'Hyper-V needs it on every node.',
    read: ofCheck('cpu.virtualization'),
  },
  {
    id: 'cpu.slat',
    title: 'Second-level address translation',
    group: 'hardware',
    match: 'should',
    why: 'From Windows Server 2016 on Hyper-V needs it on every node.',
    read: ofCheck('cpu.slat'),
  },
  {
    id: 'firmware.virtualization',
    title: 'Virtualization switched on in firmware',
    group: 'hardware',
    match: 'must',
    why: 'Hyper-V needs it on every node.',
    read: ofCheck('firmware.virtualization'),
  },
  {
    id: 'machine.model',
    title: 'Make and model',
    group: 'machine',
    match: 'should',
    why: 'Like servers are easier to validate and to service.',
    read: ({ machine }) =>
      machine.manufacturer === null || machine.model === null ? null : `${machine.manufacturer} ${machine.model}`,
  },
  {
    id: 'machine.firmware',
    title: 'Firmware',
    group: 'machine',
    match: 'should',
    why: 'Different firmware versions can behave differently under the same load.',
    read: ({ machine }) => machine.firmware,
  },
  {
    id: 'machine.physical',
    title: 'Physical server',
    group: 'machine',
    match: 'should',
    why: 'A virtual machine is no node for production.',
    read: ({ facts }) => {
      const guestOf = valueOf(facts.hypervisor.guestOf);
      return guestOf === undefined ? null : (guestOf ?? 'hardware');
    },
  },
  {
    id: 'memory',
    title: 'Memory',
    group: 'machine',
    match: 'should',
    why: 'The node that is left must hold the virtual machines of the one that failed.',
    read: ({ facts }) => {
      const bytes = valueOf(facts.memory.installedBytes) ?? valueOf(facts.memory.visibleBytes);
      return bytes === undefined ? null : formatSize(bytes);
    },
  },
  {
    id: 'nic.count',
    title: 'Physical network ports',
    group: 'machine',
    match: 'should',
    why: 'Every node has a port in every cluster network.',
    read: ports,
  },
  {
    id: 'os.version',
    title: 'Windows Server release',
    group: 'system',
    match: 'must',
    why: 'All nodes of a new cluster run the same release.',
    read: ({ facts, machine }) => {
      const running = runningServer(facts);
      return running ? windowsServerTitle(running) : running === null ? machine.operatingSystem : null;
    },
  },
  {
    id: 'os.edition',
    title: 'Edition',
    group: 'system',
    match: 'must',
    why: 'Test-Cluster compares the editions.',
    read: ({ facts }) => {
      const number = valueOf(facts.os.sku);
      return number === undefined ? null : (serverSkus[number]?.title ?? `edition number ${number}`);
    },
  },
  {
    id: 'os.servicePack',
    title: 'Service pack',
    group: 'system',
    match: 'must',
    why: 'Test-Cluster compares the service pack levels.',
    read: ({ facts }) => textOf(facts.os.servicePack),
  },
  {
    id: 'os.build',
    title: 'Build',
    group: 'system',
    match: 'should',
    why: 'Different update levels on the nodes are a known cause of failures.',
    read: ({ facts }) => textOf(facts.os.version),
  },
  {
    id: 'os.updates',
    title: 'Installed updates',
    group: 'system',
    match: 'should',
    why: 'Test-Cluster compares the software update levels.',
    read: ({ facts }) => {
      const updates = valueOf(facts.os.updates);
      return updates === undefined ? null : [...updates].sort().join(', ') || 'none';
    },
  },
  {
    id: 'os.installation',
    title: 'Installation option',
    group: 'system',
    match: 'should',
    why: 'Test-Cluster compares the installation option (Core or with Desktop Experience).',
    read: ({ facts }) => showing(textOf(facts.os.installationType), installationText),
  },
  {
    id: 'os.locale',
    title: 'Language',
    group: 'system',
    match: 'should',
    why: 'Different locales on the nodes are a known cause of failures.',
    read: ({ facts }) => showing(textOf(facts.os.locale), localeText),
  },
  {
    id: 'domain',
    title: 'Domain',
    group: 'system',
    match: 'must',
    why: 'The nodes of a cluster are members of one domain, or none of them is.',
    read: ({ facts }) => {
      const joined = valueOf(facts.domain.joined);
      if (joined === undefined) return null;
      return joined ? (textOf(facts.domain.name)?.toLowerCase() ?? null) : 'no domain';
    },
  },
  {
    id: 'time.sync',
    title: 'Time source',
    group: 'system',
    match: 'should',
    why: 'Clocks that follow different sources drift apart, and Kerberos allows five minutes.',
    read: ({ facts }) => textOf(facts.time.type),
  },
];

const countText = (count: number, one: string, many: string): string =>
  count === 1 ? `One ${one}` : `${count} ${many}`;

/** Puts two or more servers side by side. Pure. */
export const compareReports = (reports: readonly ReadinessReport[]): Comparison => {
  const rows = comparedRows.map((row): Row => {
    const values = reports.map((report) => row.read(report));
    const outcome = values.includes(null) ? 'unknown' : new Set(values).size === 1 ? 'same' : 'different';
    // Two known values that differ are a difference even while a third is not known.
    const known = new Set(values.filter((value) => value !== null));
    return {
      id: row.id,
      title: row.title,
      group: row.group,
      match: row.match,
      outcome: known.size > 1 ? 'different' : outcome,
      values,
      why: row.why,
    };
  });
  const must = rows.filter((row) => row.match === 'must');
  const different = must.filter((row) => row.outcome === 'different');
  const unknown = must.filter((row) => row.outcome === 'unknown');
  const verdict = different.length > 0 ? 'differ' : unknown.length > 0 ? 'unknown' : 'match';
  const names = (some: readonly Row[]): string => some.map((row) => row.title).join(', ');
  return {
    schema: 'quorate.comparison/1',
    servers: reports.map((report, at) => ({
      name: report.machine.name ?? `server ${at + 1}`,
      verdict: report.verdict,
      sentence: report.sentence,
      judgedFor: report.judgedFor,
      at: report.at,
    })),
    verdict,
    sentence:
      verdict === 'match'
        ? 'All that must match matches.'
        : verdict === 'differ'
          ? `${countText(different.length, 'thing that must match differs', 'things that must match differ')}: ${names(different)}.`
          : `${countText(unknown.length, 'thing that must match is not known on every server', 'things that must match are not known on every server')}: ${names(unknown)}.`,
    rows,
  };
};
