import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalEntry } from '../../../shared/contract/journal.ts';
import { shellCommand } from '../../../shared/messages/shell-command.ts';
import type { ServerRef } from '../../../shared/model/server-ref.ts';
import { Journal } from '../../journal/journal.ts';
import { listEntries } from './journal-view.ts';

const foldersIn = (folder: string): string[] => {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((one) =>
      one.isDirectory() ? [join(folder, one.name)] : [],
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
};

/** How the rehearsal goes on with what it did: one that was cut is continued the way that it went, or undone. */
const waysOf = (world: string, { isOpen, title }: JournalEntry): string => {
  const [resume, undo] = ['--resume', '--undo'].map((way) =>
    shellCommand(['quorate', 'rehearse', '--name', world, way]),
  );
  if (title.startsWith('Undo: '))
    return isOpen
      ? `The undo of a rehearsed formation did it, and is continued on all of its servers with ${undo}; ${resume} forms the cluster again.`
      : `The undo of a rehearsed formation did it; ${resume} forms the cluster again.`;
  return isOpen
    ? `A rehearsed formation did it. It is continued on all of its servers with ${resume}, or undone with ${undo}.`
    : `A rehearsed formation did it, and undoes it on all of its servers: ${undo}`;
};

/** Nobody goes on with it from here: the rehearsal itself does, with all of its servers. */
const asPartOf = (world: string, entry: JournalEntry): JournalEntry => ({
  ...entry,
  ...{ isOpen: false, canFinish: false, canUndo: false, secretsNeeded: [] },
  undoLimits: waysOf(world, entry),
});

/**
 * What rehearsed formations did to simulated servers, newest first: the cores that formed the cluster keep it in journals of their own, which are
 * read and never written. Who coordinated it has nothing to tell of a server by that.
 * @param worlds `rehearsed` of a data folder
 */
const entriesIn = (worlds: string, world: string, server: ServerRef | null): JournalEntry[] =>
  foldersIn(join(worlds, world))
    .flatMap((folder) => listEntries(new Journal(folder), server, false))
    .filter(({ steps }) => steps.length > 0)
    .map((entry) => asPartOf(world, entry))
    .sort((one, other) => other.id.localeCompare(one.id));

/** Those of one simulated server, or of all servers of one rehearsal. */
export const rehearsedEntries = (
  dataFolder: string,
  server: Extract<ServerRef, { kind: 'rehearsal' }>,
): JournalEntry[] => entriesIn(join(dataFolder, 'rehearsed'), server.world, server);

/** One of them by its id, of whichever rehearsal; null: there is none. */
export const rehearsedEntry = (dataFolder: string, id: string): JournalEntry | null => {
  const worlds = join(dataFolder, 'rehearsed');
  for (const folder of foldersIn(worlds)) {
    const found = entriesIn(worlds, folder.slice(worlds.length + 1), null).find((entry) => entry.id === id);
    if (found) return found;
  }
  return null;
};
