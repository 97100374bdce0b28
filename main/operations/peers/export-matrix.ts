import type { HandedOver, HandOverTo } from '../../../shared/contract/hand-over.ts';
import type { ReportFormat } from '../../../shared/contract/reports.ts';
import { failure } from '../../../shared/errors/failure.ts';
import type { NetworkMatrix } from '../../../shared/model/network-matrix.ts';
import type { FilePort } from '../../ports/file-port.ts';
import type { PdfPrinter } from '../../ports/pdf-printer.ts';
import { handOver, mediaTypes } from '../reports/hand-over.ts';

/** @throws Failure FILE_NOT_WRITABLE, REPORT_PDF_UNAVAILABLE */
export const exportMatrix = async (
  { matrix, format, to }: { readonly matrix: NetworkMatrix; readonly format: ReportFormat; readonly to: HandOverTo },
  { files, printer }: { readonly files: FilePort; readonly printer: PdfPrinter | null },
  signal?: AbortSignal,
): Promise<HandedOver> => {
  const render = async (): Promise<Uint8Array> => {
    if (format === 'json') return Buffer.from(`${JSON.stringify(matrix, null, 2)}\n`, 'utf8');
    const { renderHtmlMatrix } = await import('./html-matrix.ts');
    const html = renderHtmlMatrix(matrix);
    if (format === 'html') return Buffer.from(html, 'utf8');
    if (!printer) throw failure('REPORT_PDF_UNAVAILABLE', { reason: 'this installation has no desktop part' });
    return printer.print(html, signal ? { signal } : {});
  };
  return handOver(await render(), { name: `${matrix.id}.${format}`, mediaType: mediaTypes[format] }, to, files);
};
