import type { AvailabilityReport } from '../../../shared/availability/report.ts';
import { withTargets } from '../../../shared/availability/parse-state.ts';
import { fitText, pictureOf } from '../../../shared/availability/picture.ts';
import { isGrave, type Grade } from '../../../shared/availability/grades.ts';
import type { Impact } from '../../../shared/availability/single-points.ts';
import { capital, elementName, gradeWords, judgementWords } from '../../../shared/availability/words.ts';
import { escapeHtml } from '../reports/html-report.ts';
import { reportPage } from '../reports/html-style.ts';
import { utcTime } from '../../../shared/model/time.ts';

const marks: Readonly<Record<Grade, { readonly mark: string; readonly style: string }>> = {
  cluster: { mark: '\u2717', style: 'fail' },
  machines: { mark: '\u2717', style: 'fail' },
  open: { mark: '?', style: 'unknownText' },
  interruption: { mark: '\u25b2', style: 'warn' },
  none: { mark: '\u2713', style: 'pass' },
};

const showGrade = (grade: Grade): string =>
  `<span class="outcome ${marks[grade].style}">${marks[grade].mark} ${escapeHtml(gradeWords[grade])}</span>`;

const table = (
  heads: readonly (readonly [title: string, width: string])[],
  rows: readonly (readonly string[])[],
): string =>
  `<table><thead><tr>${heads.map(([title, width]) => `<th style="width:${width}">${escapeHtml(title)}</th>`).join('')}</tr></thead><tbody>${rows
    .map((row) => `<tr>${row.map((cell) => `<td class="value">${cell}</td>`).join('')}</tr>`)
    .join('')}</tbody></table>`;

const list = (items: readonly string[]): string =>
  items.length === 0 ? '' : `<ul>${items.map((item) => `<li>${escapeHtml(item)}</li>`).join('')}</ul>`;

const impacts = (found: readonly Impact[]): string =>
  table(
    [
      ['Loss of', '24%'],
      ['What stops', '25%'],
      ['In detail', '51%'],
    ],
    found.map((one) => [
      escapeHtml(capital(one.lose.map(elementName).join(' and '))),
      showGrade(one.grade),
      escapeHtml(one.sentence),
    ]),
  );

