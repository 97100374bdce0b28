import type { QualificationCase, QualificationReport, QualificationVerdict } from '../model/qualification.ts';
import type { QualificationComparison } from '../model/qualification-comparison.ts';
import { zonedTime } from '../model/time.ts';

type Row = QualificationComparison['rows'][number];

const yesNo = (value: boolean | null): string | null => (value === null ? null : value ? 'yes' : 'no');

/** What a logical unit says of itself. `isIdentity`: two views of one unit must agree on it. */
const unitRows: readonly {
  readonly id: string;
  readonly title: string;
  readonly isIdentity: boolean;
  readonly read: (report: QualificationReport) => string | null;
}[] = [
  { id: 'identity', title: 'Identity (VPD page 83h)', isIdentity: true, read: ({ lun }) => lun.identity },
  { id: 'serial', title: 'Serial number', isIdentity: true, read: ({ lun }) => lun.serial },
  { id: 'size', title: 'Size in bytes', isIdentity: true, read: ({ lun }) => lun.sizeBytes },
  {
    id: 'blockSize',
    title: 'Block size in bytes',
    isIdentity: true,
    read: ({ lun }) => (lun.blockSizeBytes === null ? null : String(lun.blockSizeBytes)),
  },
  { id: 'device', title: 'Device', isIdentity: true, read: ({ lun }) => `${lun.vendor} ${lun.product}`.trim() || null },
  { id: 'revision', title: 'Revision', isIdentity: false, read: ({ lun }) => lun.revision || null },
  { id: 'thin', title: 'Thin', isIdentity: true, read: ({ lun }) => yesNo(lun.isThin) },
  { id: 'writeProtected', title: 'Write protected', isIdentity: true, read: ({ lun }) => yesNo(lun.isWriteProtected) },
  { id: 'alua', title: 'ALUA', isIdentity: false, read: ({ lun }) => yesNo(lun.supportsAlua) },
];

/** What was asked: where it differs, verdicts are no like for like. */
const askedRows: readonly {
  readonly id: string;
  readonly title: string;
  readonly read: (report: QualificationReport) => string;
}[] = [
  { id: 'purpose', title: 'Purpose', read: ({ purpose }) => purpose },
  { id: 'nodes', title: 'Nodes x paths', read: ({ nodes, paths }) => `${nodes} x ${paths}` },
  { id: 'portals', title: 'Portals', read: ({ portals }) => String(portals.length) },
  {
    id: 'allowed',
    title: 'Allowed',
    read: ({ allowed }) =>
      [allowed.reservations ? 'reservations' : '', allowed.dataLoss ? 'writing' : ''].filter(Boolean).join(', ') ||
      'reading only',
  },
  { id: 'oneName', title: 'One initiator name', read: ({ oneName }) => (oneName ? 'yes' : 'no') },
  { id: 'version', title: 'Quorate', read: ({ tool }) => tool.version },
];

const outcomeOf = (values: readonly (string | null)[]): Row['outcome'] => {
  const known = new Set(values.filter((value) => value !== null));
  if (known.size > 1) return 'different';
  return values.includes(null) ? 'unknown' : 'same';
};

const unique = (texts: readonly string[]): string[] => [...new Set(texts)];

/** A verdict counts as known where the case was decided. */
const decided = (one: QualificationCase | undefined): string | null =>
  one && (one.verdict === 'passed' || one.verdict === 'failed') ? one.verdict : null;

const accessText = (report: QualificationReport, type: string): string | null => {
  const row = report.accessTable.find((one) => one.type === type);
  if (!row) return null;
  const { registeredMayRead, registeredMayWrite, unregisteredMayRead, unregisteredMayWrite } = row;
  if ([registeredMayRead, registeredMayWrite, unregisteredMayRead, unregisteredMayWrite].includes(null))
    return 'type not there';
  const words = (read: boolean | null, write: boolean | null): string => `${read ? 'R' : '-'}${write ? 'W' : '-'}`;
  return `registered ${words(registeredMayRead, registeredMayWrite)}, others ${words(unregisteredMayRead, unregisteredMayWrite)}`;
};

const count = (number: number, one: string, many: string): string =>
  number === 1 ? `One ${one}` : `${number} ${many}`;

/** Two or more reports get the shortest names that tell them apart; server and LUN are always among them. */
const nameReports = (reports: readonly QualificationReport[]): string[] => {
  const forms: readonly ((report: QualificationReport) => string)[] = [
    ({ machine, lun }) => `${machine}: LUN ${lun.lun}`,
    ({ machine, target, lun }) => `${machine}: LUN ${lun.lun} of ${target}`,
    ({ machine, lun, startedAt }) => `${machine}: LUN ${lun.lun}, ${zonedTime(startedAt)}`,
  ];
  for (const form of forms) {
    const names = reports.map(form);
    if (new Set(names).size === names.length) return names;
  }
  return reports.map((report, at) => `${at + 1}: ${report.target} LUN ${report.lun.lun}`);
};

