import type { CheckResult } from '../../../shared/model/check.ts';
import { readinessGroups } from '../../../shared/model/readiness-checks.ts';
import type { Comparison, ReadinessReport } from '../../../shared/model/readiness-report.ts';
import { windowsServerTitle } from '../../../shared/model/windows-server.ts';
import { outcomeMarks, type Paint, type StyleName } from './style.ts';
import { cellWidth, renderTable } from './table.ts';
import { wrap } from './wrap.ts';

const verdictStyles: Readonly<Record<ReadinessReport['verdict'], StyleName>> = {
  ready: 'green',
  notReady: 'red',
  unknown: 'magenta',
};

/** Colours the outcome words that a plain table holds; a table's widths must not count escape sequences. */
const paintOutcomes = (table: string, checks: readonly CheckResult[], paint: Paint): string =>
  table
    .split('\n')
    .map((line) => {
      const check = checks.find((one) =>
        line.includes(`  ${outcomeMarks[one.outcome].mark} ${outcomeMarks[one.outcome].word}`),
      );
      if (!check) return line;
      const { mark, word, style } = outcomeMarks[check.outcome];
      return line.replace(`${mark} ${word}`, paint(style, `${mark} ${word}`));
    })
    .join('\n');

const describeOutcome = (check: CheckResult): string => {
  const { mark, word } = outcomeMarks[check.outcome];
  return `${mark} ${word}`;
};

const foundBy = (check: CheckResult): string =>
  check.outcome === 'unknown' || check.outcome === 'notApplicable' ? (check.because ?? check.observed) : check.observed;

const renderChecks = (report: ReadinessReport, paint: Paint, width: number): string => {
  const grouped = new Set<string>(readinessGroups.flatMap((group) => group.checks));
  const groups = [
    ...readinessGroups.map((group) => ({
      title: group.title,
      checks: report.checks.filter((check) => (group.checks as readonly string[]).includes(check.id)),
    })),
    { title: 'Other', checks: report.checks.filter((check) => !grouped.has(check.id)) },
  ].filter((group) => group.checks.length > 0);
  const rows = groups.flatMap((group) =>
    group.checks.map((check) => [check.id, describeOutcome(check), foundBy(check)]),
  );
  const idWidth = Math.max(...rows.map((row) => cellWidth(row[0] ?? '')));
  const textWidth = Math.max(30, width - idWidth - 20);
  return paintOutcomes(
    renderTable([{ title: 'CHECK' }, { title: 'OUTCOME' }, { title: 'FOUND', maxWidth: textWidth }], rows),
    report.checks,
    paint,
  );
};

const renderActions = (report: ReadinessReport, paint: Paint, width: number): string[] => {
  const order = { fail: 0, unknown: 1, warn: 2, pass: 3, notApplicable: 4 } as const;
  const severityOrder = { critical: 0, warning: 1, info: 2 } as const;
  const actions = report.checks
    .filter(
      (check) =>
        check.remediation && (check.outcome === 'fail' || check.outcome === 'unknown' || check.outcome === 'warn'),
    )
    .sort(
      (left, right) =>
        severityOrder[left.severity] - severityOrder[right.severity] || order[left.outcome] - order[right.outcome],
    );
  if (actions.length === 0) return [];
  // What several checks ask for in the same words is said once.
  const byText = new Map<string, CheckResult[]>();
  for (const check of actions) {
    const key = `${check.remediation?.text ?? ''}\n${check.remediation?.manual ?? ''}`;
    byText.set(key, [...(byText.get(key) ?? []), check]);
  }
  return [
    '',
    paint('bold', 'What to do'),
    ...[...byText.values()].flatMap((checks) => [
      ...wrap(`${checks.map((check) => check.id).join(', ')}:`, width, ''),
      ...wrap(checks[0]?.remediation?.text ?? '', width, '    '),
      ...(checks[0]?.remediation?.manual ? wrap(`Manually: ${checks[0].remediation.manual}`, width, '    ') : []),
    ]),
  ];
};

/** A report as text for a terminal: the verdict first, then the checks, then what to do. */
export const renderReport = (report: ReadinessReport, paint: Paint, columns: number): string => {
  const width = Math.max(60, Math.min(columns, 120));
  const { machine } = report;
  const about = [
    [machine.manufacturer, machine.model].filter(Boolean).join(' '),
    machine.processors,
    machine.operatingSystem,
  ].filter((part) => part);
  return [
    ...(report.facts.source.kind === 'rehearsal' ? [paint('bold', 'REHEARSAL: a simulated server.')] : []),
    ...wrap(report.sentence, width, '').map((line) => paint(verdictStyles[report.verdict], line)),
    '',
    ...wrap(`${machine.name ?? 'Machine without a name'}${about.length > 0 ? `: ${about.join('; ')}` : ''}`, width, ''),
    `Judged for ${windowsServerTitle(report.judgedFor)}, facts of ${report.facts.collectedAt.slice(0, 16).replace('T', ' ')} UTC.`,
    ...report.facts.notes.flatMap((note) => wrap(note, width, '')),
    '',
    renderChecks(report, paint, width),
    ...renderActions(report, paint, width),
  ].join('\n');
};

const matchWords: Readonly<Record<Comparison['rows'][number]['match'], string>> = {
  must: 'must match',
  should: 'should match',
  info: '',
};

/** A comparison as text: the answer first, then what differs or is unknown before what is the same. */
export const renderComparison = (comparison: Comparison, paint: Paint, columns: number): string => {
  const width = Math.max(60, Math.min(columns, 160));
  const each = Math.max(14, Math.floor((width - 60) / comparison.servers.length));
  const style = comparison.verdict === 'match' ? 'green' : comparison.verdict === 'differ' ? 'red' : 'magenta';
  const shapes = { same: '\u2713 same', different: '\u2717 different', unknown: '? unknown' } as const;
  const table = renderTable(
    [
      { title: 'WHAT', maxWidth: 30 },
      { title: '', maxWidth: 12 },
      { title: 'OUTCOME' },
      ...comparison.servers.map((server) => ({ title: server.name.toUpperCase(), maxWidth: each })),
    ],
    comparison.rows.map((row) => [
      row.title,
      matchWords[row.match],
      shapes[row.outcome],
      ...row.values.map((value) => value ?? 'not known'),
    ]),
  );
  return [
    ...wrap(comparison.sentence, width, '').map((line) => paint(style, line)),
    '',
    ...comparison.servers.flatMap((server) => wrap(`${server.name}: ${server.sentence}`, width, '')),
    '',
    table,
  ].join('\n');
};
