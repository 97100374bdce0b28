import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import * as z from 'zod';
import { cancelled, failure } from '../../../shared/errors/failure.ts';
import {
  transferSchema,
  type PortState,
  type ProbedPort,
  type Transfer,
} from '../../../shared/model/network-measure.ts';

const rejections: ReadonlySet<string | undefined> = new Set(['ECONNREFUSED', 'ECONNRESET']);
const udpTries = 3;
const pieceBytes = 256 * 1024;
/** What is still on its way when the sender stops has so long to arrive, in milliseconds. */
const settleMs = 10_000;
const longestAnswerBytes = 200;

const knockTcp = (source: string, destination: string, port: number, timeoutMs: number): Promise<PortState> =>
  new Promise((resolve) => {
    const socket = connect({ host: destination, port, localAddress: source });
    const settle = (state: PortState): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(state);
    };
    const timer = setTimeout(() => settle('silent'), timeoutMs);
    socket.once('connect', () => settle('answered'));
    socket.on('error', (error: NodeJS.ErrnoException) => settle(rejections.has(error.code) ? 'rejected' : 'silent'));
  });

const knockUdp = (source: string, destination: string, port: number, timeoutMs: number): Promise<PortState> =>
  new Promise((resolve) => {
    const socket = createSocket('udp4');
    const probe = randomBytes(16);
    const timers: NodeJS.Timeout[] = [];
    let isOver = false;
    const settle = (state: PortState): void => {
      if (isOver) return;
      isOver = true;
      for (const timer of timers) clearTimeout(timer);
      socket.close();
      resolve(state);
    };
    socket.on('error', (error: NodeJS.ErrnoException) => settle(rejections.has(error.code) ? 'rejected' : 'silent'));
    socket.on('message', (bytes) => {
      if (bytes.equals(probe)) settle('answered');
    });
    socket.bind({ address: source, port: 0 }, () => {
      socket.connect(port, destination, () => {
        for (let at = 0; at < udpTries; at += 1)
          timers.push(
            setTimeout(() => !isOver && socket.send(probe, () => undefined), (at * timeoutMs) / (udpTries + 1)),
          );
        timers.push(setTimeout(() => settle('silent'), timeoutMs));
      });
    });
  });

/** Tries all ports at once: one packet each does not disturb the others. */
export const knock = (
  source: string,
  destination: string,
  ports: readonly ProbedPort[],
  timeoutMs: number,
): Promise<PortState[]> =>
  Promise.all(
    ports.map(({ protocol, port }) =>
      protocol === 'tcp'
        ? knockTcp(source, destination, port, timeoutMs)
        : knockUdp(source, destination, port, timeoutMs),
    ),
  );

/** Fills a sink for so long and asks it what arrived. @throws Failure MEASURE_STREAM_BROKEN, CANCELLED */
export const push = (
  {
    source,
    destination,
    port,
    forMs,
  }: { readonly source: string; readonly destination: string; readonly port: number; readonly forMs: number },
  signal?: AbortSignal,
): Promise<Transfer> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: destination, port, localAddress: source, noDelay: true, allowHalfOpen: true });
    const piece = Buffer.alloc(pieceBytes);
    let answer = '';
    let isSending = true;
    const end = (settle: () => void): void => {
      clearTimeout(stop);
      clearTimeout(late);
      signal?.removeEventListener('abort', onAbort);
      socket.destroy();
      settle();
    };
    const broken = (reason: string): void =>
      end(() => reject(failure('MEASURE_STREAM_BROKEN', { destination, reason })));
    const onAbort = (): void => end(() => reject(cancelled('The measurement')));
    const stop = setTimeout(() => {
      isSending = false;
      socket.end();
    }, forMs);
    const late = setTimeout(() => broken('it did not answer in time'), forMs + settleMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    const fill = (): void => {
      while (isSending && socket.write(piece));
    };
    socket.once('connect', fill);
    socket.on('drain', fill);
    socket.on('data', (bytes: Buffer) => {
      answer += bytes.toString('latin1');
      if (answer.length > longestAnswerBytes) broken('it answered in no form that this version knows');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => broken(error.code ?? error.message));
    socket.on('end', () => {
      try {
        const transfer = transferSchema.parse(JSON.parse(answer));
        end(() => resolve(transfer));
      } catch (error) {
        if (!(error instanceof z.ZodError) && !(error instanceof SyntaxError)) throw error;
        broken('it answered in no form that this version knows');
      }
    });
  });
