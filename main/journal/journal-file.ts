import { closeSync, fsyncSync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { failure } from '../../shared/errors/failure.ts';
import { readFileIfThere, syncFolder } from '../system/durable-file.ts';
import { journalRecordSchema, type JournalRecord } from './record.ts';

const checksumOf = (json: string): string => crc32(json).toString(16).padStart(8, '0');

/** A record as its line: eight hexadecimal digits of CRC-32, a space, JSON. */
export const formatLine = (record: JournalRecord): string => {
  const json = JSON.stringify(record);
  return `${checksumOf(json)} ${json}\n`;
};

const parseLine = (line: string): JournalRecord | null => {
  const json = line.slice(9);
  if (line[8] !== ' ' || line.slice(0, 8) !== checksumOf(json)) return null;
  try {
    const parsed = journalRecordSchema.safeParse(JSON.parse(json));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
};

export interface JournalContent {
  readonly records: readonly JournalRecord[];
  /** Bytes up to the end of the last whole record. */
  readonly soundBytes: number;
  /** True when the last line was cut by a crash: it was never promised, so it is dropped. */
  readonly isTorn: boolean;
  /** The first line that is damaged although others follow it; null when there is none. What comes after is not trusted. */
  readonly damagedLine: number | null;
}

/** Reads the lines of a journal file. */
export const parseJournal = (text: string): JournalContent => {
  const records: JournalRecord[] = [];
  let position = 0;
  for (let line = 1; position < text.length; line += 1) {
    const end = text.indexOf('\n', position);
    const isLast = end < 0 || end === text.length - 1;
    const record = end < 0 ? null : parseLine(text.slice(position, end));
    if (!record) {
      return {
        records,
        soundBytes: Buffer.byteLength(text.slice(0, position)),
        isTorn: isLast,
        damagedLine: isLast ? null : line,
      };
    }
    records.push(record);
    position = end + 1;
  }
  return { records, soundBytes: Buffer.byteLength(text), isTorn: false, damagedLine: null };
};

export const readJournalFile = (path: string): JournalContent | null => {
  const text = readFileIfThere(path);
  return text === null ? null : parseJournal(text);
};

/** Appends to one journal file. Every record is on the disk when {@link append} returns. */
export class JournalWriter {
  readonly path: string;
  readonly #descriptor: number;
  #positionBytes: number;

  /** Opens or makes the file; a torn last line is cut off first. Throws JOURNAL_NOT_WRITABLE, JOURNAL_DAMAGED. */
  constructor(path: string) {
    this.path = path;
    const content = readJournalFile(path);
    if (content && content.damagedLine !== null) throw failure('JOURNAL_DAMAGED', { path, line: content.damagedLine });
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      this.#descriptor = openSync(path, content ? 'r+' : 'wx', 0o600);
      this.#positionBytes = content?.soundBytes ?? 0;
      if (content) ftruncateSync(this.#descriptor, this.#positionBytes);
      fsyncSync(this.#descriptor);
      syncFolder(dirname(path));
    } catch (error) {
      throw this.#refused(error);
    }
  }

  append(record: JournalRecord): void {
    const bytes = Buffer.from(formatLine(record));
    try {
      for (let written = 0; written < bytes.length;)
        written += writeSync(this.#descriptor, bytes, written, bytes.length - written, this.#positionBytes + written);
      fsyncSync(this.#descriptor);
      this.#positionBytes += bytes.length;
    } catch (error) {
      throw this.#refused(error);
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #refused(error: unknown): Error {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    return failure('JOURNAL_NOT_WRITABLE', { path: this.path, reason }, { cause: error });
  }
}
