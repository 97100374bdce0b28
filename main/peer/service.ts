import { failure } from '../../shared/errors/failure.ts';
import type { Progress } from '../../shared/contract/define.ts';
import {
  peerIdOf,
  type Endpoint,
  type PeerConnection,
  type PeerLink as PeerLinkView,
  type PeerRecord,
} from '../../shared/model/peer.ts';
import type { AdmissionLimits } from '../channel/admission.ts';
import type { ChannelCallOptions, IncomingCall } from '../channel/channel.ts';
import type { ChannelLimits } from '../channel/limits.ts';
import { formatEndpoint } from '../channel/tls.ts';
import type { DiscoveryNic, Sighting } from './discovery/records.ts';
import { Arrivals } from './arrivals.ts';
import { Doors, localAddresses, type Door, type LocalAddresses, type Moved } from './doors.ts';
import type { DurableFiles } from './durable-files.ts';
import { openIdentity } from './identity/identity.ts';
import { defaultTimings, PeerLink, type LinkTimings } from './link.ts';
import { newRun, presentableName, type Me } from './me.ts';
import { PeerBook } from './membership/book.ts';
import { Spread } from './membership/spread.ts';
import { Nearby } from './nearby.ts';
import { Invitations, type OpenInvitation } from './pairing/invitations.ts';
import type { Paired } from './pairing/invite.ts';
import type { PeerLog } from './peer-log.ts';
import { invitedId, joinBy, readInvitation, type Joined } from './pairing/join.ts';
import { forgetSchema, introduceSchema, orderSchema } from './talk.ts';
import { usableEndpoints } from './told-endpoints.ts';

/** Who asks, as the connection proved it. */
export interface AskingPeer {
  readonly id: string;
  readonly fingerprint: string;
}

export interface PeerServiceOptions {
  readonly files: DurableFiles;
  /** The computer's name. */
  readonly name: string;
  readonly version: string;
  /** Answers a method of the contract for a paired server; it says itself which of them peers may call. */
  readonly answer: (
    method: string,
    input: unknown,
    asking: {
      readonly peer: AskingPeer;
      /** The number of the asking peer's own epoch; null for what orders nothing. */
      readonly epoch: number | null;
      readonly signal: AbortSignal;
      readonly progress: (progress: Progress) => void;
    },
  ) => Promise<unknown>;
  readonly log?: PeerLog;
  readonly now?: () => number;
  readonly addresses?: LocalAddresses;
  readonly timings?: LinkTimings;
  readonly limits?: ChannelLimits;
  readonly admission?: AdmissionLimits;
  /** Without it nothing is announced and nobody is heard of: where multicast is off. */
  readonly isDiscovering?: boolean;
}

/** A peer as this console shows it. */
export interface PeerView {
  readonly record: PeerRecord;
  readonly link: PeerLinkView;
}

const notTried: PeerLinkView = {
  state: 'notTried',
  reason: null,
  since: null,
  clockOffsetMs: null,
  clockToleranceMs: null,
  protocol: null,
};

/** This server among its peers: who it is, whom it knows, who may ask it what. One for each data folder. */
export class PeerService {
  readonly me: Me;
  readonly book: PeerBook;
  readonly invitations: Invitations;
  readonly #options: PeerServiceOptions;
  readonly #doors: Doors;
  readonly #links = new Map<string, PeerLink>();
  readonly #arrivals: Arrivals;
  readonly #watchers = new Set<() => void>();
  readonly #nearby: Nearby;
  readonly #spread: Spread;
  #lastPaired: { readonly id: string; readonly name: string; readonly words: string } | null = null;
  #isClosed = false;
  #chain: Promise<void> = Promise.resolve();

