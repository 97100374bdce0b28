import { createSocket, type Socket } from 'node:dgram';
import type { Heard } from '../../../shared/model/network-measure.ts';

/**
 * Link-local multicast, which no router forwards and no switch withholds (RFC 4541 section 2.1.2); the address is IANA's for experiments
 * (RFC 3692, RFC 4727 section 2.3).
 */
const group = '224.0.0.254';
/** The number of the peers' TCP port, on UDP. */
const segmentPort = 23_343;
const everyMs = 25;

const wait = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });

const bound = (socket: Socket, address: string | undefined, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ ...(address === undefined ? {} : { address }), port }, () => {
      socket.off('error', reject);
      socket.on('error', () => undefined);
      resolve();
    });
  });

/**
 * Listens on one address after the other, never on two: Linux hands a datagram to every socket of its port, whichever of the host's addresses
 * joined the group.
 */
export const hear = async (
  {
    on,
    from,
    nonce,
    eachMs,
  }: {
    readonly on: readonly string[];
    readonly from: readonly string[];
    readonly nonce: string;
    readonly eachMs: number;
  },
  signal?: AbortSignal,
): Promise<Heard[]> => {
  const all: Heard[] = [];
  for (const address of on) {
    const socket = createSocket({ type: 'udp4', reuseAddr: true });
    const heard = new Set<string>();
    socket.on('message', (bytes, { address: sender }) => {
      if (from.includes(sender) && bytes.toString('latin1') === nonce) heard.add(sender);
    });
    try {
      await bound(socket, undefined, segmentPort);
      socket.addMembership(group, address);
      await wait(eachMs, signal);
      all.push({ on: address, from: [...heard], because: null });
    } catch (error) {
      all.push({ on: address, from: [], because: (error as NodeJS.ErrnoException).code ?? String(error) });
    } finally {
      socket.close();
    }
  }
  return all;
};

/** Sends from every address through its own NIC, again and again until the time is over or the caller has heard enough. */
export const tell = async (
  { from, nonce, forMs }: { readonly from: readonly string[]; readonly nonce: string; readonly forMs: number },
  signal?: AbortSignal,
): Promise<void> => {
  const sockets: Socket[] = [];
  try {
    for (const address of from) {
      const socket = createSocket('udp4');
      sockets.push(socket);
      try {
        await bound(socket, address, 0);
        socket.setMulticastInterface(address);
        socket.setMulticastTTL(1);
        socket.setMulticastLoopback(false);
      } catch {
        // An address that is gone by now is heard nowhere, and that is what the other side then says.
        sockets.pop();
        socket.close();
      }
    }
    const end = performance.now() + forMs;
    while (performance.now() < end && !signal?.aborted) {
      for (const socket of sockets) socket.send(nonce, segmentPort, group, () => undefined);
      await wait(everyMs, signal);
    }
  } finally {
    for (const socket of sockets) socket.close();
  }
};
