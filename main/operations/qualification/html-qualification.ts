import { countAlike, groupAlike } from '../../../shared/model/alike.ts';
import {
  describeOneName,
  type CaseVerdict,
  type QualificationCase,
  type QualificationReport,
} from '../../../shared/model/qualification.ts';
import { formatSize } from '../../../shared/model/size.ts';
import { isUnread } from '../../../shared/model/unit-fact.ts';
import { escapeHtml } from '../reports/html-report.ts';
import { reportPage } from '../reports/html-style.ts';
import { utcTime } from '../../../shared/model/time.ts';
import { capital } from '../../../shared/availability/words.ts';

const marks: Readonly<Record<CaseVerdict, { readonly mark: string; readonly style: string }>> = {
  passed: { mark: '\u2713', style: 'pass' },
  failed: { mark: '\u2717', style: 'fail' },
  inconclusive: { mark: '?', style: 'unknownText' },
  skipped: { mark: '\u2013', style: 'notApplicable' },
};

const verdictStyles = { qualified: 'ready', notQualified: 'notReady', inconclusive: 'unknown' } as const;
const verdictWords = { qualified: 'Qualified', notQualified: 'Not qualified', inconclusive: 'Inconclusive' } as const;

const sentence = (text: string): string => {
  const first = capital(text);
  return /[.!?]$/.test(first) ? first : `${first}.`;
};

/** `sizeBytes` as a person reads it: `size bytes`. */
const figureName = (name: string): string => name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, ' ').toLowerCase();

const cell = (text: string | null): string => `<td class="value">${escapeHtml(text ?? '')}</td>`;

const row = (cells: readonly (string | null)[]): string => `<tr>${cells.map(cell).join('')}</tr>`;

/** A table; `widths` in percent, where not all columns are alike. */
const table = (head: readonly string[], rows: readonly string[], widths: readonly number[] = []): string =>
  `<table><thead><tr>${head
    .map((title, at) => `<th${widths[at] ? ` style="width:${widths[at]}%"` : ''}>${escapeHtml(title)}</th>`)
    .join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`;

const pairs = (entries: readonly (readonly [string, string | null])[]): string =>
  `<dl>${entries
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value ?? '')}</dd>`)
    .join('')}</dl>`;

const outcome = (verdict: CaseVerdict): string =>
  `<span class="outcome ${marks[verdict].style}">${marks[verdict].mark} ${verdict}</span>`;

const counts = (one: QualificationCase): string =>
  one.required ? 'counts' : one.verdict === 'skipped' ? 'not run' : 'informs';

/** How many cases a sentence is said of, where there are several. */
const timesOf = (cases: readonly unknown[]): string => (cases.length === 1 ? '' : `${cases.length} cases: `);

/** What has to be read: a failure with what it means; what was not proven, once for each reason. */
const showOpen = (report: QualificationReport): string => {
  const failed = report.cases.filter(({ verdict }) => verdict === 'failed');
  const sorted = [...failed.filter(({ required }) => required), ...failed.filter(({ required }) => !required)];
  const open = groupAlike(
    report.cases.filter(({ verdict }) => verdict === 'inconclusive' || verdict === 'skipped'),
    ({ because }) => because ?? '',
  ).map(
    ({ sentence: because, all: cases }) =>
      `<section class="check"><div class="head"><h3>${escapeHtml(sentence(because))}</h3>${outcome(cases[0].verdict)}</div>
<p class="small">${escapeHtml(timesOf(cases))}${escapeHtml(cases.map(({ title }) => title).join('; '))}</p></section>`,
  );
  const failures = groupAlike(sorted, ({ because, id }) => because ?? id).map(({ all: [one, ...others] }) =>
    others.length > 0
      ? `<section class="check"><div class="head"><h3>${escapeHtml(sentence(one.because ?? ''))}</h3>${outcome(one.verdict)}</div>
<p class="small">${escapeHtml(timesOf([one, ...others]))}${escapeHtml([one, ...others].map((each) => `${each.title} (${counts(each)})`).join('; '))}</p>
<p><strong>For the cluster:</strong> ${escapeHtml(one.meaning)}</p><p><strong>Ask the vendor:</strong> ${escapeHtml(one.askVendor)}</p></section>`
      : `<section class="check"><div class="head"><h3>${escapeHtml(one.title)}</h3>${outcome(one.verdict)}</div>
<p class="small code">${escapeHtml(one.id)} (${counts(one)})</p>
<p>${escapeHtml(sentence(one.because ?? ''))}</p>
<p><strong>For the cluster:</strong> ${escapeHtml(one.meaning)}</p><p><strong>Ask the vendor:</strong> ${escapeHtml(one.askVendor)}</p></section>`,
  );
  const all = [...failures, ...open];
  return all.length === 0 ? '' : `<h2>What did not pass</h2>${all.join('\n')}`;
};

const showOverview = (report: QualificationReport): string =>
  `<h2>All cases</h2>${table(
    ['Outcome', 'What is proven', 'Case', ''],
    report.cases.map(
      (one) =>
        `<tr><td>${outcome(one.verdict)}</td>${cell(one.title)}<td class="value">${escapeHtml(one.id).replaceAll('.', '.<wbr>')}</td>${cell(counts(one))}</tr>`,
    ),
    [15, 41, 34, 10],
  )}`;

const showSteps = (one: QualificationCase): string => {
  const figures = Object.entries(one.figures).map(([name, value]) => `${figureName(name)} ${String(value)}`);
  return `<section class="check"><div class="head"><h3>${escapeHtml(one.title)}</h3>${outcome(one.verdict)}</div>