  private constructor(options: PeerServiceOptions, me: Omit<Me, 'endpoints'>, book: PeerBook) {
    this.#options = options;
    this.book = book;
    this.me = { ...me, endpoints: () => this.#doors.endpoints() };
    this.invitations = new Invitations(me.identity.fingerprint, me.now);
    this.#doors = new Doors(
      me.identity,
      (arrival) => this.#arrivals.hear(arrival),
      (moved) => this.#onDoors(moved),
      options.addresses ?? localAddresses,
      options.admission,
    );
    this.#arrivals = new Arrivals({
      me: this.me,
      book,
      invitations: this.invitations,
      timings: this.#timings,
      limits: options.limits,
      log: options.log,
      linkTo: (fingerprint) => this.#linkTo(fingerprint),
      onCall: (fingerprint, call) => this.#onCall(fingerprint, call),
      onUp: (fingerprint, about) => this.#onUp(fingerprint, about),
      onProven: (paired) => this.#onProven(paired),
      onConfirmed: (paired) => this.#onConfirmed(paired),
      onWrong: () => {
        this.#nearby.announce();
        this.#changed();
      },
      onBug: (error, method) => this.#onBug(error, method),
    });
    this.#spread = new Spread({
      me: this.me,
      book,
      log: options.log,
      onChange: () => this.#changed(),
      // After the answer has left: the connection may be the one that asks.
      onForgotten: (fingerprint) =>
        void setTimeout(() => void this.#unlink(fingerprint, 'it was forgotten'), 50).unref(),
    });
    this.#nearby = new Nearby({
      me: this.me,
      isInviting: () => this.invitations.current() !== null,
      nics: () => this.#doors.nics(),
      addresses: options.addresses,
      onHeard: (id, endpoint) => this.#onHeard(id, endpoint),
      onCopy: (address) => {
        options.log?.error({ address }, 'another server shows this server’s identity');
        this.#changed();
      },
      onTrouble: (nic, reason) => options.log?.info({ nic: nic.address, reason }, 'servers near cannot be looked for'),
    });
  }

  /**
   * Opens the identity (made at the first time), and connects to those who are paired.
   * @throws Failure PEER_IDENTITY_DAMAGED, PEER_IDENTITY_LOST, PEER_BOOK_DAMAGED
   */
  static async open(options: PeerServiceOptions): Promise<PeerService> {
    const book = new PeerBook(options.files);
    const now = options.now ?? Date.now;
    const name = presentableName(options.name);
    const members = book.members().map((peer) => peer.name);
    const identity = await openIdentity(options.files, name, members, () => new Date(now()));
    const me = { identity, name, version: options.version.slice(0, 40), run: newRun(), now };
    const service = new PeerService(options, me, book);
    for (const { fingerprint } of book.members()) service.#linkTo(fingerprint).wake();
    return service;
  }

  // What a person sees and does at this console.

  doors(): Door[] {
    return this.#doors.list();
  }

  copyOfUs(): string | null {
    return this.#nearby.copyOfUs();
  }

  lastPaired(): { readonly id: string; readonly name: string; readonly words: string } | null {
    return this.#lastPaired;
  }

  peers(): PeerView[] {
    return this.book.all().map((record) => ({ record, link: this.#links.get(record.fingerprint)?.view ?? notTried }));
  }

  /** The connections that are open now, by the address of this server that each runs over. */
  connections(): PeerConnection[] {
    return this.peers().flatMap(({ record: { fingerprint, name } }) =>
      (this.#links.get(fingerprint)?.localAddresses ?? []).map((localAddress) => ({ name, localAddress })),
    );
  }

  /** Tells of every change of what the other methods show. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Listens on these addresses and no others; with `isPatient`, as soon as they are there. @throws Failure PEER_LISTEN_FAILED */
  async listen(endpoints: readonly Endpoint[], isPatient = false): Promise<Door[]> {
    await this.#doors.set(endpoints, isPatient);
    return this.doors();
  }

  /** Opens an invitation. @throws Failure PEER_NOT_LISTENING */
  invite(): OpenInvitation {
    if (this.#doors.endpoints().length === 0) throw failure('PEER_NOT_LISTENING', {});
    const invitation = this.invitations.open();
    this.#nearby.announce();
    this.#changed();
    return invitation;
  }

  withdrawInvitation(): boolean {
    const wasOpen = this.invitations.withdraw();
    this.#nearby.announce();
    this.#changed();
    return wasOpen;
  }

  /** Pairs with the server that made the invitation; without endpoints it is looked for near. */
  async join(typed: string, endpoints: readonly Endpoint[], signal?: AbortSignal): Promise<Joined> {
    const parts = readInvitation(typed);
    const id = invitedId(parts);
    if (id === this.me.identity.id)
      throw failure('PEER_IS_THIS_SERVER', { address: 'The server that made this invitation' });
    const candidates = endpoints.length > 0 ? endpoints : await this.#nearby.find(id, signal);
    let first: Error | null = null;
    for (const endpoint of candidates) {
      try {
        const joined = await joinBy(this.me, parts, endpoint, (record) => this.book.put(record), this.#timings, signal);
        this.#options.log?.info(
          { peer: peerIdOf(joined.record.fingerprint), name: joined.record.name },
          'paired by joining',
        );
        this.#lastPaired = { id: peerIdOf(joined.record.fingerprint), name: joined.record.name, words: joined.words };
        this.#linkTo(joined.record.fingerprint).wake();
        this.#changed();
        return joined;
      } catch (error) {
        first ??= error as Error;
        // Only an address that does not answer leaves anything to be hoped for from the next one.
        if ((error as { code?: string }).code !== 'PEER_UNREACHABLE') throw error;
      }
    }
    throw first ?? failure('PEER_NOT_FOUND_NEAR', {});
  }

  /** Consents to a server that a peer introduced. */
  accept(text: string): PeerRecord {
    const introduced = this.book.all().filter(({ state }) => state === 'introduced');
    const record = this.book.find(text, introduced);
    const accepted = this.book.change(record.fingerprint, {
      state: 'paired',
      since: new Date(this.me.now()).toISOString(),
    });
    this.#linkTo(record.fingerprint).wake();
    this.#changed();
    return accepted ?? record;
  }

  /** Forgets a peer here, tells it, and has all others told. */
  async forget(text: string): Promise<{ readonly record: PeerRecord; readonly toBeTold: readonly string[] }> {
    const record = this.book.find(text);
    const id = peerIdOf(record.fingerprint);
    const link = this.#links.get(record.fingerprint);
    if (link?.isConnected)
      await link.call('link.forget', { about: this.me.identity.id }, { deadlineMs: 2_000 }).catch(() => undefined);
    this.book.change(record.fingerprint, { state: 'forgotten', forgottenBy: 'here', changedIdentity: null });
    const others = this.book
      .members()
      .filter(({ fingerprint }) => fingerprint !== record.fingerprint)
      .map(({ fingerprint }) => peerIdOf(fingerprint));
    this.book.addNotices(id, others);
    await this.#unlink(record.fingerprint, 'it was forgotten here');
    this.#options.log?.info({ peer: id, name: record.name }, 'a peer was forgotten');
    await Promise.all([...this.#links.values()].map((other) => this.#spread.deliverNotices(other)));
    this.#changed();
    return { record, toBeTold: others.filter((other) => this.book.noticesFor(other).includes(id)) };
  }

  /** Looks for servers near for a while, on the NICs of the open doors, or on those given. */
  discover(ms?: number, signal?: AbortSignal, nics?: readonly DiscoveryNic[]): Promise<Sighting[]> {
    return this.#nearby.look(ms, signal, nics);
  }

  /** Asks a paired server. @throws Failure PEER_UNKNOWN, PEER_CONSENT_NEEDED, PEER_NOT_CONNECTED and those of the channel */
  async call(
    text: string,
    method: string,
    input: unknown,
    { epoch, ...options }: ChannelCallOptions & { readonly epoch?: number } = {},
  ): Promise<unknown> {
    const record = this.book.find(text);
    if (record.state === 'introduced')
      throw failure('PEER_CONSENT_NEEDED', { name: record.name, by: record.introducedBy ?? '' });
    if (record.state === 'cloned')
      throw failure('PEER_CLONED', { name: record.name, other: 'another server', id: peerIdOf(record.fingerprint) });
    const link = this.#linkTo(record.fingerprint);
    return epoch === undefined
      ? link.call(method, input, options)
      : link.call('link.order', { method, input, epoch }, options);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#arrivals.close();
    await this.#chain.catch(() => undefined);
    await this.#nearby.close();
    await Promise.all([...this.#links.values()].map((link) => link.close('this server ends')));
    await this.#doors.close();
  }

  // Those who come.

  /** What the layer of connections answers itself; the rest is the contract's. */
  async #onCall(fingerprint: string, call: IncomingCall): Promise<unknown> {
    const id = peerIdOf(fingerprint);
    const record = this.book.byFingerprint(fingerprint);
    if (record?.state !== 'paired' && record?.state !== 'unfinished') throw new Error(`${id} is no longer a peer`);
    switch (call.method) {
      case 'link.clock':
        return { now: this.me.now() };
      case 'link.introduce':
        this.#spread.hearIntroduction(id, introduceSchema.parse(call.input).members);
        return {};
      case 'link.forget':
        this.#spread.hearForgotten(id, forgetSchema.parse(call.input).about);
        return {};
      case 'link.order': {
        const { method, input, epoch } = orderSchema.parse(call.input);
        return this.#answerContract(call, { id, fingerprint }, method, input, epoch);
      }
      default:
        return this.#answerContract(call, { id, fingerprint }, call.method, call.input, null);
    }
  }

  #answerContract(
    { signal, progress }: IncomingCall,
    peer: AskingPeer,
    method: string,
    input: unknown,
    epoch: number | null,
  ): Promise<unknown> {
    return this.#options.answer(method, input, { peer, epoch, signal, progress });
  }

  // Pairing and membership.

  #onProven({ record }: Paired): void {
    this.book.put(record);
    this.#changed();
  }

  #onConfirmed({ record, words }: Paired): void {
    const id = peerIdOf(record.fingerprint);
    this.book.change(record.fingerprint, { state: 'paired' });
    this.#lastPaired = { id, name: record.name, words };
    this.#options.log?.info({ peer: id, name: record.name }, 'paired by invitation');
    this.#linkTo(record.fingerprint).wake();
    this.#nearby.announce();
    this.#changed();
  }

  #onUp(
    fingerprint: string,
    about: { readonly name: string; readonly version: string; readonly endpoints: readonly Endpoint[] },
  ): void {
    const record = this.book.byFingerprint(fingerprint);
    if (!record) return;
    // An address that it does not name any more may be another server's by now; without any, what worked once is kept.
    const reached = record.endpoints.map(({ address }) => address);
    const usable = usableEndpoints(about.endpoints, reached);
    const endpoints = usable.length > 0 ? usable : record.endpoints;
    this.#note(fingerprint, {
      name: about.name,
      version: about.version,
      endpoints,
      state: record.state === 'unfinished' ? 'paired' : record.state,
      lastSeenAt: new Date(this.me.now()).toISOString(),
      changedIdentity: null,
    });
    const link = this.#links.get(fingerprint);
    if (link) void this.#spread.introduceTo(link).then(() => this.#spread.deliverNotices(link));
    for (const other of this.#links.values()) if (other !== link) void this.#spread.introduceTo(other);
    this.#changed();
  }

  #linkTo(fingerprint: string): PeerLink {
    const known = this.#links.get(fingerprint);
    if (known) return known;
    const link = new PeerLink(
      fingerprint,
      this.me,
      {
        record: () => {
          const record = this.book.byFingerprint(fingerprint);
          return record?.state === 'paired' || record?.state === 'unfinished' ? record : null;
        },
        onCall: (call) => this.#onCall(fingerprint, call),
        onUp: (about) => this.#onUp(fingerprint, about),
        onOther: (other, address) => this.#onOther(fingerprint, other, address),
        onChange: () => this.#changed(),
        onBug: (error, method) => this.#onBug(error, method),
        onClone: () => {
          this.book.change(fingerprint, { state: 'cloned' });
          this.#options.log?.error({ peer: peerIdOf(fingerprint) }, 'two servers show one identity');
          void this.#unlink(fingerprint, 'two servers show its identity');
        },
      },
      this.#timings,
      this.#options.limits,
    );
    this.#links.set(fingerprint, link);
    return link;
  }

  async #unlink(fingerprint: string, reason: string): Promise<void> {
    const link = this.#links.get(fingerprint);
    this.#links.delete(fingerprint);
    await link?.close(reason);
    this.#changed();
  }

  #onOther(fingerprint: string, other: string, address: string): void {
    // Another peer of ours at an address that this one had before is no alarm.
    if (this.book.byFingerprint(other)?.state === 'paired') return;
    const at = new Date(this.me.now()).toISOString();
    const before = this.book.byFingerprint(fingerprint)?.changedIdentity;
    if (before?.fingerprint === other && before.address === address) return;
    this.#note(fingerprint, { changedIdentity: { fingerprint: other, at, address } });
    this.#options.log?.error(
      { peer: peerIdOf(fingerprint), found: other, address },
      'a peer’s address shows another identity',
    );
    this.#changed();
  }

  // Who is near.

  #onDoors(moved?: Moved): void {
    if (moved) this.#onMoved(moved);
    const renew = (): Promise<void> =>
      this.#options.isDiscovering === false || this.#isClosed ? Promise.resolve() : this.#nearby.renew();
    this.#chain = this.#chain.then(renew).catch(() => undefined);
    for (const link of this.#links.values()) link.wake();
    this.#changed();
  }

  /** Where it was to listen at every start, it is the new address from now on. */
  #onMoved({ from, to }: Moved): void {
    const [before, after] = [formatEndpoint(from.address, from.port), formatEndpoint(to.address, to.port)];
    this.#options.log?.info({ before, after }, 'an adapter was given another address: peers are listened for there');
    const kept = this.book.listen();
    const next = kept.map((one) => (formatEndpoint(one.address, one.port) === before ? to : one));
    if (next.every((one, at) => one === kept[at])) return;
    try {
      this.book.setListen(next);
    } catch (error) {
      this.#onBug(error, 'where to listen');
    }
  }

  /** What is heard is only a place to look. */
  #onHeard(id: string, endpoint: Endpoint): void {
    const record = this.book.byId(id);
    if (record?.state !== 'paired' && record?.state !== 'unfinished') return;
    const keyOf = ({ address, port }: Endpoint): string => formatEndpoint(address, port);
    const isKnown = record.endpoints.some((one) => keyOf(one) === keyOf(endpoint));
    if (!isKnown) this.#note(record.fingerprint, { endpoints: [...record.endpoints, endpoint].slice(-32) });
    this.#linkTo(record.fingerprint).wake();
  }

  /** Writes down what was only seen. Nobody asked for it: a disk that is full for a moment ends neither the connection nor Quorate. */
  #note(fingerprint: string, seen: Partial<PeerRecord>): void {
    try {
      this.book.change(fingerprint, seen);
    } catch (error) {
      this.#onBug(error, 'a note of a peer');
    }
  }

  get #timings(): LinkTimings {
    return this.#options.timings ?? defaultTimings;
  }

  #onBug(error: unknown, method: string): void {
    this.#options.log?.error(
      { method, error: error instanceof Error ? error.stack : String(error) },
      'a call of a peer failed',
    );
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher();
  }
}
