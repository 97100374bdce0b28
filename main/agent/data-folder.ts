import { mkdirSync, realpathSync, accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Failure, failure } from '../../shared/errors/failure.ts';
import { fileReasonOf } from '../system/reason.ts';

/** Where Quorate keeps its data: `--data`, else the variable QUORATE_DATA, else the user's own folder for local data. */
export const chooseDataFolder = (given: string | undefined, env: NodeJS.ProcessEnv = process.env): string => {
  if (given) return resolve(given);
  if (env['QUORATE_DATA']) return resolve(env['QUORATE_DATA']);
  if (process.platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'Quorate');
  return join(env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'quorate');
};

/**
 * Whoever else can write to the folder could put a journal, a ticket or a claim there, which Quorate would believe.
 * Only for systems with POSIX modes; see docs/architecture.md for Windows.
 * @throws DATA_FOLDER_UNSAFE
 */
const refuseForeign = (path: string): void => {
  const self = process.getuid?.();
  if (self === undefined) return;
  const { uid, mode } = statSync(path);
  if (uid !== self) throw failure('DATA_FOLDER_UNSAFE', { path, reason: 'it belongs to another account' });
  if ((mode & 0o022) !== 0) throw failure('DATA_FOLDER_UNSAFE', { path, reason: 'other accounts can write to it' });
};

/**
 * Makes the folder, for its user only (mode 0700; on Windows the user's local folder carries such an ACL already), and
 * returns its real path.
 * @throws DATA_FOLDER_UNUSABLE, DATA_FOLDER_UNSAFE
 */
export const prepareDataFolder = (path: string): string => {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.W_OK);
    // The native call gives each name in the letter case that it is stored with: on Windows D:\Data and d:\data are one folder.
    const real = realpathSync.native(path);
    refuseForeign(real);
    return real;
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw failure('DATA_FOLDER_UNUSABLE', { path, reason: fileReasonOf(error) }, { cause: error });
  }
};
