import type { CheckResult, Outcome, Verdict } from '../../../shared/model/check.ts';
import {
  printedProcedureChecks,
  readinessGroups,
  whyItMatters,
  type ReadinessCheckId,
} from '../../../shared/model/readiness-checks.ts';
import type { ReadinessReport } from '../../../shared/model/readiness-report.ts';
import { windowsServerTitle } from '../../../shared/model/windows-server.ts';
import { reportPage } from './html-style.ts';
import { utcTime } from '../../../shared/model/time.ts';

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Every text of a report came from a machine: nothing of it may become markup. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character] ?? '');

const marks: Readonly<Record<Outcome, { readonly mark: string; readonly word: string; readonly style: string }>> = {
  pass: { mark: '\u2713', word: 'pass', style: 'pass' },
  warn: { mark: '\u25b2', word: 'warning', style: 'warn' },
  fail: { mark: '\u2717', word: 'fail', style: 'fail' },
  unknown: { mark: '?', word: 'unknown', style: 'unknownText' },
  notApplicable: { mark: '\u2013', word: 'not applicable', style: 'notApplicable' },
};

const verdictWords: Readonly<Record<Verdict, string>> = {
  ready: 'Ready',
  notReady: 'Not ready',
  unknown: 'Not known yet',
};

const showOutcome = (outcome: Outcome): string =>
  `<span class="outcome ${marks[outcome].style}">${marks[outcome].mark} ${marks[outcome].word}</span>`;

const describe = (pairs: readonly (readonly [string, string | null])[]): string =>
  `<dl>${pairs
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value ?? '')}</dd>`)
    .join('')}</dl>`;

const showEvidence = (check: CheckResult): string =>
  check.evidence.length === 0
    ? ''
    : `<table><thead><tr><th style="width:36%">Fact</th><th style="width:28%">Value</th><th>Read from</th></tr></thead><tbody>${check.evidence
        .map(
          (one) =>
            `<tr><td class="value">${escapeHtml(one.fact)}</td><td class="value">${
              one.value === null ? '<em>not known</em>' : escapeHtml(one.value)
            }</td><td class="value">${escapeHtml(one.from)}</td></tr>`,
        )
        .join('')}</tbody></table>`;

const showRemediation = ({ remediation }: CheckResult): string => {
  if (!remediation) return '';
  const more = [
    remediation.manual === undefined
      ? ''
      : `<p class="small">Manually: <span class="code">${escapeHtml(remediation.manual)}</span></p>`,
    remediation.script === undefined
      ? ''
      : `<p class="small">PowerShell: <span class="code">${escapeHtml(remediation.script)}</span></p>`,
  ].join('');
  return `<p><strong>What to do:</strong> ${escapeHtml(remediation.text)}</p>${more}`;
};

const showCheck = (check: CheckResult): string => {
  const why = whyItMatters[check.id as ReadinessCheckId] as string | undefined;
  return `<section class="check"><div class="head"><h3>${escapeHtml(check.title)}</h3>${showOutcome(check.outcome)}</div>
