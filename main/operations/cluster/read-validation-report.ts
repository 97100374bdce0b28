import type { FileInput } from '../../../shared/contract/readiness.ts';
import { failure } from '../../../shared/errors/failure.ts';
import { cleanText } from '../../../shared/model/fact.ts';
import { explainTest } from '../../../shared/validation/explanations.ts';
import {
  validationReportSchemaId,
  validationReportSchemaVersion,
  worstResult,
  type ValidationMessage,
  type ValidationReport,
  type ValidationTest,
} from '../../../shared/validation/report.ts';
import { readReportDate, resultOf } from '../../../shared/validation/results.ts';
import type { FilePort } from '../../ports/file-port.ts';
import { decodePage } from '../readiness/decode-text.ts';
import { readValidationHtml, type ValidationHtml, type ValidationSection } from './validation-html.ts';

/** A report on four nodes has one megabyte; sixty-four nodes stay far below this. */
export const longestValidationReportBytes = 64 * 1024 * 1024;

const readBytes = async (input: FileInput, files: FilePort): Promise<{ name: string; bytes: Uint8Array }> => {
  if (input.kind === 'path')
    return { name: input.path, bytes: await files.read(input.path, longestValidationReportBytes) };
  const name = cleanText(input.name);
  const sizeBytes = Math.floor((input.base64.length * 3) / 4);
  if (sizeBytes > longestValidationReportBytes)
    throw failure('IMPORT_FILE_TOO_LARGE', { path: name, sizeBytes, limitBytes: longestValidationReportBytes });
  return { name, bytes: Buffer.from(input.base64, 'base64') };
};

/** `Start: 11/19/2017 8:31:55 PM.` and `Stop: ...`: when, not what; the first and the last line of a section. */
const isTimeStamp = (text: string): boolean => /^[^:]{1,30}: .{0,20}\d{1,2}[:.]\d{2}[:.]\d{2}.{0,12}\.$/.test(text);

const shortName = (node: string): string => node.split('.')[0] ?? node;

/** Finds the one node that a text names: `HV1` is not in `HV10` or in `HV1-OLD`. */
const nodeFinder = (nodes: readonly string[]): ((text: string) => string | undefined) => {
  const patterns = nodes.map((node) => {
    const name = shortName(node).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return { node, pattern: new RegExp(`(?<![\\p{L}\\p{N}_-])${name}(?![\\p{L}\\p{N}_-])`, 'iu') };
  });
  return (text) => {
    const named = patterns.filter(({ pattern }) => pattern.test(text));
    return named.length === 1 ? named[0]?.node : undefined;
  };
};

const messagesOf = (
  section: ValidationSection | undefined,
  nodes: readonly string[],
  findNode: (text: string) => string | undefined,
): ValidationMessage[] => {
  const all = section?.messages ?? [];
  return all
    .filter(({ level, text }, at) => !(level === 'info' && (at === 0 || at === all.length - 1) && isTimeStamp(text)))
    .map(({ level, text, heading }) => {
      const under = heading === null ? undefined : nodes.find((node) => node.toLowerCase() === heading.toLowerCase());
      const node = findNode(text) ?? under;
      return node === undefined ? { level, text } : { level, text, node };
    });
};

const notesOf = (html: ValidationHtml, tests: readonly ValidationTest[], isEnglish: boolean): string[] => {
  const missing = html.rows.filter(({ target }) => !html.sections.has(target));
  const reservation = tests.find((test) => /^Validate SCSI-3 Persistent Reservations?$/i.test(test.name));
  return [
    ...(isEnglish && (reservation === undefined || reservation.result === 'notApplicable')
      ? [
          `The shared disks were not tested: ${reservation ? 'no disk was found that every server sees' : 'the storage tests were not selected'}. This report does not prove them.`,
        ]
      : []),
    ...(html.overall.some(({ text }) => /for the tests you selected/i.test(text))
      ? ['Not every test was selected. Microsoft supports a cluster only after a run of all tests.']
      : []),
    ...(isEnglish
      ? []
      : [
          'The report is not in English: results are read from its pictures, names and texts stay as they are, and there are no explanations.',
        ]),
    ...(missing.length === 0
      ? []
      : [
          `The report has no section for ${missing.length === 1 ? `the test "${missing[0]?.name}"` : `${missing.length} of its tests, such as "${missing[0]?.name}"`}.`,
        ]),
  ];
};

/** @throws Failure VALIDATION_REPORT_ARCHIVED, VALIDATION_REPORT_IS_XML, VALIDATION_REPORT_NOT_RECOGNISED, VALIDATION_REPORT_TRUNCATED */
const check = (text: string, html: ValidationHtml, path: string): void => {
  if (/^\s*(From:|MIME-Version:)/i.test(text) && /multipart\/related/i.test(text.slice(0, 2000)))
    throw failure('VALIDATION_REPORT_ARCHIVED', { path });
  if (/^\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]{0,400}?-->\s*)?<Report[\s>]/i.test(text.slice(0, 1000)))
    throw failure('VALIDATION_REPORT_IS_XML', { path });
  const looksLikeOne = /<title>[^<]*(Failover|Cluster)/i.test(text.slice(0, 4000));
  if (!html.isReport) {
    if (looksLikeOne && !html.isClosed) throw failure('VALIDATION_REPORT_TRUNCATED', { path });
    throw failure('VALIDATION_REPORT_NOT_RECOGNISED', { path });
  }
  if (!html.isClosed) throw failure('VALIDATION_REPORT_TRUNCATED', { path });
};

/**
 * Reads a cluster validation report (HTML, as Windows Server 2016 to 2025 writes it), wherever it was made.
 * @throws Failure FILE_*, IMPORT_FILE_*, VALIDATION_REPORT_*
 */
export const readValidationReport = async (input: FileInput, files: FilePort): Promise<ValidationReport> => {
  const { name, bytes } = await readBytes(input, files);
  const decoded = decodePage(bytes, name);
  const text = decoded.text.replace(/^\ufeff/, '');
  const html = readValidationHtml(text);
  check(text, html, name);
  const language = /<html[^>]*\blang="([^"]{2,12})"/i.exec(text.slice(0, 2000))?.[1]?.toLowerCase() ?? '';
  const isEnglish = language === '' || language.startsWith('en');
  const findNode = nodeFinder(html.nodes);
  const tests = html.rows.map((row): ValidationTest => {
    const section = html.sections.get(row.target);
    const { result, raw } = resultOf(row.word, row.image);
    const messages = messagesOf(section, html.nodes, findNode);
    return {
      category: row.category,
      name: row.name,
      result,
      raw,
      description: section?.description ?? null,
      messages,
      ...explainTest(row.name, result, messages),
    };
  });
  const isEnglishUs = language === 'en-us';
  return {
    schema: `${validationReportSchemaId}/${validationReportSchemaVersion}`,
    source: name,
    nodes: [...html.nodes],
    startedAt: html.started === null ? null : readReportDate(html.started, isEnglishUs),
    startedText: html.started,
    completedAt: html.completed === null ? null : readReportDate(html.completed, isEnglishUs),
    completedText: html.completed,
    overall: {
      result: worstResult(tests.map((test) => test.result)),
      text: html.overall.map((one) => one.text).join(' '),
    },
    tests,
    notes: [
      ...(decoded.isLossy
        ? ['The file was saved in another code page: letters beyond ASCII are shown as \ufffd. Copy the original.']
        : []),
      ...notesOf(html, tests, isEnglish),
    ],
  };
};
