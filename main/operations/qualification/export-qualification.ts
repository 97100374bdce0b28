import { failure } from '../../../shared/errors/failure.ts';
import type { QualificationReport } from '../../../shared/model/qualification.ts';
import type { FilePort } from '../../ports/file-port.ts';
import type { PdfPrinter } from '../../ports/pdf-printer.ts';
import type { HandedOver, HandOverTo } from '../../../shared/contract/hand-over.ts';
import { handOver, mediaTypes } from '../reports/hand-over.ts';
import { renderHtmlQualification } from './html-qualification.ts';

type Format = 'html' | 'json' | 'pdf';

/**
 * Finds out before a qualification whether its report can be written: afterwards the verdict would be lost.
 * @throws Failure FILE_NOT_WRITABLE, REPORT_PDF_UNAVAILABLE
 */
export const checkReport = async (
  { path, format }: { readonly path: string; readonly format: Format },
  { files, printer }: { readonly files: FilePort; readonly printer: PdfPrinter | null },
): Promise<{ readonly replaces: boolean }> => {
  const reason = format === 'pdf' ? (printer ? printer.whyNot() : 'this installation has no desktop part') : null;
  if (reason !== null) throw failure('REPORT_PDF_UNAVAILABLE', { reason });
  const { exists } = await files.probe(path);
  return { replaces: exists };
};

/**
 * Writes the report on a logical unit as HTML, PDF or JSON, or hands the bytes over.
 * @throws Failure FILE_NOT_WRITABLE, REPORT_PDF_UNAVAILABLE
 */
export const exportQualification = async (
  input: { readonly report: QualificationReport; readonly format: Format; readonly to: HandOverTo },
  { files, printer }: { readonly files: FilePort; readonly printer: PdfPrinter | null },
  signal: AbortSignal,
): Promise<HandedOver> => {
  const { report, format, to } = input;
  const render = async (): Promise<Uint8Array> => {
    if (format === 'json') return Buffer.from(`${JSON.stringify(report, null, 2)}\n`, 'utf8');
    const html = renderHtmlQualification(report);
    if (format === 'html') return Buffer.from(html, 'utf8');
    if (!printer) throw failure('REPORT_PDF_UNAVAILABLE', { reason: 'this installation has no desktop part' });
    return printer.print(html, { signal });
  };
  const name = `qualification-lun${report.lun.lun}-${report.startedAt.slice(0, 10)}.${format}`;
  return handOver(await render(), { name, mediaType: mediaTypes[format] }, to, files);
};
