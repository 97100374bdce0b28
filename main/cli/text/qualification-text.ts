import type { Output } from '../../../shared/contract/index.ts';
import {
  describeOneName,
  type CaseVerdict,
  type QualificationCase,
  type QualificationReport,
} from '../../../shared/model/qualification.ts';
import type { QualificationComparison } from '../../../shared/model/qualification-comparison.ts';
import { formatSize } from '../../../shared/model/size.ts';
import { groupAlike } from '../../../shared/model/alike.ts';
import { isUnread, tellFact } from '../../../shared/model/unit-fact.ts';
import { keyFigures, nextStepOf } from './qualification-summary.ts';
import { printable, type Paint, type StyleName } from './style.ts';
import { cellWidth, renderTable, wrapText } from './table.ts';

const marks: Record<CaseVerdict, { mark: string; style: StyleName }> = {
  passed: { mark: '\u2713', style: 'green' },
  failed: { mark: '\u2717', style: 'red' },
  inconclusive: { mark: '?', style: 'magenta' },
  skipped: { mark: '\u2013', style: 'dim' },
};

/** What did not pass comes first: a console shows the beginning and the end. */
const order: readonly CaseVerdict[] = ['failed', 'inconclusive', 'skipped', 'passed'];

/** A case in a line or a few; `count`: of so many the reason is said here, 0: it was said of another case. */
const renderCase = (one: QualificationCase, count: number, paint: Paint, columns: number): string[] => {
  const { mark, style } = marks[one.verdict];
  const informs = one.required || one.verdict === 'skipped' ? '' : ' (informs)';
  const title = `${printable(one.title)}${informs}`;
  const head = `${mark} ${one.verdict.padEnd(12)} ${one.id.padEnd(46)}`;
  const painted = `${paint(style, `${mark} ${one.verdict.padEnd(12)}`)} ${one.id.padEnd(46)}`;
  const below = (text: string, first = '    '): string => wrapText(printable(text), columns, { first });
  const lines =
    cellWidth(head) + 1 + cellWidth(title) <= columns ? [`${painted} ${title}`] : [painted.trimEnd(), below(title)];
  if (one.because && count > 0) lines.push(below(count === 1 ? one.because : `${one.because} (so for ${count} cases)`));
  if (one.verdict === 'failed') {
    lines.push(below(one.meaning, '    For the cluster: '));
    lines.push(below(one.askVendor, '    Ask the vendor:  '));
  }
  return lines;
};

/** The cases in the order of their verdicts; those with one reason stand together, and it is said once. */
const renderCases = (cases: readonly QualificationCase[], paint: Paint, columns: number): string[] =>
  order.flatMap((verdict) =>
    groupAlike(
      cases.filter((one) => one.verdict === verdict),
      ({ because, id }) => because ?? id,
    ).flatMap(({ all }) => all.flatMap((one, at) => renderCase(one, at === 0 ? all.length : 0, paint, columns))),
  );

/** `23 passed: Identity 8, Reservations 15`: what passed is many and alike. */
const countPassed = (cases: readonly QualificationCase[]): string => {
  const families = new Map<string, number>();
  for (const { id } of cases) {
    const family = id.split('.', 1)[0] ?? id;
    families.set(family, (families.get(family) ?? 0) + 1);
  }
  return `${cases.length} passed: ${[...families].map(([family, count]) => `${family} ${count}`).join(', ')}`;
};

const authority = ({ allowed }: QualificationReport): string =>
  allowed.dataLoss ? 'reservations and writing allowed' : allowed.reservations ? 'reservations allowed' : 'reads only';

/** What was asked, over which way and as whom: without it a verdict on a screen says little. */
const renderAsked = (report: QualificationReport, columns: number): string[] => {
  const { lun, purpose, nodes, paths } = report;
  const oneName = describeOneName(report);
  const ways = report.portals.map((portal, at) => {
    const source = report.sourceIps[at];
    return source ? `${portal} from ${source}` : portal;
  });
  const row = (name: string, text: string): string => wrapText(printable(text), columns, { first: name.padEnd(12) });
  return [
    row(
      'LUN',
      `${lun.lun} of ${report.target}: ${lun.sizeBytes === null ? 'unknown' : formatSize(lun.sizeBytes)}, serial ${tellFact(lun, 'serial', 'none')}, ${isUnread(lun, 'identity') ? 'identity not readable' : (lun.identity ?? 'no identity')}`,
    ),
    row(
      'Asked',
      `for ${purpose}, ${nodes} nodes x ${paths} ${paths === 1 ? 'path' : 'paths'}, ${authority(report)}, over ${ways.join(' and ')}`,
    ),
    ...report.initiators.map(({ label, name, isid }) => row(`As ${label}`, `${name} (ISID ${isid})`)),
    ...(oneName === null ? [] : [row('', oneName)]),
    ...report.portalEnds.flatMap(({ portal, end }) =>
      portal === end ? [] : [row('', `The portal ${portal} sent the session on to ${end}.`)],
    ),
    ...(report.isRehearsal ? [row('', 'This is a simulated target of a rehearsal.')] : []),
  ];
};

