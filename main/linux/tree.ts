import { closeSync, fstatSync, lstatSync, openSync, readdirSync, readlinkSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Text files of /proc and /sys are small; a larger one in a captured tree is cut there. */
const longestFileBytes = 16 * 1024 * 1024;
const mostLinks = 40;

export type TreeText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: 'absent' | 'unreadable'; readonly message: string };

/** A Linux file tree: the machine's own or a captured one. Paths are absolute as Linux writes them (`/proc/cpuinfo`). */
export interface LinuxTree {
  readonly isLive: boolean;
  readText(path: string): TreeText;
  /** Names in a folder; null when there is none. */
  list(path: string): string[] | null;
  exists(path: string): boolean;
  /** The target that a symbolic link shows, null when it is none. */
  readLink(path: string): string | null;
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown';

const absentCodes = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENODEV']);

const readWhole = (path: string): TreeText => {
  try {
    // Anything but a file (a pipe or a device in a captured tree) would block or never end.
    if (!statSync(path).isFile()) return { ok: false, reason: 'absent', message: 'it is not a file' };
    const descriptor = openSync(path, 'r');
    try {
      // Files of /proc and /sys say size 0 or 4096: read until the end.
      const chunks: Buffer[] = [];
      let total = 0;
      const sizeBytes = Math.max(fstatSync(descriptor).size, 16 * 1024);
      for (;;) {
        const chunk = Buffer.allocUnsafe(Math.min(sizeBytes, 1024 * 1024));
        const readBytes = readSync(descriptor, chunk, 0, chunk.length, null);
        if (readBytes === 0 || total >= longestFileBytes) break;
        chunks.push(chunk.subarray(0, readBytes));
        total += readBytes;
      }
      return { ok: true, text: Buffer.concat(chunks).toString('utf8') };
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    const code = codeOf(error);
    return { ok: false, reason: absentCodes.has(code) ? 'absent' : 'unreadable', message: code };
  }
};

const listWhole = (path: string): string[] | null => {
  try {
    return readdirSync(path);
  } catch {
    return null;
  }
};

const linkOf = (path: string): string | null => {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
};

/** The tree of the machine that this process runs on. */
export const liveTree = (): LinuxTree => ({
  isLive: true,
  readText: readWhole,
  list: listWhole,
  exists: (path) => {
    try {
      statSync(path);
      return true;
    } catch {
      return false;
    }
  },
  readLink: linkOf,
});

/**
 * A captured tree. Symbolic links are followed inside the tree only: an absolute one starts at the tree's root, `..` never
 * leaves it, so nothing of the live machine can be read through it.
 */
export const capturedTree = (root: string): LinuxTree => {
  const resolve = (path: string): string | null => {
    let left = path.split('/').filter((part) => part !== '' && part !== '.');
    let done: string[] = [];
    let links = 0;
    while (left.length > 0) {
      const [part = '', ...rest] = left;
      left = rest;
      if (part === '..') {
        done = done.slice(0, -1);
        continue;
      }
      const here = join(root, ...done, part);
      let isLink: boolean;
      try {
        isLink = lstatSync(here).isSymbolicLink();
      } catch {
        return null;
      }
      if (!isLink) {
        done = [...done, part];
        continue;
      }
      links += 1;
      if (links > mostLinks) return null;
      const target = linkOf(here) ?? '';
      if (target.startsWith('/')) done = [];
      left = [...target.split('/').filter((one) => one !== '' && one !== '.'), ...left];
    }
    return join(root, ...done);
  };
  return {
    isLive: false,
    readText: (path) => {
      const real = resolve(path);
      return real === null ? { ok: false, reason: 'absent', message: 'ENOENT' } : readWhole(real);
    },
    list: (path) => {
      const real = resolve(path);
      return real === null ? null : listWhole(real);
    },
    exists: (path) => resolve(path) !== null,
    readLink: (path) => {
      const at = path.lastIndexOf('/');
      const folder = resolve(path.slice(0, at));
      return folder === null ? null : linkOf(join(folder, path.slice(at + 1)));
    },
  };
};
