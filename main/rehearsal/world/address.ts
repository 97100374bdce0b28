import { createHash, randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { failure } from '../../../shared/errors/failure.ts';

/** A Unix socket's path may have 107 bytes (unix(7)). */
const longestSocketPathBytes = 100;

/** A pipe's name is everybody's to take: this one is random and known only to who can read the world's folder. */
const pipeName = (folder: string): string => {
  const file = join(folder, 'pipe-name');
  try {
    writeFileSync(file, randomBytes(16).toString('hex'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const name = readFileSync(file, 'utf8');
  if (!/^[0-9a-f]{32}$/.test(name))
    throw failure('DATA_FOLDER_UNSAFE', { path: file, reason: 'it holds no pipe name' });
  return name;
};

/**
 * A folder for sockets below the shared temporary one, for its user only.
 * @throws DATA_FOLDER_UNSAFE when somebody else made it, or can write to it
 */
const socketFolder = (temporary: string): string => {
  const { uid } = userInfo();
  const path = join(temporary, `quorate-${uid}`);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  // Not followed: a link would lead to a folder of somebody else's choice.
  const found = lstatSync(path);
  if (!found.isDirectory()) throw failure('DATA_FOLDER_UNSAFE', { path, reason: 'it is not a folder' });
  if (found.uid !== uid) throw failure('DATA_FOLDER_UNSAFE', { path, reason: 'it belongs to another account' });
  if ((found.mode & 0o077) !== 0) throw failure('DATA_FOLDER_UNSAFE', { path, reason: 'other accounts can use it' });
  return path;
};

interface Place {
  readonly platform: NodeJS.Platform;
  readonly temporary: string;
}

/**
 * Where the world of an existing folder listens: a named pipe on Windows, else a socket in the folder, or where that path is
 * too long, in a folder of this user's below the temporary one.
 * @throws DATA_FOLDER_UNSAFE
 */
export const worldAddress = (
  folder: string,
  { platform, temporary }: Place = { platform: process.platform, temporary: tmpdir() },
): string => {
  if (platform === 'win32') return `\\\\.\\pipe\\quorate-world-${pipeName(folder)}`;
  const path = join(folder, 'world.sock');
  if (Buffer.byteLength(path) <= longestSocketPathBytes) return path;
  const mark = createHash('sha256').update(folder).digest('hex').slice(0, 24);
  return join(socketFolder(temporary), `${mark}.sock`);
};
