import { asClause } from '../../shared/model/sentence.ts';
import { randomBytes } from 'node:crypto';
import type { Change } from '../../shared/changes/index.ts';
import { cancelled, Failure, failure } from '../../shared/errors/failure.ts';
import {
  answerPromise,
  beginReturning,
  beginWriting,
  endReturning,
  free,
  handBack,
  keepingPolicies,
  mayReturnOlder,
  mayWrite,
  releaseByHand,
  whyNotKept,
  type DiskClaim,
  type DiskKept,
  type KeptClaim,
} from '../../shared/model/promise.ts';
import { peerIdOf } from '../../shared/model/peer.ts';
import { pause } from '../system/pause.ts';
import type { ClaimStore } from './claim-store.ts';

/** A server that is paired with this one. */
export interface OtherServer {
  readonly fingerprint: string;
  readonly name: string;
}

/** A shared disk as a message names it. */
export interface NamedDisk {
  /** Unique id (`MSFT_Disk.UniqueId`). */
  readonly disk: string;
  readonly serial: string | null;
}

export interface PromiseReply {
  readonly given: boolean;
  /** Why not, as a sentence's end. */
  readonly because: string | null;
  /** The go of the same writer that it is still kept for. */
  readonly olderGo: string | null;
}

/** How a server that does not answer is waited for before it is asked for its promise again. */
export interface PromisePatience {
  readonly signal: AbortSignal;
  readonly limitMs: number;
  readonly pollMs: number;
  /** Told what is waited for. */
  readonly tell: (doing: string) => void;
}

/** Why a disk may not be written to now; `isLost`: only because servers do not answer. */
interface NotHeld {
  readonly failure: Failure;
  readonly isLost: boolean;
}

export interface SingleWriterTools {
  readonly store: ClaimStore;
  /** Everybody who has to promise. */
  readonly others: () => Promise<readonly OtherServer[]>;
  readonly ask: (peer: string, asked: NamedDisk & { readonly go: string }) => Promise<PromiseReply>;
  readonly giveBack: (peer: string, asked: { readonly disk: string; readonly go: string }) => Promise<void>;
  readonly now?: () => Date;
}

const written = (change: Change): string | null => {
  if (!('disk' in change) || typeof change.disk !== 'string') return null;
  return change.do === 'disk.setOnline' && !change.online ? null : change.disk;
};

/**
 * The single-writer rule for shared disks: this server writes to one, or brings it online, only while every paired server keeps its
 * promise not to, and never while it promised that itself. What decides is in `shared/model/promise.ts`; here it is kept on the disk,
 * asked, and handed back.
 */
export class SingleWriter {
  readonly #tools: SingleWriterTools;
  /** Servers that a person declared powered down, by id: one of them that does not answer promises nothing. */
  #poweredDown: ReadonlySet<string> = new Set();

  constructor(tools: SingleWriterTools) {
    this.#tools = tools;
  }

  claims(): readonly KeptClaim[] {
    return this.#tools.store.all();
  }

  declarePoweredDown(ids: readonly string[]): void {
    this.#poweredDown = new Set(ids);
  }

