import { open, type FileHandle } from 'node:fs/promises';

/**
 * Where the bytes of a logical unit are. Offsets and lengths are whole numbers of bytes inside `sizeBytes`; the caller
 * has checked the range. What was never written reads as zeros.
 */
export interface Medium {
  /** At most 2^53 - 1. */
  readonly sizeBytes: bigint;
  /** A copy: later writes do not change it. */
  read(offsetBytes: number, lengthBytes: number): Buffer | Promise<Buffer>;
  /** False when a thin medium has no room left; nothing was written then. */
  write(offsetBytes: number, data: Buffer): boolean | Promise<boolean>;
  /** Gives blocks back: they read as zeros afterwards. */
  unmap(offsetBytes: number, lengthBytes: number): void | Promise<void>;
  /** Are these bytes backed by anything? */
  isMapped(offsetBytes: number, lengthBytes: number): boolean;
  flush(): void | Promise<void>;
  close(): Promise<void>;
}

const chunkBytes = 64 * 1024;
const defaultMemoryLimitBytes = 1024 * 1024 * 1024;

/** Thin memory: only chunks of 64 KiB that were written take room, `limitBytes` of them at most (1 GiB by default). */
export const createMemoryMedium = (sizeBytes: bigint, limitBytes = defaultMemoryLimitBytes): Medium => {
  const chunks = new Map<number, Buffer>();
  const limitChunks = Math.max(1, Math.floor(limitBytes / chunkBytes));
  const lastChunkOf = (offset: number, length: number): number => Math.floor((offset + length - 1) / chunkBytes);

  return {
    sizeBytes,
    read(offset, length) {
      const result = Buffer.allocUnsafe(length);
      let done = 0;
      while (done < length) {
        const at = offset + done;
        const from = at % chunkBytes;
        const count = Math.min(chunkBytes - from, length - done);
        const chunk = chunks.get(Math.floor(at / chunkBytes));
        if (chunk) chunk.copy(result, done, from, from + count);
        else result.fill(0, done, done + count);
        done += count;
      }
      return result;
    },
    write(offset, data) {
      if (data.length === 0) return true;
      let missing = 0;
      const last = lastChunkOf(offset, data.length);
      for (let index = Math.floor(offset / chunkBytes); index <= last; index++) if (!chunks.has(index)) missing++;
      if (chunks.size + missing > limitChunks) return false;
      let done = 0;
      while (done < data.length) {
        const at = offset + done;
        const index = Math.floor(at / chunkBytes);
        const from = at % chunkBytes;
        const count = Math.min(chunkBytes - from, data.length - done);
        let chunk = chunks.get(index);
        if (!chunk) chunks.set(index, (chunk = Buffer.alloc(chunkBytes)));
        data.copy(chunk, from, done, done + count);
        done += count;
      }
      return true;
    },
    unmap(offset, length) {
      // By the chunks that exist, not by the range: unmapping a whole terabyte costs nothing.
      const end = offset + length;
      for (const [index, chunk] of chunks) {
        const start = index * chunkBytes;
        const from = Math.max(0, offset - start);
        const to = Math.min(chunkBytes, end - start);
        if (from >= to) continue;
        if (from === 0 && to === chunkBytes) chunks.delete(index);
        else chunk.fill(0, from, to);
      }
    },
    isMapped(offset, length) {
      const last = lastChunkOf(offset, Math.max(1, length));
      for (let index = Math.floor(offset / chunkBytes); index <= last; index++) if (chunks.has(index)) return true;
      return false;
    },
    flush() {},
    async close() {
      chunks.clear();
    },
  };
};

const zeroPieceBytes = 1024 * 1024;

const openOrCreate = async (path: string): Promise<FileHandle> => {
  try {
    return await open(path, 'r+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    // 'wx+' so that a file which appears in between is not emptied.
    return open(path, 'wx+');
  }
};

/**
 * A file as medium. A file that exists keeps its content and its size; a new one is made sparse with `sizeBytes`.
 * Throws the system's error when the file cannot be opened, and a RangeError when a new file has no size.
 */
export const openFileMedium = async (path: string, sizeBytes?: bigint): Promise<Medium> => {
  const handle = await openOrCreate(path);
  try {
    let size = (await handle.stat({ bigint: true })).size;
    if (size === 0n) {
      if (sizeBytes === undefined) throw new RangeError(`${path} is empty and no size was given`);
      await handle.truncate(Number(sizeBytes));
      size = sizeBytes;
    }
    return fileMedium(handle, size);
  } catch (error) {
    await handle.close();
    throw error;
  }
};

const fileMedium = (handle: FileHandle, sizeBytes: bigint): Medium => {
  const writeAll = async (offset: number, data: Buffer): Promise<boolean> => {
    let done = 0;
    while (done < data.length) {
      const { bytesWritten } = await handle.write(data, done, data.length - done, offset + done);
      done += bytesWritten;
    }
    return true;
  };
  return {
    sizeBytes,
    async read(offset, length) {
      const result = Buffer.alloc(length);
      let done = 0;
      while (done < length) {
        const { bytesRead } = await handle.read(result, done, length - done, offset + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return result;
    },
    async write(offset, data) {
      try {
        return await writeAll(offset, data);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
        throw error;
      }
    },
    async unmap(offset, length) {
      // Node cannot punch holes: zeros are written, which keeps LBPRZ true.
      const zeros = Buffer.alloc(Math.min(zeroPieceBytes, length));
      for (let done = 0; done < length; done += zeros.length) {
        await writeAll(offset + done, zeros.subarray(0, Math.min(zeros.length, length - done)));
      }
    },
    isMapped: () => true,
    flush: () => handle.sync(),
    close: () => handle.close(),
  };
};
