import { roleLabels } from '../../../shared/model/cluster-file.ts';
import {
  shownAddresses,
  stageWords,
  type FormationPlan,
  type FormationStep,
  type SeenServer,
  type Wanted,
} from '../../../shared/model/formation.ts';
import { explain, ofRehearsal } from '../../../shared/errors/failure.ts';
import type { RehearsedPlace } from '../../../shared/errors/rehearsed-words.ts';
import { escapeHtml } from '../reports/html-report.ts';
import { reportPage } from '../reports/html-style.ts';
import type { FormationRecord } from './formation-log.ts';
import { topologyHtml } from './html-topology.ts';
import { utcTime } from '../../../shared/model/time.ts';
import type { ValidationReport } from '../../../shared/validation/report.ts';

/** One file of an export. */
export interface ExportedFile {
  readonly name: string;
  readonly mediaType: string;
  readonly text: string;
}

const nodesOf = (plan: FormationPlan): string[] => [...new Set(plan.steps.map(({ node }) => node))];

const fileName = (text: string): string => text.replace(/[^A-Za-z0-9_-]+/g, '-');

const marksOf = (step: FormationStep): string =>
  [
    ...(step.certainty === 'expected' ? ['expected: planned again before it runs'] : []),
    ...(step.destructive ? ['data can be lost'] : []),
    ...(step.restart === 'now' ? ['restarts the server'] : []),
    ...(step.cutsConnection ? ['may cut the connection'] : []),
  ].join('; ');

