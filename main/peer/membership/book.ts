import * as z from 'zod';
import { failure } from '../../../shared/errors/failure.ts';
import {
  endpointSchema,
  peerIdOf,
  peerIdSchema,
  peerRecordSchema,
  type PeerRecord,
} from '../../../shared/model/peer.ts';
import { reasonOfParsing } from '../../../shared/model/issue-words.ts';
import type { DurableFiles } from '../durable-files.ts';

const bookSchema = z.object({
  version: z.literal(1),
  peers: z.array(peerRecordSchema),
  /** Who has to be told that a peer was forgotten, and was not there to hear it. */
  notices: z.array(z.object({ about: peerIdSchema, to: peerIdSchema })),
  /** Where this server listens when nothing else is said. */
  listen: z.array(endpointSchema),
});
type Book = z.output<typeof bookSchema>;

export const bookFile = 'peers.json';
const empty: Book = { version: 1, peers: [], notices: [], listen: [] };

/** What this server knows of others, on its disk: who is paired, introduced, forgotten. */
export class PeerBook {
  readonly #files: DurableFiles;
  readonly #watchers = new Set<() => void>();
  #book: Book | null = null;

  constructor(files: DurableFiles) {
    this.#files = files;
  }

  /** @throws Failure PEER_BOOK_DAMAGED */
  all(): readonly PeerRecord[] {
    return this.#read().peers;
  }

  /** Those who may connect: paired ones, and those who still have to say that they are. */
  members(): readonly PeerRecord[] {
    return this.all().filter(({ state }) => state === 'paired' || state === 'unfinished');
  }

  byFingerprint(fingerprint: string): PeerRecord | null {
    return this.all().find((peer) => peer.fingerprint === fingerprint) ?? null;
  }

  byId(id: string): PeerRecord | null {
    return this.all().find((peer) => peerIdOf(peer.fingerprint) === id) ?? null;
  }

  /** Finds a peer by its id, the beginning of it (8 digits at least) or its name. @throws Failure PEER_UNKNOWN, PEER_AMBIGUOUS */
  find(
    text: string,
    among: readonly PeerRecord[] = this.all().filter(({ state }) => state !== 'forgotten'),
  ): PeerRecord {
    const wanted = text.toLowerCase().replace(/^peer:/, '');
    const byId = among.filter(({ fingerprint }) => wanted.length >= 8 && fingerprint.startsWith(wanted));
    const byName = among.filter(({ name }) => name.toLowerCase() === wanted);
    const found = byId.length === 1 ? byId : byName;
    const [first] = found;
    if (!first) throw failure('PEER_UNKNOWN', { peer: text });
    if (found.length > 1)
      throw failure('PEER_AMBIGUOUS', {
        peer: text,
        ids: found.map(({ fingerprint }) => peerIdOf(fingerprint)).join(', '),
      });
    return first;
  }

  /** Writes a peer down; it is on the disk when this returns. */
  put(record: PeerRecord): void {
    const { peers } = this.#read();
    const others = peers.filter(({ fingerprint }) => fingerprint !== record.fingerprint);
    this.#write({ peers: [...others, record] });
  }

  /** Changes what is known of a peer; nothing is written when nothing changes. Null when it is not known. */
  change(fingerprint: string, change: Partial<PeerRecord>): PeerRecord | null {
    const record = this.byFingerprint(fingerprint);
    if (!record) return null;
    const changed = { ...record, ...change };
    if (JSON.stringify(changed) !== JSON.stringify(record)) this.put(changed);
    return changed;
  }

  /** Takes a peer out of the book, without a trace. */
  remove(fingerprint: string): void {
    this.#write({ peers: this.#read().peers.filter((peer) => peer.fingerprint !== fingerprint) });
  }

  noticesFor(to: string): readonly string[] {
    return this.#read()
      .notices.filter((notice) => notice.to === to)
      .map(({ about }) => about);
  }

  addNotices(about: string, to: readonly string[]): void {
    const { notices } = this.#read();
    const fresh = to.filter((id) => !notices.some((notice) => notice.about === about && notice.to === id));
    if (fresh.length > 0) this.#write({ notices: [...notices, ...fresh.map((id) => ({ about, to: id }))] });
  }

  removeNotice(about: string, to: string): void {
    const { notices } = this.#read();
    this.#write({ notices: notices.filter((notice) => notice.about !== about || notice.to !== to) });
  }

  listen(): Book['listen'] {
    return this.#read().listen;
  }

  setListen(listen: Book['listen']): void {
    this.#write({ listen });
  }

  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  #read(): Book {
    if (this.#book) return this.#book;
    const text = this.#files.read(bookFile);
    if (text === null) return (this.#book = empty);
    try {
      return (this.#book = bookSchema.parse(JSON.parse(text)));
    } catch (error) {
      const reason = reasonOfParsing(error);
      throw failure('PEER_BOOK_DAMAGED', { path: this.#files.pathOf(bookFile), reason }, { cause: error });
    }
  }

  #write(change: Partial<Book>): void {
    const book = { ...this.#read(), ...change };
    this.#files.replace(bookFile, `${JSON.stringify(book, null, 2)}\n`);
    this.#book = book;
    for (const watcher of this.#watchers) watcher();
  }
}
