import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isProcessAlive } from '../../system/processes.ts';

/** Makes `name` another name of `file`, unless something has that name. */
const claim = (file: string, name: string): boolean => {
  try {
    linkSync(file, name);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
};

/** The process that a lock names; null when there is no lock. */
const holderOf = (lock: string): number | null => {
  try {
    return Number(readFileSync(lock, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
};

/**
 * Makes this process the only world of a folder; null when another one has it. A lock that a killed process left is taken
 * over; with `evenIfAlive` also one whose process is said to live, for when its number went to a program of another kind.
 * Returns what gives the folder free again.
 */
export const lockFolder = (folder: string, evenIfAlive = false): (() => void) | null => {
  const lock = join(folder, 'world.lock');
  const own = join(folder, `world.lock.${process.pid}`);
  // Two processes that find the same left lock at once must not take it from each other.
  const guard = join(folder, 'world.lock.takeover');
  const free = (): void => {
    if (holderOf(lock) === process.pid) rmSync(lock, { force: true });
  };
  writeFileSync(own, String(process.pid), { mode: 0o600 });
  try {
    if (claim(own, lock)) return free;
    const isLeft = (holder: number | null): boolean =>
      holder !== null && (holder === process.pid || evenIfAlive || !isProcessAlive(holder));
    const holder = holderOf(lock);
    if (!isLeft(holder)) return null;
    if (!claim(own, guard)) {
      const other = holderOf(guard);
      if (other !== null && !isProcessAlive(other)) rmSync(guard, { force: true });
      return null;
    }
    try {
      if (holderOf(lock) !== holder) return null;
      rmSync(lock, { force: true });
      return claim(own, lock) ? free : null;
    } finally {
      rmSync(guard, { force: true });
    }
  } finally {
    rmSync(own, { force: true });
  }
};
