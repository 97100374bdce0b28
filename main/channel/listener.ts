import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { failure } from '../../shared/errors/failure.ts';
import { Admission, type AdmissionLimits, type Place } from './admission.ts';
import { fingerprintOfPeer, formatEndpoint, tlsOptions, type ChannelIdentity, type SecureSocket } from './tls.ts';

/** Somebody who shook hands and showed a certificate. Nothing of what it says was read. */
export interface Arrival extends SecureSocket {
  readonly remoteAddress: string;
  readonly localAddress: string;
  /** The place at the door: to be released when the arrival is known. It is released by itself when the connection ends. */
  readonly place: Place;
}

export interface ListenOptions {
  readonly address: string;
  /** 0 for any that is free. */
  readonly port: number;
  readonly identity: ChannelIdentity;
  readonly onArrival: (arrival: Arrival) => void;
  readonly admission?: AdmissionLimits;
  /** How long a handshake may take, in milliseconds. */
  readonly handshakeTimeoutMs?: number;
  /** Called when the listener ends by itself, as when its interface vanishes. */
  readonly onLost?: (reason: string) => void;
}

/** A door on one address of this server. */
export interface Listener {
  readonly address: string;
  readonly port: number;
  /** Those who stand at the door. */
  waiting(): number;
  close(): Promise<void>;
}

const listenWords: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there',
  EADDRNOTAVAIL: 'this server has no such address',
  EACCES: 'the system does not allow it',
  EINVAL: 'it is not an address to listen on',
};

/** What tells connections to one door apart. */
const originOf = (socket: Socket): string => `${socket.remoteAddress}|${socket.remotePort}`;

/** @throws Failure PEER_LISTEN_FAILED */
export const listenTls = async (options: ListenOptions): Promise<Listener> => {
  const { address, identity, onArrival, onLost, handshakeTimeoutMs = 5_000 } = options;
  const admission = new Admission(options.admission);
  const sockets = new Set<Socket>();
  const places = new WeakMap<Socket, Place>();
  const byOrigin = new Map<string, Socket>();

  const tls = createTlsServer({ ...tlsOptions(identity), handshakeTimeout: handshakeTimeoutMs });
  // Without this the socket of a handshake that timed out stays open, and one that begins later still succeeds.
  tls.on('tlsClientError', (_error, socket) => socket.destroy());
  tls.on('secureConnection', (socket) => {
    const raw = byOrigin.get(originOf(socket));
    const fingerprint = fingerprintOfPeer(socket);
    const place = raw && places.get(raw);
    if (!raw || !place || fingerprint === null) return void socket.destroy();
    place.shookHands();
    socket.setNoDelay(true);
    // Until somebody listens for more, a reset must not be an uncaught exception.
    socket.on('error', () => undefined);
    onArrival({
      socket,
      fingerprint,
      remoteAddress: socket.remoteAddress ?? '',
      localAddress: socket.localAddress ?? address,
      place,
    });
  });
  const server: Server = createServer({ noDelay: true, pauseOnConnect: false }, (socket) => {
    const remoteAddress = socket.remoteAddress;
    const place = remoteAddress === undefined ? null : admission.admit(remoteAddress, () => socket.destroy());
    if (!place) {
      socket.on('error', () => undefined);
      socket.resetAndDestroy();
      return;
    }
    const origin = originOf(socket);
    sockets.add(socket);
    places.set(socket, place);
    byOrigin.set(origin, socket);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      sockets.delete(socket);
      if (byOrigin.get(origin) === socket) byOrigin.delete(origin);
      place.release();
    });
    tls.emit('connection', socket);
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        failure(
          'PEER_LISTEN_FAILED',
          {
            address: formatEndpoint(address, options.port),
            reason: listenWords[error.code ?? ''] ?? error.code ?? error.message,
          },
          { cause: error },
        ),
      ),
    );
    server.listen({ host: address, port: options.port, exclusive: true }, resolve);
  });
  server.removeAllListeners('error');
  server.on('error', (error: NodeJS.ErrnoException) => onLost?.(error.code ?? error.message));

  return {
    address,
    port: (server.address() as AddressInfo).port,
    waiting: () => admission.waiting,
    close: async () => {
      const ended = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await ended;
    },
  };
};
