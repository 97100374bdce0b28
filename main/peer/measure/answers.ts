import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import {
  warmUpMs,
  type Answering,
  type Answerer,
  type ProbedPort,
  type Transfer,
} from '../../../shared/model/network-measure.ts';

export interface AnswerRequest {
  readonly addresses: readonly string[];
  readonly from: readonly string[];
  readonly ports: readonly ProbedPort[];
  readonly forMs: number;
}

/** A probe is short: what is longer is nobody's probe, and is not sent back. */
const longestProbeBytes = 64;
const mostConnections = 32;
/** A stream that says nothing for so long is over. */
const silenceMs = 10_000;

type Close = () => void;

const stateOf = (error: NodeJS.ErrnoException): Answerer['state'] =>
  error.code === 'EADDRINUSE' ? 'inUse' : 'refused';

const bare = (address: string | undefined): string => (address ?? '').replace(/^::ffff:/, '');

/** Takes a stream and, when it ends, answers with what arrived after the warm-up, as one line of JSON. */
export const countStream = (socket: Socket): void => {
  let firstMs: number | null = null;
  let fromMs = 0;
  let lastMs = 0;
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => {
    const now = performance.now();
    firstMs ??= now;
    if (now - firstMs < warmUpMs) return;
    // The chunk that ends the warm-up sets the clock; what it brought arrived before.
    if (fromMs === 0) fromMs = now;
    else bytes += chunk.length;
    lastMs = now;
  });
  socket.on('error', () => socket.destroy());
  socket.on('end', () => {
    const transfer: Transfer = { bytes, ms: Math.max(0, lastMs - fromMs) };
    socket.end(`${JSON.stringify(transfer)}\n`);
  });
};

const listenTcp = (
  address: string,
  port: number,
  from: readonly string[],
  onSocket: (socket: Socket) => void,
): Promise<{ readonly server: Server; readonly close: Close }> =>
  new Promise((resolve, reject) => {
    const sockets = new Set<Socket>();
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      if (!from.includes(bare(socket.remoteAddress))) return void socket.destroy();
      sockets.add(socket);
      socket.setTimeout(silenceMs, () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => socket.destroy());
      onSocket(socket);
    });
    server.maxConnections = mostConnections;
    server.once('error', reject);
    server.listen({ host: address, port, exclusive: true }, () => {
      server.off('error', reject);
      server.on('error', () => undefined);
      resolve({
        server,
        close: () => {
          server.close();
          for (const socket of sockets) socket.destroy();
        },
      });
    });
  });

const listenUdp = (address: string, port: number, from: readonly string[]): Promise<Close> =>
  new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.once('error', (error) => {
      socket.close();
      reject(error);
    });
    socket.on('message', (bytes, { address: sender, port: senderPort }) => {
      if (bytes.length <= longestProbeBytes && from.includes(sender)) socket.send(bytes, senderPort, sender);
    });
    socket.bind({ address, port, exclusive: true }, () => {
      socket.removeAllListeners('error');
      socket.on('error', () => undefined);
      resolve(() => socket.close());
    });
  });

/** What this process holds open for measurements of others. */
export class Answers {
  readonly #open = new Map<string, Close>();

  async begin({ addresses, from, ports, forMs }: AnswerRequest): Promise<Answering> {
    const closers: Close[] = [];
    const hold = async ({ protocol, port }: ProbedPort, address: string): Promise<Answerer['state']> => {
      try {
        if (protocol === 'udp') closers.push(await listenUdp(address, port, from));
        else closers.push((await listenTcp(address, port, from, (socket) => socket.end())).close);
        return 'held';
      } catch (error) {
        return stateOf(error as NodeJS.ErrnoException);
      }
    };
    const held: Answering['addresses'] = [];
    for (const address of addresses) {
      let sinkPort: number | null = null;
      let because: string | null = null;
      try {
        const sink = await listenTcp(address, 0, from, countStream);
        closers.push(sink.close);
        const bound = sink.server.address();
        sinkPort = typeof bound === 'object' && bound ? bound.port : null;
      } catch (error) {
        because = `it could not listen on ${address} (${(error as NodeJS.ErrnoException).code ?? String(error)})`;
      }
      const answerers: Answerer[] = [];
      for (const port of ports) answerers.push({ ...port, state: await hold(port, address) });
      held.push({ address, sinkPort, because, ports: answerers });
    }
    const token = randomBytes(16).toString('hex');
    const timer = setTimeout(() => this.end(token), forMs);
    timer.unref();
    this.#open.set(token, () => {
      clearTimeout(timer);
      for (const close of closers) close();
    });
    return { token, addresses: held };
  }

  end(token: string): void {
    this.#open.get(token)?.();
    this.#open.delete(token);
  }

  endAll(): void {
    for (const token of this.#open.keys()) this.end(token);
  }
}
