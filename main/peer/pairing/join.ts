import { failure } from '../../../shared/errors/failure.ts';
import { describeInvitationProblem, parseInvitation, type InvitationParts } from '../../../shared/model/invitation.ts';
import { peerIdOf, type Endpoint, type PeerRecord } from '../../../shared/model/peer.ts';
import { Channel } from '../../channel/channel.ts';
import { strangerLimits } from '../../channel/limits.ts';
import { connectTls, formatEndpoint } from '../../channel/tls.ts';
import { describeMe, type Me } from '../me.ts';
import { protocols, provenSchema, welcomeSchema, type Hello, type Welcome } from '../talk.ts';
import { usableEndpoints } from '../told-endpoints.ts';
import { exportForPairing, isProof, prefixOf, proofOf, trustWords, type PairingBinding } from './proof.ts';

/** How long pairing waits, in milliseconds. */
export interface JoinPatience {
  /** For connection and handshake. */
  readonly connectMs: number;
  /** For each answer. */
  readonly helloMs: number;
}

/** @throws Failure PEER_INVITATION_MALFORMED */
export const readInvitation = (typed: string): InvitationParts => {
  const read = parseInvitation(typed);
  if (!read.ok) throw failure('PEER_INVITATION_MALFORMED', { problem: describeInvitationProblem(read.problem) });
  return read.parts;
};

export interface Joined {
  readonly record: PeerRecord;
  /** The two words that both screens show. */
  readonly words: string;
  readonly endpoint: Endpoint;
}

/** What a person is told when somebody does not let us in. */
export const refusalFailure = (welcome: Extract<Welcome, { accepted: false }>, address: string): Error => {
  if (welcome.because === 'version')
    return failure('PEER_VERSION_SKEW', {
      address,
      version: welcome.version,
      theirs: welcome.protocols.join(', '),
      ours: protocols.join(', '),
    });
  return failure('PEER_REFUSED', { address, because: welcome.because });
};

/** What broke a conversation of pairing, in a few words. */
const reasonOf = (error: unknown): string => {
  const { detail, message } = error as { detail?: { reason?: unknown }; message?: string };
  return typeof detail?.reason === 'string' ? detail.reason : (message ?? String(error));
};

/**
 * Pairs with the server that made an invitation. We compare its certificate with the invitation before we say anything, prove the secret first,
 * and believe nothing until it has proven the same. `keep` writes the peer down before the other side is told that all is well.
 * @throws Failure PEER_INVITATION_*, PEER_UNREACHABLE, PEER_NOT_QUORATE, PEER_IS_THIS_SERVER, PEER_REFUSED, PEER_VERSION_SKEW,
 * PEER_INVITER_UNPROVEN, PEER_PAIRING_BROKEN, CANCELLED
 */
export const joinBy = async (
  me: Me,
  { prefix, secret }: InvitationParts,
  endpoint: Endpoint,
  keep: (record: PeerRecord) => void,
  patience: JoinPatience,
  signal?: AbortSignal,
): Promise<Joined> => {
  const address = formatEndpoint(endpoint.address, endpoint.port);
  if (prefix === prefixOf(me.identity.fingerprint)) throw failure('PEER_IS_THIS_SERVER', { address });
  const { socket, fingerprint } = await connectTls({
    ...endpoint,
    identity: me.identity,
    timeoutMs: patience.connectMs,
    ...(signal ? { signal } : {}),
  });
  if (fingerprint === me.identity.fingerprint) {
    socket.destroy();
    throw failure('PEER_IS_THIS_SERVER', { address });
  }
  if (prefixOf(fingerprint) !== prefix) {
    socket.destroy();
    throw failure('PEER_INVITATION_OTHER', { address });
  }
  const binding: PairingBinding = {
    exported: exportForPairing(socket),
    inviter: fingerprint,
    joiner: me.identity.fingerprint,
  };
  const channel = new Channel(socket, {
    peer: address,
    limits: strangerLimits,
    onCall: async () => null,
  });
  const ask = (method: string, input: unknown): Promise<unknown> =>
    channel.call(method, input, { deadlineMs: patience.helloMs, ...(signal ? { signal } : {}) });
  let isKept = false;
  let isHeard = false;
  try {
    const hello: Hello = { purpose: 'pair', protocols: [...protocols], self: describeMe(me), run: me.run };
    const welcome = welcomeSchema.parse(await ask('hello', hello));
    isHeard = true;
    if (!welcome.accepted) throw refusalFailure(welcome, address);
    const { name } = welcome.self;
    const answer = provenSchema.parse(await ask('pair.prove', { proof: proofOf(secret, binding, 'joiner') }));
    switch (answer.kind) {
      case 'wrong':
        throw failure('PEER_INVITATION_WRONG', { name, left: answer.left });
      case 'locked':
        throw failure('PEER_INVITATION_LOCKED', { name });
      case 'expired':
        throw failure('PEER_INVITATION_EXPIRED', { name });
      case 'used':
        throw failure('PEER_INVITATION_USED', { name });
      case 'none':
        throw failure('PEER_INVITATION_NONE', { name });
      case 'right':
        break;
    }
    if (!isProof(answer.proof, secret, binding, 'inviter')) throw failure('PEER_INVITER_UNPROVEN', { address });
    const now = new Date(me.now()).toISOString();
    const endpoints = usableEndpoints([endpoint, ...welcome.self.endpoints], [endpoint.address]);
    const record: PeerRecord = {
      fingerprint,
      name,
      version: welcome.self.version,
      endpoints: endpoints.slice(0, 32),
      state: 'paired',
      how: 'joined',
      introducedBy: null,
      since: now,
      lastSeenAt: now,
      changedIdentity: null,
      forgottenBy: null,
    };
    keep(record);
    isKept = true;
    await ask('pair.confirm', {});
    return { record, words: trustWords(secret, binding), endpoint };
  } catch (error) {
    const code = (error as { code?: string }).code ?? '';
    if (code.startsWith('PEER_') || code === 'CANCELLED') throw error;
    // In TLS 1.3 the other end looks at our certificate after we believe to be connected: an end before the first answer is its "no".
    if (!isHeard && code === 'CHANNEL_LOST') throw failure('PEER_REFUSED', { address });
    throw failure(
      'PEER_PAIRING_BROKEN',
      { address, reason: reasonOf(error) },
      { cause: error, effect: isKept ? 'partial' : 'unknown' },
    );
  } finally {
    await channel.end('pairing is done');
  }
};

/** The id that an invitation leads to. */
export const invitedId = ({ prefix }: InvitationParts): string =>
  peerIdOf((prefix >> 1n).toString(16).padStart(16, '0'));
