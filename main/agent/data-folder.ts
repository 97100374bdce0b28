import { mkdirSync, realpathSync, accessSync, constants, readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Failure, failure } from '../../shared/errors/failure.ts';
import { fileReasonOf } from '../system/reason.ts';
import type { ProtectOptions, WindowsFolders } from './windows-data-folder.ts';

/** Where Quorate keeps its data: `--data`, else the variable QUORATE_DATA, else the user's own folder for local data. */
export const chooseDataFolder = (given: string | undefined, env: NodeJS.ProcessEnv = process.env): string => {
  if (given) return resolve(given);
  if (env['QUORATE_DATA']) return resolve(env['QUORATE_DATA']);
  if (process.platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'Quorate');
  return join(env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'quorate');
};

/**
 * Whoever else can write to the folder could put a journal, a ticket or a claim there, which Quorate would believe.
 * Only for systems with POSIX modes; for Windows see {@link openDataFolder}.
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
 * Makes the folder, for its user only (mode 0700), and returns its real path.
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

/** Windows tells a folder for administrators by a denial, and a process of the same administrator without the rights meets it. */
const needsElevation = (error: unknown): boolean =>
  process.platform === 'win32' &&
  ['EPERM', 'EACCES'].includes(((error as Failure).cause as NodeJS.ErrnoException | undefined)?.code ?? '');

/** What this start itself may have put there. */
const own: readonly string[] = ['electron', 'folder.hold'];

/** Whether something of an earlier start lies in it; what cannot be listed may hold something. */
const hasContent = (path: string): boolean => {
  try {
    return readdirSync(path).some((name) => !own.includes(name));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
};

/**
 * The data folder at its real path, made where it is missing, once nobody but those who can do everything here anyway can write to it: on
 * POSIX by its owner and mode, on Windows by its owner and ACL, which are set where they are not so. Nothing in it is to be believed before.
 * @throws DATA_FOLDER_UNUSABLE, DATA_FOLDER_UNSAFE, DATA_FOLDER_UNPROTECTED, RESUME_FOLDER_UNPROVEN
 */
export const openDataFolder = async (
  path: string,
  options: ProtectOptions,
  { platform = process.platform, windows }: { platform?: NodeJS.Platform; windows?: WindowsFolders } = {},
): Promise<string> => {
  if (platform !== 'win32') return prepareDataFolder(path);
  const { protectDataFolder, refuseLink } = await import('./windows-data-folder.ts');
  const hadContent = hasContent(path);
  let real: string;
  try {
    if (!options.acceptUnprotected) refuseLink(path, () => realpathSync.native(path));
    real = prepareDataFolder(path);
  } catch (error) {
    if (!needsElevation(error)) throw error;
    const reason =
      'access is denied; an elevated Quorate keeps its data for administrators, so open an elevated console';
    throw failure('DATA_FOLDER_UNUSABLE', { path, reason }, { cause: error });
  }
  await protectDataFolder(real, hadContent, options, windows);
  return real;
};
