import { createHash } from 'node:crypto';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** A Unix socket's path may have 107 bytes (unix(7)). */
const longestSocketPathBytes = 100;

/** Where the world of a folder listens: a named pipe on Windows, else a socket in the folder, or in the temporary one. */
export const worldAddress = (folder: string): string => {
  const mark = createHash('sha256').update(folder).digest('hex').slice(0, 24);
  if (process.platform === 'win32') return `\\\\.\\pipe\\quorate-world-${mark}`;
  const path = join(folder, 'world.sock');
  return Buffer.byteLength(path) <= longestSocketPathBytes
    ? path
    : join(tmpdir(), `quorate-${userInfo().uid}-${mark}.sock`);
};
