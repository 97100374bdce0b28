import { failure } from '../../shared/errors/failure.ts';
import { peerIdOf, type Endpoint, type PeerLink as PeerLinkView, type PeerRecord } from '../../shared/model/peer.ts';
import { BackOff } from '../channel/backoff.ts';
import { Channel, type CallHandler, type ChannelCallOptions } from '../channel/channel.ts';
import { peerLimits, type ChannelLimits } from '../channel/limits.ts';
import { connectTls, formatEndpoint } from '../channel/tls.ts';
import { messageOf } from '../system/reason.ts';
import { describeMe, type Me } from './me.ts';
import { refusalFailure } from './pairing/join.ts';
import { clockAnswerSchema, commonProtocol, protocols, welcomeSchema, type Hello } from './talk.ts';

export interface LinkTimings {
  /** For connection and handshake, in milliseconds. */
  readonly connectMs: number;
  /** For the first answer. */
  readonly helloMs: number;
  readonly firstRetryMs: number;
  readonly lastRetryMs: number;
  /**
   * How long a call waits for a connection that is being made; longer for a peer that connects by itself and may still be about to. A peer
   * that was not there for so long is not waited for beyond one more attempt.
   */
  readonly patienceMs: number;
  readonly clockEveryMs: number;
}

export const defaultTimings: LinkTimings = {
  connectMs: 4_000,
  helloMs: 5_000,
  firstRetryMs: 500,
  lastRetryMs: 10_000,
  patienceMs: 5_000,
  clockEveryMs: 60_000,
};

export interface LinkEvents {
  /** What the peer is to us at this moment; null when it is none any more. */
  readonly record: () => PeerRecord | null;
  /** Answers what the peer asks. */
  readonly onCall: CallHandler;
  readonly onUp: (about: {
    readonly name: string;
    readonly version: string;
    readonly endpoints: PeerRecord['endpoints'];
  }) => void;
  /** Somebody else answered at an address of the peer. */
  readonly onOther: (fingerprint: string, address: string) => void;
  readonly onChange: () => void;
  readonly onBug: (error: unknown, method: string) => void;
  /** Two processes show this identity at the same time. */
  readonly onClone: () => void;
}

interface Open {
  readonly channel: Channel;
  readonly run: string;
  readonly protocol: number;
}

/** How long one of two that show the same identity has to answer, in milliseconds. */
const aliveMs = 2_000;
const clockSamples = 5;

