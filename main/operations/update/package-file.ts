import { asClause } from '../../../shared/model/sentence.ts';
import { createHash, type Hash } from 'node:crypto';
import { closeSync, createReadStream, createWriteStream, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fromFdPromise, type Entry, type ZipFile } from 'yauzl';
import * as z from 'zod';
import { Failure, failure } from '../../../shared/errors/failure.ts';
import { reasonOfParsing } from '../../../shared/model/issue-words.ts';
import { fileReasonOf, messageOf } from '../../system/reason.ts';

/** What a core says of itself and of its files: `release.json`, written by build/delivery/core-zip.mjs, beside what it lists. */
export const releaseSchema = z.object({
  schema: z.literal('quorate.release/1'),
  product: z.string(),
  version: z.string().regex(/^\d{1,5}\.\d{1,5}\.\d{1,5}$/),
  /** As in the file's name: `win-x64`. */
  platform: z.string(),
  files: z
    .array(
      z.object({
        /** Below the program's folder, with slashes. */
        name: z.string(),
        size: z.number().int().nonnegative(),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    )
    .min(1)
    .max(20_000),
});
export type Release = z.output<typeof releaseSchema>;

export const releaseName = 'release.json';
const mostReleaseBytes = 8 * 1024 * 1024;
const mostBytes = 1024 * 1024 * 1024;

/**
 * Why a name must not be written below a folder of Windows; null when it may. Microsoft: Naming Files, Paths, and Namespaces
 * (https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file).
 */
export const unsafeName = (name: string): string | null => {
  if (name.length > 200) return 'its name is too long';
  if (name.startsWith('/') || name.includes('\\')) return 'its name leads out of the folder';
  // oxlint-disable-next-line no-control-regex -- these are the very characters that Windows does not take
  if (/[\u0000-\u001f<>:"|?*]/.test(name)) return 'its name has a character that Windows does not take';
  for (const part of name.split('/')) {
    if (part === '' || part === '.' || part === '..') return 'its name leads out of the folder';
    if (/[. ]$/.test(part)) return 'its name ends with a dot or a blank, which Windows drops';
    if (/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(part)) return 'its name is that of a device';
  }
  return null;
};

/** Counts and digests what passes. */
const passing = (hash: Hash): Transform =>
  new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });

/** @returns the SHA-256 in lower-case hex */
export const fileSha256 = async (path: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
};

const openShown = (path: string): number => {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw failure('FILE_NOT_FOUND', { path });
    throw failure('FILE_NOT_READABLE', { path, reason: fileReasonOf(error) }, { cause: error });
  }
};

/** A core as a zip, opened once: what is digested is what is unpacked, whatever the path leads to meanwhile. */
export class PackageFile {
  readonly path: string;
  /** Of the file as a whole, in lower-case hex. */
  readonly sha256: string;
  readonly #file: number;
  #zip: ZipFile | null = null;
  #entries = new Map<string, Entry>();

  private constructor(path: string, file: number, sha256: string) {
    this.path = path;
    this.#file = file;
    this.sha256 = sha256;
  }

  /** Errors: FILE_NOT_FOUND, FILE_NOT_READABLE. */
  static async open(path: string): Promise<PackageFile> {
    const file = openShown(path);
    try {
      const hash = createHash('sha256');
      for await (const chunk of createReadStream(path, { fd: file, start: 0, autoClose: false }))
        hash.update(chunk as Buffer);
      return new PackageFile(path, file, hash.digest('hex'));
    } catch (error) {
      closeSync(file);
      throw failure('FILE_NOT_READABLE', { path, reason: fileReasonOf(error) }, { cause: error });
    }
  }

  close(): void {
    // The reader of the zip takes the file over.
    if (this.#zip) this.#zip.close();
    else closeSync(this.#file);
  }

  /**
   * Reads what the core says of itself, once every name in the zip is one that may be written and is in its list, and every one of the list is in
   * the zip. Nothing is unpacked. Errors: UPDATE_FILE_UNREADABLE, UPDATE_NOT_QUORATE, UPDATE_CONTENT_UNSAFE, UPDATE_CONTENT_WRONG.
   */
  async readRelease(): Promise<Release> {
    const { path } = this;
    try {
      this.#zip = await fromFdPromise(this.#file, { autoClose: false, strictFileNames: true });
      for await (const entry of this.#zip.eachEntry()) {
        const name = entry.fileName;
        const reason = unsafeName(name) ?? (this.#entries.has(name.toLowerCase()) ? 'it is there twice' : null);
        if (reason !== null) throw failure('UPDATE_CONTENT_UNSAFE', { path, name, reason });
        this.#entries.set(name.toLowerCase(), entry);
      }
    } catch (error) {
      if (error instanceof Failure) throw error;
      const [, reason, name] =
        /^(invalid characters in fileName|absolute path|invalid relative path): (.*)$/s.exec(messageOf(error)) ?? [];
      if (name !== undefined)
        throw failure('UPDATE_CONTENT_UNSAFE', { path, name, reason: reason ?? '' }, { cause: error });
      throw failure('UPDATE_FILE_UNREADABLE', { path, reason: messageOf(error) }, { cause: error });
    }
    const release = await this.#readRelease();
    const named = new Map(release.files.map((file) => [file.name.toLowerCase(), file]));
    for (const [key, { fileName: name, uncompressedSize }] of this.#entries) {
      if (name === releaseName) continue;
      const size = named.get(key)?.size;
      if (size === undefined) throw failure('UPDATE_CONTENT_WRONG', { path, name, reason: 'it is not in the list' });
      if (size !== uncompressedSize)
        throw failure('UPDATE_CONTENT_WRONG', { path, name, reason: `it has ${uncompressedSize} bytes, not ${size}` });
    }
    for (const { name } of release.files)
      if (!this.#entries.has(name.toLowerCase()))
        throw failure('UPDATE_CONTENT_WRONG', { path, name, reason: 'it is not in the file' });
    if (release.files.reduce((sum, { size }) => sum + size, 0) > mostBytes)
      throw failure('UPDATE_NOT_QUORATE', { path, reason: 'it would be larger than 1 GiB' });
    return release;
  }

  async #readRelease(): Promise<Release> {
    const { path } = this;
    const entry = this.#entries.get(releaseName);
    if (!entry) throw failure('UPDATE_NOT_QUORATE', { path, reason: `there is no ${releaseName} in it` });
    if (entry.uncompressedSize > mostReleaseBytes)
      throw failure('UPDATE_NOT_QUORATE', { path, reason: `its ${releaseName} is too large` });
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of await this.#zip!.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
      return releaseSchema.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
    } catch (error) {
      const reason = reasonOfParsing(error);
      throw failure('UPDATE_NOT_QUORATE', { path, reason: `its ${releaseName} is not valid: ${asClause(reason)}` });
    }
  }

  /**
   * Unpacks everything into an empty folder and holds each file against the list while it is written.
   * @throws UPDATE_CONTENT_WRONG, CANCELLED; what the file system refuses as it does
   */
  async unpack(
    release: Release,
    folder: string,
    { onFile, signal }: { readonly onFile?: (done: number) => void; readonly signal?: AbortSignal },
  ): Promise<void> {
    const { path } = this;
    for (const [index, { name, sha256 }] of [...release.files, { name: releaseName, sha256: null }].entries()) {
      if (signal?.aborted) throw failure('CANCELLED', { what: 'The update' });
      const entry = this.#entries.get(name.toLowerCase())!;
      const target = join(folder, ...name.split('/'));
      mkdirSync(dirname(target), { recursive: true });
      const hash = createHash('sha256');
      let isWriting = false;
      try {
        const from = await this.#zip!.openReadStreamPromise(entry);
        const to = createWriteStream(target, { flags: 'wx', flush: true });
        to.once('error', () => (isWriting = true));
        await pipeline(from, passing(hash), to);
      } catch (error) {
        if (isWriting || (error as NodeJS.ErrnoException).syscall !== undefined) throw error;
        throw failure('UPDATE_CONTENT_WRONG', { path, name, reason: messageOf(error) }, { cause: error });
      }
      if (sha256 !== null && hash.digest('hex') !== sha256)
        throw failure('UPDATE_CONTENT_WRONG', { path, name, reason: 'its SHA-256 is another one' });
      onFile?.(index + 1);
    }
  }
}
