import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { failure } from '../../shared/errors/failure.ts';
import type { FilePort } from '../ports/file-port.ts';

/** What a system's error code means, in words. */
const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'the folder does not exist',
  ENOTDIR: 'a part of the path is not a folder',
  EACCES: 'access is denied',
  EPERM: 'access is denied',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EISDIR: 'it is a folder',
  ENAMETOOLONG: 'the name is too long',
  EBUSY: 'another program uses it',
  EEXIST: 'a file of this name is in the way',
};

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown';
const reasonOf = (error: unknown): string => reasons[codeOf(error)] ?? codeOf(error);

const read = async (path: string, limitBytes: number): Promise<Uint8Array> => {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw failure('IMPORT_NOT_A_FILE', { path });
    if (found.size > limitBytes) throw failure('IMPORT_FILE_TOO_LARGE', { path, sizeBytes: found.size, limitBytes });
    return await readFile(path);
  } catch (error) {
    if (!('syscall' in (error as object))) throw error;
    if (codeOf(error) === 'ENOENT') throw failure('FILE_NOT_FOUND', { path }, { cause: error });
    throw failure('FILE_NOT_READABLE', { path, reason: reasonOf(error) }, { cause: error });
  }
};

const besideOf = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);

const write = async (path: string, content: Uint8Array): Promise<void> => {
  const beside = besideOf(path);
  try {
    if (await isFolder(path)) throw Object.assign(new Error(), { code: 'EISDIR' });
    const file = await open(beside, 'wx');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw failure('FILE_NOT_WRITABLE', { path, reason: reasonOf(error) }, { cause: error });
  }
};

const isFolder = async (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

const probe = async (path: string): Promise<{ readonly exists: boolean }> => {
  const beside = besideOf(path);
  try {
    if (await isFolder(path)) throw Object.assign(new Error(), { code: 'EISDIR' });
    // A file that is write-protected, or that another program holds on Windows, is not replaced either.
    const found = await open(path, 'r+').catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return null;
      throw error;
    });
    await found?.close();
    await (await open(beside, 'wx')).close();
    await rm(beside);
    return { exists: found !== null };
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw failure('FILE_NOT_WRITABLE', { path, reason: reasonOf(error) }, { cause: error });
  }
};

/** The files of this machine. */
export const localFiles: FilePort = {
  read,
  write,
  probe,
  makeFolder: async (path) => {
    try {
      await mkdir(path, { recursive: true });
    } catch (error) {
      throw failure('FILE_NOT_WRITABLE', { path, reason: reasonOf(error) }, { cause: error });
    }
  },
};
