import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { Failure, failure } from '../../../shared/errors/failure.ts';
import { readFileIfThere, replaceFile, syncFolder } from '../../system/durable-file.ts';
import { isProcessStill } from '../../system/processes.ts';
import { fileReasonOf } from '../../system/reason.ts';
import {
  baseVersion,
  compareVersions,
  currentFile,
  folderOf,
  previousFile,
  readInstallation,
  readPointer,
  releaseIn,
  versionIn,
} from './installation.ts';
import { fileSha256, type PackageFile, type Release } from './package-file.ts';

/** What an update does besides writing files; tests give their own. */
export interface UpdateMeans {
  /** What `--version` answers, asked of a version's own node.exe, or of `quorate.cmd`. Throws with a reason where it does not answer. */
  readonly askVersion: (folder: string, by: 'program' | 'starter') => Promise<string>;
  /** Ends the core that runs idle, so that the old version does not go on answering. */
  readonly endCore: () => Promise<void>;
  readonly tell: (doing: string, done: number | null, total: number | null) => void;
  readonly signal?: AbortSignal;
}

export interface Switched {
  readonly from: string;
  readonly to: string;
  /** Versions whose folders were deleted: neither in use nor the one before. */
  readonly removed: readonly string[];
}

const versionsOf = (base: string): string => join(base, 'versions');
const deniedCodes: ReadonlySet<string | undefined> = new Set(['EACCES', 'EPERM', 'EROFS']);

const notStored = (folder: string, error: unknown): Error =>
  failure(
    deniedCodes.has((error as NodeJS.ErrnoException).code) ? 'UPDATE_NOT_PERMITTED' : 'UPDATE_NOT_STORED',
    { folder, reason: fileReasonOf(error) },
    { cause: error },
  );

/** Runs what writes, and gives what the file system refuses the names of this operation. */
const writing = async <Result>(folder: string, work: () => Promise<Result> | Result): Promise<Result> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Failure) throw error;
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw notStored(folder, error);
  }
};

/** One update at a time: a file with the process that works. One whose process is gone counts for nothing. */
const withLock = async <Result>(base: string, work: () => Promise<Result>): Promise<Result> => {
  const path = join(versionsOf(base), 'update.lock');
  const take = (): void => {
    mkdirSync(versionsOf(base), { recursive: true });
    const file = openSync(path, 'wx');
    writeSync(file, String(process.pid));
    closeSync(file);
  };
  await writing(base, () => {
    try {
      take();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const pid = Number(readFileIfThere(path) ?? '');
      const since = statSync(path, { throwIfNoEntry: false })?.mtime.toISOString() ?? '';
      if (pid > 0 && pid !== process.pid && isProcessStill(pid, since))
        throw failure('UPDATE_RUNS', { folder: base, pid });
      rmSync(path, { force: true });
      take();
    }
  });
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
};

/** Whether every file of a version is there with its digest; one that has no list is whole as far as anybody knows. */
const isWhole = async (folder: string): Promise<boolean> => {
  const release = releaseIn(folder);
  if (release === null) return versionIn(folder) !== null;
  for (const { name, sha256 } of release.files) {
    const found = await fileSha256(join(folder, ...name.split('/'))).catch(() => null);
    if (found !== sha256) return false;
  }
  return true;
};

/** Asks a version who it is, and throws UPDATE_VERSION_BROKEN when it is not that one. */
const prove = async (
  means: UpdateMeans,
  folder: string,
  by: 'program' | 'starter',
  { version, current }: { readonly version: string; readonly current: string },
): Promise<void> => {
  const answer = await means.askVersion(folder, by).catch((error: unknown) => {
    throw failure('UPDATE_VERSION_BROKEN', { version, current, reason: fileReasonOf(error) }, { cause: error });
  });
  if (answer === version) return;
  const reason = `asked for its version, it answered "${answer.slice(0, 200)}"`;
  throw failure('UPDATE_VERSION_BROKEN', { version, current, reason });
};

const writePointer = (path: string, version: string): void =>
  replaceFile(path, `${version}\r\n`, { survivesPowerLoss: true, mode: 0o644 });

/** Gives `quorate.cmd` another version, proves that it starts it, and takes that back when it does not. */
const switchTo = async (
  base: string,
  target: { readonly name: string; readonly version: string },
  means: UpdateMeans,
): Promise<Switched> => {
  const { current } = readInstallation(base);
  const currentVersion = versionIn(folderOf(base, current)) ?? current;
  const about = { version: target.version, current: currentVersion };
  const before = readPointer(previousFile(base));
  const put = (path: string, version: string | null): void => {
    if (version === null || (path === currentFile(base) && version === baseVersion)) rmSync(path, { force: true });
    else writePointer(path, version);
  };
  means.tell(`Starting ${target.version}`, null, null);
  await prove(means, folderOf(base, target.name), 'program', about);
  await means.endCore();
  try {
    await writing(base, () => {
      // In this order a crash in between leaves nothing to go back to, never a version that was not in use.
      put(previousFile(base), current);
      put(currentFile(base), target.name);
    });
    await prove(means, base, 'starter', about);
  } catch (error) {
    await writing(base, () => {
      put(currentFile(base), current);
      put(previousFile(base), before);
    });
    throw error;
  }
  return { from: currentVersion, to: target.version, removed: removeOthers(base, [target.name, current]) };
};

