import { existsSync, readdirSync, readFileSync, type Dirent } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { worldAddress } from '../../main/rehearsal/world/address.ts';
import { WorldClient } from '../../main/rehearsal/world/client.ts';
import { isProcessAlive } from '../../main/system/processes.ts';
import { until } from './peers.ts';

/** The process that a world's lock names; null where it has given the folder back, which is the last that it does there. */
const holderOf = (lock: string): number | null => {
  try {
    return Number(readFileSync(lock, 'utf8'));
  } catch {
    return null;
  }
};

const entriesOf = (folder: string): Dirent[] => {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // A world that is just ending may take the folder's files away while it is looked through.
    return [];
  }
};

const locksIn = (folder: string): string[] =>
  entriesOf(folder).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return locksIn(path);
    return entry.name === 'world.lock' ? [path] : [];
  });

const endWorld = async (lock: string): Promise<void> => {
  const holder = holderOf(lock);
  // What this process serves itself, the test has closed, or it will not end at all.
  if (holder === null || holder === process.pid) return;
  const client = await WorldClient.connect(worldAddress(dirname(lock)), 'clean-up').catch(() => null);
  await client?.shutdown().catch(() => undefined);
  client?.close();
  await until(
    `the world of ${dirname(lock)} has ended`,
    () => holderOf(lock) !== holder || !isProcessAlive(holder),
    60_000,
  );
};

/**
 * Ends the worlds that are kept anywhere below a folder, and waits until each has written its last. One outlives whoever opened it by a quarter of
 * an hour, and one that was asked to end, or lost its owner, writes its state before it does.
 */
export const endWorlds = async (folder: string): Promise<void> => {
  if (!existsSync(folder)) return;
  await Promise.all(locksIn(folder).map(endWorld));
};

/** How long a program that has ended may leave processes behind that still write, as Chromium does, in milliseconds. */
const afterglowMs = 20_000;

const isNotYetEmpty = (error: unknown): boolean =>
  ['ENOTEMPTY', 'EBUSY', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '');

/** Removes a folder that worlds, and programs that have ended, wrote to. */
export const removeFolder = async (folder: string): Promise<void> => {
  await endWorlds(folder);
  const deadline = performance.now() + afterglowMs;
  for (;;) {
    try {
      // Node tries only the folder itself again, and not what was added to it in between.
      await rm(folder, { recursive: true, force: true });
      return;
    } catch (error) {
      if (!isNotYetEmpty(error) || performance.now() > deadline) throw error;
      await pause(50);
    }
  }
};
