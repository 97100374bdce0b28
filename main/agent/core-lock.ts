import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';

const digestOf = (dataFolder: string): string => createHash('sha256').update(dataFolder).digest('hex').slice(0, 24);

/** The address of the local pipe: a socket in the data folder (mode 0700), on Windows a named pipe. */
export const pipeAddress = (dataFolder: string): string =>
  process.platform === 'win32' ? `\\\\.\\pipe\\quorate-core-${digestOf(dataFolder)}` : join(dataFolder, 'core.sock');

/**
 * The claim to be the one core of a data folder. It is held by the system, so that it ends with the process however the
 * process ends: a name in Linux' abstract socket space, a named pipe on Windows. Nothing is ever sent over it.
 */
export interface CoreLock {
  release(): void;
}

const claimAddress = (dataFolder: string): string => {
  const name = `quorate-lock-${process.getuid?.() ?? 0}-${digestOf(dataFolder)}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : `\0${name}`;
};

/** Takes the claim, or returns null when another process holds it. */
export const takeCoreLock = (dataFolder: string): Promise<CoreLock | null> =>
  new Promise((resolve, reject) => {
    const server: Server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(null);
      else reject(error);
    });
    server.listen({ path: claimAddress(dataFolder), exclusive: true }, () => {
      server.unref();
      resolve({ release: () => server.close() });
    });
  });