/** Deletes the versions that nothing goes back to; what is in use stays, and goes with a later update. */
const removeOthers = (base: string, kept: readonly string[]): string[] =>
  readdirSync(versionsOf(base), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !kept.includes(entry.name))
    .flatMap(({ name }) => {
      try {
        rmSync(join(versionsOf(base), name), { recursive: true });
        return name.startsWith('.') ? [] : [name];
      } catch {
        return [];
      }
    });

const refuseFull = (base: string, release: Release): void => {
  const needed = release.files.reduce((sum, { size }) => sum + size, 0) + 16 * 1024 * 1024;
  const { bavail, bsize } = statfsSync(base);
  const free = bavail * bsize;
  if (free >= needed) return;
  const reason = `the disk is full: ${Math.ceil(needed / 1e6)} MB are needed and ${Math.floor(free / 1e6)} MB are free`;
  throw failure('UPDATE_NOT_STORED', { folder: base, reason });
};

/**
 * Unpacks a version beside the one in use, starts it, and has `quorate.cmd` start it from now on. Whatever fails, the version in use stays in
 * use and nothing of the new one is left.
 * @param file opened, and proven to be the published one
 * @returns null where that version is in use already
 * @throws UPDATE_OLDER, UPDATE_OTHER_PLATFORM, UPDATE_NOT_QUORATE, UPDATE_NOT_PERMITTED, UPDATE_NOT_STORED, UPDATE_RUNS, UPDATE_CONTENT_WRONG,
 *   UPDATE_VERSION_BROKEN, CANCELLED
 */
export const updateCore = async (
  base: string,
  { file, release }: { readonly file: PackageFile; readonly release: Release },
  { allowOlder }: { readonly allowOlder: boolean },
  means: UpdateMeans,
): Promise<Switched | null> => {
  const { current } = readInstallation(base);
  if (refuseRelease(file.path, release, versionIn(folderOf(base, current)), allowOlder) === 'same') return null;
  return withLock(base, async () => {
    const target = folderOf(base, release.version);
    await writing(base, () => refuseFull(base, release));
    if (releaseIn(target) === null || !(await isWhole(target))) {
      const beside = join(versionsOf(base), `.new-${process.pid}`);
      try {
        await writing(base, async () => {
          rmSync(beside, { recursive: true, force: true });
          mkdirSync(beside);
          await file.unpack(release, beside, {
            onFile: (done) => means.tell(`Unpacking ${release.version}`, done, release.files.length + 1),
            ...(means.signal ? { signal: means.signal } : {}),
          });
          rmSync(target, { recursive: true, force: true });
          renameSync(beside, target);
          syncFolder(versionsOf(base));
        });
      } finally {
        rmSync(beside, { recursive: true, force: true });
      }
    }
    try {
      return await switchTo(base, { name: release.version, version: release.version }, means);
    } catch (error) {
      // The one before may be this very folder: it is what a rollback goes back to.
      if (readPointer(previousFile(base)) !== release.version) rmSync(target, { recursive: true, force: true });
      throw error;
    }
  });
};

/**
 * Whether a release may take the place of what is in use. Errors: UPDATE_NOT_QUORATE, UPDATE_OTHER_PLATFORM, UPDATE_OLDER.
 * @param current the version in use; null where nobody knows
 */
export const refuseRelease = (
  path: string,
  { product, platform, version }: Release,
  current: string | null,
  allowOlder: boolean,
): 'same' | 'newer' | 'older' | 'unknown' => {
  if (product !== 'quorate-core') throw failure('UPDATE_NOT_QUORATE', { path, reason: `it is ${product}` });
  if (platform !== 'win-x64') throw failure('UPDATE_OTHER_PLATFORM', { path, platform, wanted: 'win-x64' });
  if (current === null) return 'unknown';
  const order = compareVersions(version, current);
  if (order < 0 && !allowOlder) throw failure('UPDATE_OLDER', { version, current });
  return order === 0 ? 'same' : order < 0 ? 'older' : 'newer';
};

/**
 * Has `quorate.cmd` start the version again that was in use before. Errors: UPDATE_NOTHING_EARLIER, UPDATE_VERSION_BROKEN,
 * UPDATE_NOT_PERMITTED, UPDATE_NOT_STORED, UPDATE_RUNS.
 */
export const rollBack = async (base: string, means: UpdateMeans): Promise<Switched> => {
  const { current } = readInstallation(base);
  const name = readPointer(previousFile(base));
  const version = name === null || name === current ? null : versionIn(folderOf(base, name));
  if (name === null || version === null) throw failure('UPDATE_NOTHING_EARLIER', { folder: base });
  return withLock(base, async () => {
    means.tell(`Looking at ${version}`, null, null);
    if (!(await isWhole(folderOf(base, name)))) {
      const about = { version, current: versionIn(folderOf(base, current)) ?? current };
      throw failure('UPDATE_VERSION_BROKEN', { ...about, reason: 'files of it are missing or were changed' });
    }
    return switchTo(base, { name, version }, means);
  });
};
