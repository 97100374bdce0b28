import { join } from 'node:path';
import type { OutputOf, ParsedInputOf } from '../../../shared/contract/define.ts';
import type { formationExport } from '../../../shared/contract/formation.ts';
import { Failure, failure } from '../../../shared/errors/failure.ts';
import type { RehearsedPlace } from '../../../shared/errors/rehearsed-words.ts';
import { machinesOf } from '../../../shared/model/cluster-file-storage-host.ts';
import type { FormationPlan } from '../../../shared/model/formation.ts';
import type { FilePort } from '../../ports/file-port.ts';
import type { PdfPrinter } from '../../ports/pdf-printer.ts';
import { handOver } from '../reports/hand-over.ts';
import { recordHtml, runbookMarkdown, serverScripts, type AttachedValidation, type ExportedFile } from './exports.ts';
import { statusOfRecord, type FormationLog, type FormationRecord } from './formation-log.ts';
import { parseClusterFile } from './parse-cluster-file.ts';
import { readValidationReport } from '../cluster/read-validation-report.ts';

export interface ExportTools {
  readonly log: FormationLog;
  /** The rehearsal whose simulated servers it is about; null: they are real. */
  readonly rehearsal: RehearsedPlace | null;
  readonly files: FilePort;
  readonly printer: PdfPrinter | null;
  readonly plan: (text: string, withScripts: boolean) => Promise<FormationPlan>;
  readonly signal: AbortSignal;
}

type Content = Omit<ExportedFile, 'text'> & { readonly text: string | Uint8Array };

/** The machines of the file that the formation was begun with; those that had steps where that cannot be read any more. */
const machinesIn = ({ text, path, steps, earlier }: FormationRecord): string[] => {
  try {
    return machinesOf(parseClusterFile(text, path)).map(({ name }) => name);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return [...new Set([...earlier, ...steps].map(({ node }) => node))];
  }
};

/** A report of Windows' validation is a few hundred kilobytes. */
const mostReportBytes = 8 * 1024 * 1024;

/** The reports that the validations of a formation kept on this machine; one that cannot be read any more is named by its step alone. */
const validationsOf = async (
  { steps, earlier }: FormationRecord,
  files: FilePort,
): Promise<readonly AttachedValidation[]> => {
  const found: AttachedValidation[] = [];
  for (const { stage, proof } of [...earlier, ...steps]) {
    const path = stage === 'validate' ? /report: (.+\.html?)$/i.exec(proof ?? '')?.[1] : undefined;
    if (path === undefined) continue;
    try {
      const base64 = Buffer.from(await files.read(path, mostReportBytes)).toString('base64');
      const name = path.split(/[\\/]/).pop() ?? 'validation.htm';
      const report = await readValidationReport({ kind: 'content', name, base64 }, files);
      found.push({ name, report, base64 });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
    }
  }
  return found;
};

/** The record of the formation that ran last. Throws FORM_NO_RECORD, REPORT_PDF_UNAVAILABLE. */
const recordOf = async (
  format: 'html' | 'pdf',
  { log, rehearsal, files, printer, signal }: ExportTools,
): Promise<Content> => {
  const record = log.last();
  if (!record) throw failure('FORM_NO_RECORD', {});
  const { wanted } = statusOfRecord(record, log);
  const validations = await validationsOf(record, files);
  const html = recordHtml(record, log.skips(), machinesIn(record), validations, rehearsal, wanted);
  if (format === 'html') return html;
  if (!printer) throw failure('REPORT_PDF_UNAVAILABLE', { reason: 'this installation has no desktop part' });
  const text = await printer.print(html.text, { signal });
  return { name: html.name.replace(/html$/, 'pdf'), mediaType: 'application/pdf', text };
};

const contentsOf = async (
  { format, text: given, path }: ParsedInputOf<typeof formationExport>,
  tools: ExportTools,
): Promise<Content[]> => {
  if (format === 'html' || format === 'pdf') return [await recordOf(format, tools)];
  const text = given ?? tools.log.last()?.text;
  if (text === undefined) throw failure('FORM_NO_RECORD', {});
  if (format === 'file')
    return [{ name: path.split(/[\\/]/).pop() ?? 'cluster.json', mediaType: 'application/json', text }];
  const plan = await tools.plan(text, format !== 'json');
  if (format === 'markdown') return [runbookMarkdown(plan)];
  if (format === 'powershell') return serverScripts(plan);
  const json = `${JSON.stringify({ schema: 'quorate.formation-plan/1', ...plan }, null, 2)}\n`;
  return [{ name: `plan-${plan.cluster}.json`, mediaType: 'application/json', text: json }];
};

/** The plan, or the record of what ran, as files for people and for other tools. */
export const exportFormation = async (
  input: ParsedInputOf<typeof formationExport>,
  tools: ExportTools,
): Promise<OutputOf<typeof formationExport>> => {
  const { to } = input;
  const contents = await contentsOf(input, tools);
  const isFolder = to.kind === 'path' && input.format === 'powershell';
  const files = await Promise.all(
    contents.map(({ text, ...about }) =>
      handOver(
        typeof text === 'string' ? Buffer.from(text) : text,
        about,
        isFolder ? { kind: 'path', path: join(to.path, about.name) } : to,
        tools.files,
      ),
    ),
  );
  return { files };
};