export interface QualificationTextOptions {
  readonly columns: number;
  /** Every case, also those that passed. */
  readonly isAll: boolean;
}

/** A qualification as text: the answer, what was asked, what did not pass, figures, and the answer with the next step once more. */
export const renderQualification = (
  report: QualificationReport,
  paint: Paint,
  { columns, isAll }: QualificationTextOptions,
): string => {
  const style = { qualified: 'green', notQualified: 'red', inconclusive: 'magenta' } as const;
  const answer = paint(style[report.verdict], paint('bold', wrapText(printable(report.sentence), columns)));
  const shown = order.flatMap((verdict) => report.cases.filter((one) => one.verdict === verdict));
  const passed = shown.filter(({ verdict }) => verdict === 'passed');
  const listed = isAll ? shown : shown.filter(({ verdict }) => verdict !== 'passed');
  const figures = keyFigures(report);
  return [
    answer,
    '',
    ...renderAsked(report, columns),
    ...(listed.length > 0 ? [''] : []),
    ...renderCases(listed, paint, columns),
    '',
    ...(passed.length > 0 && !isAll
      ? [wrapText(`${marks.passed.mark} ${countPassed(passed)} (--all shows each)`, columns, { rest: '  ' })]
      : []),
    ...(figures.length > 0 ? [wrapText(`Measured: ${figures.join(', ')}`, columns, { rest: '  ' })] : []),
    '',
    answer,
    wrapText(nextStepOf(report), columns, { first: 'Next: ' }),
  ].join('\n');
};

const needs = {
  nothing: 'reads only',
  reservations: '--allow-reservations',
  dataLoss: '--allow-data-loss, or a blank LUN',
} as const;

/** The catalogue: a line for each case, or two where the window is narrow. */
export const renderCaseList = (cases: Output<'iscsi.cases'>, columns: number): string => {
  if (columns >= 130)
    return renderTable(
      [{ title: 'CASE' }, { title: 'COUNTS' }, { title: 'NEEDS' }, { title: 'WHAT', maxWidth: columns - 111 }],
      cases.map((one) => [one.id, one.counts, needs[one.needs], one.title]),
    );
  return cases
    .flatMap((one) => [
      one.id,
      wrapText(one.title, columns, { first: '    ' }),
      wrapText(`counts: ${one.counts}; needs: ${needs[one.needs]}`, columns, { first: '    ' }),
    ])
    .join('\n');
};

const shapes = { same: '\u2713 same', different: '\u2717 different', unknown: '? unknown' } as const;

/** A comparison as text: the answer, then all that must match, then what differs among the rest. */
export const renderQualificationComparison = (
  comparison: QualificationComparison,
  paint: Paint,
  columns: number,
): string => {
  const style = comparison.verdict === 'match' ? 'green' : comparison.verdict === 'differ' ? 'red' : 'magenta';
  const shown = [
    ...comparison.rows.filter(({ match }) => match === 'must'),
    ...comparison.rows.filter(({ match, outcome }) => match !== 'must' && outcome !== 'same'),
  ];
  // "must match", "different" with its mark, and two blanks between columns take 28 cells.
  const nameWidth = columns >= 120 ? 46 : 24;
  const valueWidth = Math.max(12, Math.min(34, Math.floor((columns - nameWidth - 28) / comparison.reports.length) - 2));
  const table = renderTable(
    [
      { title: 'WHAT', maxWidth: nameWidth },
      { title: '' },
      { title: 'OUTCOME' },
      ...comparison.reports.map(({ name }) => ({ title: name, maxWidth: valueWidth })),
    ],
    shown.map((row) => [
      row.group === 'case' ? row.id : row.title,
      row.match === 'must' ? 'must match' : '',
      shapes[row.outcome],
      ...row.values.map((value) => value ?? 'not known'),
    ]),
  );
  return [
    paint(style, paint('bold', wrapText(printable(comparison.sentence), columns))),
    '',
    ...comparison.reports.map(({ name, sentence }) =>
      wrapText(printable(`${name}: ${sentence}`), columns, { rest: '  ' }),
    ),
    '',
    table,
  ].join('\n');
};
