import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/**
 * Makes this process the only world of a folder; null when another one lives. A lock that a killed process left is taken
 * over. Returns what gives the folder free again.
 */
export const lockFolder = (folder: string): (() => void) | null => {
  const lock = join(folder, 'world.lock');
  const own = join(folder, `world.lock.${process.pid}`);
  writeFileSync(own, String(process.pid), { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      try {
        linkSync(own, lock);
        return () => rmSync(lock, { force: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const holder = Number(readFileSync(lock, 'utf8'));
      if (holder !== process.pid && isAlive(holder)) return null;
      rmSync(lock, { force: true });
    }
    return null;
  } finally {
    rmSync(own, { force: true });
  }
};
