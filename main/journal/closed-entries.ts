import { appendFileSync, closeSync, fsyncSync, openSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readFileIfThere } from '../system/durable-file.ts';

/**
 * Which entries of the journal are closed, so that planning reads only the few that are not. A log of `+ID` and `-ID`, one a line,
 * beside the entries. It is a cache: an entry that it does not know is read, and without the file all of them are. The one mistake it
 * must never make is to call an open entry closed; so an entry is taken out, and that is on the disk, before anything is written to
 * it again, and put in only after its end is.
 */
export class ClosedEntries {
  readonly #path: string;
  #known = new Set<string>();
  #readBytes = -1;

  constructor(folder: string) {
    this.#path = join(folder, 'closed.txt');
  }

  /** The ids as the file has them now; another process may have added some. */
  ids(): ReadonlySet<string> {
    const bytes = statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
    if (bytes === this.#readBytes) return this.#known;
    const known = new Set<string>();
    const text = readFileIfThere(this.#path) ?? '';
    // What follows the last end of line was cut off by a crash.
    for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
      if (line.startsWith('+')) known.add(line.slice(1));
      else if (line.startsWith('-')) known.delete(line.slice(1));
      // A line in any other form is damage: what came before it may have been about any entry.
      else if (line !== '') known.clear();
    }
    this.#known = known;
    this.#readBytes = bytes;
    return known;
  }

  /** Only the one process that writes the journal may call it. Without it an entry is merely read more often: it never throws. */
  add(ids: readonly string[]): void {
    if (ids.length === 0) return;
    try {
      appendFileSync(this.#path, `\n${ids.map((id) => `+${id}\n`).join('')}`, { mode: 0o600 });
    } catch {
      // A cache that cannot be written is slow, and right.
    }
  }

  /** Throws as the system does: an entry that stays in it must not be written to. */
  remove(id: string): void {
    if (!this.ids().has(id)) return;
    const descriptor = openSync(this.#path, 'a');
    try {
      appendFileSync(descriptor, `\n-${id}\n`);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }
}

/** The ids of all entries of a journal folder, oldest first. */
export const entryIds = (folder: string): string[] => {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.jsonl'))
      .map((name) => name.slice(0, -'.jsonl'.length))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
};

/** Whether the journal of a data folder has an entry that is not known to be closed. No entry is read, and nothing of what changes are is loaded for it. */
export const mayHaveOpenEntries = (dataFolder: string): boolean => {
  const folder = join(dataFolder, 'journal');
  const closed = new ClosedEntries(folder).ids();
  return entryIds(folder).some((id) => !closed.has(id));
};
