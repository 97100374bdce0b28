import { mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { failure } from '../../shared/errors/failure.ts';
import type { FilePort } from '../ports/file-port.ts';
import { nameBeside, replaceFile } from '../system/durable-file.ts';
import { fileReasonOf } from '../system/reason.ts';

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown';

const read = async (path: string, limitBytes: number): Promise<Uint8Array> => {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw failure('IMPORT_NOT_A_FILE', { path });
    if (found.size > limitBytes) throw failure('IMPORT_FILE_TOO_LARGE', { path, sizeBytes: found.size, limitBytes });
    return await readFile(path);
  } catch (error) {
    if (!('syscall' in (error as object))) throw error;
    if (codeOf(error) === 'ENOENT') throw failure('FILE_NOT_FOUND', { path }, { cause: error });
    throw failure('FILE_NOT_READABLE', { path, reason: fileReasonOf(error) }, { cause: error });
  }
};

const write: FilePort['write'] = async (path, content, { isSecret = false } = {}) => {
  try {
    if (await isFolder(path)) throw Object.assign(new Error(), { code: 'EISDIR' });
    replaceFile(path, content, { mode: isSecret ? 0o600 : 0o666 });
  } catch (error) {
    throw failure('FILE_NOT_WRITABLE', { path, reason: fileReasonOf(error) }, { cause: error });
  }
};

const isFolder = async (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

const probe = async (path: string): Promise<{ readonly exists: boolean }> => {
  const beside = nameBeside(path);
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
    throw failure('FILE_NOT_WRITABLE', { path, reason: fileReasonOf(error) }, { cause: error });
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
      throw failure('FILE_NOT_WRITABLE', { path, reason: fileReasonOf(error) }, { cause: error });
    }
  },
};
