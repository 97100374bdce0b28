import type { PeerRecord } from '../../../shared/model/peer.ts';
import { Channel, type CallHandler, type IncomingCall } from '../../channel/channel.ts';
import { strangerLimits } from '../../channel/limits.ts';
import type { Arrival } from '../../channel/listener.ts';
import { describeMe, type Me } from '../me.ts';
import { commonProtocol, helloSchema, protocols, proveSchema, type Hello, type Proven, type Welcome } from '../talk.ts';
import { usableEndpoints } from '../told-endpoints.ts';
import type { Invitations } from './invitations.ts';
import { exportForPairing, proofOf, trustWords, type PairingBinding } from './proof.ts';

/** How long somebody may take to pair who has connected, in milliseconds. */
const conversationMs = 30_000;

export interface Paired {
  readonly record: PeerRecord;
  readonly words: string;
}

export interface InviteEvents {
  /** It proved itself: it has to be written down before this returns. */
  readonly onProven: (paired: Paired) => void;
  /** It told that it has written us down as well. */
  readonly onConfirmed: (paired: Paired) => void;
  readonly onWrong: (remoteAddress: string, verdict: Proven['kind']) => void;
  /** A hello that is not about pairing: why it is not let in. */
  readonly refuse: (hello: Hello) => Welcome;
  readonly onBug: (error: unknown) => void;
}

/** A hello that is answered with a no. */
export const refusal = (me: Me, because: Extract<Welcome, { accepted: false }>['because']): Welcome => ({
  accepted: false,
  because,
  name: me.name,
  version: me.version,
  protocols: [...protocols],
});

/**
 * The conversation of pairing on one connection, from the inviter's side: the proof of the joiner comes first, so that nobody can collect proofs
 * of ours and guess.
 */
export const pairingTalk = (
  { socket, fingerprint, remoteAddress }: Pick<Arrival, 'socket' | 'fingerprint' | 'remoteAddress'>,
  me: Me,
  invitations: Invitations,
  events: InviteEvents,
): CallHandler => {
  const binding: PairingBinding = {
    exported: exportForPairing(socket),
    inviter: me.identity.fingerprint,
    joiner: fingerprint,
  };
  let hello: Hello | null = null;
  let proven: Paired | null = null;
  let hasTried = false;

  const onHello = (input: unknown): Welcome => {
    const given = helloSchema.parse(input);
    const protocol = commonProtocol(given.protocols);
    if (protocol === null) return refusal(me, 'version');
    if (given.purpose !== 'pair') return events.refuse(given);
    hello = given;
    return { accepted: true, protocol, self: describeMe(me), run: me.run, now: me.now() };
  };

  const onProof = (input: unknown): Proven => {
    // One try for each connection, so that tries are counted by connections and limits at the door hold.
    if (!hello || hasTried) throw new Error('a proof comes once, after hello');
    hasTried = true;
    const { proof } = proveSchema.parse(input);
    const verdict = invitations.judge(proof, binding);
    if (verdict.kind !== 'right') {
      events.onWrong(remoteAddress, verdict.kind);
      return verdict;
    }
    const now = new Date(me.now()).toISOString();
    const { name, version, endpoints } = hello.self;
    const record: PeerRecord = {
      fingerprint,
      name,
      version,
      endpoints: usableEndpoints(endpoints, [remoteAddress]),
      state: 'unfinished',
      how: 'invited',
      introducedBy: null,
      since: now,
      lastSeenAt: now,
      changedIdentity: null,
      forgottenBy: null,
    };
    proven = { record, words: trustWords(verdict.secret, binding) };
    events.onProven(proven);
    return { kind: 'right', proof: proofOf(verdict.secret, binding, 'inviter') };
  };

  return async ({ method, input }: IncomingCall): Promise<unknown> => {
    switch (method) {
      case 'hello':
        return onHello(input);
      case 'pair.prove':
        return onProof(input);
      case 'pair.confirm':
        if (!proven) throw new Error('a confirmation comes after a proof');
        events.onConfirmed(proven);
        return {};
      default:
        throw new Error(`${method} is not answered to somebody unknown`);
    }
  };
};

/** Talks with somebody who is no peer (yet): nothing but pairing is answered, within the limits for strangers. */
export const hearStranger = (arrival: Arrival, me: Me, invitations: Invitations, events: InviteEvents): Channel => {
  const channel = new Channel(arrival.socket, {
    peer: arrival.remoteAddress,
    limits: strangerLimits,
    onCall: pairingTalk(arrival, me, invitations, events),
    onBug: (error) => {
      events.onBug(error);
      // Whoever does not keep to the conversation is not spoken to any longer.
      setImmediate(() => channel.destroy('it does not keep to the conversation'));
    },
  });
  const timer = setTimeout(() => channel.destroy('it took too long'), conversationMs);
  timer.unref();
  void channel.closed.then(() => clearTimeout(timer));
  return channel;
};