${one.because ? `<p>${escapeHtml(sentence(one.because))}</p>` : ''}
${figures.length > 0 ? `<p class="small">${escapeHtml(figures.join(', '))}</p>` : ''}
${
  one.steps.length > 0
    ? table(
        ['', 'Step', 'Answer', 'ms'],
        one.steps.map((step) =>
          row([
            step.initiator ?? '',
            step.text,
            `${step.asExpected === false ? '\u2717 ' : ''}${step.answer ?? ''}`,
            step.tookMs === null ? '' : String(step.tookMs),
          ]),
        ),
        [5, 53, 34, 8],
      )
    : ''
}
<p class="small">${escapeHtml(one.id)}. Source: ${escapeHtml(one.source)}</p></section>`;
};

/** Where a portal led elsewhere, and which. */
const portalNote = ({ portalEnds }: QualificationReport): string | null =>
  portalEnds
    .filter(({ portal, end }) => portal !== end)
    .map(({ portal, end }) => `${portal} led to ${end}`)
    .join(', ') || null;

const may = (value: boolean | null): string => (value === null ? 'not known' : value ? 'yes' : 'no');

/** The report on one logical unit: one file, no network, made for paper. */
export const renderHtmlQualification = (report: QualificationReport): string => {
  const { lun } = report;
  return reportPage(
    escapeHtml(`Qualification of LUN ${lun.lun} of ${report.target}`),
    `${report.isRehearsal ? '<p class="banner">Rehearsal: a simulated target</p>' : ''}
<h1>LUN ${lun.lun} of ${escapeHtml(report.target)}</h1>
<div class="verdict ${verdictStyles[report.verdict]}"><p><strong>${verdictWords[report.verdict]}.</strong> ${escapeHtml(report.sentence)}</p></div>
${pairs([
  ['Purpose', { witness: 'witness', vm: 'virtual machines', data: 'data' }[report.purpose]],
  [
    'Portals',
    report.portals
      .map((portal, at) => (report.sourceIps[at] ? `${portal} from ${report.sourceIps[at]}` : portal))
      .join(', '),
  ],
  ['Redirected', portalNote(report)],
  ['Device', `${lun.vendor} ${lun.product} ${lun.revision}`.trim()],
  ['Identity', lun.identity ?? (isUnread(lun, 'identity') ? 'not readable' : null)],
  ['Serial number', lun.serial ?? (isUnread(lun, 'serial') ? 'not readable' : null)],
  ['Size', lun.sizeBytes === null ? null : `${formatSize(lun.sizeBytes)} (${lun.sizeBytes} bytes)`],
  ['Block size', lun.blockSizeBytes === null ? null : `${lun.blockSizeBytes} bytes`],
  ['Provisioning', lun.isThin === null ? null : lun.isThin ? 'thin' : 'thick'],
  ['Nodes and paths asked for', `${report.nodes} nodes, ${report.paths} ${report.paths === 1 ? 'path' : 'paths'} each`],
  [
    'Allowed',
    [report.allowed.reservations ? 'reservations' : '', report.allowed.dataLoss ? 'writing' : '']
      .filter(Boolean)
      .join(', ') || 'reading only',
  ],
  ...report.initiators.map(({ label, name, isid }) => [`Initiator ${label}`, `${name}, ISID ${isid}`] as const),
  ['Note', describeOneName(report)],
  ['Measured', `${utcTime(report.startedAt)} to ${utcTime(report.endedAt)}, from ${report.machine}`],
])}
${report.leftBehind.length > 0 ? `<p class="banner">Left behind: ${escapeHtml(countAlike(report.leftBehind).join(' '))}</p>` : ''}
${showOpen(report)}
${
  report.accessTable.length > 0
    ? `<h2>Who may read and write while a reservation is held</h2>${table(
        ['Type', 'Registered reads', 'Registered writes', 'Unregistered reads', 'Unregistered writes', 'As SPC-4 says'],
        report.accessTable.map((one) =>
          row([
            one.type,
            may(one.registeredMayRead),
            may(one.registeredMayWrite),
            may(one.unregisteredMayRead),
            may(one.unregisteredMayWrite),
            may(one.isAsTheStandardSays),
          ]),
        ),
        [32, 14, 14, 14, 14, 12],
      )}`
    : ''
}
${showOverview(report)}
<h2>Step log</h2>
${report.cases
  .filter(({ steps, because }) => steps.length > 0 || because !== null)
  .map(showSteps)
  .join('\n')}
<footer>Made by Quorate ${escapeHtml(report.tool.version)}. Qualification is Quorate's own verdict on a target; it does not replace the validation of the cluster (Test-Cluster).</footer>`,
  );
};
