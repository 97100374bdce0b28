import { isSameNote, type KeyNote, type KeyNotes } from '../../main/qualify/index.ts';

/** Notes that live as long as the process. */
export const memoryKeyNotes = (): KeyNotes => {
  const notes: KeyNote[] = [];
  return {
    add: async (...more) => void notes.push(...more),
    remove: async (...registrations) => {
      for (const one of registrations) {
        const at = notes.findIndex((note) => isSameNote(note, one));
        if (at >= 0) notes.splice(at, 1);
      }
    },
    list: async () => [...notes],
  };
};
