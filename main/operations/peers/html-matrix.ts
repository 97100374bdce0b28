import type { MatrixLink, MatrixOutcome, NetworkMatrix } from '../../../shared/model/network-matrix.ts';
import { matrixPicture } from '../../../shared/rules/peers/matrix-picture.ts';
import { linkCells, matrixOutcomeWords } from '../../../shared/rules/peers/matrix-words.ts';
import { escapeHtml } from '../reports/html-report.ts';
import { reportPage } from '../reports/html-style.ts';
import { utcTime } from '../../../shared/model/time.ts';

const marks: Readonly<Record<MatrixOutcome, { readonly mark: string; readonly style: string; readonly line: string }>> =
  {
    fail: { mark: '✗', style: 'fail', line: 'stroke="#a30c18" stroke-width="3" stroke-dasharray="2 5"' },
    unknown: { mark: '?', style: 'unknownText', line: 'stroke="#5b2f92" stroke-width="2" stroke-dasharray="7 4"' },
    warn: { mark: '▲', style: 'warn', line: 'stroke="#7a4a00" stroke-width="3"' },
    pass: { mark: '✓', style: 'pass', line: 'stroke="#0e5c0e" stroke-width="1.5"' },
  };

const outcome = (one: MatrixOutcome): string =>
  `<span class="outcome ${marks[one].style}">${marks[one].mark} ${matrixOutcomeWords[one]}</span>`;

const table = (
  heads: readonly (readonly [title: string, width: string])[],
  rows: readonly (readonly string[])[],
): string =>
  `<table><thead><tr>${heads.map(([title, width]) => `<th style="width:${width}">${escapeHtml(title)}</th>`).join('')}</tr></thead><tbody>${rows
    .map((row) => `<tr>${row.map((cell) => `<td class="value">${cell}</td>`).join('')}</tr>`)
    .join('')}</tbody></table>`;

const clip = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

const picture = (matrix: NetworkMatrix): string => {
  const { width, height, lanesFrom, boxes, lanes, drops } = matrixPicture(matrix);
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="The networks; the table below says the same in words" style="width:100%;height:auto;font:12px 'Segoe UI','Noto Sans',Arial,sans-serif">
${lanes.map(({ y, title }) => `<line x1="${lanesFrom}" y1="${y}" x2="${width - 8}" y2="${y}" stroke="#5c5c5c" stroke-width="4"/><text x="4" y="${y + 4}">${escapeHtml(clip(title, 26))}</text>`).join('')}
${drops.map(({ x, from, to, outcome: how }) => `<line x1="${x}" y1="${from}" x2="${x}" y2="${to}" ${marks[how].line}/><text x="${x + 4}" y="${from + 14}" font-size="11">${marks[how].mark}</text>`).join('')}
${boxes.map(({ x, y, width: wide, height: high, title, text }) => `<rect x="${x}" y="${y}" width="${wide}" height="${high}" fill="#fff" stroke="#1b1b1b"/><text x="${x + 6}" y="${y + 16}" font-weight="600">${escapeHtml(clip(title, 16))}</text><text x="${x + 6}" y="${y + 30}" font-size="10">${escapeHtml(text)}</text>`).join('')}</svg>`;
};

/** The report of a network matrix: the answer, the picture, every direction, and what each figure means. */
export const renderHtmlMatrix = (matrix: NetworkMatrix): string => {
  const nameOf = (id: string): string => matrix.servers.find((server) => server.id === id)?.name ?? id;
  const toOf = ({ to, portal }: MatrixLink): string => (portal ? `${portal.address}:${portal.port}` : nameOf(to ?? ''));
  const verdict = { fail: 'notReady', unknown: 'unknown', warn: 'ready', pass: 'ready' }[matrix.outcome];
  const remarks = [
    ...matrix.findings,
    ...matrix.separations,
    ...matrix.links.flatMap(({ findings }) => findings),
  ].filter((one) => one.outcome !== 'pass');
  const title = `Networks of ${clip(matrix.servers.map(({ name }) => name).join(', '), 80)}`;
  return reportPage(
    escapeHtml(title),
    `${matrix.isRehearsal ? '<p class="banner">REHEARSAL: these are simulated servers, not real ones.</p>\n' : ''}<p class="small">Quorate network matrix, measured from ${utcTime(matrix.startedAt)} to ${utcTime(matrix.endedAt)}</p>
<h1>${escapeHtml(title)}</h1>
<div class="verdict ${verdict}"><p>${escapeHtml(matrix.sentence)}</p></div>
<h2>The networks</h2>
${picture(matrix)}
<p class="small">Each line is the worst of what was measured from and to that server in that network: ${(['pass', 'warn', 'unknown', 'fail'] as const).map(outcome).join(', ')}.</p>
<h2>What needs attention</h2>
${
  remarks.length === 0
    ? '<p>Nothing.</p>'
    : table(
        [
          ['Result', '13%'],
          ['What was measured', '50%'],
          ['What to do', '37%'],
        ],
        remarks.map((one) => [outcome(one.outcome), escapeHtml(one.text), escapeHtml(one.next ?? '')]),
      )
}
<h2>Every direction</h2>
${table(
  [
    ['Result', '11%'],
    ['Network', '13%'],
    ['From', '12%'],
    ['To', '14%'],
    ['Round trip', '12%'],
    ['Jitter', '8%'],
    ['Lost', '6%'],
    ['Packet', '7%'],
    ['Bandwidth', '10%'],
    ['Ports', '7%'],
  ],
  matrix.links.map((link) => {
    const cells = linkCells(link);
    return [
      outcome(link.outcome),
      escapeHtml(link.subnet),
      escapeHtml(nameOf(link.from)),
      escapeHtml(toOf(link)),
      `${cells.p50}<br>${cells.p99} (99 %)`,
      cells.jitter,
      cells.lost,
      cells.packet,
      cells.bandwidth,
      escapeHtml(cells.ports),
    ];
  }),
)}
<h2>Are the networks separate?</h2>
${
  matrix.separations.length === 0
    ? '<p>There is only one network, or nothing was measured.</p>'
    : table(
        [
          ['Result', '13%'],
          ['What was found', '87%'],
        ],
        matrix.separations.map((one) => [outcome(one.outcome), escapeHtml(one.text)]),
      )
}
<footer>Round trip: the median, and what 99 % stayed below. Round trip, jitter and loss: ${matrix.settings.echoes} ICMP echoes from the bound address. Packet: the largest IP packet that arrived with don’t-fragment set. Bandwidth: TCP payload that arrived in ${matrix.settings.bandwidthMs} ms.</footer>`,
  );
};
