import type { PeerRecord, SelfDescription } from '../../shared/model/peer.ts';
import { Channel, type CallHandler, type IncomingCall } from '../channel/channel.ts';
import { peerLimits, type ChannelLimits } from '../channel/limits.ts';
import type { Arrival } from '../channel/listener.ts';
import type { LinkTimings, PeerLink } from './link.ts';
import { describeMe, type Me } from './me.ts';
import type { PeerBook } from './membership/book.ts';
import type { Invitations } from './pairing/invitations.ts';
import { hearStranger, pairingTalk, refusal, type InviteEvents, type Paired } from './pairing/invite.ts';
import type { PeerLog } from './peer-log.ts';
import { commonProtocol, helloSchema, type Welcome } from './talk.ts';

export interface ArrivalTools {
  readonly me: Me;
  readonly book: PeerBook;
  readonly invitations: Invitations;
  readonly timings: LinkTimings;
  readonly limits?: ChannelLimits | undefined;
  readonly log?: PeerLog | undefined;
  readonly linkTo: (fingerprint: string) => PeerLink;
  /** Answers a paired server after its hello. */
  readonly onCall: (fingerprint: string, call: IncomingCall) => Promise<unknown>;
  /** A paired server is connected. */
  readonly onUp: (fingerprint: string, about: SelfDescription) => void;
  readonly onProven: (paired: Paired) => void;
  readonly onConfirmed: (paired: Paired) => void;
  /** Somebody tried the invitation and failed. */
  readonly onWrong: () => void;
  readonly onBug: (error: unknown, method: string) => void;
}

const becauseOf = (record: PeerRecord | null): Extract<Welcome, { accepted: false }>['because'] => {
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
};

/** Those who come to an open door: paired servers, whose connection goes to their link, and strangers, with whom only pairing is talked of. */
export class Arrivals {
  readonly #tools: ArrivalTools;
  readonly #strangers = new Set<Channel>();
  #isClosed = false;

  constructor(tools: ArrivalTools) {
    this.#tools = tools;
  }

  /** From now on nobody is heard any more. */
  close(): void {
    this.#isClosed = true;
    for (const stranger of this.#strangers) stranger.destroy('this server ends');
  }

  hear(arrival: Arrival): void {
    const { fingerprint, socket } = arrival;
    if (this.#isClosed) return void socket.destroy();
    const { me, book, invitations } = this.#tools;
    const record = book.byFingerprint(fingerprint);
    if (record?.state === 'paired' || record?.state === 'unfinished') {
      arrival.place.release();
      return this.#hearPeer(arrival, record);
    }
    // With somebody of whom nothing is known we talk only while there is a reason to; who is known hears why not.
    if (!record && !invitations.hearsStrangers()) return void socket.destroy();
    const stranger = hearStranger(arrival, me, invitations, this.#inviteEvents(fingerprint));
    this.#strangers.add(stranger);
    void stranger.closed.then(() => this.#strangers.delete(stranger));
  }

  #inviteEvents(fingerprint: string): InviteEvents {
    const { me, book, log, onProven, onConfirmed, onWrong } = this.#tools;
    return {
      onProven,
      onConfirmed,
      onWrong: (remoteAddress, verdict) => {
        log?.info({ remoteAddress, verdict }, 'a wrong proof of an invitation');
        onWrong();
      },
      refuse: () => refusal(me, becauseOf(book.byFingerprint(fingerprint))),
      onBug: (error) => log?.info({ error: String(error) }, 'a stranger did not keep to the conversation'),
    };
  }

  /** A paired server that connected: after its hello the connection belongs to its link. */
  #hearPeer(arrival: Arrival, record: PeerRecord): void {
    const { me, invitations, limits, timings, linkTo, onBug, onCall, onUp } = this.#tools;
    const { fingerprint, name } = record;
    let isWelcome = false;
    /** It pairs anew, as after it forgot us: then nothing but its proof counts. */
    let pairing: CallHandler | null = null;
    const link = linkTo(fingerprint);
    const onHello = (call: IncomingCall): Promise<unknown> | Welcome => {
      const hello = helloSchema.parse(call.input);
      if (hello.purpose === 'pair') {
        pairing = pairingTalk(arrival, me, invitations, this.#inviteEvents(fingerprint));
        return pairing(call);
      }
      const protocol = commonProtocol(hello.protocols);
      if (protocol === null) return refusal(me, 'version');
      isWelcome = true;
      // The answer leaves first: what is asked of the peer next, it answers only when it was welcomed.
      setImmediate(() => {
        link
          .adopt(channel, hello.run, protocol)
          .then(() => onUp(fingerprint, hello.self))
          .catch((error: unknown) => {
            onBug(error, 'hello');
            channel.destroy('it was not taken');
          });
      });
      return { accepted: true, protocol, self: describeMe(me), run: me.run, now: me.now() };
    };
    const channel = new Channel(arrival.socket, {
      peer: name,
      limits: limits ?? peerLimits,
      onBug,
      onCall: async (call) => {
        if (pairing) return pairing(call);
        if (isWelcome) return onCall(fingerprint, call);
        if (call.method === 'hello') return onHello(call);
        throw new Error('a connection begins with hello');
      },
    });
    const timer = setTimeout(() => {
      if (!isWelcome && !pairing) channel.destroy('it said no hello');
    }, timings.helloMs);
    timer.unref();
    void channel.closed.then(() => clearTimeout(timer));
  }
}