${describe([
  ['Found', check.observed],
  ['Expected', check.expected],
  [check.outcome === 'unknown' ? 'Not known because' : 'Because', check.because],
  ['Why it matters', why ?? null],
])}${showRemediation(check)}${showEvidence(check)}<p class="small">${escapeHtml(check.id)}, ${
    check.severity === 'critical'
      ? 'decides the verdict'
      : check.severity === 'warning'
        ? 'does not decide the verdict'
        : 'for information'
  }. Rule: ${escapeHtml(check.source)}</p></section>`;
};

const showThree = (checks: readonly CheckResult[]): string =>
  `<div class="three">${printedProcedureChecks
    .map((id) => checks.find((check) => check.id === id))
    .filter((check) => check !== undefined)
    .map(
      (check) =>
        `<div><h3>${escapeHtml(check.title)}</h3>${showOutcome(check.outcome)}<p class="small">${escapeHtml(check.observed)}</p></div>`,
    )
    .join('')}</div>`;

const showGroups = (checks: readonly CheckResult[]): string => {
  const grouped = new Set<string>(readinessGroups.flatMap((group) => group.checks));
  const rest = checks.filter((check) => !grouped.has(check.id));
  const groups = readinessGroups.map((group) => ({
    title: group.title,
    checks: group.checks.map((id) => checks.find((check) => check.id === id)).filter((check) => check !== undefined),
  }));
  return [...groups, ...(rest.length > 0 ? [{ title: 'Other', checks: rest }] : [])]
    .map((group) => `<h2>${escapeHtml(group.title)}</h2>${group.checks.map(showCheck).join('\n')}`)
    .join('\n');
};

/** One line per check: what fits on the first page, for those who read no further. */
const showSummary = (checks: readonly CheckResult[]): string =>
  `<table><thead><tr><th style="width:32%">Check</th><th style="width:18%">Outcome</th><th>Found</th></tr></thead><tbody>${checks
    .map(
      (check) =>
        `<tr><td>${escapeHtml(check.title)}</td><td>${showOutcome(check.outcome)}</td><td class="value">${escapeHtml(
          check.outcome === 'unknown' || check.outcome === 'notApplicable'
            ? (check.because ?? check.observed)
            : check.observed,
        )}</td></tr>`,
    )
    .join('')}</tbody></table>`;

const judgedForText = (report: ReadinessReport): string =>
  `${windowsServerTitle(report.judgedFor)} (${
    report.judgedForBecause === 'chosen'
      ? 'as chosen'
      : report.judgedForBecause === 'running'
        ? 'the one that runs there'
        : 'no known Windows Server runs there'
  })`;

/** A report as one HTML file: no script, no reference to anything outside, made for paper. */
export const renderHtmlReport = async (report: ReadinessReport): Promise<string> => {
  const { default: qrcode } = await import('qrcode');
  const code = await qrcode.toString(report.catalog.address, { type: 'svg', margin: 2, errorCorrectionLevel: 'M' });
  const { machine, facts } = report;
  const name = machine.name ?? 'a machine without a name';
  const title = `Readiness of ${name}`;
  return reportPage(
    escapeHtml(title),
    `${facts.source.kind === 'rehearsal' ? '<p class="banner">REHEARSAL: this is a simulated server, not a real one.</p>\n' : ''}<p class="small">Quorate readiness report</p>
<h1>${escapeHtml(name)}: ${verdictWords[report.verdict]}</h1>
<div class="verdict ${report.verdict}"><p>${escapeHtml(report.sentence)}</p></div>
${showThree(report.checks)}
<h2>The machine</h2>
${describe([
  ['Name', machine.name],
  ['Make and model', [machine.manufacturer, machine.model].filter((part) => part !== null).join(' ')],
  ['Serial number', machine.serialNumber],
  ['Firmware', machine.firmware],
  ['Processors', machine.processors],
  ['Operating system', machine.operatingSystem],
  ['Judged for', judgedForText(report)],
  ['Facts read', `${utcTime(facts.collectedAt)} by ${facts.collectedBy.tool} ${facts.collectedBy.version}`],
  ['Read from', facts.source.kind === 'live' ? 'the machine itself' : facts.source.names.join(', ')],
])}
${facts.notes.map((note) => `<p>${escapeHtml(note)}</p>`).join('')}
<div class="catalog">${code.trim()}<div><h3>Windows Server Catalog</h3><p>${
      report.catalog.lookUp === null
        ? 'Look up make and model'
        : `Look up \u201c${escapeHtml(report.catalog.lookUp)}\u201d`
    } at <span class="code">${escapeHtml(report.catalog.address)}</span>. The code opens the address on a phone.</p></div></div>
<h2>All checks</h2>
${showSummary(report.checks)}
${showGroups(report.checks)}
<footer>
<p>Made by Quorate ${escapeHtml(report.tool.version)} on ${utcTime(report.at)}.</p>
<p class="code">${report.digest.algorithm} ${report.digest.value}</p>
<p>The digest is taken over the JSON form of this report; Quorate refuses a JSON that no longer fits it.</p>
</footer>`,
  );
};
