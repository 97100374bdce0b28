import { constants, createHash, type X509Certificate } from 'node:crypto';
import { connect, type TLSSocket, type TlsOptions } from 'node:tls';
import { failure } from '../../shared/errors/failure.ts';

/** What an end of a channel shows: a certificate and its key. */
export interface ChannelIdentity {
  /** PEM. */
  readonly certificate: string;
  /** PEM, PKCS#8. */
  readonly key: string;
}

/** The SHA-256 of a certificate as it was sent, in 64 hexadecimal digits. */
export const fingerprintOf = (certificate: Pick<X509Certificate, 'raw'>): string =>
  createHash('sha256').update(certificate.raw).digest('hex');

/**
 * What both ends set: TLS 1.3 and nothing else, one signature algorithm, no resumption. Chains and dates are not looked at, because a pinned
 * certificate needs neither and the runtimes differ in what they say about them.
 */
export const tlsOptions = (identity: ChannelIdentity) =>
  ({
    cert: identity.certificate,
    key: identity.key,
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    // By default a BoringSSL server takes a client with an unusual key for one without certificate, without a word.
    sigalgs: 'ecdsa_secp256r1_sha256',
    // The only switch that keeps every runtime's server from resuming.
    secureOptions: constants.SSL_OP_NO_TICKET,
    requestCert: true,
    rejectUnauthorized: false,
  }) satisfies TlsOptions;

/** An encrypted connection whose other end's certificate is known. Nothing of it was read. */
export interface SecureSocket {
  readonly socket: TLSSocket;
  /** Of the other end's certificate. */
  readonly fingerprint: string;
}

/** The other end's fingerprint; null when it shows none or the connection is not what it has to be. */
export const fingerprintOfPeer = (socket: TLSSocket): string | null => {
  // Not getPeerCertificate(): it makes an old form of the certificate in a way that some certificates break.
  const certificate = socket.getPeerX509Certificate();
  if (!certificate || socket.getProtocol() !== 'TLSv1.3' || socket.isSessionReused()) return null;
  return fingerprintOf(certificate);
};

const unreachableWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'its network cannot be reached',
  ETIMEDOUT: 'it did not answer',
  EADDRNOTAVAIL: 'this server has no such address to go out from',
  ENOTFOUND: 'the name is not known',
  EACCES: 'the system does not allow it',
};

export interface ConnectOptions {
  readonly address: string;
  readonly port: number;
  readonly identity: ChannelIdentity;
  /** For connection and handshake together, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** The local address to go out from. */
  readonly localAddress?: string;
}

/**
 * Connects and shows our certificate. That it resolves proves nothing about our welcome: in TLS 1.3 the other end looks at our certificate later.
 * @throws Failure PEER_UNREACHABLE, PEER_NOT_QUORATE, CANCELLED
 */
export const connectTls = (options: ConnectOptions): Promise<SecureSocket> => {
  const { address, port, identity, timeoutMs, signal, localAddress } = options;
  const where = formatEndpoint(address, port);
  return new Promise((resolve, reject) => {
    let isConnected = false;
    const socket = connect({
      host: address,
      port,
      ...tlsOptions(identity),
      ...(localAddress === undefined ? {} : { localAddress }),
      checkServerIdentity: () => undefined,
    });
    socket.setNoDelay(true);
    const timer = setTimeout(
      () =>
        fail(
          isConnected
            ? failure('PEER_NOT_QUORATE', { address: where, reason: 'it takes the connection and says nothing' })
            : failure('PEER_UNREACHABLE', { address: where, reason: 'it did not answer' }),
        ),
      timeoutMs,
    );
    const onAbort = (): void => fail(failure('CANCELLED', { what: `Connecting to ${where}` }));
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const fail = (error: Error): void => {
      settle();
      socket.destroy();
      reject(error);
    };
    if (signal?.aborted) return onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    socket.once('connect', () => (isConnected = true));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (!isConnected)
        return fail(
          failure('PEER_UNREACHABLE', {
            address: where,
            reason: unreachableWords[error.code ?? ''] ?? error.code ?? error.message,
          }),
        );
      fail(failure('PEER_NOT_QUORATE', { address: where, reason: 'it does not speak TLS 1.3 with us' }));
    });
    socket.once('close', () => {
      fail(failure('PEER_NOT_QUORATE', { address: where, reason: 'it hung up during the handshake' }));
    });
    socket.once('secureConnect', () => {
      const fingerprint = fingerprintOfPeer(socket);
      if (fingerprint === null)
        return fail(failure('PEER_NOT_QUORATE', { address: where, reason: 'it shows no certificate' }));
      settle();
      resolve({ socket, fingerprint });
    });
  });
};

/** An address with its port as it is written: brackets around IPv6. */
export const formatEndpoint = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
