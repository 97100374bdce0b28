import { peerIdOf } from '../../../shared/model/peer.ts';
import type { PeerLink } from '../link.ts';
import { usableEndpoints } from '../told-endpoints.ts';
import type { Me } from '../me.ts';
import type { PeerLog } from '../peer-log.ts';
import type { Introduction } from '../talk.ts';
import type { PeerBook } from './book.ts';

export interface SpreadTools {
  readonly me: Me;
  readonly book: PeerBook;
  readonly log?: PeerLog | undefined;
  readonly onChange: () => void;
  /** A peer was forgotten as another one asked: its connection is to end. */
  readonly onForgotten: (fingerprint: string) => void;
}

/** What peers tell each other of who is paired: introductions, and that somebody was forgotten. */
export class Spread {
  readonly #tools: SpreadTools;

  constructor(tools: SpreadTools) {
    this.#tools = tools;
  }

  /** Tells a peer of all others that are paired with us; it asks its own user before it does anything with them. */
  async introduceTo(link: PeerLink): Promise<void> {
    if (!link.isConnected) return;
    const members: Introduction[] = this.#tools.book
      .all()
      .filter(({ state, fingerprint }) => state === 'paired' && fingerprint !== link.fingerprint)
      .slice(0, 256)
      .map(({ fingerprint, name, endpoints }) => ({ fingerprint, name, endpoints }));
    if (members.length > 0)
      await link.call('link.introduce', { members }, { deadlineMs: 5_000 }).catch(() => undefined);
  }

  hearIntroduction(by: string, members: readonly Introduction[]): void {
    const { me, book, log, onChange } = this.#tools;
    const now = new Date(me.now()).toISOString();
    for (const { fingerprint, name, endpoints: told } of members) {
      const endpoints = usableEndpoints(told, []);
      if (fingerprint === me.identity.fingerprint) continue;
      const known = book.byFingerprint(fingerprint);
      if (known) {
        if (known.state === 'introduced' && known.introducedBy === by) book.change(fingerprint, { name, endpoints });
        continue;
      }
      book.put({
        fingerprint,
        name,
        version: null,
        endpoints,
        state: 'introduced',
        how: 'introduced',
        introducedBy: by,
        since: now,
        lastSeenAt: null,
        changedIdentity: null,
        forgottenBy: null,
      });
      log?.info({ peer: peerIdOf(fingerprint), name, by }, 'a server was introduced');
      onChange();
    }
  }

  /** Tells a peer whom we forgot while it was away. */
  async deliverNotices(link: PeerLink): Promise<void> {
    if (!link.isConnected) return;
    const { book } = this.#tools;
    const id = peerIdOf(link.fingerprint);
    for (const about of book.noticesFor(id)) {
      try {
        await link.call('link.forget', { about }, { deadlineMs: 5_000 });
        book.removeNotice(about, id);
      } catch {
        return;
      }
    }
  }

  /** `by` forgot somebody, or this server itself: then it is `by` that is forgotten here. */
  hearForgotten(by: string, about: string): void {
    const { me, book, log, onChange, onForgotten } = this.#tools;
    const fingerprint = (about === me.identity.id ? book.byId(by) : book.byId(about))?.fingerprint;
    if (!fingerprint) return;
    const before = book.byFingerprint(fingerprint);
    if (before?.state === 'forgotten') return;
    book.change(fingerprint, { state: 'forgotten', forgottenBy: by });
    log?.info({ peer: peerIdOf(fingerprint), name: before?.name, by }, 'a peer was forgotten, as another asked');
    onForgotten(fingerprint);
    onChange();
  }
}
