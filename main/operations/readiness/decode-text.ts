import { failure } from '../../../shared/errors/failure.ts';

/** Beginnings of archives, which a person may hand over as they were sent. */
const archives: readonly { readonly kind: string; readonly magic: readonly number[] }[] = [
  { kind: 'zip', magic: [0x50, 0x4b, 0x03, 0x04] },
  { kind: 'zip', magic: [0x50, 0x4b, 0x05, 0x06] },
  { kind: 'gzip', magic: [0x1f, 0x8b] },
  { kind: '7-Zip', magic: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c] },
  { kind: 'rar', magic: [0x52, 0x61, 0x72, 0x21] },
  { kind: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a] },
  { kind: 'bzip2', magic: [0x42, 0x5a, 0x68] },
  { kind: 'cabinet', magic: [0x4d, 0x53, 0x43, 0x46] },
];

const startsWith = (bytes: Uint8Array, magic: readonly number[]): boolean =>
  magic.every((value, at) => bytes[at] === value);

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/** wmic writes UTF-16LE with a mark; files without one are told by where their zero bytes stand. */
const detectEncoding = (bytes: Uint8Array): Encoding => {
  if (startsWith(bytes, [0xff, 0xfe])) return 'utf-16le';
  if (startsWith(bytes, [0xfe, 0xff])) return 'utf-16be';
  const sample = bytes.subarray(0, 1024);
  let even = 0;
  let odd = 0;
  sample.forEach((value, at) => {
    if (value !== 0) return;
    if (at % 2 === 0) even += 1;
    else odd += 1;
  });
  const half = sample.length / 2;
  if (odd > half * 0.6 && even < half * 0.1) return 'utf-16le';
  if (even > half * 0.6 && odd < half * 0.1) return 'utf-16be';
  return 'utf-8';
};

/** What people hand over in place of a file that can be read: made for reading, not for programs. */
interface PageRow {
  readonly kind: string;
  readonly matches: RegExp;
  readonly instead: string;
}

const sameReport = 'Give the same report exported as JSON (its name ends with .json).';
const pages: readonly PageRow[] = [
  { kind: 'a readiness report of Quorate as HTML', matches: /Quorate readiness report/, instead: sameReport },
  {
    kind: 'a qualification report of Quorate as HTML',
    matches: /<title>Qualification of LUN /,
    instead: sameReport,
  },
  { kind: 'a report of Quorate as HTML', matches: /Made by Quorate /, instead: sameReport },
  {
    kind: 'the web page of a cluster validation',
    matches: /Failover Cluster Validation Report|Validate a Configuration Wizard|ValidationResult/i,
    instead:
      'It holds no facts of a server: read it with "quorate cluster report FILE", and collect facts with "quorate collect" on the server.',
  },
  {
    kind: 'a web page that wmic wrote (/format:htable or hform)',
    matches: /<H3>\s*\d+\s*INSTANCES? OF|Win32_[A-Za-z]+/i,
    instead: 'Write it again with /value in place of /format.',
  },
  { kind: 'a web page', matches: /^/, instead: 'Give what "quorate collect" wrote, or a report exported as JSON.' },
];

