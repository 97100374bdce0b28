import { failure } from '../../shared/errors/failure.ts';
import type { Progress } from '../../shared/contract/define.ts';
import { peerIdOf, type Endpoint, type PeerLink as PeerLinkView, type PeerRecord } from '../../shared/model/peer.ts';
import type { AdmissionLimits } from '../channel/admission.ts';
import { Channel, type CallHandler, type ChannelCallOptions, type IncomingCall } from '../channel/channel.ts';
import { peerLimits, type ChannelLimits } from '../channel/limits.ts';
import type { Arrival } from '../channel/listener.ts';
import { formatEndpoint } from '../channel/tls.ts';
import { Discovery } from './discovery/discovery.ts';
import type { DiscoveryNic, Sighting } from './discovery/records.ts';
import { Doors, localAddresses, type Door, type LocalAddresses } from './doors.ts';
import type { DurableFiles } from './durable-files.ts';
import { openIdentity } from './identity/identity.ts';
import { defaultTimings, PeerLink, type LinkTimings } from './link.ts';
import { describeMe, newRun, presentableName, type Me } from './me.ts';
import { PeerBook } from './membership/book.ts';
import { Invitations, type OpenInvitation } from './pairing/invitations.ts';
import { hearStranger, pairingTalk, refusal, type InviteEvents, type Paired } from './pairing/invite.ts';
import { invitedId, joinBy, readInvitation, type Joined } from './pairing/join.ts';
import {
  commonProtocol,
  forgetSchema,
  helloSchema,
  introduceSchema,
  orderSchema,
  protocols,
  type Introduction,
  type Welcome,
} from './talk.ts';

/** Who asks, as the connection proved it. */
export interface AskingPeer {
  readonly id: string;
  readonly fingerprint: string;
}

export interface PeerLog {
  error(detail: object, message: string): void;
  info(detail: object, message: string): void;
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

const lookMs = 2_500;

/** This server among its peers: who it is, whom it knows, who may ask it what. One for each data folder. */
export class PeerService {
  readonly me: Me;
  readonly book: PeerBook;
  readonly invitations: Invitations;
  readonly #options: PeerServiceOptions;
  readonly #doors: Doors;
  readonly #links = new Map<string, PeerLink>();
  readonly #strangers = new Set<Channel>();
  readonly #watchers = new Set<() => void>();
  #discovery: Discovery | null = null;
  #discoveryNics = '';
  #lastPaired: { readonly id: string; readonly name: string; readonly words: string } | null = null;
  /** Another process that shows our own identity: where it was heard. */
  #copyOfUs: string | null = null;
  #isClosed = false;
  #chain: Promise<void> = Promise.resolve();

  private constructor(options: PeerServiceOptions, me: Omit<Me, 'endpoints'>, book: PeerBook) {
    this.#options = options;
    this.book = book;
    this.me = { ...me, endpoints: () => this.#doors.endpoints() };
    this.invitations = new Invitations(me.identity.fingerprint, me.now);
    this.#doors = new Doors(
      me.identity,
      (arrival) => this.#onArrival(arrival),
      () => this.#onDoors(),
      options.addresses ?? localAddresses,
      options.admission,
    );
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
    return this.#copyOfUs;
  }

  lastPaired(): { readonly id: string; readonly name: string; readonly words: string } | null {
    return this.#lastPaired;
  }

