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

/**
 * The text of a file: UTF-8, UTF-16LE or UTF-16BE, with or without a byte order mark.
 * @throws Failure IMPORT_FILE_EMPTY, IMPORT_FILE_IS_ARCHIVE, IMPORT_FILE_TRUNCATED, IMPORT_ENCODING_UNKNOWN
 */
export const decodeText = (bytes: Uint8Array, path: string): string => {
  if (bytes.length === 0) throw failure('IMPORT_FILE_EMPTY', { path });
  const archive = archives.find((row) => startsWith(bytes, row.magic));
  if (archive) throw failure('IMPORT_FILE_IS_ARCHIVE', { path, kind: archive.kind });
  const encoding = detectEncoding(bytes);
  if (encoding !== 'utf-8' && bytes.length % 2 === 1)
    throw failure('IMPORT_FILE_TRUNCATED', { path, reason: 'the last UTF-16 character has one byte only' });
  let text: string;
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    throw failure('IMPORT_ENCODING_UNKNOWN', { path, reason: `some bytes are not ${encoding}` }, { cause: error });
  }
  if (text.includes('\0')) throw failure('IMPORT_ENCODING_UNKNOWN', { path, reason: 'it holds zero characters' });
  if (text.replace(/\ufeff/g, '').trim() === '') throw failure('IMPORT_FILE_EMPTY', { path });
  return text;
};
