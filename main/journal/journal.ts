import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { failure } from '../../shared/errors/failure.ts';
import { isProcessAlive } from '../system/processes.ts';
import { foldEntry, type Entry } from './entry.ts';
import { JournalWriter, readJournalFile } from './journal-file.ts';
import type { BeginRecord, JournalRecord } from './record.ts';

/** A file of the journal that this version cannot read to its end. */
export interface UnreadableEntry {
  readonly id: string;
  readonly because: 'damaged' | 'newer';
  readonly line: number;
  /** The record of a newer version, as it was found. */
  readonly raw: unknown;
}

type RecordInput<Type extends JournalRecord['type']> = Omit<Extract<JournalRecord, { type: Type }>, 'type' | 'at'>;

/** A change that is being written. */
export class OpenEntry {
  readonly id: string;
  readonly #writer: JournalWriter;
  readonly #now: () => Date;
  readonly #onClose: () => void;

  constructor(id: string, writer: JournalWriter, now: () => Date, onClose: () => void) {
    this.id = id;
    this.#writer = writer;
    this.#now = now;
    this.#onClose = onClose;
  }

  /** Writes a record; it is on the disk when this returns. Throws JOURNAL_NOT_WRITABLE. */
  write<Type extends JournalRecord['type']>(type: Type, record: RecordInput<Type>): void {
    this.#writer.append({ type, at: this.#now().toISOString(), ...record } as unknown as JournalRecord);
  }

  close(): void {
    this.#writer.close();
    this.#onClose();
  }
}

/**
 * The changes of this data folder, one file each in `journal/`. Only the one core of the folder writes; others may read.
 */
export class Journal {
  readonly #folder: string;
  readonly #now: () => Date;
  readonly #active = new Set<string>();

  constructor(dataFolder: string, now: () => Date = () => new Date()) {
    this.#folder = join(dataFolder, 'journal');
    this.#now = now;
  }

  /** Begins a change: the record is durable when this returns. Throws JOURNAL_NOT_WRITABLE. */
  begin(change: Omit<BeginRecord, 'type' | 'version' | 'id' | 'at' | 'pid'>): OpenEntry {
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? String(error);
      throw failure('JOURNAL_NOT_WRITABLE', { path: this.#folder, reason }, { cause: error });
    }
    const stamp = this.#now().toISOString().replace(/[-:Z]/g, '').replace(/[T.]/g, '-');
    const id = `${stamp}-${randomBytes(3).toString('hex')}`;
    const entry = this.#open(id);
    entry.write('begin', { version: 1, id, pid: process.pid, ...change });
    return entry;
  }

  /** Goes on writing an entry that was ended or interrupted. Throws JOURNAL_ENTRY_NOT_FOUND. */
  continue(id: string): OpenEntry {
    this.read(id);
    return this.#open(id);
  }

  /** One entry, as its records tell it. Throws JOURNAL_ENTRY_NOT_FOUND, JOURNAL_NEWER. */
  read(id: string): Entry {
    const path = this.#pathOf(id);
    const content = path === null ? null : readJournalFile(path);
    if (path === null || !content) throw failure('JOURNAL_ENTRY_NOT_FOUND', { id });
    const entry = foldEntry(content.records);
    if (!entry) {
      if (content.newer) throw failure('JOURNAL_NEWER', { path, line: content.newer.line });
      throw failure('JOURNAL_ENTRY_NOT_FOUND', { id });
    }
    return this.#judge({ ...entry, isNewer: content.newer !== null });
  }

  /** All entries, newest first; files that cannot be understood are named, and why not. */
  list(): { readonly entries: readonly Entry[]; readonly unreadable: readonly UnreadableEntry[] } {
    const entries: Entry[] = [];
    const unreadable: UnreadableEntry[] = [];
    for (const name of this.#names()) {
      const content = readJournalFile(join(this.#folder, name));
      const entry = content && foldEntry(content.records);
      const id = name.slice(0, -'.jsonl'.length);
      if (content && content.damagedLine !== null)
        unreadable.push({ id, because: 'damaged', line: content.damagedLine, raw: null });
      else if (content?.newer && !entry)
        unreadable.push({ id, because: 'newer', line: content.newer.line, raw: content.newer.raw });
      // A change whose first line was torn was never begun: intent comes before the act.
      if (entry) entries.push(this.#judge({ ...entry, isNewer: content.newer !== null }));
    }
    return { entries: entries.reverse(), unreadable };
  }

  #names(): string[] {
    try {
      return readdirSync(this.#folder)
        .filter((name) => name.endsWith('.jsonl'))
        .sort();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  /** Without an end, and with nobody who works on it, a change was interrupted; an overdue revert has happened. */
  #judge(entry: Entry): Entry {
    // Who wrote the newer records knows its state.
    if (entry.isNewer) return entry;
    if (entry.state === 'running') {
      const isMine = this.#active.has(entry.begin.id);
      const isAnothers = entry.pid !== process.pid && isProcessAlive(entry.pid);
      if (!isMine && !isAnothers) return { ...entry, state: 'interrupted' };
    }
    if (
      entry.state === 'waitingForConfirmation' &&
      entry.revert &&
      Date.parse(entry.revert.dueAt) < this.#now().getTime()
    )
      return { ...entry, state: 'reverted' };
    return entry;
  }

  #pathOf(id: string): string | null {
    return /^[a-z0-9-]{1,64}$/.test(id) ? join(this.#folder, `${id}.jsonl`) : null;
  }

  #open(id: string): OpenEntry {
    const path = this.#pathOf(id);
    if (path === null) throw failure('JOURNAL_ENTRY_NOT_FOUND', { id });
    const writer = new JournalWriter(path);
    this.#active.add(id);
    return new OpenEntry(id, writer, this.#now, () => this.#active.delete(id));
  }
}
