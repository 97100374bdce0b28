import { createServer, type Server, type Socket } from 'node:net';
import { chmodSync, rmSync } from 'node:fs';
import { waitAsFaultsSay } from './faulty-answers.ts';
import type { Answer } from './requests.ts';
import type { ServedTargets } from './serve.ts';
import type { World } from './world.ts';

/** A line longer than this is no request; the connection is closed. */
const longestLineBytes = 8 * 1024 * 1024;

export interface WorldServer {
  readonly path: string;
  /** Milliseconds since the last client left; 0 while one is connected. */
  readonly idleMs: number;
  close(): Promise<void>;
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** Where a line goes and what it wants, before it is judged: whoever answers judges it. */
const addressOf = (
  line: unknown,
): {
  readonly id: string | number;
  readonly control: string | null;
  readonly server: string;
  readonly what: string;
} => {
  const { id, control, server, port, cmdlet } = (line ?? {}) as Record<string, unknown>;
  return {
    id: typeof id === 'number' ? id : (textOf(id) ?? ''),
    control: textOf(control),
    server: textOf(server) ?? '',
    what: textOf(port) ?? textOf(cmdlet) ?? '',
  };
};

/**
 * Serves a world to any number of clients over a Unix socket or a named pipe: one JSON object for each line. What is asked of
 * one server is answered in the order of its arrival, whoever asked, and so is what is asked of the world itself; a server
 * that takes its time keeps no other waiting. `onStop` is called when a client asks the process to end, and when the client that the
 * world is to end with is gone, however it ended, and nobody else is connected.
 */
export const serveWorld = async (
  world: World,
  targets: ServedTargets,
  path: string,
  answer: Answer,
  onStop: () => void,
): Promise<WorldServer> => {
  if (process.platform !== 'win32') rmSync(path, { force: true });
  const sockets = new Set<Socket>();
  /** What is under way, by server; the world's own requests are under an empty name. */
  const queues = new Map<string, Promise<void>>();
  let lastSeenMs = performance.now();
  /** The connection of whom the world is made for; it has none, or stays, where this is null. */
  let owner: Socket | null = null;
  let isOrphaned = false;

  const handle = async (line: unknown, socket: Socket, gone: AbortSignal): Promise<void> => {
    const { id, control, server, what } = addressOf(line);
    if (control === 'shutdown') {
      socket.end(`${JSON.stringify({ id, ok: true, result: null })}\n`);
      onStop();
      return;
    }
    if (control === 'endWithMe') {
      owner = socket;
      isOrphaned = false;
      socket.write(`${JSON.stringify({ id, ok: true, result: null })}\n`);
      return;
    }
    if (control === null) await waitAsFaultsSay(world, server, what, gone);
    // Who gave up or hung up while the server did not answer has asked for nothing that was carried out.
    if (gone.aborted) return;
    const reply = await answer(world, targets, line);
    // Who asks a served target after this answer sees what was mapped by it.
    await targets.follow();
    if (!socket.destroyed) socket.write(`${JSON.stringify(reply)}\n`);
  };

  /** What of a client is under way, and what it may still take back of it, by the request's id. */
  interface Pending {
    readonly all: Set<AbortController>;
    readonly byId: Map<string | number, AbortController>;
  }

  const enqueue = (text: string, socket: Socket, pending: Pending): void => {
    const line = parse(text);
    const { id, control, server } = addressOf(line);
    if (control === 'cancel') {
      pending.byId.get(id)?.abort();
      return;
    }
    const gone = new AbortController();
    pending.all.add(gone);
    pending.byId.set(id, gone);
    const name = control === null ? server : '';
    const queue = (queues.get(name) ?? Promise.resolve())
      .then(() => handle(line, socket, gone.signal))
      .catch((error: unknown) => {
        socket.destroy(asError(error));
      })
      .finally(() => {
        pending.all.delete(gone);
        pending.byId.delete(id);
        if (queues.get(name) === queue) queues.delete(name);
      });
    queues.set(name, queue);
  };

  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.setEncoding('utf8');
    let pending = '';
    const underWay: Pending = { all: new Set(), byId: new Map() };
    socket.on('data', (text: string) => {
      pending += text;
      for (let end = pending.indexOf('\n'); end >= 0; end = pending.indexOf('\n')) {
        const line = pending.slice(0, end).trim();
        pending = pending.slice(end + 1);
        if (line === '') continue;
        enqueue(line, socket, underWay);
      }
      if (pending.length > longestLineBytes) socket.destroy();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      for (const gone of underWay.all) gone.abort();
      lastSeenMs = performance.now();
      if (socket === owner) {
        isOrphaned = true;
        // Who still looks at it sees the moment at which it was left, and not what would have come a year later.
        world.stopJumping();
      }
      if (isOrphaned && sockets.size === 0) onStop();
    });
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.removeListener('error', reject);
      // Only its own user may drive a world.
      if (process.platform !== 'win32') chmodSync(path, 0o600);
      resolve();
    });
  });

  return {
    path,
    get idleMs() {
      return sockets.size > 0 ? 0 : performance.now() - lastSeenMs;
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
      await Promise.all(queues.values());
    },
  };
};

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
