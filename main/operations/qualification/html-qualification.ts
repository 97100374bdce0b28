import type { CaseVerdict, QualificationCase, QualificationReport } from '../../../shared/model/qualification.ts';
import { escapeHtml } from '../reports/html-report.ts';
import { reportStyle } from '../reports/html-style.ts';

const marks: Readonly<Record<CaseVerdict, { readonly mark: string; readonly style: string }>> = {
  passed: { mark: '\u2713', style: 'pass' },
  failed: { mark: '\u2717', style: 'fail' },
  inconclusive: { mark: '?', style: 'unknownText' },
  skipped: { mark: '\u2013', style: 'notApplicable' },
};

const verdictStyles = { qualified: 'ready', notQualified: 'notReady', inconclusive: 'unknown' } as const;
const verdictWords = { qualified: 'Qualified', notQualified: 'Not qualified', inconclusive: 'Inconclusive' } as const;

const row = (cells: readonly (string | null)[]): string =>
  `<tr>${cells.map((cell) => `<td class="value">${escapeHtml(cell ?? '')}</td>`).join('')}</tr>`;

const table = (head: readonly string[], rows: readonly string[]): string =>
  `<table><thead><tr>${head.map((title) => `<th>${escapeHtml(title)}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`;

const pairs = (entries: readonly (readonly [string, string | null])[]): string =>
  `<dl>${entries
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value ?? '')}</dd>`)
    .join('')}</dl>`;

const megabytes = (bytes: string | null): string | null =>
  bytes === null ? null : `${(BigInt(bytes) / 1048576n).toString()} MiB (${bytes} bytes)`;

const showCase = (one: QualificationCase): string => {
  const { mark, style } = marks[one.verdict];
  const figures = Object.entries(one.figures).map(([name, value]) => `${name} ${String(value)}`);
  return `<section class="check"><div class="head"><h3>${escapeHtml(one.title)}</h3><span class="outcome ${style}">${mark} ${one.verdict}</span></div>
<p class="small code">${escapeHtml(one.id)}${one.required ? '' : ' (informs)'}</p>
${one.because ? `<p>${escapeHtml(one.because)}.</p>` : ''}
${one.verdict === 'failed' ? `<p><strong>For the cluster:</strong> ${escapeHtml(one.meaning)}</p><p><strong>Ask the vendor:</strong> ${escapeHtml(one.askVendor)}</p>` : ''}
${figures.length > 0 ? `<p class="small">${escapeHtml(figures.join(', '))}</p>` : ''}
${
  one.steps.length > 0
    ? table(
        ['Initiator', 'Step', 'Answer', 'ms'],
        one.steps.map((step) =>
          row([
            step.initiator ?? '',
            step.text,
            `${step.asExpected === false ? '\u2717 ' : ''}${step.answer ?? ''}`,
            step.tookMs === null ? '' : String(step.tookMs),
          ]),
        ),
      )
    : ''
}
<p class="small">Source: ${escapeHtml(one.source)}</p></section>`;
};

const may = (value: boolean | null): string => (value === null ? 'not known' : value ? 'yes' : 'no');

/** The report on one logical unit: one file, no network, made for paper. */
export const renderHtmlQualification = (report: QualificationReport): string => {
  const { lun } = report;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(`Qualification of LUN ${lun.lun} of ${report.target}`)}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><style>${reportStyle}</style></head><body>
${report.isRehearsal ? '<p class="banner">Rehearsal: a simulated target</p>' : ''}
<h1>LUN ${lun.lun} of ${escapeHtml(report.target)}</h1>
<div class="verdict ${verdictStyles[report.verdict]}"><p><strong>${verdictWords[report.verdict]}.</strong> ${escapeHtml(report.sentence)}</p></div>
${pairs([
  ['Purpose', { witness: 'witness', vm: 'virtual machines', data: 'data' }[report.purpose]],
  ['Portals', report.portals.join(', ')],
  ['Device', `${lun.vendor} ${lun.product} ${lun.revision}`.trim()],
  ['Identity', lun.identity],
  ['Serial number', lun.serial],
  ['Size', megabytes(lun.sizeBytes)],
  ['Block size', lun.blockSizeBytes === null ? null : `${lun.blockSizeBytes} bytes`],
  ['Provisioning', lun.isThin === null ? null : lun.isThin ? 'thin' : 'thick'],
  ['Nodes and paths asked for', `${report.nodes} nodes, ${report.paths} paths each`],
  [
    'Allowed',
    [report.allowed.reservations ? 'reservations' : '', report.allowed.dataLoss ? 'writing' : '']
      .filter(Boolean)
      .join(', ') || 'reading only',
  ],
  ...report.initiators.map(({ label, name, isid }) => [`Initiator ${label}`, `${name}, ISID ${isid}`] as const),
  ['Note', report.oneName ? 'The target admits one initiator name: both initiators are two ISIDs of it.' : null],
  ['Measured', `${report.startedAt} to ${report.endedAt} on ${report.machine}`],
])}
${report.leftBehind.length > 0 ? `<p class="banner">Left behind: ${escapeHtml(report.leftBehind.join(' '))}</p>` : ''}
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
      )}`
    : ''
}
<h2>Cases</h2>
${report.cases.map(showCase).join('\n')}
<footer>Made by Quorate ${escapeHtml(report.tool.version)}. Qualification is Quorate's own verdict on a target; it does not replace the validation of the cluster (Test-Cluster).</footer>
</body></html>
`;
};
