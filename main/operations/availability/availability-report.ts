import type { AvailabilitySource } from '../../../shared/contract/availability.ts';
import type { HandedOver, HandOverTo } from '../../../shared/contract/hand-over.ts';
import { analyze, type AvailabilityReport } from '../../../shared/availability/report.ts';
import type { ReportFormat } from '../../../shared/contract/reports.ts';
import { whatIf, type LossResult, type WhatIf, type WhatIfRequest } from '../../../shared/availability/what-if.ts';
import { failure } from '../../../shared/errors/failure.ts';
import type { FilePort } from '../../ports/file-port.ts';
import type { PdfPrinter } from '../../ports/pdf-printer.ts';
import { handOver, mediaTypes } from '../reports/hand-over.ts';
import { availabilityDigestOf } from './availability-digest.ts';
import { measuredSeconds } from '../drills/measured-seconds.ts';
import { readState, type StatePorts } from './read-state.ts';

/** @throws Failure as {@link readState}, and AVAILABILITY_LOSS_*, AVAILABILITY_TOO_MANY_ELEMENTS */
export const runWhatIf = async (
  input: WhatIfRequest & { readonly source: AvailabilitySource },
  ports: StatePorts,
): Promise<WhatIf> => {
  const { state, notes, source } = await readState(input.source, ports);
  const answer = whatIf(state, input, notes);
  const { name: cluster } = state;
  const measured =
    cluster === undefined
      ? null
      : measuredSeconds(ports.drills(), { kind: 'node', cluster, isRehearsal: source.kind === 'rehearsal' });
  return measured ? { ...answer, results: answer.results.map((result) => withMeasure(result, measured)) } : answer;
};

/** Only the loss of nodes is what a drill of a node has measured. */
const withMeasure = (result: LossResult, measured: NonNullable<ReturnType<typeof measuredSeconds>>): LossResult =>
  result.counts.restarts === 0 || !result.lose.every((id) => id.startsWith('node:'))
    ? result
    : {
        ...result,
        measuredRestart: measured,
        sentence: `${result.sentence} ${measured.drills === 1 ? 'A drill' : `${measured.drills} drills`} measured at most ${measured.seconds} s until a virtual machine ran again, the last on ${measured.last.slice(0, 10)}; the service of the node was stopped in order then.`,
      };

/** @throws Failure as {@link readState} */
export const makeAvailabilityReport = async (
  source: AvailabilitySource,
  ports: StatePorts,
): Promise<AvailabilityReport> => {
  const read = await readState(source, ports);
  const content = analyze(read.state, {
    version: ports.version,
    at: ports.now().toISOString(),
    source: read.source,
    notes: read.notes,
  });
  return { ...content, digest: availabilityDigestOf(content) };
};

const nameOf = (report: AvailabilityReport, format: ReportFormat): string => {
  const what = (report.state.name ?? report.state.nodes[0]?.name ?? 'cluster')
    .replace(/[^\p{L}\p{N}_-]+/gu, '-')
    .replace(/^-+|-+$/g, '');
  return `availability-${what.slice(0, 40) || 'cluster'}-${report.at.slice(0, 10)}.${format}`;
};

/** @throws Failure FILE_NOT_WRITABLE, REPORT_PDF_UNAVAILABLE */
export const exportAvailability = async (
  input: { readonly report: AvailabilityReport; readonly format: ReportFormat; readonly to: HandOverTo },
  { files, printer }: { readonly files: FilePort; readonly printer: PdfPrinter | null },
  signal?: AbortSignal,
): Promise<HandedOver> => {
  const { report, format, to } = input;
  const render = async (): Promise<Uint8Array> => {
    if (format === 'json') return Buffer.from(`${JSON.stringify(report, null, 2)}\n`, 'utf8');
    const { renderHtmlAvailability } = await import('./html-availability.ts');
    const html = renderHtmlAvailability(report);
    if (format === 'html') return Buffer.from(html, 'utf8');
    if (!printer) throw failure('REPORT_PDF_UNAVAILABLE', { reason: 'this installation has no desktop part' });
    return printer.print(html, signal ? { signal } : {});
  };
  return handOver(await render(), { name: nameOf(report, format), mediaType: mediaTypes[format] }, to, files);
};
