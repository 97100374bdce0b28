import type { CaseVerdict, QualificationCase, QualificationReport } from '../../../shared/model/qualification.ts';
import type { QualificationComparison } from '../../../shared/model/qualification-comparison.ts';
import { printable, type Paint, type StyleName } from './style.ts';
import { renderTable } from './table.ts';

export const mebibytes = (bytes: string | null): string =>
  bytes === null ? 'unknown' : `${BigInt(bytes) / 1048576n} MiB`;

const marks: Record<CaseVerdict, { mark: string; style: StyleName }> = {
  passed: { mark: '\u2713', style: 'green' },
  failed: { mark: '\u2717', style: 'red' },
  inconclusive: { mark: '?', style: 'magenta' },
  skipped: { mark: '\u2013', style: 'dim' },
};

/** A case in a line or a few; a reason that the case before gave already is not repeated. */
const renderCase = (one: QualificationCase, before: QualificationCase | undefined, paint: Paint): string[] => {
  const { mark, style } = marks[one.verdict];
  const informs = one.required || one.verdict === 'skipped' ? '' : ' (informs)';
  const lines = [
    `${paint(style, `${mark} ${one.verdict.padEnd(12)}`)} ${one.id.padEnd(46)} ${printable(one.title)}${informs}`,
  ];
  if (one.because && one.because !== before?.because) lines.push(`    ${printable(one.because)}`);
  if (one.verdict === 'failed') {
    lines.push(`    For the cluster: ${one.meaning}`);
    lines.push(`    Ask the vendor:  ${one.askVendor}`);
  }
  return lines;
};

/** A qualification as text: the answer first, then every case. */
export const renderQualification = (report: QualificationReport, paint: Paint): string => {
  const style = { qualified: 'green', notQualified: 'red', inconclusive: 'magenta' } as const;
  const { lun } = report;
  return [
    paint(style[report.verdict], paint('bold', printable(report.sentence))),
    printable(
      `LUN ${lun.lun} of ${report.target}: ${mebibytes(lun.sizeBytes)}, serial ${lun.serial ?? 'none'}, ${lun.identity ?? 'no identity'}`,
    ),
    ...(report.isRehearsal ? ['This is a simulated target of a rehearsal.'] : []),
    ...(report.oneName ? ['The target admits one initiator name: the two initiators were two ISIDs of it.'] : []),
    '',
    ...report.cases.flatMap((one, at) => renderCase(one, report.cases[at - 1], paint)),
  ].join('\n');
};

const shapes = { same: '\u2713 same', different: '\u2717 different', unknown: '? unknown' } as const;

/** A comparison as text: the answer, then all that must match, then what differs among the rest. */
export const renderQualificationComparison = (comparison: QualificationComparison, paint: Paint): string => {
  const style = comparison.verdict === 'match' ? 'green' : comparison.verdict === 'differ' ? 'red' : 'magenta';
  const shown = [
    ...comparison.rows.filter(({ match }) => match === 'must'),
    ...comparison.rows.filter(({ match, outcome }) => match !== 'must' && outcome !== 'same'),
  ];
  const table = renderTable(
    [
      { title: 'WHAT', maxWidth: 46 },
      { title: '' },
      { title: 'OUTCOME' },
      ...comparison.reports.map(({ name }) => ({ title: name, maxWidth: 34 })),
    ],
    shown.map((row) => [
      row.group === 'case' ? row.id : row.title,
      row.match === 'must' ? 'must match' : '',
      shapes[row.outcome],
      ...row.values.map((value) => value ?? 'not known'),
    ]),
  );
  return [
    paint(style, paint('bold', printable(comparison.sentence))),
    '',
    ...comparison.reports.map(({ name, sentence }) => printable(`${name}: ${sentence}`)),
    '',
    table,
  ].join('\n');
};
