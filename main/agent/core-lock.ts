import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { failure } from '../../shared/errors/failure.ts';

/**
 * The address of the local pipe: a socket in the data folder (mode 0600), on Windows a named pipe with a name that nobody
 * can know, and so take, before it exists. Clients read it from the ticket in the data folder.
 */
export const newPipeAddress = (dataFolder: string): string =>
  process.platform === 'win32'
    ? `\\\\.\\pipe\\quorate-${randomBytes(16).toString('hex')}`
    : join(dataFolder, 'core.sock');

/**
 * The claim to be the one core of a data folder. It is held by the system, so that it ends with the process however the
 * process ends: a name in Linux' abstract socket space, a named pipe on Windows. Nothing is ever sent over it.
 */
export interface CoreLock {
  release(): void;
}

const claimFile = 'core.claim';

/**
 * The claim's name is kept in the data folder, because any account could take a name that follows from the folder's path,
 * and Quorate would never start again. The first process makes it; all others read what it made.
 */
const claimName = (dataFolder: string): string => {
  const path = join(dataFolder, claimFile);
  for (let tries = 0; tries < 100; tries += 1) {
    try {
      writeFileSync(path, randomBytes(24).toString('hex'), { flag: 'wx', mode: 0o600 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    // Another process may have made it a moment ago and not have written it yet.
    const name = readFileSync(path, 'utf8');
    if (/^[0-9a-f]{48}$/.test(name)) return name;
    if (name !== '') break;
  }
  // Emptied by a loss of power or spoiled: a new name is as good, as long as no core holds the old one, whose name is lost.
  rmSync(path, { force: true });
  return claimName(dataFolder);
};

const claimAddress = (dataFolder: string): string => {
  const name = `quorate-lock-${claimName(dataFolder)}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : `\0${name}`;
};

/**
 * Takes the claim, or returns null when another process holds it. libuv says EADDRINUSE for a named pipe that exists, so that
 * EACCES is a right that is missing, never another core.
 * @param create makes the server that holds the claim; tests give one that the system refuses
 * @throws CORE_CLAIM_REFUSED
 */
export const takeCoreLock = (
  dataFolder: string,
  create: () => Server = () => createServer((socket) => socket.destroy()),
): Promise<CoreLock | null> =>
  new Promise((resolve, reject) => {
    const server = create();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(null);
      else reject(failure('CORE_CLAIM_REFUSED', { reason: error.code ?? error.message }, { cause: error }));
    });
    server.listen({ path: claimAddress(dataFolder), exclusive: true }, () => {
      server.unref();
      resolve({ release: () => server.close() });
    });
  });
