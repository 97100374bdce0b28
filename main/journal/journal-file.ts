import { closeSync, fsyncSync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { failure } from '../../shared/errors/failure.ts';
import { readFileIfThere, syncFolder } from '../system/durable-file.ts';
import { journalRecordSchema, type JournalRecord } from './record.ts';
import { fromVersion1 } from './version-1.ts';

const checksumOf = (json: string): string => crc32(json).toString(16).padStart(8, '0');

/** A record as its line: eight hexadecimal digits of CRC-32, a space, JSON. */
export const formatLine = (record: JournalRecord): string => {
  const json = JSON.stringify(record);
  return `${checksumOf(json)} ${json}\n`;
};

/** What a line is: a record, a whole record in a form that this version does not know, or damage. */
type Line =
  | { readonly is: 'record'; readonly record: JournalRecord }
  | { readonly is: 'newer'; readonly raw: unknown }
  | { readonly is: 'damaged' };

const parseLine = (line: string, node: string | null): Line => {
  const json = line.slice(9);
  if (line[8] !== ' ' || line.slice(0, 8) !== checksumOf(json)) return { is: 'damaged' };
  try {
    const raw: unknown = JSON.parse(json);
    const parsed = journalRecordSchema.safeParse(fromVersion1(raw, node));
    // The checksum is right, so that this is what somebody wrote: a newer version of Quorate.
    return parsed.success ? { is: 'record', record: parsed.data } : { is: 'newer', raw };
  } catch {
    return { is: 'damaged' };
  }
};

export interface JournalContent {
  /** The records that are understood, up to the first line that is not. */
  readonly records: readonly JournalRecord[];
  /** Bytes up to the end of the last whole line: nothing before it is ever cut off. */
  readonly soundBytes: number;
  /** True when the last line was cut by a crash: it was never promised, so it is dropped. */
  readonly isTorn: boolean;
  /** The first line that is damaged although others follow it; null when there is none. What comes after is not trusted. */
  readonly damagedLine: number | null;
  /** The first line that a newer version wrote, as data; null when there is none. */
  readonly newer: { readonly line: number; readonly raw: unknown } | null;
}

/** Reads the lines of a journal file. */
export const parseJournal = (text: string): JournalContent => {
  const records: JournalRecord[] = [];
  let newer: JournalContent['newer'] = null;
  let position = 0;
  for (let line = 1; position < text.length; line += 1) {
    const end = text.indexOf('\n', position);
    const isLast = end < 0 || end === text.length - 1;
    const found: Line = end < 0 ? { is: 'damaged' } : parseLine(text.slice(position, end), records[0]?.node ?? null);
    if (found.is === 'damaged')
      return {
        records,
        soundBytes: Buffer.byteLength(text.slice(0, position)),
        isTorn: isLast,
        damagedLine: isLast ? null : line,
        newer,
      };
    if (found.is === 'newer') newer ??= { line, raw: found.raw };
    else if (!newer) records.push(found.record);
    position = end + 1;
  }
  return { records, soundBytes: Buffer.byteLength(text), isTorn: false, damagedLine: null, newer };
};

export const readJournalFile = (path: string): JournalContent | null => {
  const text = readFileIfThere(path);
  return text === null ? null : parseJournal(text);
};

/**
 * Against what a record is kept once it was written: the loss of `power`, or only the end of the `process`. The servers of a rehearsal
 * live no longer than the machine that they are simulated on, and flushing the disks of sixteen of them would be most of their time.
 */
export type Durability = 'power' | 'process';

/** Appends to one journal file. Every record is on the disk when {@link append} returns. */
export class JournalWriter {
  readonly path: string;
  readonly #isFlushed: boolean;
  readonly #descriptor: number;
  #positionBytes: number;

  /** Opens or makes the file; a torn last line is cut off first. Throws JOURNAL_NOT_WRITABLE, JOURNAL_DAMAGED, JOURNAL_NEWER. */
  constructor(path: string, durability: Durability = 'power') {
    this.path = path;
    this.#isFlushed = durability === 'power';
    const content = readJournalFile(path);
    if (content && content.damagedLine !== null) throw failure('JOURNAL_DAMAGED', { path, line: content.damagedLine });
    if (content?.newer) throw failure('JOURNAL_NEWER', { path, line: content.newer.line });
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      this.#descriptor = openSync(path, content ? 'r+' : 'wx', 0o600);
      this.#positionBytes = content?.soundBytes ?? 0;
      if (content) ftruncateSync(this.#descriptor, this.#positionBytes);
      if (this.#isFlushed) {
        fsyncSync(this.#descriptor);
        syncFolder(dirname(path));
      }
    } catch (error) {
      throw this.#refused(error);
    }
  }

  append(record: JournalRecord): void {
    const bytes = Buffer.from(formatLine(record));
    try {
      for (let written = 0; written < bytes.length;)
        written += writeSync(this.#descriptor, bytes, written, bytes.length - written, this.#positionBytes + written);
      if (this.#isFlushed) fsyncSync(this.#descriptor);
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
