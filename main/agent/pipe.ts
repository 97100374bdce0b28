import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import {
  CancellationTokenSource,
  type CancellationToken,
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type MessageConnection,
} from 'vscode-jsonrpc/node';
import type { CallOptions, CoreApi } from '../api/dispatcher.ts';
import type { Activity } from '../../shared/contract/core.ts';
import type { Progress } from '../../shared/contract/define.ts';
import { failure, toEnvelope, type Outcome } from '../../shared/errors/failure.ts';
import { newPipeAddress } from './core-lock.ts';
import { isProof, newNonce, proofOf } from './pipe-proof.ts';

/** How a process finds the core that runs: written when the pipe listens, removed when it closes. */
interface CoreTicket {
  readonly pid: number;
  readonly address: string;
  /**
   * Known only to who can read the user's own data folder; on Windows a pipe can be opened by name alone. Both sides prove
   * that they know it (see pipe-proof.ts), and it never crosses the pipe.
   */
  readonly token: string;
}

const ticketPath = (dataFolder: string): string => join(dataFolder, 'core.json');

const readTicket = (dataFolder: string): CoreTicket | null => {
  try {
    const ticket = JSON.parse(readFileSync(ticketPath(dataFolder), 'utf8')) as Partial<CoreTicket>;
    const { pid, address, token } = ticket;
    return typeof pid === 'number' && typeof address === 'string' && typeof token === 'string'
      ? { pid, address, token }
      : null;
  } catch {
    return null;
  }
};

const connectionOver = (socket: Socket): MessageConnection => {
  const reader = new StreamMessageReader(socket);
  // Nobody listens for messages that are slow to arrive. Where a connection ends within one, the library's timer for that starts again
  // every ten seconds, is not stopped by dispose, and keeps the process from ending.
  reader.partialMessageTimeout = 0;
  const connection = createMessageConnection(reader, new StreamMessageWriter(socket));
  connection.onError(() => socket.destroy());
  // Calls that wait for an answer are told that none will come; the library does that on dispose only.
  connection.onClose(() => connection.dispose());
  return connection;
};

interface CallMessage {
  readonly callId: number;
  readonly method: string;
  readonly input: unknown;
  /** Both are the user of this data folder; which of them it is only decides what is meant for it. */
  readonly caller: 'ui' | 'cli';
}

export interface PipeServer {
  /** Calls that came over the pipe and are not answered yet. */
  callsUnderWay(): number;
  /** Tells when a call was answered; returns how to stop telling. */
  onCallEnded(watcher: () => void): () => void;
  close(): Promise<void>;
}

/** What the owner of the core wants to know from those who connect. */
export interface PipeEvents {
  /** A second start asks the core to show itself. Returns whether a window was shown. */
  readonly onShow?: () => boolean;
  /** A second start asks for the address of the loopback page. */
  readonly pageAddress?: () => Promise<string>;
}

/** For callers that do not read: their answers are given up. */
const farewellMs = 2_000;

/** How long a core may take to say who it is, in milliseconds: one that is stopped or hangs takes connections all the same, and never answers. */
const helloMs = 10_000;

