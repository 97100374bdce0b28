import { connect } from 'node:net';
import { IscsiError } from '../error.ts';
import type { Portal } from '../text/names.ts';
import { addressOptions } from './address-options.ts';

const startsLike = (bytes: Buffer, text: string): boolean => {
  const length = Math.min(bytes.length, text.length);
  return length > 0 && bytes.toString('latin1', 0, length) === text.slice(0, length);
};

/** TLS records begin with a content type of 20 to 23 and major version 3: RFC 8446 section 5.1. */
const isTlsRecord = (bytes: Buffer): boolean => {
  const type = bytes[0] ?? 0;
  return type >= 20 && type <= 23 && (bytes.length < 2 || bytes[1] === 3);
};

/**
 * What the first bytes say of a speaker that is no iSCSI target. An SSH server greets with "SSH-" (RFC 4253 section 4.2); an HTTP server
 * answers our login with a status line.
 */
export const explainSpeaker = (firstBytes: Buffer, reason: string): IscsiError => {
  if (startsLike(firstBytes, 'SSH-')) return new IscsiError('NOT_ISCSI_SSH');
  if (startsLike(firstBytes, 'HTTP/')) return new IscsiError('NOT_ISCSI_HTTP');
  if (isTlsRecord(firstBytes)) return new IscsiError('NOT_ISCSI_TLS');
  return new IscsiError('NOT_ISCSI', { detail: { reason } });
};

/** A ClientHello of TLS 1.2 that also offers 1.3 (RFC 8446 section 4.1.2): enough for a server to answer at all. */
const clientHello = (): Buffer => {
  const extensions = Buffer.from([
    ...[0x00, 0x2b, 0x00, 0x05, 0x04, 0x03, 0x04, 0x03, 0x03], // supported_versions: 1.3, 1.2
    ...[0x00, 0x0a, 0x00, 0x06, 0x00, 0x04, 0x00, 0x17, 0x00, 0x1d], // supported_groups: secp256r1, x25519
    ...[0x00, 0x0d, 0x00, 0x08, 0x00, 0x06, 0x04, 0x03, 0x08, 0x04, 0x04, 0x01], // signature_algorithms
  ]);
  const suites = Buffer.from([0x00, 0x08, 0x13, 0x01, 0x13, 0x02, 0xc0, 0x2f, 0xc0, 0x30]);
  const extensionsLength = Buffer.from([extensions.length >> 8, extensions.length & 0xff]);
  const body = Buffer.concat([
    Buffer.from([0x03, 0x03]), // legacy_version
    Buffer.alloc(32, 0x51), // random: this connection carries nothing worth protecting
    Buffer.from([0x00]), // no session id
    suites,
    Buffer.from([0x01, 0x00]), // compression: none
    extensionsLength,
    extensions,
  ]);
  const handshake = Buffer.concat([Buffer.from([0x01, 0x00, body.length >> 8, body.length & 0xff]), body]);
  return Buffer.concat([Buffer.from([0x16, 0x03, 0x01, handshake.length >> 8, handshake.length & 0xff]), handshake]);
};

/** How a port is asked for TLS. */
export interface TlsQuestion {
  readonly portal: Portal;
  /** Address of the NIC to use. */
  readonly sourceAddress: string | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Many TLS servers hang up without a word on what is not TLS. Asks once more in TLS, to tell such a port from a target that broke off.
 * Never throws; ends within the time and with the signal.
 */
export const answersInTls = ({ portal, sourceAddress, timeoutMs, signal }: TlsQuestion): Promise<boolean> =>
  new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve(false);
      return;
    }
    const socket = connect(addressOptions(portal, sourceAddress));
    const onAbort = (): void => finish(false);
    const finish = (answer: boolean): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => finish(false), timeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    socket.once('connect', () => socket.write(clientHello()));
    socket.once('data', (bytes: Buffer) => finish(bytes.length >= 2 && isTlsRecord(bytes)));
    socket.once('error', () => finish(false));
    socket.once('close', () => finish(false));
  });
