import { randomBytes } from 'node:crypto';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { failure } from '../../shared/errors/failure.ts';
import { isProcessStill } from '../system/processes.ts';
import { ClosedEntries, entryIds } from './closed-entries.ts';
import { foldEntry, isOpen, type Entry } from './entry.ts';
import { JournalWriter, type Durability, readJournalFile } from './journal-file.ts';
import type { BeginRecord, JournalRecord } from './record.ts';

/** A file of the journal that this version cannot read to its end. */
export interface UnreadableEntry {
  readonly id: string;
  readonly because: 'damaged' | 'newer';
  readonly line: number;
  /** The record of a newer version, as it was found. */
  readonly raw: unknown;
}

type RecordInput<Type extends JournalRecord['type']> = Omit<
  Extract<JournalRecord, { type: Type }>,
  'type' | 'at' | 'node' | 'by'
>;

/** What a change begins with; of what is left out, a change that was asked for on its own server is meant. */
export type BeginInput = Pick<
  BeginRecord,
  'server' | 'node' | 'by' | 'title' | 'method' | 'desire' | 'steps' | 'followUp'
> &
  Partial<Pick<BeginRecord, 'kind' | 'parent' | 'coordinator' | 'epoch' | 'nodes' | 'cluster'>>;

/** Who writes, about which server. */
interface Said {
  readonly node: string;
  readonly by: string;
}

/** A change that is being written. */
export class OpenEntry {
  readonly id: string;
  readonly #writer: JournalWriter;
  readonly #said: Said;
  readonly #now: () => Date;
  readonly #onClose: () => void;

  constructor(id: string, writer: JournalWriter, said: Said, now: () => Date, onClose: () => void) {
    this.id = id;
    this.#writer = writer;
    this.#said = said;
    this.#now = now;
    this.#onClose = onClose;
  }

  /**
   * Writes a record; it is on the disk when this returns. `node` is the server that it is about, in an entry about several.
   * Throws JOURNAL_NOT_WRITABLE.
   */
  write<Type extends JournalRecord['type']>(type: Type, record: RecordInput<Type>, node = this.#said.node): void {
    const { by } = this.#said;
    this.#writer.append({ type, at: this.#now().toISOString(), node, by, ...record } as unknown as JournalRecord);
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
  readonly #durability: Durability;
  readonly #active = new Set<string>();
  readonly #closed: ClosedEntries;
  #isIndexed = false;
  /** What {@link listOpen} saw last. */
  #seen: {
    readonly closed: ReadonlySet<string>;
    readonly changedMs: number | null;
    readonly ids: readonly string[];
  } | null = null;

  constructor(dataFolder: string, now: () => Date = () => new Date(), durability: Durability = 'power') {
    this.#durability = durability;
    this.#folder = join(dataFolder, 'journal');
    this.#now = now;
    this.#closed = new ClosedEntries(this.#folder);
  }

  /** Begins a change: the record is durable when this returns. Throws JOURNAL_NOT_WRITABLE. */
  begin({ node, by, ...change }: BeginInput): OpenEntry {
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? String(error);
      throw failure('JOURNAL_NOT_WRITABLE', { path: this.#folder, reason }, { cause: error });
    }
    const stamp = this.#now().toISOString().replace(/[-:Z]/g, '').replace(/[T.]/g, '-');
    const id = `${stamp}-${randomBytes(3).toString('hex')}`;
    this.#indexOnce();
    const entry = this.#open(id, { node, by });
    const asked = { kind: 'change', parent: null, coordinator: null, epoch: null, nodes: [node] } as const;
    entry.write('begin', { version: 2, id, pid: process.pid, ...asked, nodes: [node], ...change });
    return entry;
  }

  /** Goes on writing an entry that was ended or interrupted. Throws JOURNAL_ENTRY_NOT_FOUND. */
  continue(id: string, by: string): OpenEntry {
    const { node } = this.read(id).begin;
    this.#indexOnce();
    this.#closed.remove(id);
    return this.#open(id, { node, by });
  }

  /** Is there an entry of this id, whatever can be read of it? */
  has(id: string): boolean {
    return entryIds(this.#folder).includes(id);
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
    return this.#readAll(entryIds(this.#folder));
  }

  /** Those entries that may still wait for a decision or for their end, newest first. What is over is not even read. */
  listOpen(): readonly Entry[] {
    return this.#readAll(this.#unclosed()).entries.filter(isUnsettled);
  }

  /** Entries that the index does not call over; the folder is read again only where names have come or gone. */
  #unclosed(): readonly string[] {
    const closed = this.#closed.ids();
    const changedMs = statSync(this.#folder, { throwIfNoEntry: false })?.mtimeMs ?? null;
    let seen = this.#seen;
    if (!seen || seen.closed !== closed || seen.changedMs !== changedMs)
      seen = { closed, changedMs, ids: entryIds(this.#folder).filter((id) => !closed.has(id)) };
    this.#seen = seen;
    return seen.ids;
  }

  #readAll(ids: readonly string[]): ReturnType<Journal['list']> {
    const entries: Entry[] = [];
    const unreadable: UnreadableEntry[] = [];
    for (const id of ids) {
      const content = readJournalFile(join(this.#folder, `${id}.jsonl`));
      const entry = content && foldEntry(content.records);
      if (content && content.damagedLine !== null)
        unreadable.push({ id, because: 'damaged', line: content.damagedLine, raw: null });
      else if (content?.newer && !entry)
        unreadable.push({ id, because: 'newer', line: content.newer.line, raw: content.newer.raw });
      // A change whose first line was torn was never begun: intent comes before the act.
      if (entry) entries.push(this.#judge({ ...entry, isNewer: content.newer !== null }));
    }
    return { entries: entries.reverse(), unreadable };
  }

  /** Notes what is over of the entries that the index does not know: those of earlier versions, and of a crash. */
  #indexOnce(): void {
    if (this.#isIndexed) return;
    this.#isIndexed = true;
    const { entries } = this.#readAll(this.#unclosed());
    this.#closed.add(entries.filter((entry) => !isUnsettled(entry)).map(({ begin }) => begin.id));
  }

  /** Without an end, and with nobody who works on it, a change was interrupted; an overdue revert has happened. */
  #judge(entry: Entry): Entry {
    // Who wrote the newer records knows its state.
    if (entry.isNewer) return entry;
    if (entry.state === 'running') {
      const isMine = this.#active.has(entry.begin.id);
      const isAnothers = entry.pid !== process.pid && isProcessStill(entry.pid, entry.pidSince);
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

  #open(id: string, said: Said): OpenEntry {
    const path = this.#pathOf(id);
    if (path === null) throw failure('JOURNAL_ENTRY_NOT_FOUND', { id });
    const writer = new JournalWriter(path, this.#durability);
    // Two names that come within one tick of the folder's clock look like one.
    this.#seen = null;
    this.#active.add(id);
    return new OpenEntry(id, writer, said, this.#now, () => {
      this.#active.delete(id);
      this.#noteIfOver(id);
    });
  }

  #noteIfOver(id: string): void {
    try {
      if (!isUnsettled(this.read(id))) this.#closed.add([id]);
    } catch {
      // What was written is written; an entry that the index does not know is read again when it is asked for.
    }
  }
}

/** May anything still become of it by itself or by a decision? A newer version knows that of what it wrote. */
const isUnsettled = (entry: Entry): boolean => entry.isNewer || entry.state === 'running' || isOpen(entry);
