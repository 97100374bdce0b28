/** Where a key of ours is registered: enough to come back as the same I_T nexus and remove exactly it. */
export interface KeyNote {
  readonly portal: string;
  readonly target: string;
  readonly lun: number;
  readonly initiator: string;
  readonly isid: string;
  readonly key: string;
  readonly since: string;
}

/**
 * The durable record of keys that this run registers: written before the registration, removed after it is gone. A run that
 * is killed leaves its notes, and the next one can remove exactly these keys.
 */
export interface KeyNotes {
  add(note: KeyNote): Promise<void>;
  remove(note: Pick<KeyNote, 'target' | 'lun' | 'initiator' | 'isid' | 'key'>): Promise<void>;
  list(): Promise<KeyNote[]>;
}

/** Notes that live as long as the process: for tests and for targets in the same process. */
export const memoryKeyNotes = (): KeyNotes => {
  const notes: KeyNote[] = [];
  return {
    add: async (note) => void notes.push(note),
    remove: async (wanted) => {
      const at = notes.findIndex((note) => isSameNote(note, wanted));
      if (at >= 0) notes.splice(at, 1);
    },
    list: async () => [...notes],
  };
};

export const isSameNote = (
  left: Pick<KeyNote, 'target' | 'lun' | 'initiator' | 'isid' | 'key'>,
  right: Pick<KeyNote, 'target' | 'lun' | 'initiator' | 'isid' | 'key'>,
): boolean =>
  left.target === right.target &&
  left.lun === right.lun &&
  left.initiator === right.initiator &&
  left.isid === right.isid &&
  left.key === right.key;
