import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Makes a folder's list of names durable. Windows has no such call and needs none: NTFS journals its directories. */
export const syncFolder = (folder: string): void => {
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
};

/** All of it: on a full disk a write may be short without an error (POSIX write). */
const writeAll = (descriptor: number, bytes: Uint8Array): void => {
  for (let at = 0; at < bytes.length;) {
    const written = writeSync(descriptor, bytes, at, bytes.length - at);
    if (written === 0) throw Object.assign(new Error('nothing more could be written'), { code: 'ENOSPC' });
    at += written;
  }
};

/** What Windows gives where another program, a virus scanner say, has the file open without sharing its deletion. */
const heldCodes: ReadonlySet<string | undefined> = new Set(['EPERM', 'EACCES', 'EBUSY']);
/** 635 ms in all: a scanner is done by then, and the core, which stands still meanwhile, is not missed. */
const heldPausesMs = [5, 10, 20, 40, 80, 160, 320];

const standStill = (ms: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
};

/**
 * Gives a file the name of another one, which goes. On Windows it is tried again for some 0.6 s while another program has
 * that one open. Throws as the system does.
 */
export const renameOver = (
  from: string,
  to: string,
  { platform = process.platform, rename = renameSync, wait = standStill } = {},
): void => {
  for (const pauseMs of heldPausesMs) {
    try {
      rename(from, to);
      return;
    } catch (error) {
      if (platform !== 'win32' || !heldCodes.has((error as NodeJS.ErrnoException).code)) throw error;
      wait(pauseMs);
    }
  }
  rename(from, to);
};

export interface ReplaceOptions {
  /** Permission bits before the umask; 0600 unless it is given. */
  readonly mode?: number;
  /** Looks at the file beside before it takes the place of the old one, and throws where it must not. */
  readonly check?: (beside: string) => void;
  /** False where it does no harm that after a loss of power the old content is back. */
  readonly survivesPowerLoss?: boolean;
  /** False where only a process may end before the file matters no more, not the machine: nothing is waited for then. */
  readonly isFlushed?: boolean;
}

/** A name beside a file, in its folder, that nobody else uses. */
export const nameBeside = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);

/**
 * Writes a file so that after any crash either the old or the new content is there, never a part. The folder must be there.
 * write-file-atomic would do most of it; it neither flushes the folder, without which a loss of power takes the rename back,
 * nor lets the new file be looked at first. Throws as the system does; then the old content stays.
 */
export const replaceFile = (path: string, content: string | Uint8Array, options: ReplaceOptions = {}): void => {
  const beside = nameBeside(path);
  const descriptor = openSync(beside, 'wx', options.mode ?? 0o600);
  try {
    try {
      writeAll(descriptor, typeof content === 'string' ? Buffer.from(content, 'utf8') : content);
      if (options.isFlushed ?? true) fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    options.check?.(beside);
    renameOver(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
  if ((options.isFlushed ?? true) && (options.survivesPowerLoss ?? true)) syncFolder(dirname(path));
};

/** Keeps a value as JSON as {@link replaceFile} does, in a folder that is made, for this user alone, where it is not there. */
export const keepJson = (path: string, value: unknown, options: ReplaceOptions = {}): void => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  replaceFile(path, `${JSON.stringify(value, null, 2)}\n`, options);
};

/** The text of a file; null when there is none. Other failures are thrown as the system gives them. */
export const readFileIfThere = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
};