const verdictWords: Readonly<Record<QualificationVerdict, string>> = {
  qualified: 'qualified',
  notQualified: 'not qualified',
  inconclusive: 'inconclusive',
};

/** What the reports say for themselves: that all are alike must never read as if all were well. */
const describeVerdicts = (reports: readonly QualificationReport[]): string => {
  const [first, ...others] = unique(reports.map(({ verdict }) => verdictWords[verdict]));
  if (others.length === 0)
    return `${reports.length === 2 ? 'Both' : `All ${reports.length}`} are ${first ?? 'unknown'}.`;
  return `Verdicts: ${reports.map(({ verdict }) => verdictWords[verdict]).join(', ')}.`;
};

/**
 * Puts two or more qualifications side by side. Pure. What must match: the verdict of every case on which a verdict rests
 * and, where all of them look at one target and LUN, what makes it one device.
 */
export const compareQualifications = (reports: readonly QualificationReport[]): QualificationComparison => {
  const isOneUnit = new Set(reports.map(({ target, lun }) => `${target}\n${lun.lun}`)).size === 1;
  const rows: Row[] = [];
  const add = (row: Omit<Row, 'outcome'>): void => void rows.push({ ...row, outcome: outcomeOf(row.values) });

  for (const { id, title, isIdentity, read } of unitRows)
    add({
      id: `unit.${id}`,
      title,
      group: 'unit',
      match: isOneUnit && isIdentity ? 'must' : 'info',
      values: reports.map(read),
    });
  for (const { id, title, read } of askedRows)
    add({ id: `asked.${id}`, title, group: 'asked', match: 'info', values: reports.map(read) });

  const caseOf = (report: QualificationReport, id: string): QualificationCase | undefined =>
    report.cases.find((one) => one.id === id);
  const ids = unique(reports.flatMap(({ cases }) => cases.map(({ id }) => id)));
  for (const id of ids) {
    const all = reports.map((report) => caseOf(report, id));
    // A case that one of them could not run (one portal, no blank disk) tells nothing about the devices.
    const isSkipped = all.some((one) => one?.verdict === 'skipped');
    rows.push({
      id,
      title: all.find((one) => one !== undefined)?.title ?? id,
      group: 'case',
      match: !isSkipped && all.some((one) => one?.required === true) ? 'must' : 'info',
      outcome: outcomeOf(all.map(decided)),
      values: all.map((one) => one?.verdict ?? null),
    });
  }
  for (const type of unique(reports.flatMap(({ accessTable }) => accessTable.map((row) => row.type))))
    add({
      id: `access.${type}`,
      title: `Access under ${type}`,
      group: 'access',
      match: 'info',
      values: reports.map((report) => accessText(report, type)),
    });
  for (const id of ids)
    for (const name of unique(reports.flatMap((report) => Object.keys(caseOf(report, id)?.figures ?? {}))))
      add({
        id: `figure.${id}.${name}`,
        title: `${id}: ${name}`,
        group: 'figure',
        match: 'info',
        values: reports.map((report) => {
          const value = caseOf(report, id)?.figures[name];
          return value === undefined ? null : String(value);
        }),
      });

  const must = rows.filter(({ match }) => match === 'must');
  const different = must.filter(({ outcome }) => outcome === 'different');
  const unknown = must.filter(({ outcome }) => outcome === 'unknown');
  const names = nameReports(reports);
  const list = (some: readonly Row[]): string =>
    `${some
      .slice(0, 5)
      .map(({ title }) => title)
      .join('; ')}${some.length > 5 ? `; and ${some.length - 5} more` : ''}`;
  return {
    schema: 'quorate.qualification-comparison/1',
    reports: reports.map((report, at) => ({
      name: names[at] ?? report.target,
      machine: report.machine,
      target: report.target,
      lun: report.lun.lun,
      verdict: report.verdict,
      sentence: report.sentence,
      at: report.startedAt,
    })),
    isOneUnit,
    verdict: different.length > 0 ? 'differ' : unknown.length > 0 ? 'unknown' : 'match',
    sentence: `${describeVerdicts(reports)} ${
      different.length > 0
        ? `${count(different.length, 'thing that must match differs', 'things that must match differ')}: ${list(different)}.`
        : unknown.length > 0
          ? `${count(unknown.length, 'thing that must match is not proven everywhere', 'things that must match are not proven everywhere')}: ${list(unknown)}.`
          : isOneUnit
            ? 'Every report sees one device, and every case that counts ended alike.'
            : 'Every case that counts ended alike.'
    }`,
    rows,
  };
};