/** Serves a core on the local pipe of its data folder. The caller must hold the core lock. */
export const servePipe = async (
  dataFolder: string,
  core: CoreApi & { readonly activities: { watch(watcher: (activity: Activity) => void): () => void } },
  events: PipeEvents = {},
): Promise<PipeServer> => {
  const address = newPipeAddress(dataFolder);
  const token = newNonce();
  if (process.platform !== 'win32') rmSync(address, { force: true });
  const sockets = new Set<Socket>();
  /** Those that have shown the token. */
  const known = new Map<Socket, MessageConnection>();
  let underWay = 0;
  const endWatchers = new Set<() => void>();

  const server = createServer((socket) => {
    const connection = connectionOver(socket);
    sockets.add(socket);
    let isKnown = false;
    const unwatch = core.activities.watch((activity) => {
      if (isKnown) void connection.sendNotification('activity', activity).catch(() => undefined);
    });
    socket.on('close', () => {
      sockets.delete(socket);
      known.delete(socket);
      unwatch();
    });
    socket.on('error', () => undefined);
    let nonces: { readonly client: string; readonly core: string } | null = null;
    connection.onRequest('hello', (given: { nonce?: unknown }) => {
      // One try a connection: who is not known after it is hung up on.
      if (nonces || typeof given.nonce !== 'string' || given.nonce.length > 100) {
        setImmediate(() => socket.destroy());
        return { nonce: '', proof: '' };
      }
      nonces = { client: given.nonce, core: newNonce() };
      return { nonce: nonces.core, proof: proofOf(token, 'core', nonces.client, nonces.core) };
    });
    connection.onRequest('prove', (given: { proof?: unknown }) => {
      isKnown = nonces !== null && isProof(given.proof, proofOf(token, 'client', nonces.client, nonces.core));
      if (isKnown) known.set(socket, connection);
      else setImmediate(() => socket.end());
      return { accepted: isKnown, pid: process.pid };
    });
    connection.onRequest('call', async (message: CallMessage, cancellation: CancellationToken): Promise<unknown> => {
      if (!isKnown)
        return {
          ok: false,
          error: toEnvelope(failure('CORE_PIPE_REFUSED', { reason: 'it gave no valid token' })),
        } satisfies Outcome;
      const controller = new AbortController();
      cancellation.onCancellationRequested(() => controller.abort());
      underWay += 1;
      try {
        return await core.call(message.method, message.input, {
          // Whoever holds the token is the folder's own user, and never a peer, whatever the message says.
          caller: { kind: message.caller === 'ui' ? 'ui' : 'cli' },
          signal: controller.signal,
          onProgress: (progress) =>
            void connection.sendNotification('progress', { callId: message.callId, progress }).catch(() => undefined),
        });
      } finally {
        underWay -= 1;
        for (const watcher of [...endWatchers]) watcher();
      }
    });
    connection.onRequest('show', () => (isKnown && events.onShow ? events.onShow() : false));
    connection.onRequest('page', async () => (isKnown && events.pageAddress ? await events.pageAddress() : null));
    connection.listen();
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () => resolve());
  });
  if (process.platform !== 'win32') chmodSync(address, 0o600);
  const ticket: CoreTicket = { pid: process.pid, address, token };
  writeFileSync(ticketPath(dataFolder), JSON.stringify(ticket), { mode: 0o600 });

  return {
    callsUnderWay: () => underWay,
    onCallEnded: (watcher) => {
      endWatchers.add(watcher);
      return () => endWatchers.delete(watcher);
    },
    close: async () => {
      rmSync(ticketPath(dataFolder), { force: true });
      const forced = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, farewellMs);
      for (const socket of sockets) if (!known.has(socket)) socket.destroy();
      // An answer that was given just now is written a step later, and read by the other side some steps after it arrived: whoever is
      // told of the end after it hangs up by itself once it has read that far.
      await new Promise((resolve) => setImmediate(resolve));
      for (const connection of known.values()) void connection.sendNotification('closing').catch(() => undefined);
      await new Promise<void>((resolve) => server.close(() => resolve()));
      clearTimeout(forced);
    },
  };
};

/**
 * Shows the token and has the other side show it. Answers its process id; null where it hangs up instead of answering.
 * @throws Failure CORE_PIPE_REFUSED
 */
const introduce = async (connection: MessageConnection, token: string): Promise<number | null> => {
  const client = newNonce();
  const core = await connection
    .sendRequest<{ nonce?: unknown; proof?: unknown }>('hello', { nonce: client })
    .catch(() => null);
  if (core === null) return null;
  const nonce = typeof core.nonce === 'string' ? core.nonce : '';
  if (!isProof(core.proof, proofOf(token, 'core', client, nonce)))
    throw failure('CORE_PIPE_REFUSED', { reason: 'what answers there is not the core of this data folder' });
  const answer = await connection
    .sendRequest<{ accepted: boolean; pid: number }>('prove', { proof: proofOf(token, 'client', client, nonce) })
    .catch(() => null);
  if (!answer?.accepted) throw failure('CORE_PIPE_REFUSED', { reason: 'the token in the data folder is not its own' });
  return answer.pid;
};