  /** Another server asks. The promise is on this server's disk when this returns. */
  answer(writer: OtherServer, { disk, serial, go }: NamedDisk & { readonly go: string }, kept: DiskKept): PromiseReply {
    const { store } = this.#tools;
    const known = store.of(disk);
    const claim = known?.claim ?? free;
    const notKept = whyNotKept(kept);
    const { given, because, next } = answerPromise(claim, { writer: writer.fingerprint, go }, notKept === null);
    if (given && known?.claim.kind !== 'promised')
      store.put({ disk, serial, claim: next, writerName: writer.name, since: this.#at(), askedOf: [] });
    switch (because) {
      case null:
        return { given, because, olderGo: null };
      case 'promisedToAnother':
        return { given, because: `it promised the disk to ${known?.writerName ?? 'another server'}`, olderGo: null };
      case 'olderGo':
        return {
          given,
          because: 'an older promise was not handed back',
          olderGo: claim.kind === 'promised' ? claim.go : null,
        };
      case 'writesItself':
        return { given, because: 'it writes to the disk itself', olderGo: null };
      case 'notOffline':
        return { given, because: notKept, olderGo: null };
    }
  }

  /** The writer hands a promise back; that of another writer, or of another go, stays. */
  takeBack(writer: string, { disk, go }: { readonly disk: string; readonly go: string }): void {
    this.#change(disk, (claim) => handBack(claim, { writer, go }));
  }

  /** A person here lets go of a promise, because the writer has no power. Throws PROMISE_UNKNOWN, PROMISE_RELEASE_REFUSED. */
  release(disk: string, serial: string, statement: string): KeptClaim {
    const known = this.#tools.store.of(disk);
    if (known?.claim.kind !== 'promised') throw failure('PROMISE_UNKNOWN', { disk });
    const wanted = `${known.writerName ?? peerIdOf(known.claim.writer)} is powered down`;
    const isSame = (one: string, other: string): boolean => one.trim().toLowerCase() === other.trim().toLowerCase();
    if (!isSame(serial, known.serial ?? disk) || !isSame(statement, wanted))
      throw failure('PROMISE_RELEASE_REFUSED', { disk, wanted });
    this.#change(disk, releaseByHand);
    return known;
  }

  /**
   * Asked by the executor just before each change; `disk` is what was read of a disk that the change is about. With `patience` a server that does
   * not answer is asked again for a while. Answers whether it was waited for: what was read before is old then.
   * @throws Failure DISK_PROMISED, PROMISE_NOT_GIVEN, PROMISE_NOT_ANSWERED, PROMISE_NOT_RETURNED, CANCELLED
   */
  async beforeChange(
    change: Change,
    disk: (NamedDisk & { readonly isShared: boolean }) | null,
    patience: PromisePatience | null = null,
  ): Promise<boolean> {
    const deadline = performance.now() + (patience?.limitMs ?? 0);
    let first: Failure | null = null;
    for (let hasWaited = false; ; hasWaited = true) {
      const notHeld = await this.#hold(change, disk);
      if (notHeld === null) return hasWaited;
      if (!notHeld.isLost) throw notHeld.failure;
      // That a promise could not be handed back either comes after the answer that was missed.
      first ??= notHeld.failure;
      if (!patience || performance.now() > deadline) throw first;
      patience.tell('Waiting until every other server promises to leave the disk alone');
      await pause(patience.pollMs, patience.signal);
      if (patience.signal.aborted) throw cancelled(waitFor);
    }
  }

  /** Null: every other server keeps its promise, or none is needed. Everything is asked anew each time. Throws DISK_PROMISED. */
  async #hold(change: Change, disk: (NamedDisk & { readonly isShared: boolean }) | null): Promise<NotHeld | null> {
    const { store } = this.#tools;
    if (change.do === 'disk.setSanPolicy' && !keepingPolicies.includes(change.policy)) {
      const held = store.all().find(({ claim }) => claim.kind === 'promised');
      if (held) throw promised(held);
    }
    const id = written(change);
    if (id === null) return null;
    const known = store.of(id);
    if (known?.claim.kind === 'promised') throw promised(known);
    if (!disk?.isShared) return null;
    const others = await this.#tools.others();
    if (others.length === 0) return null;
    if (known?.claim.kind === 'returning') {
      try {
        await this.#return(known);
      } catch (error) {
        if (!(error instanceof Failure) || error.code !== 'PROMISE_NOT_RETURNED') throw error;
        return { failure: error, isLost: true };
      }
    }
    return this.#askAll(disk, others);
  }

  /**
   * Nothing is written any more: every promise is handed back, before the disk joins a cluster.
   * @throws Failure PROMISE_NOT_RETURNED where a server could not be told; it is told the next time
   */
  async finish(): Promise<void> {
    for (const known of this.#tools.store.all().filter(({ claim }) => claim.kind !== 'promised'))
      await this.#return(known);
  }

  /**
   * The same, while a server that does not answer is waited for: a connection that breaks for a moment is no reason to stop.
   * @throws Failure PROMISE_NOT_RETURNED where one did not answer for `limitMs`, CANCELLED
   */
  async finishPatiently(signal: AbortSignal, { limitMs, pollMs }: { limitMs: number; pollMs: number }): Promise<void> {
    const deadline = performance.now() + limitMs;
    for (;;) {
      try {
        return await this.finish();
      } catch (error) {
        const isLeft = error instanceof Failure && error.code === 'PROMISE_NOT_RETURNED';
        if (!isLeft || performance.now() > deadline) throw error;
      }
      await pause(pollMs, signal);
      if (signal.aborted) throw cancelled(waitFor);
    }
  }

  async #askAll(disk: NamedDisk, others: readonly OtherServer[]): Promise<NotHeld | null> {
    const { store } = this.#tools;
    const before = store.of(disk.disk);
    const claim = beginWriting(before?.claim ?? free, randomBytes(8).toString('hex'));
    if (claim?.kind !== 'writing') throw before ? promised(before) : failure('PROMISE_UNKNOWN', { disk: disk.disk });
    const ids = others.map(({ fingerprint }) => peerIdOf(fingerprint));
    const askedOf = [...new Set([...(before?.askedOf ?? []), ...ids])];
    const { disk: id, serial } = disk;
    store.put({ disk: id, serial, claim, writerName: null, since: before?.since ?? this.#at(), askedOf });
    const given = new Map<string, string>();
    const refusals: string[] = [];
    const lost: string[] = [];
    await Promise.all(
      others.map(async ({ fingerprint, name }) => {
        const peer = peerIdOf(fingerprint);
        const refusal = await this.#askOne(peer, { disk: id, serial, go: claim.go });
        if (refusal === null) given.set(fingerprint, claim.go);
        else (refusal.isLost ? lost : refusals).push(`${name}: ${asClause(refusal.because)}`);
      }),
    );
    const asked = others.map(({ fingerprint }) => fingerprint);
    if (mayWrite(store.of(id)?.claim ?? free, asked, given)) return null;
    // Nothing is written: whoever promised gets it back, so that another server may.
    await this.#return(store.of(id)).catch(() => undefined);
    const named = { disk: serial ?? id, refusals: [...refusals, ...lost].join('; ') };
    return refusals.length === 0 && lost.length > 0
      ? { failure: failure('PROMISE_NOT_ANSWERED', named), isLost: true }
      : { failure: failure('PROMISE_NOT_GIVEN', named), isLost: false };
  }

  /** Null where it promised, or was declared powered down and does not answer. */
  async #askOne(
    peer: string,
    asked: NamedDisk & { readonly go: string },
  ): Promise<{ readonly because: string; readonly isLost: boolean } | null> {
    const refused = (because: string | null) => ({ because: because ?? 'it gave no reason', isLost: false });
    try {
      const first = await this.#tools.ask(peer, asked);
      if (first.given) return null;
      const claim = this.#tools.store.of(asked.disk)?.claim ?? free;
      if (first.olderGo === null || !mayReturnOlder(claim, asked.go, first.olderGo)) return refused(first.because);
      await this.#tools.giveBack(peer, { disk: asked.disk, go: first.olderGo });
      const second = await this.#tools.ask(peer, asked);
      return second.given ? null : refused(second.because);
    } catch (error) {
      if (!(error instanceof Failure) || error.code === 'INTERNAL_BUG') throw error;
      const isLost = unreachable.includes(error.code);
      return isLost && this.#poweredDown.has(peer) ? null : { because: error.message, isLost };
    }
  }

  async #return(known: KeptClaim | null): Promise<void> {
    if (!known || known.claim.kind === 'promised' || known.claim.kind === 'free') return;
    const { store } = this.#tools;
    const claim = beginReturning(known.claim);
    if (claim.kind !== 'returning') return;
    const { disk } = known;
    const { go } = claim;
    store.put({ ...known, claim });
    const left: string[] = [];
    let because = '';
    await Promise.all(
      known.askedOf.map(async (peer) => {
        try {
          await this.#tools.giveBack(peer, { disk, go });
        } catch (error) {
          if (!(error instanceof Failure) || error.code === 'INTERNAL_BUG') throw error;
          // Who was forgotten holds no promise of ours any more that anybody could take back.
          if (error.code === 'PEER_UNKNOWN' || this.#poweredDown.has(peer)) return;
          left.push(peer);
          because ||= error.message;
        }
      }),
    );
    store.put({ ...known, claim, askedOf: left });
    if (left.length > 0) {
      const others = await this.#tools.others();
      const nameOf = (peer: string): string =>
        others.find(({ fingerprint }) => peerIdOf(fingerprint) === peer)?.name ?? peer;
      const servers = left.map(nameOf).join(', ');
      throw failure('PROMISE_NOT_RETURNED', { disk: known.serial ?? disk, servers, because });
    }
    this.#change(disk, (now) => endReturning(now, go));
  }

  #change(disk: string, change: (claim: DiskClaim) => DiskClaim): void {
    const known = this.#tools.store.of(disk);
    if (!known) return;
    const claim = change(known.claim);
    if (claim !== known.claim) this.#tools.store.put({ ...known, claim });
  }

  #at(): string {
    return (this.#tools.now?.() ?? new Date()).toISOString();
  }
}

/** What is cancelled while another server is waited for: nothing is written yet. */
const waitFor = 'Waiting for the promises of other servers';

/** With these a server may have no power. */
const unreachable: readonly string[] = ['PEER_UNREACHABLE', 'PEER_NOT_CONNECTED', 'CHANNEL_LOST', 'CHANNEL_TIMEOUT'];

const promised = ({ disk, serial, writerName, since }: KeptClaim): Failure =>
  failure('DISK_PROMISED', { disk: serial ?? disk, writer: writerName ?? 'this server', since });