  peers(): PeerView[] {
    return this.book.all().map((record) => ({ record, link: this.#links.get(record.fingerprint)?.view ?? notTried }));
  }

  /** Tells of every change of what the other methods show. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Listens on these addresses and no others. @throws Failure PEER_LISTEN_FAILED */
  async listen(endpoints: readonly Endpoint[]): Promise<Door[]> {
    await this.#doors.set(endpoints);
    return this.doors();
  }

  /** Opens an invitation. @throws Failure PEER_NOT_LISTENING */
  invite(): OpenInvitation {
    if (this.#doors.endpoints().length === 0) throw failure('PEER_NOT_LISTENING', {});
    const invitation = this.invitations.open();
    this.#discovery?.announce();
    this.#changed();
    return invitation;
  }

  withdrawInvitation(): boolean {
    const wasOpen = this.invitations.withdraw();
    this.#discovery?.announce();
    this.#changed();
    return wasOpen;
  }

  /** Pairs with the server that made the invitation; without endpoints it is looked for near. */
  async join(typed: string, endpoints: readonly Endpoint[], signal?: AbortSignal): Promise<Joined> {
    const parts = readInvitation(typed);
    const id = invitedId(parts);
    if (id === this.me.identity.id)
      throw failure('PEER_IS_THIS_SERVER', { address: 'The server that made this invitation' });
    const candidates = endpoints.length > 0 ? endpoints : await this.#findNear(id, signal);
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
    await Promise.all([...this.#links.values()].map((other) => this.#deliverNotices(other)));
    this.#changed();
    return { record, toBeTold: others.filter((other) => this.book.noticesFor(other).includes(id)) };
  }

  /** Looks for servers near for a while, on the NICs of the open doors, or on those given. */
  async discover(ms = lookMs, signal?: AbortSignal, nics?: readonly DiscoveryNic[]): Promise<Sighting[]> {
    if (this.#discovery && !nics) return this.#discovery.look(ms, signal);
    return this.#withDiscovery(nics ?? this.#allNics(), (discovery) => discovery.look(ms, signal));
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
    for (const stranger of this.#strangers) stranger.destroy('this server ends');
    await this.#chain.catch(() => undefined);
    await this.#discovery?.close();
    await Promise.all([...this.#links.values()].map((link) => link.close('this server ends')));
    await this.#doors.close();
  }

  // Those who come.

  #onArrival(arrival: Arrival): void {
    const { fingerprint, socket } = arrival;
    if (this.#isClosed) return void socket.destroy();
    const record = this.book.byFingerprint(fingerprint);
    if (record?.state === 'paired' || record?.state === 'unfinished') {
      arrival.place.release();
      return this.#hearPeer(arrival, record);
    }
    // With somebody of whom nothing is known we talk only while there is a reason to; who is known hears why not.
    if (!record && !this.invitations.hearsStrangers()) return void socket.destroy();
    const stranger = hearStranger(arrival, this.me, this.invitations, this.#inviteEvents(fingerprint));
    this.#strangers.add(stranger);
    void stranger.closed.then(() => this.#strangers.delete(stranger));
  }

  #inviteEvents(fingerprint: string): InviteEvents {
    return {
      onProven: (paired) => this.#onProven(paired),
      onConfirmed: (paired) => this.#onConfirmed(paired),
      onWrong: (remoteAddress, verdict) => {
        this.#options.log?.info({ remoteAddress, verdict }, 'a wrong proof of an invitation');
        this.#discovery?.announce();
        this.#changed();
      },
      refuse: () => refusal(this.me, this.#refusalFor(this.book.byFingerprint(fingerprint))),
      onBug: (error) =>
        this.#options.log?.info({ error: String(error) }, 'a stranger did not keep to the conversation'),
    };
  }

  #refusalFor(record: PeerRecord | null): Extract<Welcome, { accepted: false }>['because'] {
    switch (record?.state) {
      case 'introduced':
        return 'consent';
      case 'cloned':
        return 'cloned';
      case 'forgotten':
        return 'forgotten';
      default:
        return 'stranger';
    }
  }

  /** A paired server that connected: after its hello the connection belongs to its link. */
  #hearPeer(arrival: Arrival, record: PeerRecord): void {
    let isWelcome = false;
    /** It pairs anew, as after it forgot us: then nothing but its proof counts. */
    let pairing: CallHandler | null = null;
    const link = this.#linkTo(record.fingerprint);
    const onHello = (call: IncomingCall): Promise<unknown> | Welcome => {
      const hello = helloSchema.parse(call.input);
      if (hello.purpose === 'pair') {
        pairing = pairingTalk(arrival, this.me, this.invitations, this.#inviteEvents(record.fingerprint));
        return pairing(call);
      }
      const protocol = commonProtocol(hello.protocols);
      if (protocol === null) return refusal(this.me, 'version');
      isWelcome = true;
      // The answer leaves first: what is asked of the peer next, it answers only when it was welcomed.
      setImmediate(() => {
        link
          .adopt(channel, hello.run, protocol)
          .then(() => this.#onUp(record.fingerprint, hello.self))
          .catch((error: unknown) => {
            this.#onBug(error, 'hello');
            channel.destroy('it was not taken');
          });
      });
      return { accepted: true, protocol, self: describeMe(this.me), run: this.me.run, now: this.me.now() };
    };
    const channel = new Channel(arrival.socket, {
      peer: record.name,
      limits: this.#options.limits ?? peerLimits,
      onBug: (error, method) => this.#onBug(error, method),
      onCall: async (call) => {
        if (pairing) return pairing(call);
        if (isWelcome) return this.#onCall(record.fingerprint, call);
        if (call.method === 'hello') return onHello(call);
        throw new Error('a connection begins with hello');
      },
    });
    const timer = setTimeout(() => {
      if (!isWelcome && !pairing) channel.destroy('it said no hello');
    }, this.#timings.helloMs);
    timer.unref();
    void channel.closed.then(() => clearTimeout(timer));
  }

  /** What the layer of connections answers itself; the rest is the contract's. */
  async #onCall(fingerprint: string, call: IncomingCall): Promise<unknown> {
    const id = peerIdOf(fingerprint);
    const record = this.book.byFingerprint(fingerprint);
    if (record?.state !== 'paired' && record?.state !== 'unfinished') throw new Error(`${id} is no peer any more`);
    switch (call.method) {
      case 'link.clock':
        return { now: this.me.now() };
      case 'link.introduce':
        this.#onIntroduced(id, introduceSchema.parse(call.input).members);
        return {};
      case 'link.forget':
        await this.#onForgotten(id, forgetSchema.parse(call.input).about);
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
    this.#discovery?.announce();
    this.#changed();
  }

  #onUp(
    fingerprint: string,
    about: { readonly name: string; readonly version: string; readonly endpoints: readonly Endpoint[] },
  ): void {
    const record = this.book.byFingerprint(fingerprint);
    if (!record) return;
    // An address that it does not name any more may be another server's by now; without any, what worked once is kept.
    const endpoints = about.endpoints.length > 0 ? [...about.endpoints] : record.endpoints;
    this.book.change(fingerprint, {
      name: about.name,
      version: about.version,
      endpoints,
      state: record.state === 'unfinished' ? 'paired' : record.state,
      lastSeenAt: new Date(this.me.now()).toISOString(),
      changedIdentity: null,
    });
    const link = this.#links.get(fingerprint);
    if (link) void this.#introduceTo(link).then(() => this.#deliverNotices(link));
    for (const other of this.#links.values()) if (other !== link) void this.#introduceTo(other);
    this.#changed();
  }

  /** Tells a peer of all others that are paired with us; it asks its own user before it does anything with them. */
  async #introduceTo(link: PeerLink): Promise<void> {
    if (!link.isConnected) return;
    const members: Introduction[] = this.book
      .all()
      .filter(({ state, fingerprint }) => state === 'paired' && fingerprint !== link.fingerprint)
      .slice(0, 256)
      .map(({ fingerprint, name, endpoints }) => ({ fingerprint, name, endpoints }));
    if (members.length > 0)
      await link.call('link.introduce', { members }, { deadlineMs: 5_000 }).catch(() => undefined);
  }

  #onIntroduced(by: string, members: readonly Introduction[]): void {
    const now = new Date(this.me.now()).toISOString();
    for (const { fingerprint, name, endpoints } of members) {
      if (fingerprint === this.me.identity.fingerprint) continue;
      const known = this.book.byFingerprint(fingerprint);
      if (known) {
        if (known.state === 'introduced' && known.introducedBy === by)
          this.book.change(fingerprint, { name, endpoints });
        continue;
      }
      this.book.put({
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
      this.#options.log?.info({ peer: peerIdOf(fingerprint), name, by }, 'a server was introduced');
      this.#changed();
    }
  }

  async #deliverNotices(link: PeerLink): Promise<void> {
    if (!link.isConnected) return;
    const id = peerIdOf(link.fingerprint);
    for (const about of this.book.noticesFor(id)) {
      try {
        await link.call('link.forget', { about }, { deadlineMs: 5_000 });
        this.book.removeNotice(about, id);
      } catch {
        return;
      }
    }
  }

  async #onForgotten(by: string, about: string): Promise<void> {
    const fingerprint = (about === this.me.identity.id ? this.book.byId(by) : this.book.byId(about))?.fingerprint;
    if (!fingerprint) return;
    const before = this.book.byFingerprint(fingerprint);
    if (before?.state === 'forgotten') return;
    this.book.change(fingerprint, { state: 'forgotten', forgottenBy: by });
    this.#options.log?.info(
      { peer: peerIdOf(fingerprint), name: before?.name, by },
      'a peer was forgotten, as another asked',
    );
    // After the answer has left: the connection may be the one that asks.
    setTimeout(() => void this.#unlink(fingerprint, 'it was forgotten'), 50).unref();
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
    this.book.change(fingerprint, { changedIdentity: { fingerprint: other, at, address } });
    this.#options.log?.error(
      { peer: peerIdOf(fingerprint), found: other, address },
      'a peer’s address shows another identity',
    );
    this.#changed();
  }

  // Who is near.

  #onDoors(): void {
    this.#chain = this.#chain.then(() => this.#renewDiscovery()).catch(() => undefined);
    for (const link of this.#links.values()) link.wake();
    this.#changed();
  }

  async #renewDiscovery(): Promise<void> {
    if (this.#options.isDiscovering === false || this.#isClosed) return;
    const nics = this.#doors.nics();
    const key = JSON.stringify(nics);
    if (key === this.#discoveryNics) return this.#discovery?.announce();
    const old = this.#discovery;
    this.#discovery = null;
    this.#discoveryNics = key;
    await old?.close();
    if (nics.length > 0) this.#discovery = this.#newDiscovery(nics);
    this.#discovery?.ask();
  }

  #newDiscovery(nics: readonly DiscoveryNic[]): Discovery {
    const { identity, name, version, run } = this.me;
    return new Discovery({
      nics,
      announced: () => {
        const [door] = this.#doors.endpoints();
        if (!door) return null;
        return {
          id: identity.id,
          name,
          version,
          protocols,
          port: door.port,
          isInviting: this.invitations.current() !== null,
          run,
        };
      },
      onSighting: (sighting) => this.#onSighting(sighting),
      onTrouble: (nic, reason) =>
        this.#options.log?.info({ nic: nic.address, reason }, 'servers near cannot be looked for'),
    });
  }

  #onSighting(sighting: Sighting): void {
    if (sighting.isLeaving) return;
    const where = formatEndpoint(sighting.address, sighting.port);
    if (sighting.id === this.me.identity.id) {
      if (sighting.run !== '' && sighting.run !== this.me.run && this.#copyOfUs !== where) {
        this.#copyOfUs = where;
        this.#options.log?.error({ address: where }, 'another server shows this server’s identity');
        this.#changed();
      }
      return;
    }
    const record = this.book.byId(sighting.id);
    if (record?.state !== 'paired' && record?.state !== 'unfinished') return;
    const endpoint = { address: sighting.address, port: sighting.port };
    const isKnown = record.endpoints.some((one) => formatEndpoint(one.address, one.port) === where);
    // What is heard is only a place to look: the certificate decides who it is.
    if (!isKnown) this.book.change(record.fingerprint, { endpoints: [...record.endpoints, endpoint].slice(-32) });
    this.#linkTo(record.fingerprint).wake();
  }

  async #findNear(id: string, signal: AbortSignal | undefined): Promise<Endpoint[]> {
    const isIt = (sighting: Sighting): boolean => sighting.id === id && !sighting.isLeaving;
    const look = async (discovery: Discovery): Promise<Sighting[]> =>
      (await discovery.look(lookMs, signal, (found) => found.some(isIt))).filter(isIt);
    const found = this.#discovery ? await look(this.#discovery) : [];
    const all = found.length > 0 ? found : await this.#withDiscovery(this.#allNics(), look);
    return all.map(({ address, port }) => ({ address, port }));
  }

  #allNics(): DiscoveryNic[] {
    return (this.#options.addresses ?? localAddresses)()
      .filter(({ family }) => family === 'IPv4')
      .map(({ address, netmask }) => ({ address, netmask }));
  }

  async #withDiscovery<T>(nics: readonly DiscoveryNic[], use: (discovery: Discovery) => Promise<T>): Promise<T> {
    const discovery = new Discovery({ nics, announced: () => null });
    try {
      return await use(discovery);
    } finally {
      await discovery.close();
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
