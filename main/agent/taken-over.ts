import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { readFileIfThere, replaceFile } from '../system/durable-file.ts';

/**
 * The changes that lay in the data folder when it was taken over from whoever could write to it: nobody knows who wrote them, so none
 * of them goes on by itself, ever. A person may go on with them.
 */
const schema = z.strictObject({
  schema: z.literal('quorate.taken-over/1'),
  changes: z.array(z.string()),
});

const pathOf = (dataFolder: string): string => join(dataFolder, 'taken-over.json');

const namesIn = (folder: string, ending: string): string[] => {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(ending))
      .map((name) => name.slice(0, -ending.length))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
};

/** The ids of all changes in the journal, and of the formations that this server coordinated. */
export const changesIn = (dataFolder: string): string[] => [
  ...namesIn(join(dataFolder, 'journal'), '.jsonl'),
  ...namesIn(join(dataFolder, 'formation'), '.ndjson').filter((name) => name.startsWith('form-')),
];

/** Replaces the whole list; with no change there is none. */
export const writeTakenOver = (dataFolder: string, changes: readonly string[]): void =>
  replaceFile(pathOf(dataFolder), `${JSON.stringify({ schema: 'quorate.taken-over/1', changes }, null, 2)}\n`, {
    survivesPowerLoss: true,
  });

/** @returns the ids, or null for a file that is not understood: then nothing goes on by itself */
export const readTakenOver = (dataFolder: string): readonly string[] | null => {
  const text = readFileIfThere(pathOf(dataFolder));
  if (text === null) return [];
  try {
    return schema.parse(JSON.parse(text)).changes;
  } catch {
    return null;
  }
};
