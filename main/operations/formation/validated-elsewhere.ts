import type { Journal } from '../../journal/journal.ts';
import { formationEntries } from './look.ts';
import { ToldFile } from './told-file.ts';

/**
 * The server that coordinated the formation which this one came to its end with: what that validated is kept there. Null where this server took part in
 * none, coordinated it itself, or where it was undone.
 */
export const validatedElsewhere = (journal: Journal, dataFolder: string): string | null => {
  const told = new ToldFile(dataFolder).read();
  if (told === null || told.from === null || told.direction !== 'form') return null;
  const isFormed = formationEntries(journal, told.cluster).some(
    ({ begin, state }) => state === 'done' && begin.coordinator?.startsWith('peer:') === true,
  );
  return isFormed ? told.from : null;
};
