import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { failure } from '../../shared/errors/failure.ts';
import { isSameNote, type KeyNote, type KeyNotes } from '../qualify/index.ts';
import { reasonOf } from './data-folder.ts';

/** The notes of registered keys, in the data folder: written and flushed before a key is registered. */
export const keyNotesFile = (dataFolder: string): KeyNotes => {
  const path = join(dataFolder, 'registered-keys.json');

  const read = (): KeyNote[] => {
    try {
      const parsed = JSON.parse(readFileSync(path, 'utf8')) as { notes?: KeyNote[] };
      return parsed.notes ?? [];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw failure('FILE_NOT_READABLE', { path, reason: reasonOf(error) }, { cause: error });
    }
  };

  const write = (notes: readonly KeyNote[]): void => {
    const beside = `${path}.${process.pid}.new`;
    try {
      const file = openSync(beside, 'w', 0o600);
      writeSync(file, `${JSON.stringify({ schema: 'quorate.registered-keys/1', notes }, null, 2)}\n`);
      fsyncSync(file);
      closeSync(file);
      renameSync(beside, path);
    } catch (error) {
      throw failure('FILE_NOT_WRITABLE', { path, reason: reasonOf(error) }, { cause: error });
    }
  };

  return {
    add: async (...more) => write([...read(), ...more]),
    remove: async (...registrations) => {
      const notes = read();
      const kept = notes.filter((note) => !registrations.some((one) => isSameNote(note, one)));
      if (kept.length < notes.length) write(kept);
    },
    list: async () => read(),
  };
};
