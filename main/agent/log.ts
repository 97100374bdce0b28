import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as Pino from 'pino';
import type { Log } from '../api/dispatcher.ts';

/** The log of a core: JSON lines in the data folder, without secrets. */
export const openLog = async (dataFolder: string): Promise<{ log: Log; path: string }> => {
  const folder = join(dataFolder, 'log');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'quorate.log');
  let opened: Log | null = null;
  // The first line loads the writer: a start that has nothing to tell does not pay for it. It is loaded in one go, not
  // awaited, because the line may be the last one before the process ends.
  const open = (): Log => {
    const { pino, destination } = createRequire(import.meta.url)('pino') as typeof Pino;
    return pino(
      {
        base: { pid: process.pid },
        redact: { paths: ['*.secret', '*.password', '*.token', '*.chapSecret'], censor: '(hidden)' },
      },
      destination({ dest: path, sync: true, append: true, mode: 0o600 }),
    );
  };
  return {
    path,
    log: {
      error: (detail, message) => (opened ??= open()).error(detail, message),
      info: (detail, message) => (opened ??= open()).info(detail, message),
    },
  };
};
