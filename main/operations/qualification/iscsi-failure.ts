import { Failure, cancelled, failure, type Effect } from '../../../shared/errors/failure.ts';
import { messages, type FailureCode } from '../../../shared/messages/index.ts';
import { isInPrefix } from '../../../shared/model/address.ts';
import { parsePortal, probePortal, IscsiError } from '../../iscsi/index.ts';
import type { AccessInput, LocalAddress, ThisServer } from './access.ts';
import { describeNameError, describeWayError, type NamesInput } from './iscsi-error-words.ts';

const codeOf = (error: IscsiError): FailureCode => {
  const code = `ISCSI_${error.code}`;
  return code in messages ? (code as FailureCode) : 'INTERNAL_BUG';
};

const sentenceOf = (error: IscsiError): string => error.message.replace(/\.(?= \(|$)/, '');

export interface Circumstances {
  readonly input: Partial<Pick<AccessInput, 'sourceIp' | 'chap'>> & NamesInput;
  readonly server: Pick<ThisServer, 'addresses' | 'ownName'>;
  readonly signal: AbortSignal;
}

/** What a failure is about, whatever its code: portal, target and LUN stay named. */
const placesOf = (error: IscsiError): { portal?: string; target?: string; lun?: string } => ({
  ...(error.portal ? { portal: error.portal } : {}),
  ...(error.target ? { target: error.target } : {}),
  ...(error.lun ? { lun: error.lun } : {}),
});

/** Where a login was refused for who we are, the administrator of the target needs the name that was told to it. */
const initiatorOf = async ({ input, server, signal }: Circumstances): Promise<string> =>
  input.initiator ?? (await server.ownName(signal).catch(() => 'of this server'));

/** The same status stands for a wrong secret and for a missing one; what was sent tells which it is. */
const explainChap = (error: IscsiError, initiator: string, { input }: Circumstances): Failure => {
  const place = /\([^()]*\)$/.exec(error.message)?.[0] ?? '';
  const about = { ...placesOf(error), initiator };
  if (!input.chap)
    return failure('ISCSI_LOGIN_CHAP_NEEDED', {
      message: `The target wants CHAP, and none was given ${place}`.trim(),
      ...about,
    });
  if (error.detail['isBeforeChallenge'] === true)
    return failure('ISCSI_LOGIN_AUTHENTICATION_FAILED', {
      message: `The target refused CHAP before it sent a challenge: no secret was compared ${place}`.trim(),
      ...about,
    });
  return failure('ISCSI_LOGIN_AUTHENTICATION_FAILED', {
    message: `The target refused the CHAP name "${input.chap.user}" or its secret ${place}`.trim(),
    ...about,
  });
};

/** The failure of the product for what the initiator met; portal, target and LUN stay named. */
export const toIscsiFailure = async (error: IscsiError, circumstances: Circumstances): Promise<Failure> => {
  const { input } = circumstances;
  switch (error.code) {
    case 'NAME_MALFORMED':
      return describeNameError(error, input);
    case 'LOGIN_AUTHENTICATION_FAILED':
      return explainChap(error, await initiatorOf(circumstances), circumstances);
    case 'LOGIN_CHAP_REFUSED':
    case 'LOGIN_AUTHENTICATION_MISSING':
    case 'LOGIN_NOT_AUTHORIZED':
    case 'LOGIN_TARGET_NOT_FOUND':
      return new Failure(codeOf(error), {
        message: sentenceOf(error),
        initiator: await initiatorOf(circumstances),
        ...placesOf(error),
      });
    default:
      return new Failure(codeOf(error), {
        message: describeWayError(error, sentenceOf(error), input.sourceIp),
        ...placesOf(error),
      });
  }
};

/** The connection itself did not come about: then another NIC may do better. */
const isAboutTheWay = (error: IscsiError): boolean =>
  error.phase === 'connect' &&
  ['PORTAL_UNREACHABLE', 'PORTAL_REFUSED', 'SOURCE_ADDRESS_UNUSABLE', 'TIMED_OUT'].includes(error.code);

/** Long enough for a lost first packet to be sent again (RFC 6298 section 2: one second). */
const probeTimeoutMs = 2_000;
/** A server with many virtual NICs is not asked for all of them. */
const mostProbes = 32;

/** The addresses of this server, other than the one that was tried, from which the portal takes a connection; those in its network first. */
const findOtherWays = async (portal: string, { input, server, signal }: Circumstances): Promise<LocalAddress[]> => {
  const candidates = server
    .addresses()
    .filter(({ address }) => address !== input.sourceIp)
    .slice(0, mostProbes);
  const probes = await Promise.all(
    candidates.map(async (one) => {
      const probe = await probePortal({ portal, sourceAddress: one.address, timeoutMs: probeTimeoutMs, signal });
      return probe.answers ? one : null;
    }),
  );
  const { host } = parsePortal(portal);
  const isNear = (one: LocalAddress): boolean => isInPrefix(host, one.address, one.prefixLength);
  return probes
    .filter((one) => one !== null)
    .sort(
      (left, right) =>
        Number(isNear(right)) - Number(isNear(left)) || Number(left.isLoopback) - Number(right.isLoopback),
    );
};

/**
 * The failure for what the initiator met. Where the way to the portal is the trouble, this server's other addresses are tried with a
 * connection that carries nothing, and the failure names those that work.
 */
export const explainIscsiError = async (error: IscsiError, circumstances: Circumstances): Promise<Failure> => {
  const plain = await toIscsiFailure(error, circumstances);
  if (!isAboutTheWay(error) || error.portal === undefined || circumstances.signal.aborted) return plain;
  const ways = await findOtherWays(error.portal, circumstances);
  const [best] = ways;
  if (best === undefined) return plain;
  return failure(
    'ISCSI_PORTAL_ANSWERS_ELSEWHERE',
    {
      message: String(plain.detail['message']),
      portal: error.portal,
      sourceIp: best.address,
      answersFrom: ways.map(({ nic, address }) => `${address} (${nic})`).join(', '),
      ...(error.target ? { target: error.target } : {}),
    },
    { cause: plain },
  );
};

/** Runs a conversation with a target; what it meets comes out as a failure with the next step. */
export const withIscsiFailures = async <T>(
  what: string,
  circumstances: Circumstances,
  run: () => Promise<T>,
  effectWhenCancelled: () => Effect = () => 'none',
): Promise<T> => {
  const { signal } = circumstances;
  try {
    return await run();
  } catch (error) {
    // Whoever was cancelled and cleaned up knows better than we what it left.
    if (error instanceof Failure && error.code === 'CANCELLED') throw error;
    if (signal.aborted) throw cancelled(what, effectWhenCancelled());
    if (error instanceof IscsiError) throw await explainIscsiError(error, circumstances);
    throw error;
  }
};
