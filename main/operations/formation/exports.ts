import { stageWords, type FormationPlan, type FormationStep } from '../../../shared/model/formation.ts';
import { escapeHtml } from '../reports/html-report.ts';
import { reportStyle } from '../reports/html-style.ts';
import type { FormationRecord } from './formation-log.ts';
import { utcTime } from '../../../shared/model/time.ts';

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
    `${plan.steps.length} steps on ${nodesOf(plan).join(', ')}. A step marked as expected is shown as it will most likely be; Quorate plans it again from`,
    'what the servers show before it runs. What is done already is not done twice.',
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
  waiting: 'not begun',
  running: 'running',
  interrupted: 'interrupted: not known whether it was done',
  done: 'done',
  alreadyDone: 'was done already',
  failed: 'failed',
  skipped: 'left out',
} as const;

/** Who asked for something, in words: `cli` and `ui` are Quorate's own names. */
const byWords = (by: string): string =>
  by === 'cli' ? 'from the command line' : by === 'ui' ? 'from the window' : `by ${by}`;

/** What was done when, by whom, with its proof: the record of a formation that ran. */
export const recordHtml = (
  record: FormationRecord,
  skips: readonly { readonly step: string; readonly reason: string; readonly at: string; readonly by: string }[],
): ExportedFile => {
  const rows = record.steps
    .map(
      ({ node, title, state, proof, error, startedAt, endedAt }) =>
        `<tr><td>${startedAt === null ? '' : utcTime(startedAt)}<br>${endedAt === null ? '' : utcTime(endedAt)}</td><td>${escapeHtml(node)}</td><td class="value">${escapeHtml(title)}</td><td>${escapeHtml(stateWords[state])}</td><td class="value">${escapeHtml(proof ?? error?.code ?? '')}</td></tr>`,
    )
    .join('');
  const left = skips
    .map(
      ({ step, reason, at, by }) =>
        `<li>${escapeHtml(step)}: ${escapeHtml(reason)} (${escapeHtml(byWords(by))}, ${utcTime(at)})</li>`,
    )
    .join('');
  const text = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Formation of ${escapeHtml(record.cluster)}</title><style>${reportStyle}</style></head><body>
<h1>Formation of the cluster ${escapeHtml(record.cluster)}</h1>
<dl><dt>Formation</dt><dd>${escapeHtml(record.formation)}</dd><dt>Started</dt><dd>${utcTime(record.startedAt)}, ${escapeHtml(byWords(record.by))}</dd><dt>Ended</dt><dd>${record.endedAt === null ? 'not yet' : utcTime(record.endedAt)}</dd><dt>State</dt><dd>${escapeHtml(record.state)}</dd><dt>Cluster file</dt><dd>${escapeHtml(record.path)}</dd></dl>
<h2>What was wanted</h2><div class="code">${escapeHtml(record.text)}</div>
<h2>What was done</h2><table><thead><tr><th style="width:20%">When</th><th style="width:10%">Server</th><th style="width:32%">Step</th><th style="width:10%">Outcome</th><th style="width:28%">Proof</th></tr></thead><tbody>${rows}</tbody></table>
${left ? `<h2>What was left out</h2><ul>${left}</ul>` : ''}
<footer>Written by Quorate. Every proof was read back from the server after the step.</footer>
</body></html>
`;
  return { name: `formation-${fileName(record.cluster)}.html`, mediaType: 'text/html', text };
};
