import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * Both ends of the local pipe prove that they know the token of the data folder before anything else is said: the core first,
 * so that a program that took the pipe's name, or that answers for a core that is gone, receives nothing. The token itself
 * never crosses the pipe. Shape: challenge and response over HMAC-SHA-256 (RFC 2104), bound to both nonces and to the side.
 */
export type Side = 'core' | 'client';

const label = 'quorate-pipe/1';

/** 256 bits, base64url. */
export const newNonce = (): string => randomBytes(32).toString('base64url');

/** What one side answers to the other's nonce. */
export const proofOf = (token: string, side: Side, clientNonce: string, coreNonce: string): string =>
  createHmac('sha256', token).update([label, side, clientNonce, coreNonce].join('\n')).digest('base64url');

/** Compares in constant time; anything that is no text is wrong. */
export const isProof = (given: unknown, wanted: string): boolean => {
  if (typeof given !== 'string') return false;
  const left = Buffer.from(given);
  const right = Buffer.from(wanted);
  return left.length === right.length && timingSafeEqual(left, right);
};
