import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import { decodeBinaryValue, encodeBinaryValue, findValue, type TextPair } from '../../iscsi/index.ts';

/** A CHAP name and its secret; the secret's bytes are those of the UTF-8 text. */
export interface ChapCredentials {
  readonly user: string;
  readonly secret: string;
}

/** The CHAP algorithms of IANA's PPP registry that iSCSI uses (RFC 7143 section 12.1.3): code and digest. */
export const chapAlgorithms = { 5: 'md5', 6: 'sha1', 7: 'sha256', 8: 'sha3-256' } as const;
export type ChapAlgorithm = keyof typeof chapAlgorithms;

const isAvailable = (code: ChapAlgorithm): boolean => {
  try {
    createHash(chapAlgorithms[code]);
    return true;
  } catch {
    return false; // this runtime's crypto was built without it
  }
};

const proof = (algorithm: ChapAlgorithm, identifier: number, secret: string, challenge: Buffer): Buffer =>
  createHash(chapAlgorithms[algorithm])
    .update(Buffer.from([identifier]))
    .update(secret, 'utf8')
    .update(challenge)
    .digest();

const equal = (left: Buffer, right: Buffer): boolean => left.length === right.length && timingSafeEqual(left, right);

export interface ChapSettings {
  /** What an initiator has to prove. */
  readonly initiator: ChapCredentials;
  /** With what the target proves itself when it is asked; null: it cannot. */
  readonly target: ChapCredentials | null;
  /** In no order: the initiator's list decides. All that the runtime has by default. */
  readonly algorithms?: readonly ChapAlgorithm[];
  /** A faulty target: its own proof is wrong. */
  readonly wrongProof?: () => boolean;
}

export type ChapStep =
  | { readonly kind: 'challenge'; readonly pairs: readonly TextPair[] }
  | { readonly kind: 'proven'; readonly pairs: readonly TextPair[] }
  | { readonly kind: 'refused'; readonly because: string };

const refused = (because: string): ChapStep => ({ kind: 'refused', because });

/** The target's side of one CHAP exchange (RFC 7143 section 12.1.3, RFC 1994). */
export class TargetChap {
  readonly #settings: ChapSettings;
  readonly #identifier = randomInt(256);
  #algorithm: ChapAlgorithm | null = null;
  #challenge = Buffer.alloc(0);

  constructor(settings: ChapSettings) {
    this.#settings = settings;
  }

  /** Takes the CHAP keys of one request and says what to answer. */
  receive(pairs: readonly TextPair[]): ChapStep {
    const offered = findValue(pairs, 'CHAP_A');
    if (this.#algorithm === null) return offered === undefined ? refused('CHAP_A is missing') : this.#choose(offered);
    return this.#verify(this.#algorithm, pairs);
  }

  #choose(offered: string): ChapStep {
    const supported = (this.#settings.algorithms ?? ([5, 6, 7, 8] as const)).filter(isAvailable);
    const chosen = offered
      .split(',')
      .map(Number)
      .find((code): code is ChapAlgorithm => supported.some((one) => one === code));
    if (chosen === undefined) return refused(`none of the algorithms ${offered} is supported`);
    this.#algorithm = chosen;
    // At least as long as the digest; RFC 7143 section 12.1.3 allows up to 1024 bytes.
    this.#challenge = randomBytes(32);
    return {
      kind: 'challenge',
      pairs: [
        ['CHAP_A', String(chosen)],
        ['CHAP_I', String(this.#identifier)],
        ['CHAP_C', encodeBinaryValue(this.#challenge)],
      ],
    };
  }

  #verify(algorithm: ChapAlgorithm, pairs: readonly TextPair[]): ChapStep {
    const { initiator, target, wrongProof } = this.#settings;
    const name = findValue(pairs, 'CHAP_N');
    const response = decodeBinaryValue(findValue(pairs, 'CHAP_R') ?? '');
    if (name === undefined || !response) return refused('CHAP_N or CHAP_R is missing');
    const expected = proof(algorithm, this.#identifier, initiator.secret, this.#challenge);
    if (name !== initiator.user || !equal(response, expected)) return refused('the name or the secret is wrong');
    const identifier = findValue(pairs, 'CHAP_I');
    const challengeText = findValue(pairs, 'CHAP_C');
    if (identifier === undefined && challengeText === undefined) return { kind: 'proven', pairs: [] };
    const challenge = decodeBinaryValue(challengeText ?? '');
    if (identifier === undefined || !challenge) return refused('only one of CHAP_I and CHAP_C was sent');
    // Our own challenge sent back would make us compute the answer for an impostor (RFC 7143 section 12.1.3).
    if (challenge.equals(this.#challenge)) return refused('the challenge was reflected');
    if (!target) return refused('mutual CHAP is not configured');
    const own = proof(algorithm, Number(identifier) & 0xff, target.secret, challenge);
    if (wrongProof?.()) own.writeUInt8(own.readUInt8(0) ^ 0xff, 0);
    return {
      kind: 'proven',
      pairs: [
        ['CHAP_N', target.user],
        ['CHAP_R', encodeBinaryValue(own)],
      ],
    };
  }
}
