import { mkdirSync, realpathSync, accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { failure } from '../../shared/errors/failure.ts';
import { fileReasonOf } from '../system/reason.ts';

/** Where Quorate keeps its data: `--data`, else the variable QUORATE_DATA, else the user's own folder for local data. */
export const chooseDataFolder = (given: string | undefined, env: NodeJS.ProcessEnv = process.env): string => {
  if (given) return resolve(given);
  if (env['QUORATE_DATA']) return resolve(env['QUORATE_DATA']);
  if (process.platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'Quorate');
  return join(env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'quorate');
};

/**
 * Makes the folder, for its user only (mode 0700; on Windows the user's local folder carries such an ACL already), and
 * returns its real path.
 * @throws DATA_FOLDER_UNUSABLE
 */
export const prepareDataFolder = (path: string): string => {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.W_OK);
    return realpathSync(path);
  } catch (error) {
    throw failure('DATA_FOLDER_UNUSABLE', { path, reason: fileReasonOf(error) }, { cause: error });
  }
};