const isPage = (text: string): boolean =>
  /^\ufeff?\s*(<!--[\s\S]*?-->\s*)*(<\?xml[^>]*>\s*)?<(!doctype\s+html|html|head|meta|body|h3|table)\b/i.test(text) ||
  (/^\ufeff?\s*(From|MIME-Version|Subject|Date|Content-Type):/i.test(text) &&
    /^Content-Type:\s*multipart\//im.test(text));

/** @throws Failure IMPORT_FILE_IS_PAGE */
const refusePages = (text: string, path: string): void => {
  if (!isPage(text)) return;
  const row = pages.find(({ matches }) => matches.test(text));
  throw failure('IMPORT_FILE_IS_PAGE', { path, kind: row?.kind ?? 'a web page', instead: row?.instead ?? '' });
};

/** @throws Failure IMPORT_FILE_IS_PAGE */
const refuseDocuments = (bytes: Uint8Array, path: string): void => {
  const begins = (word: string): boolean => startsWith(bytes, [...Buffer.from(word, 'latin1')]);
  const kind = begins('%PDF-') ? 'a PDF document' : begins('{\\rtf') ? 'a document of a word processor (RTF)' : null;
  if (kind !== null)
    throw failure('IMPORT_FILE_IS_PAGE', {
      path,
      kind,
      instead: `If it is a report of Quorate: ${sameReport.charAt(0).toLowerCase()}${sameReport.slice(1)}`,
    });
};

/** What to do about a file whose text cannot be read, whatever wrote it. */
const copyAgain = 'Copy it again from where it was written; if an editor changed it since, save it as UTF-8.';
/** The same for facts that somebody collected with wmic. */
export const writeAgain = 'Write it again with wmic /output:FILE, or save it as UTF-8.';

/** The text of a file, and whether bytes of it had to be replaced. */
export interface DecodedText {
  readonly text: string;
  /** The file is in a code page that its bytes do not tell: all that is not ASCII is shown as U+FFFD. */
  readonly isLossy: boolean;
}

/**
 * The text of a file: UTF-8, UTF-16LE or UTF-16BE, with or without a byte order mark; else its ASCII characters, with U+FFFD for every other
 * byte. Line ends are one byte in every code page of Windows, and no second byte of a character is one.
 * @throws Failure IMPORT_FILE_EMPTY, IMPORT_FILE_IS_ARCHIVE, IMPORT_FILE_IS_PAGE, IMPORT_FILE_TRUNCATED, IMPORT_ENCODING_UNKNOWN
 */
export const decodeAnyText = (bytes: Uint8Array, path: string, again = copyAgain): DecodedText => {
  const decoded = decodePage(bytes, path, again);
  refusePages(decoded.text, path);
  return decoded;
};

/**
 * The same for a file that may be a web page.
 * @throws Failure IMPORT_FILE_EMPTY, IMPORT_FILE_IS_ARCHIVE, IMPORT_FILE_IS_PAGE (a PDF), IMPORT_FILE_TRUNCATED, IMPORT_ENCODING_UNKNOWN
 */
export const decodePage = (bytes: Uint8Array, path: string, again = copyAgain): DecodedText => {
  if (bytes.length === 0) throw failure('IMPORT_FILE_EMPTY', { path });
  const archive = archives.find((row) => startsWith(bytes, row.magic));
  if (archive) throw failure('IMPORT_FILE_IS_ARCHIVE', { path, kind: archive.kind });
  refuseDocuments(bytes, path);
  const encoding = detectEncoding(bytes);
  if (encoding !== 'utf-8' && bytes.length % 2 === 1)
    throw failure('IMPORT_FILE_TRUNCATED', { path, reason: 'the last UTF-16 character has one byte only' });
  let text: string;
  let isLossy = false;
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    if (encoding !== 'utf-8')
      throw failure(
        'IMPORT_ENCODING_UNKNOWN',
        { path, reason: `some bytes are not ${encoding}`, again },
        { cause: error },
      );
    text = Buffer.from(bytes)
      .toString('latin1')
      .replace(/[\u0080-\u00ff]/g, '\ufffd');
    isLossy = true;
  }
  if (text.includes('\0'))
    throw failure('IMPORT_ENCODING_UNKNOWN', { path, reason: 'it holds zero characters', again });
  if (text.replace(/\ufeff/g, '').trim() === '') throw failure('IMPORT_FILE_EMPTY', { path });
  return { text, isLossy };
};

/** The failure for a text with replaced bytes, where none can be missed. */
export const encodingUnknown = (path: string, again = copyAgain): Error =>
  failure('IMPORT_ENCODING_UNKNOWN', { path, reason: 'some bytes are not utf-8', again });

/**
 * The text of a file in which every character counts: UTF-8, UTF-16LE or UTF-16BE, with or without a byte order mark.
 * @throws Failure IMPORT_FILE_EMPTY, IMPORT_FILE_IS_ARCHIVE, IMPORT_FILE_IS_PAGE, IMPORT_FILE_TRUNCATED, IMPORT_ENCODING_UNKNOWN
 */
export const decodeText = (bytes: Uint8Array, path: string): string => {
  const { text, isLossy } = decodeAnyText(bytes, path);
  if (isLossy) throw encodingUnknown(path);
  return text;
};
