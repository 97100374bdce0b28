import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../api/dispatcher.ts';

/** The log of a core: JSON lines in the data folder, without secrets. */
export const openLog = async (dataFolder: string): Promise<{ log: Log; path: string }> => {
  const { pino, destination } = await import('pino');
  const folder = join(dataFolder, 'log');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'quorate.log');
  const log = pino(
    {
      base: { pid: process.pid },
      redact: { paths: ['*.secret', '*.password', '*.token', '*.chapSecret'], censor: '(hidden)' },
    },
    destination({ dest: path, sync: true, append: true, mode: 0o600 }),
  );
  return { log, path };
};