const picture = (report: AvailabilityReport): string => {
  const { width, height, heads, boxes, lines } = pictureOf(withTargets(report.state));
  const gradeOf = new Map(report.singlePoints.map((one) => [one.lose[0], one.grade]));
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="The configuration; the table of single points says the same in words" style="width:100%;height:auto;font:12px 'Segoe UI','Noto Sans',Arial,sans-serif">
${heads.map(({ x, text }) => `<text x="${x}" y="18" font-weight="600">${text}</text>`).join('')}
${lines
  .map(
    ({ points: [x1, y1, x2, y2], isAssumed }) =>
      `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="#5c5c5c"${isAssumed ? ' stroke-dasharray="5 4"' : ''}/>`,
  )
  .join('')}
${boxes
  .map(({ element, x, y, width: wide, height: high, title, text }) => {
    const grade = gradeOf.get(element.id) ?? 'none';
    const isSingle = isGrave(grade);
    return `<g><rect x="${x}" y="${y}" width="${wide}" height="${high}" fill="#fff" stroke="${isSingle ? '#a30c18' : '#5c5c5c'}" stroke-width="${isSingle ? 3 : 1}"/><text x="${x + 8}" y="${y + 16}"><tspan font-weight="600">${isSingle ? `${marks[grade].mark} ` : ''}${escapeHtml(fitText(title, Math.floor((high < 34 ? wide - 30 : wide) / 9)))}</tspan>${
      high < 34
        ? ` <tspan font-size="11">${escapeHtml(text)}</tspan></text>`
        : `</text><text x="${x + 8}" y="${y + 31}" font-size="11">${escapeHtml(fitText(text, Math.floor((wide - 16) / 6)))}</text>`
    }<title>${escapeHtml(text === '' ? title : `${title}: ${text}`)}</title></g>`;
  })
  .join('')}</svg>`;
};

/** The report for a manager (the first page) and an engineer (the rest). */
export const renderHtmlAvailability = (report: AvailabilityReport): string => {
  const grave = report.singlePoints.filter(({ grade }) => isGrave(grade));
  const rest = report.singlePoints.filter(({ grade }) => !isGrave(grade));
  const verdict = grave.some(({ grade }) => grade !== 'open') ? 'notReady' : grave.length > 0 ? 'unknown' : 'ready';
  const title = `Availability of ${
    report.state.name ??
    report.state.nodes
      .map(({ name }) => name)
      .slice(0, 4)
      .join(', ')
  }`;
  const ladder = report.advice.filter(({ order }) => order !== null);
  const others = report.advice.filter(({ order }) => order === null);
  return reportPage(
    escapeHtml(title),
    `${report.source.kind === 'rehearsal' ? '<p class="banner">REHEARSAL: this is a simulated configuration, not a real one.</p>\n' : ''}<p class="small">Quorate availability report</p>
<h1>${escapeHtml(title)}</h1>
<div class="verdict ${verdict}"><p>${escapeHtml(report.sentence)}</p></div>
<p>${grave.length === 0 ? 'No single element stops more than can restart by itself.' : `${grave.length} of ${report.singlePoints.length} elements ${grave.length === 1 ? 'is a single point of failure' : 'are single points of failure'}.`} ${report.pairs.length === 0 ? 'No pair does more harm together than one of the two alone.' : `In ${report.pairs.length} ${report.pairs.length === 1 ? 'pair' : 'pairs'}, losing both does more harm than losing either alone.`}</p>
${report.headroom.map(({ sentence }) => `<p>${escapeHtml(sentence)}</p>`).join('')}
<h2>What the next investment buys</h2>
${
  ladder.length === 0
    ? '<p>No add-on removes a single point of failure from this configuration.</p>'
    : table(
        [
          ['', '5%'],
          ['Add-on', '24%'],
          ['What it changes, with those above it', '40%'],
          ['What it needs', '31%'],
        ],
        ladder.map((one) => [
          String(one.order),
          `${escapeHtml(one.title)}<br><span class="small">complexity ${one.complexity} of 5</span>`,
          escapeHtml(one.sentence),
          one.needs.map(escapeHtml).join('<br>'),
        ]),
      )
}
${table(
  [
    ['Other add-ons', '29%'],
    ['Judgement', '17%'],
    ['Because', '54%'],
  ],
  others.map((one) => [escapeHtml(one.title), escapeHtml(judgementWords[one.judgement]), escapeHtml(one.sentence)]),
)}
<h2>The configuration</h2>
${picture(report)}
<p class="small">Dashed lines are assumed. A thick frame is a single point of failure.</p>
<h2>Single points of failure</h2>
${grave.length === 0 ? '<p>None was found.</p>' : impacts(grave)}
<h2>Pairs</h2>
<p class="small">${report.pairsCompared} pairs were compared${report.pairsLeftOut.length > 0 ? `; pairs with a ${escapeHtml(report.pairsLeftOut.join(', '))} were left out, because there would have been too many` : ''}.</p>
${report.pairs.length === 0 ? '<p>No pair of losses is worse than the two alone.</p>' : impacts(report.pairs.slice(0, 200))}
${report.pairs.length > 200 ? `<p>${report.pairs.length - 200} more pairs are in the JSON form of this report.</p>` : ''}
<h2>Everything else that can be lost</h2>
${rest.length === 0 ? '<p>Nothing.</p>' : impacts(rest)}
${
  report.multiSite.sites.length === 0
    ? ''
    : `<h2>Sites</h2>${table(
        [
          ['Site', '18%'],
          ['Survived', '12%'],
          ['Loss of the whole site', '70%'],
        ],
        report.multiSite.sites.map((site) => [
          escapeHtml(site.name),
          site.survived === 'unknown' ? 'not known' : site.survived,
          escapeHtml(site.sentence),
        ]),
      )}${list(report.multiSite.remarks)}`
}
<h2>Open questions</h2>
${
  report.questions.length === 0
    ? '<p>None.</p>'
    : table(
        [
          ['Question', '50%'],
          ['Where the answer is found', '50%'],
        ],
        report.questions.map(({ text, find }) => [escapeHtml(text), escapeHtml(find)]),
      )
}
<h2>Assumptions</h2>
${list([...report.notes, ...report.assumptions])}
<h2>Hand-over to System Center VMM</h2>
${table(
  [
    ['What', '34%'],
    ['Value', '66%'],
  ],
  report.vmm.inventory.map(({ what, value }) => [escapeHtml(what), escapeHtml(value)]),
)}
<ol>${report.vmm.checklist.map((item) => `<li>${escapeHtml(item)}</li>`).join('')}</ol>
<footer>
<p>Made by Quorate ${escapeHtml(report.tool.version)} on ${utcTime(report.at)} from ${escapeHtml(report.source.names.join(', '))}.</p>
<p class="code">${report.digest.algorithm} ${report.digest.value}</p>
<p>Computed from the configuration; nothing was switched off to prove it.</p>
</footer>`,
  );
};
