import { readFileSync } from 'node:fs';
import { join, win32 } from 'node:path';
import * as z from 'zod';
import { failure } from '../../../shared/errors/failure.ts';
import { readFileIfThere } from '../../system/durable-file.ts';
import { releaseName, releaseSchema, type Release } from './package-file.ts';

/** The folder in which the first version was unpacked; it is one of the versions, and holds the others in `versions`. */
export const baseVersion = 'base';

/** Where this process runs; tests give their own. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly execPath: string;
  readonly isElectron: boolean;
  readonly exists: (path: string) => boolean;
}

/** A core that was unpacked from its zip, with the versions that updates put beside it. */
export interface Installation {
  /** The folder with `quorate.cmd`. */
  readonly base: string;
  /** The version that is in use: the name of its folder in `versions`, or `base`. */
  readonly current: string;
}

const notHere = (reason: string, how: string): Error => failure('UPDATE_NOT_HERE', { reason, how });

/**
 * The folder of an unpacked core whose program this is. Errors: UPDATE_NOT_HERE, saying how that kind of Quorate is updated.
 */
export const findBase = ({ platform, execPath, isElectron, exists }: Surroundings): string => {
  if (isElectron)
    throw notHere(
      'it is the desktop',
      'Close it and start the newer setup, which keeps data and settings; the portable program is replaced by the newer one',
    );
  if (platform !== 'win32')
    throw notHere(
      'it is not the core for Windows',
      'Update on the server; here "quorate update --check FILE" shows whether a file is whole and whose it is',
    );
  const folder = win32.dirname(execPath);
  const above = win32.dirname(folder);
  const isVersion = win32.basename(above).toLowerCase() === 'versions';
  const base = isVersion ? win32.dirname(above) : folder;
  if (!exists(win32.join(base, 'quorate.cmd')))
    throw notHere('there is no quorate.cmd beside its node.exe', 'Unpack the newer zip, and start quorate.cmd there');
  if (exists(win32.join(base, 'uninstall.exe')))
    throw notHere(
      'setup installed it',
      'Start quorate-core-setup-VERSION-win-x64.exe (/S: without a window); it replaces this version, refuses while something is unfinished, and keeps data and settings. Back: the older setup with /DOWNGRADE',
    );
  return base;
};

const versionName = /^\d{1,5}\.\d{1,5}\.\d{1,5}$/;

/** The file that `quorate.cmd` reads: the version in use; none while it is the base. */
export const currentFile = (base: string): string => join(base, 'versions', 'current.txt');
/** The version that was in use before. */
export const previousFile = (base: string): string => join(base, 'versions', 'previous.txt');

/** @returns the folder of a version */
export const folderOf = (base: string, version: string): string =>
  version === baseVersion ? base : join(base, 'versions', version);

/** A version that one of the two files names; null where there is none, or what no update writes. */
export const readPointer = (path: string): string | null => {
  let text: string | null;
  try {
    text = readFileIfThere(path)?.trim() ?? null;
  } catch (error) {
    // A file where the folder should be: what writes there says so.
    if ((error as NodeJS.ErrnoException).code !== 'ENOTDIR') throw error;
    return null;
  }
  return text !== null && (text === baseVersion || versionName.test(text)) ? text : null;
};

export const readInstallation = (base: string): Installation => ({
  base,
  current: readPointer(currentFile(base)) ?? baseVersion,
});

/** What a version says of itself; null where it is not there, or was made before there were updates. */
export const releaseIn = (folder: string): Release | null => {
  const text = readFileIfThere(join(folder, releaseName));
  if (text === null) return null;
  try {
    return releaseSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
};

const manifestSchema = z.object({ version: z.string() });

/** @returns the version of what lies in a folder, as its package.json says; null where there is none */
export const versionIn = (folder: string): string | null => {
  try {
    return manifestSchema.parse(JSON.parse(readFileSync(join(folder, 'app', 'package.json'), 'utf8'))).version;
  } catch {
    return null;
  }
};

/** Negative where the first is older; both as `1.2.3`. */
export const compareVersions = (first: string, second: string): number => {
  const [left, right] = [first, second].map((one) => one.split(/[.-]/).slice(0, 3).map(Number));
  for (let at = 0; at < 3; at += 1) if (left![at] !== right![at]) return left![at]! - right![at]!;
  return 0;
};
