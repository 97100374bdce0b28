import type { OutputOf, ParsedInputOf } from '../../../shared/contract/define.ts';
import type { formationExport } from '../../../shared/contract/formation.ts';
import { failure } from '../../../shared/errors/failure.ts';
import type { FormationPlan } from '../../../shared/model/formation.ts';
import type { PdfPrinter } from '../../ports/pdf-printer.ts';
import { recordHtml, runbookMarkdown, serverScripts, type ExportedFile } from './exports.ts';
import type { FormationLog } from './formation-log.ts';

export interface ExportTools {
  readonly log: FormationLog;
  readonly printer: PdfPrinter | null;
  readonly plan: (text: string, withScripts: boolean) => Promise<FormationPlan>;
  readonly signal: AbortSignal;
}

const encoded = ({ name, mediaType, text }: ExportedFile) => ({
  name,
  mediaType,
  base64: Buffer.from(text).toString('base64'),
});

/** The record of the formation that ran last. Throws FORM_NO_RECORD, REPORT_PDF_UNAVAILABLE. */
const exportRecord = async (format: 'html' | 'pdf', { log, printer, signal }: ExportTools) => {
  const record = log.last();
  if (!record) throw failure('FORM_NO_RECORD', {});
  const html = recordHtml(record, log.skips());
  if (format === 'html') return encoded(html);
  if (!printer) throw failure('REPORT_PDF_UNAVAILABLE', { reason: 'this installation has no desktop part' });
  const bytes = await printer.print(html.text, { signal });
  return {
    name: html.name.replace(/html$/, 'pdf'),
    mediaType: 'application/pdf',
    base64: Buffer.from(bytes).toString('base64'),
  };
};

/** The plan, or the record of what ran, as files for people and for other tools. */
export const exportFormation = async (
  input: ParsedInputOf<typeof formationExport>,
  tools: ExportTools,
): Promise<OutputOf<typeof formationExport>> => {
  const { format } = input;
  if (format === 'html' || format === 'pdf') return { files: [await exportRecord(format, tools)] };
  const text = input.text ?? tools.log.last()?.text;
  if (text === undefined) throw failure('FORM_NO_RECORD', {});
  const plan = await tools.plan(text, format !== 'json');
  if (format === 'markdown') return { files: [encoded(runbookMarkdown(plan))] };
  if (format === 'powershell') return { files: serverScripts(plan).map(encoded) };
  const json = `${JSON.stringify({ schema: 'quorate.formation-plan/1', ...plan }, null, 2)}\n`;
  return { files: [encoded({ name: `plan-${plan.cluster}.json`, mediaType: 'application/json', text: json })] };
};