/** The connection to one peer: made again when it ends, whoever of the two makes it; used in both directions. */
export class PeerLink {
  readonly fingerprint: string;
  readonly #me: Me;
  readonly #events: LinkEvents;
  readonly #timings: LinkTimings;
  readonly #limits: ChannelLimits;
  readonly #backOff: BackOff;
  readonly #open: Open[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #ending = new AbortController();
  #retry: NodeJS.Timeout | null = null;
  #clock: NodeJS.Timeout | null = null;
  #isDialling = false;
  /** Where it was reached last: of several addresses, those that do not answer cost seconds each. */
  #reachedAt: string | null = null;
  /** Since when it could have connected, by this process's clock. */
  #downSince = performance.now();
  #view: PeerLinkView = {
    state: 'notTried',
    reason: null,
    since: null,
    clockOffsetMs: null,
    clockToleranceMs: null,
    protocol: null,
  };

  constructor(
    fingerprint: string,
    me: Me,
    events: LinkEvents,
    timings: LinkTimings = defaultTimings,
    limits: ChannelLimits = peerLimits,
  ) {
    this.fingerprint = fingerprint;
    this.#me = me;
    this.#events = events;
    this.#timings = timings;
    this.#limits = limits;
    this.#backOff = new BackOff({ firstMs: timings.firstRetryMs, mostMs: timings.lastRetryMs });
  }

  get view(): PeerLinkView {
    return this.#view;
  }

  get isConnected(): boolean {
    return this.#open.some(({ channel }) => channel.isOpen);
  }

  /** This server's own addresses that open connections of this link run over. */
  get localAddresses(): readonly string[] {
    return this.#open.flatMap(({ channel }) => (channel.isOpen ? (channel.localAddress ?? []) : []));
  }

  /** Connects now, if it is not connected: at the start, and when the peer was heard of. */
  wake(): void {
    if (this.#ending.signal.aborted || this.isConnected || this.#isDialling) return;
    this.#backOff.reset();
    if (this.#retry) clearTimeout(this.#retry);
    this.#retry = null;
    void this.#dial();
  }

  /** Takes a connection that the peer made and that was welcomed. */
  async adopt(channel: Channel, run: string, protocol: number): Promise<void> {
    await this.#add({ channel, run, protocol });
  }

  /** @throws Failure PEER_NOT_CONNECTED and those of {@link Channel.call} */
  async call(method: string, input: unknown, options: ChannelCallOptions = {}): Promise<unknown> {
    const channel = this.#best() ?? (await this.#connected(options.signal));
    return channel.call(method, input, options);
  }

  /** Ends all that is open and tries no more. */
  async close(reason: string): Promise<void> {
    this.#ending.abort();
    if (this.#retry) clearTimeout(this.#retry);
    if (this.#clock) clearInterval(this.#clock);
    this.#set({ state: 'down', reason });
    for (const wake of [...this.#waiting]) wake();
    await Promise.all(this.#open.map(({ channel }) => channel.end(reason)));
  }

  #best(): Channel | null {
    return this.#open.findLast(({ channel }) => channel.isOpen)?.channel ?? null;
  }

  async #connected(signal: AbortSignal | undefined): Promise<Channel> {
    const deadline = performance.now() + this.#patienceMs();
    // An attempt that was under way before the call says nothing of this moment.
    const wasDialling = this.#isDialling;
    let channel = await this.#connectedBy(deadline, signal);
    if (!channel && wasDialling && !signal?.aborted && performance.now() < deadline)
      channel = await this.#connectedBy(deadline, signal);
    if (channel) return channel;
    const name = this.#events.record()?.name ?? peerIdOf(this.fingerprint);
    throw failure('PEER_NOT_CONNECTED', { name, reason: this.#view.reason ?? 'it was not reached yet' });
  }

  /** The connection, once there is one; null at the deadline, and as soon as an attempt failed at a peer that was gone before. */
  async #connectedBy(deadline: number, signal: AbortSignal | undefined): Promise<Channel | null> {
    this.wake();
    let timer: NodeJS.Timeout | undefined;
    let wake: () => void = () => undefined;
    await new Promise<void>((resolve) => {
      wake = resolve;
      this.#waiting.add(wake);
      timer = setTimeout(resolve, this.#ending.signal.aborted ? 0 : Math.max(0, deadline - performance.now()));
      signal?.addEventListener('abort', wake, { once: true });
    });
    clearTimeout(timer);
    signal?.removeEventListener('abort', wake);
    this.#waiting.delete(wake);
    return this.#best();
  }

  /**
   * A peer that does not listen can not be dialled for a call: it comes when its own back-off is over. As long as that may take after this server started or
   * lost it, a call waits for it; later it is not there.
   */
  #patienceMs(): number {
    const { patienceMs, lastRetryMs, connectMs } = this.#timings;
    if (this.#events.record()?.endpoints.length !== 0) return patienceMs;
    const comesWithinMs = BackOff.longest(lastRetryMs) + connectMs;
    return Math.max(patienceMs, this.#downSince + comesWithinMs - performance.now());
  }

  /** One that listens, and was out of reach for longer than a short outage or a start of Quorate lasts. */
  #isLongLost(): boolean {
    const listens = this.#events.record()?.endpoints.length !== 0;
    return listens && performance.now() - this.#downSince > this.#timings.patienceMs;
  }

  async #dial(): Promise<void> {
    if (this.#isDialling) return;
    this.#isDialling = true;
    try {
      const record = this.#events.record();
      if (!record) return;
      if (record.endpoints.length === 0) {
        this.#set({ state: 'down', reason: 'it does not listen; it connects by itself' });
        return;
      }
      this.#set({ state: 'connecting' });
      const reasons: string[] = [];
      const isLast = ({ address, port }: Endpoint): boolean => formatEndpoint(address, port) === this.#reachedAt;
      const lastFirst = record.endpoints.toSorted((one, other) => Number(isLast(other)) - Number(isLast(one)));
      for (const endpoint of lastFirst) {
        if (this.#ending.signal.aborted || this.isConnected) return;
        try {
          await this.#dialOne(endpoint.address, endpoint.port);
          return;
        } catch (error) {
          reasons.push(messageOf(error).replace(/\.$/, ''));
        }
      }
      if (!this.isConnected) this.#set({ state: 'down', reason: reasons.join('; ') });
    } finally {
      this.#isDialling = false;
      if (!this.isConnected) {
        this.#later();
        if (this.#isLongLost()) for (const wake of [...this.#waiting]) wake();
      }
    }
  }

  async #dialOne(address: string, port: number): Promise<void> {
    const where = formatEndpoint(address, port);
    const { socket, fingerprint } = await connectTls({
      address,
      port,
      identity: this.#me.identity,
      timeoutMs: this.#timings.connectMs,
      signal: this.#ending.signal,
    });
    if (fingerprint !== this.fingerprint) {
      socket.destroy();
      const name = this.#events.record()?.name ?? '';
      if (fingerprint === this.#me.identity.fingerprint) throw failure('PEER_IS_THIS_SERVER', { address: where });
      this.#events.onOther(fingerprint, where);
      throw failure('PEER_IDENTITY_CHANGED', {
        address: where,
        name,
        expected: peerIdOf(this.fingerprint),
        found: peerIdOf(fingerprint),
      });
    }
    const name = this.#events.record()?.name ?? where;
    const channel = new Channel(socket, {
      peer: name,
      limits: this.#limits,
      onCall: (call) => this.#events.onCall(call),
      onBug: this.#events.onBug,
    });
    const hello: Hello = {
      purpose: 'peer',
      protocols: [...protocols],
      self: describeMe(this.#me),
      run: this.#me.run,
    };
    try {
      const answer = await channel
        .call('hello', hello, { deadlineMs: this.#timings.helloMs })
        .catch((error: unknown) => {
          // It looked at our certificate and hung up.
          if ((error as { code?: string }).code === 'CHANNEL_LOST') throw failure('PEER_REFUSED', { address: where });
          throw error;
        });
      const welcome = welcomeSchema.parse(answer);
      if (!welcome.accepted) throw refusalFailure(welcome, where);
      if (commonProtocol([welcome.protocol]) === null)
        throw failure('PEER_NOT_QUORATE', { address: where, reason: 'it chose a protocol that was not offered' });
      await this.#add({ channel, run: welcome.run, protocol: welcome.protocol });
      this.#reachedAt = where;
      this.#events.onUp(welcome.self);
    } catch (error) {
      channel.destroy('it was not welcomed');
      throw error;
    }
  }

  async #add(open: Open): Promise<void> {
    const others = this.#open.filter((one) => one.channel.isOpen && one.run !== open.run);
    // The peer was started again, or two servers show one identity: a process that is gone does not answer.
    const alive = await Promise.all(
      others.map(({ channel }) =>
        channel.call('link.clock', {}, { deadlineMs: aliveMs }).then(
          () => true,
          () => false,
        ),
      ),
    );
    if (alive.includes(true) && open.channel.isOpen) {
      this.#events.onClone();
      throw failure('PEER_CLONED', {
        name: this.#events.record()?.name ?? '',
        other: open.channel.peer,
        id: peerIdOf(this.fingerprint),
      });
    }
    for (const { channel } of others) channel.destroy('the peer was started again');
    if (this.#ending.signal.aborted || !open.channel.isOpen) return open.channel.destroy('this side ends');
    this.#open.push(open);
    this.#backOff.reset();
    if (this.#retry) clearTimeout(this.#retry);
    this.#retry = null;
    this.#set({
      state: 'connected',
      reason: null,
      since: new Date(this.#me.now()).toISOString(),
      protocol: open.protocol,
    });
    for (const wake of [...this.#waiting]) wake();
    void open.channel.closed.then((reason) => this.#lost(open, reason));
    void this.#measureClock();
    this.#clock ??= setInterval(() => void this.#measureClock(), this.#timings.clockEveryMs);
    this.#clock.unref();
  }

  #lost(open: Open, reason: string): void {
    this.#open.splice(this.#open.indexOf(open), 1);
    if (this.isConnected || this.#ending.signal.aborted) return;
    this.#downSince = performance.now();
    this.#set({ state: 'down', reason, since: new Date(this.#me.now()).toISOString() });
    this.#later();
  }

  #later(): void {
    if (this.#ending.signal.aborted || this.#retry || !this.#events.record()) return;
    this.#retry = setTimeout(() => {
      this.#retry = null;
      void this.#dial();
    }, this.#backOff.next());
    this.#retry.unref();
  }

  /** RFC 5905's simplest form: the question with the shortest way there and back tells most. */
  async #measureClock(): Promise<void> {
    let best: { offset: number; tolerance: number } | null = null;
    for (let sample = 0; sample < clockSamples; sample += 1) {
      const channel = this.#best();
      if (!channel) return;
      const asked = this.#me.now();
      const before = performance.now();
      try {
        const { now } = clockAnswerSchema.parse(await channel.call('link.clock', {}, { deadlineMs: 5_000 }));
        const roundTrip = performance.now() - before;
        const tolerance = roundTrip / 2;
        if (!best || tolerance < best.tolerance) best = { offset: now - (asked + tolerance), tolerance };
      } catch {
        return;
      }
    }
    if (best)
      this.#set({
        clockOffsetMs: Math.round(best.offset * 10) / 10,
        clockToleranceMs: Math.round((best.tolerance + 1) * 10) / 10,
      });
  }

  #set(change: Partial<PeerLinkView>): void {
    const before = this.#view;
    this.#view = { ...before, ...change };
    if (before.state !== this.#view.state || before.reason !== this.#view.reason) this.#events.onChange();
  }
}