/** A core in another process, spoken to over its pipe. */
export class RemoteCore implements CoreApi {
  readonly pid: number;
  readonly #connection: MessageConnection;
  readonly #socket: Socket;
  readonly #progress = new Map<number, (progress: Progress) => void>();
  readonly #watchers = new Set<(activity: Activity) => void>();
  readonly #closeWatchers = new Set<() => void>();
  #nextCall = 1;
  #isClosed = false;

  private constructor(pid: number, connection: MessageConnection, socket: Socket) {
    this.pid = pid;
    this.#connection = connection;
    this.#socket = socket;
    connection.onNotification('progress', (message: { callId: number; progress: Progress }) =>
      this.#progress.get(message.callId)?.(message.progress),
    );
    connection.onNotification('activity', (activity: Activity) => {
      for (const watcher of this.#watchers) watcher(activity);
    });
    connection.onNotification('closing', () => void socket.end());
    connection.onClose(() => {
      this.#isClosed = true;
      for (const watcher of this.#closeWatchers) watcher();
      this.#closeWatchers.clear();
    });
  }

  /**
   * Connects to the core of this data folder; null when none runs.
   * @param withinMs how long it may take to say who it is
   * @throws Failure CORE_ALREADY_RUNS where it takes longer, CORE_PIPE_REFUSED where what answers is not the core
   */
  static async find(dataFolder: string, withinMs = helloMs): Promise<RemoteCore | null> {
    const ticket = readTicket(dataFolder);
    if (!ticket) return null;
    if (process.platform !== 'win32' && !existsSync(ticket.address)) return null;
    const socket = await new Promise<Socket | null>((resolve) => {
      const candidate = connect(ticket.address);
      candidate.once('connect', () => resolve(candidate));
      candidate.once('error', () => resolve(null));
    });
    if (!socket) return null;
    const connection = connectionOver(socket);
    connection.listen();
    let isLate = false;
    const patience = setTimeout(() => {
      isLate = true;
      socket.destroy();
    }, withinMs);
    let pid: number | null = null;
    try {
      pid = await introduce(connection, ticket.token);
    } catch (error) {
      if (!isLate) throw error;
    } finally {
      clearTimeout(patience);
      if (pid === null) socket.destroy();
    }
    if (pid !== null) return new RemoteCore(pid, connection, socket);
    if (isLate) throw failure('CORE_ALREADY_RUNS', { pid: ticket.pid, dataFolder }, { retry: 'later' });
    // One that ended between the ticket and the question is none that runs.
    return null;
  }

  async call(method: string, input: unknown, options: CallOptions): Promise<Outcome> {
    const callId = this.#nextCall++;
    const cancellation = new CancellationTokenSource();
    const abort = (): void => cancellation.cancel();
    options.signal?.addEventListener('abort', abort, { once: true });
    if (options.signal?.aborted) abort();
    if (options.onProgress) this.#progress.set(callId, options.onProgress);
    try {
      const message: CallMessage = { callId, method, input, caller: options.caller.kind === 'ui' ? 'ui' : 'cli' };
      return await this.#connection.sendRequest<Outcome>('call', message, cancellation.token);
    } catch (error) {
      return { ok: false, error: toEnvelope(failure('CORE_CONNECTION_LOST', { method }, { cause: error })) };
    } finally {
      options.signal?.removeEventListener('abort', abort);
      this.#progress.delete(callId);
      cancellation.dispose();
    }
  }

  /** Asks the running core to show its window; false when it has none. */
  show(): Promise<boolean> {
    return this.#connection.sendRequest<boolean>('show');
  }

  /** The address of the loopback page of the running core, with a fresh one-time token; null when it serves none. */
  pageAddress(): Promise<string | null> {
    return this.#connection.sendRequest<string | null>('page');
  }

  watch(watcher: (activity: Activity) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Told once the connection is gone; at once where it is gone already. */
  onClose(watcher: () => void): void {
    if (this.#isClosed) watcher();
    else this.#closeWatchers.add(watcher);
  }

  close(): void {
    this.#socket.destroy();
  }
}
