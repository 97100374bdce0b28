import { createServer, type Server, type Socket } from 'node:net';
import { chmodSync, rmSync } from 'node:fs';
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

/**
 * Serves a world to any number of clients over a Unix socket or a named pipe: one JSON object for each line, answered in
 * the order of their arrival, whoever sent them. `onStop` is called when a client asks the process to end.
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
  let queue: Promise<void> = Promise.resolve();
  let lastSeenMs = performance.now();

  const handle = async (line: string, socket: Socket): Promise<void> => {
    let raw: unknown;
    try {
      raw = JSON.parse(line);
    } catch {
      raw = null;
    }
    if (isShutdown(raw)) {
      socket.end(`${JSON.stringify({ id: raw.id, ok: true, result: null })}\n`);
      onStop();
      return;
    }
    const reply = await answer(world, targets, raw);
    if (!socket.destroyed) socket.write(`${JSON.stringify(reply)}\n`);
  };

  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.setEncoding('utf8');
    let pending = '';
    socket.on('data', (text: string) => {
      pending += text;
      for (let end = pending.indexOf('\n'); end >= 0; end = pending.indexOf('\n')) {
        const line = pending.slice(0, end).trim();
        pending = pending.slice(end + 1);
        if (line === '') continue;
        queue = queue
          .then(() => handle(line, socket))
          .catch((error: unknown) => {
            socket.destroy(asError(error));
          });
      }
      if (pending.length > longestLineBytes) socket.destroy();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      lastSeenMs = performance.now();
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
      await queue;
    },
  };
};

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

const isShutdown = (raw: unknown): raw is { readonly id: unknown } =>
  typeof raw === 'object' && raw !== null && 'id' in raw && 'control' in raw && raw.control === 'shutdown';
