import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { invitationPrefixBits } from '../../../shared/model/invitation.ts';
import { wordsOf } from '../identity/words.ts';

/** RFC 8446, 7.5: keying material for one purpose of one connection. */
const exporterLabel = 'EXPORTER-quorate-pairing-v1';

/** What both ends of one connection know of it and nobody else does. */
export interface PairingBinding {
  /** From the connection's exporter: 32 bytes. */
  readonly exported: Buffer;
  /** SHA-256 of the certificate of the one who invites, in hexadecimal. */
  readonly inviter: string;
  /** SHA-256 of the certificate of the one who joins: TLS 1.3's exporter does not cover it. */
  readonly joiner: string;
}

export type PairingRole = 'joiner' | 'inviter';

export const exportForPairing = (socket: TLSSocket): Buffer =>
  socket.exportKeyingMaterial(32, exporterLabel, Buffer.alloc(0));

/** The first bits of a fingerprint, as an invitation holds them. */
export const prefixOf = (fingerprint: string): bigint =>
  BigInt(`0x${fingerprint}`) >> BigInt(256 - invitationPrefixBits);

const secretBytes = (secret: bigint): Buffer => Buffer.from(secret.toString(16).padStart(14, '0'), 'hex');

const keyOf = (secret: bigint, exported: Buffer, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secretBytes(secret), exported, purpose, 32));

/** That one knows the secret of the invitation, said on this connection, by this end of it. 64 hexadecimal digits. */
export const proofOf = (secret: bigint, binding: PairingBinding, role: PairingRole): string =>
  createHmac('sha256', keyOf(secret, binding.exported, 'quorate pairing proof 1'))
    .update(`${role}\n`)
    .update(Buffer.from(binding.inviter, 'hex'))
    .update(Buffer.from(binding.joiner, 'hex'))
    .digest('hex');

/** Compares in a time that says nothing. */
export const isProof = (given: string, secret: bigint, binding: PairingBinding, role: PairingRole): boolean => {
  const wanted = Buffer.from(proofOf(secret, binding, role), 'hex');
  const offered = Buffer.from(given, 'hex');
  return offered.length === wanted.length && timingSafeEqual(offered, wanted);
};

/** The two words that both screens show after pairing. */
export const trustWords = (secret: bigint, binding: PairingBinding): string =>
  wordsOf(
    createHmac('sha256', keyOf(secret, binding.exported, 'quorate pairing words 1'))
      .update(Buffer.from(binding.inviter, 'hex'))
      .update(Buffer.from(binding.joiner, 'hex'))
      .digest('hex'),
    2,
  ).join(' ');