const escapeMarkdown = (text: string): string => text.replace(/([\\`*_{}[\]<>|#])/g, '\\$1');

/** The plan as a runbook: every step with its reason, the way of a person, and the script. */
export const runbookMarkdown = (plan: FormationPlan): ExportedFile => {
  const lines = [
    `# Forming the cluster ${escapeMarkdown(plan.cluster)}`,
    '',
    `${plan.steps.length === 0 ? 'No step is planned' : `${plan.steps.length} steps on ${nodesOf(plan).join(', ')}`}. A step marked as expected is shown as it will most likely be; Quorate plans it again from`,
    'what the servers show before it runs. Steps that are done are not repeated.',
    '',
  ];
  for (const stop of plan.stops)
    lines.push(
      `> **Stops at ${escapeMarkdown(stop.server)}:** ${escapeMarkdown(stop.what)} ${escapeMarkdown(stop.next)}`,
      '',
    );
  let stage: string | null = null;
  for (const [index, step] of plan.steps.entries()) {
    if (step.stage !== stage) {
      stage = step.stage;
      lines.push(`## ${stageWords[step.stage].title}`, '', stageWords[step.stage].purpose, '');
    }
    const marks = marksOf(step);
    lines.push(`### ${index + 1}. ${escapeMarkdown(step.node)}: ${escapeMarkdown(step.title)}`, '');
    if (marks) lines.push(`*${marks}*`, '');
    lines.push(escapeMarkdown(step.why), '', `- By hand: ${escapeMarkdown(step.manual)}`);
    lines.push(`- To undo: ${step.undo === null ? 'not possible' : escapeMarkdown(step.undo)}`);
    if (step.script !== null) lines.push('', '```powershell', step.script.replaceAll('```', '` ` `'), '```');
    lines.push('', '- [ ] done', '');
  }
  return { name: `runbook-${fileName(plan.cluster)}.md`, mediaType: 'text/markdown', text: `${lines.join('\n')}\n` };
};

/** One script for each server, in the order of the plan. It is for reading and for the worst day: Quorate runs the steps one by one. */
export const serverScripts = (plan: FormationPlan): ExportedFile[] =>
  nodesOf(plan).map((node) => {
    const lines = [
      `# Steps of ${node} for the cluster ${plan.cluster}, in order. Run them on ${node} in an elevated console, one by one, and look at`,
      '# each result before the next. Steps of other servers that have to come before are named.',
      '',
    ];
    const own = new Set(plan.steps.filter((step) => step.node === node).map(({ id }) => id));
    const titles = new Map(plan.steps.map((step) => [step.id, `${step.node}: ${step.title}`]));
    for (const step of plan.steps.filter((one) => one.node === node)) {
      lines.push(`# ${step.title}`);
      const marks = marksOf(step);
      if (marks) lines.push(`# (${marks})`);
      for (const id of step.requires) if (!own.has(id)) lines.push(`# Before it: ${titles.get(id) ?? id}`);
      lines.push(step.script ?? `# By hand: ${step.manual}`, '');
    }
    return { name: `${fileName(node)}.ps1`, mediaType: 'text/plain', text: `\ufeff${lines.join('\r\n')}\r\n` };
  });

const stateWords = {
  waiting: 'not started',
  running: 'running',
  interrupted: 'interrupted: not known whether it was done',
  done: 'done',
  alreadyDone: 'was done already',
  failed: 'failed',
  skipped: 'skipped',
} as const;

/** Who asked for something, in words: `cli` and `ui` are Quorate's own names. */
const byWords = (by: string): string =>
  by === 'cli' ? 'from the command line' : by === 'ui' ? 'from the window' : `by ${by}`;

const labels: Readonly<Record<string, string>> = roleLabels;

/** A server as it saw itself, in a few lines: what a reader compares before and after. */
const seenText = ({ computerName, windows, account, nics, disks, sessions }: SeenServer): string =>
  [
    `${computerName}, ${windows}${account === null ? '' : `, as ${account}`}`,
    ...nics
      .filter(({ role }) => role !== 'unused')
      .map(
        ({ name, mac, role, isConnected, addresses }) =>
          `${labels[role] ?? role}: ${name} (${mac}), ${shownAddresses(addresses).join(', ') || 'no address'}${isConnected === false ? ', no link' : ''}`,
      ),
    sessions === null
      ? 'iSCSI sessions: not known'
      : `iSCSI sessions: ${sessions.filter(({ isConnected }) => isConnected).length} connected`,
    ...(disks ?? []).map(
      ({ serial, letter, isOffline, isClustered }) =>
        `Disk ${serial ?? 'without a serial number'}: ${isClustered ? 'in the cluster' : isOffline ? 'offline' : 'online'}${letter === null ? '' : `, ${letter}:`}`,
    ),
  ].join('\n');

const seenHtml = (title: string, servers: readonly SeenServer[] | null, names: readonly string[]): string =>
  `<h2>${title}</h2>${
    servers === null
      ? '<p>Not recorded.</p>'
      : `<table><tbody>${names
          .map((name) => {
            const seen = servers.find(({ server }) => server === name);
            return `<tr><td style="width:15%">${escapeHtml(name)}</td><td class="value" style="white-space:pre-line">${escapeHtml(seen ? seenText(seen) : 'It could not be asked.')}</td></tr>`;
          })
          .join('')}</tbody></table>`
  }`;

/** A report of Windows' validation that belongs to a record. */
export interface AttachedValidation {
  readonly name: string;
  readonly report: ValidationReport;
  /** The report as Windows wrote it. */
  readonly base64: string;
}

const validationHtml = ({ name, report, base64 }: AttachedValidation): string =>
  `<h2>Validation report</h2><p>${escapeHtml(report.overall.text)} ${escapeHtml(report.nodes.join(', '))}, ${escapeHtml(report.completedText ?? report.startedText ?? '')}. <a download="${escapeHtml(name)}" href="data:text/html;base64,${base64}">${escapeHtml(name)}</a> (as Windows wrote it)</p>
<table><thead><tr><th style="width:50%">Test</th><th style="width:15%">Result</th><th style="width:35%">Messages</th></tr></thead><tbody>${report.tests
    .map(
      (test) =>
        `<tr><td>${escapeHtml(test.name)}</td><td>${escapeHtml(test.raw)}</td><td class="value">${escapeHtml(
          test.messages
            .filter(({ level }) => level === 'warning' || level === 'error')
            .map(({ text }) => text)
            .join(' '),
        )}</td></tr>`,
    )
    .join('')}</tbody></table>`;

/** When a step began and ended; one time where both are the same second. */
const timesHtml = (startedAt: string | null, endedAt: string | null): string =>
  [...new Set([startedAt, endedAt].flatMap((at) => (at === null ? [] : [utcTime(at)])))].join('<br>');

/** The cluster as it was read last. */
const pictured = (record: FormationRecord, wanted: Wanted): string =>
  `<h2>The cluster</h2>${topologyHtml({
    direction: record.direction,
    wanted,
    servers: record.after ?? [],
    steps: [...record.earlier, ...record.steps],
    isWhole: record.state === 'formed',
    machines: [],
  })}`;

/**
 * Before, what was done when and by whom with its proof, after with the picture, and the validation: the record of a formation that ran. `wanted`:
 * what its cluster file asked for; null where this version cannot read it. What was taken back has no picture.
 */
export const recordHtml = (
  record: FormationRecord,
  skips: readonly { readonly step: string; readonly reason: string; readonly at: string; readonly by: string }[],
  names: readonly string[],
  validations: readonly AttachedValidation[],
  rehearsal: RehearsedPlace | null,
  wanted: Wanted | null,
): ExportedFile => {
  const accounts = new Map((record.before ?? record.after ?? []).map(({ server, account }) => [server, account]));
  const rows = [...record.earlier, ...record.steps]
    .map(
      ({ node, title, state, proof, error, startedAt, endedAt }) =>
        `<tr><td>${timesHtml(startedAt, endedAt)}</td><td class="value">${escapeHtml(node)}${accounts.get(node) ? `<br>${escapeHtml(accounts.get(node)!)}` : ''}</td><td class="value">${escapeHtml(title)}</td><td>${escapeHtml(stateWords[state])}</td><td class="value">${escapeHtml(proof ?? (error ? explain(rehearsal ? ofRehearsal(error, rehearsal) : error).what : ''))}</td></tr>`,
    )
    .join('');
  const left = skips
    .map(
      ({ step, reason, at, by }) =>
        `<li>${escapeHtml(step)}: ${escapeHtml(reason)} (${escapeHtml(byWords(by))}, ${utcTime(at)})</li>`,
    )
    .join('');
  const besides = record.notes.map(({ at, text: note }) => `<li>${escapeHtml(note)} (${utcTime(at)})</li>`).join('');
  const text = reportPage(
    `Formation of ${escapeHtml(record.cluster)}`,
    `${rehearsal ? '<p class="banner">REHEARSAL: these are simulated servers, not real ones.</p>\n' : ''}<h1>Formation of the cluster ${escapeHtml(record.cluster)}</h1>
<dl><dt>Formation</dt><dd>${escapeHtml(record.formation)}</dd><dt>Started</dt><dd>${utcTime(record.startedAt)}${rehearsal ? '' : `, ${escapeHtml(byWords(record.by))}`}</dd><dt>Ended</dt><dd>${record.endedAt === null ? 'not yet' : utcTime(record.endedAt)}</dd><dt>State</dt><dd>${escapeHtml(record.state)}</dd><dt>Cluster file</dt><dd>${escapeHtml(record.path)}</dd></dl>
${seenHtml('Before', record.before, names)}
<h2>What was done</h2><table><thead><tr><th style="width:16%">When</th><th style="width:20%">Server, as whom</th><th style="width:27%">Step</th><th style="width:11%">Outcome</th><th style="width:26%">Proof</th></tr></thead><tbody>${rows}</tbody></table>
${besides ? `<h2>What happened besides</h2><ul>${besides}</ul>` : ''}
${left ? `<h2>What was skipped</h2><ul>${left}</ul>` : ''}
${seenHtml('After', record.after, names)}
${wanted === null || record.direction === 'undo' ? '' : pictured(record, wanted)}
${validations.map(validationHtml).join('\n')}
<h2>The cluster file</h2><div class="code">${escapeHtml(record.text)}</div>
<footer>Written by Quorate. Every proof was read back from the server after the step.</footer>`,
  );
  return { name: `formation-${fileName(record.cluster)}.html`, mediaType: 'text/html', text };
};
