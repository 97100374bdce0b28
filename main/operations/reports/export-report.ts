import type { ReportFormat } from '../../../shared/contract/reports.ts';
import { failure } from '../../../shared/errors/failure.ts';
import type { ReadinessReport } from '../../../shared/model/readiness-report.ts';
import type { FilePort } from '../../ports/file-port.ts';
import type { PdfPrinter } from '../../ports/pdf-printer.ts';

export interface ExportPorts {
  readonly files: FilePort;
  /** Null where nothing can print: a machine without the desktop host. */
  readonly printer: PdfPrinter | null;
}

export interface ExportedReport {
  readonly path: string | null;
  readonly name: string;
  readonly mediaType: string;
  readonly sizeBytes: number;
  readonly base64: string | null;
}

const mediaTypes: Readonly<Record<ReportFormat, string>> = {
  html: 'text/html',
  pdf: 'application/pdf',
  json: 'application/json',
};

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
    readonly to: { readonly kind: 'path'; readonly path: string } | { readonly kind: 'content' };
  },
  { files, printer }: ExportPorts,
  signal?: AbortSignal,
): Promise<ExportedReport> => {
  const content = await render(input.report, input.format, printer, signal);
  const common = {
    name: proposeName(input.report, input.format),
    mediaType: mediaTypes[input.format],
    sizeBytes: content.length,
  };
  if (input.to.kind === 'content') return { ...common, path: null, base64: Buffer.from(content).toString('base64') };
  await files.write(input.to.path, content);
  return { ...common, path: input.to.path, base64: null };
};
