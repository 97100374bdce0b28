import type { ReportFormat } from '../../../shared/contract/reports.ts';
import { failure } from '../../../shared/errors/failure.ts';
import type { ReadinessReport } from '../../../shared/model/readiness-report.ts';
import type { FilePort } from '../../ports/file-port.ts';
import type { PdfPrinter } from '../../ports/pdf-printer.ts';
import type { HandedOver, HandOverTo } from '../../../shared/contract/hand-over.ts';
import { handOver, mediaTypes } from './hand-over.ts';

export interface ExportPorts {
  readonly files: FilePort;
  /** Null where nothing can print: a machine without the desktop host. */
  readonly printer: PdfPrinter | null;
}

/** A file name that every file system takes: the machine and the day. */
export const proposeName = (report: ReadinessReport, format: ReportFormat): string => {
  const machine = (report.machine.name ?? 'machine').replace(/[^\p{L}\p{N}_-]+/gu, '-').replace(/^-+|-+$/g, '');
  return `readiness-${machine.slice(0, 40) || 'machine'}-${report.at.slice(0, 10)}.${format}`;
};

const render = async (
  report: ReadinessReport,
  format: ReportFormat,
  printer: PdfPrinter | null,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> => {
  if (format === 'json') return Buffer.from(`${JSON.stringify(report, null, 2)}\n`, 'utf8');
  const { renderHtmlReport } = await import('./html-report.ts');
  if (format === 'html') return Buffer.from(await renderHtmlReport(report), 'utf8');
  if (!printer) throw failure('REPORT_PDF_UNAVAILABLE', { reason: 'this installation has no desktop part' });
  return printer.print(await renderHtmlReport(report), signal ? { signal } : {});
};

/**
 * Writes a report as HTML, PDF or JSON into a file, or hands the bytes over.
 * @throws Failure FILE_NOT_WRITABLE, REPORT_PDF_UNAVAILABLE
 */
export const exportReport = async (
  input: {
    readonly report: ReadinessReport;
    readonly format: ReportFormat;
    readonly to: HandOverTo;
  },
  { files, printer }: ExportPorts,
  signal?: AbortSignal,
): Promise<HandedOver> => {
  const content = await render(input.report, input.format, printer, signal);
  const name = proposeName(input.report, input.format);
  return handOver(content, { name, mediaType: mediaTypes[input.format] }, input.to, files);
};
