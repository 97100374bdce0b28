import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { IscsiError } from '../error.ts';

/**
 * CHAP algorithms: the IANA registry "PPP Authentication Algorithms", which RFC 7143 section 12.1.3 refers to. The strongest comes first;
 * offers are made in this order.
 */
export const CHAP_ALGORITHMS = [
  { code: 8, name: 'SHA3-256', hash: 'sha3-256', responseBytes: 32 },
  { code: 7, name: 'SHA-256', hash: 'sha256', responseBytes: 32 },
  { code: 6, name: 'SHA1', hash: 'sha1', responseBytes: 20 },
  { code: 5, name: 'MD5', hash: 'md5', responseBytes: 16 },
] as const;

/** One row of `CHAP_ALGORITHMS`. */
export type ChapAlgorithm = (typeof CHAP_ALGORITHMS)[number];
/** How a caller names an algorithm. */
export type ChapAlgorithmName = ChapAlgorithm['name'];

/** RFC 7143 section 9.2.1: a secret of less than 96 bits must not be used without other protection. */
export const MIN_CHAP_SECRET_BYTES = 12;
/** RFC 7143 section 12.1.3: a challenge is at most 1024 bytes. */
export const MAX_CHAP_CHALLENGE_BYTES = 1024;
/** As long as the longest response, so that no algorithm of the registry is weakened. */
const CHALLENGE_BYTES = 32;

/** A crypto library may list what it refuses to compute (BoringSSL lacks SHA-3, FIPS mode forbids MD5): only trying tells. */
const works = (hash: string): boolean => {
  try {
    createHash(hash).update('').digest();
    return true;
  } catch {
    return false;
  }
};

let available: readonly ChapAlgorithm[] | undefined;

/** The algorithms that this runtime really has, strongest first. */
export const availableChapAlgorithms = (): readonly ChapAlgorithm[] => {
  available ??= CHAP_ALGORITHMS.filter((algorithm) => works(algorithm.hash));
  return available;
};

/** Those of the named ones that this runtime has, in the order of the names; all when none are named. Throws CHAP_NOT_AVAILABLE. */
export const chooseChapAlgorithms = (names?: readonly ChapAlgorithmName[]): readonly ChapAlgorithm[] => {
  const all = availableChapAlgorithms();
  const chosen =
    names === undefined ? all : names.flatMap((name) => all.filter((algorithm) => algorithm.name === name));
  if (chosen.length === 0) throw new IscsiError('CHAP_NOT_AVAILABLE', { phase: 'input' });
  return chosen;
};

/** Who one side says it is, and its secret. */
export interface ChapCredentials {
  readonly name: string;
  /** Text stands for its UTF-8 bytes. */
  readonly secret: string | Uint8Array;
}

/** The bytes of a secret: those of its UTF-8 when it is text. */
export const secretBytes = (secret: string | Uint8Array): Buffer =>
  typeof secret === 'string' ? Buffer.from(secret, 'utf8') : Buffer.from(secret);

/** Throws CHAP_SECRET_TOO_SHORT or CHAP_SECRET_REUSED (RFC 7143 section 9.2.1: the secrets of both directions must differ). */
export const checkChapSecrets = (own: ChapCredentials, other?: ChapCredentials): void => {
  const ownSecret = secretBytes(own.secret);
  for (const secret of other === undefined ? [ownSecret] : [ownSecret, secretBytes(other.secret)]) {
    if (secret.length < MIN_CHAP_SECRET_BYTES) {
      throw new IscsiError('CHAP_SECRET_TOO_SHORT', { phase: 'input', detail: { length: secret.length } });
    }
  }
  if (other !== undefined && ownSecret.equals(secretBytes(other.secret))) {
    throw new IscsiError('CHAP_SECRET_REUSED', { phase: 'input' });
  }
};

/** What one side asks the other to prove its secret with: RFC 7143 section 12.1.3. */
export interface ChapChallenge {
  /** CHAP_I, 0 to 255. */
  readonly identifier: number;
  /** CHAP_C. */
  readonly challenge: Buffer;
}

/** A fresh challenge of 32 random bytes, never to be used twice. */
export const createChapChallenge = (): ChapChallenge => ({
  identifier: randomBytes(1)[0] ?? 0,
  challenge: randomBytes(CHALLENGE_BYTES),
});

/** RFC 1994 section 4.1: the hash of identifier, secret and challenge, one after another. */
export const computeChapResponse = (
  algorithm: ChapAlgorithm,
  challenge: ChapChallenge,
  secret: string | Uint8Array,
): Buffer =>
  createHash(algorithm.hash)
    .update(Buffer.from([challenge.identifier & 0xff]))
    .update(secretBytes(secret))
    .update(challenge.challenge)
    .digest();

/** Compares in a time that tells nothing. */
export const isChapResponseRight = (
  algorithm: ChapAlgorithm,
  challenge: ChapChallenge,
  secret: string | Uint8Array,
  response: Uint8Array,
): boolean => {
  const expected = computeChapResponse(algorithm, challenge, secret);
  return response.length === expected.length && timingSafeEqual(expected, response);
};
