import type { StorageView } from '../../../shared/contract/disk.ts';
import { defaultLetters } from '../../../shared/model/disk.ts';

export interface AssignedVolume {
  readonly purpose: 'witness' | 'data';
  /** Null: every letter is in use. */
  readonly letter: string | null;
  readonly label: string;
}

const alphabet = 'FGHIJKLMNOPQRSTUVWXYZDE'.split('');

/** A letter and a label for each disk: the default of its purpose, or the next that is free. */
export const lettersFor = (
  disks: readonly { readonly id: string; readonly purpose: 'witness' | 'data' }[],
  inUse: StorageView['letters'],
): ReadonlyMap<string, AssignedVolume> => {
  const taken = new Set((inUse ?? []).map(({ letter }) => letter.charAt(0).toUpperCase()));
  const counts = { witness: 0, data: 0 };
  const names = { witness: 'Witness', data: 'Data' };
  const assigned = new Map<string, AssignedVolume>();
  for (const { id, purpose } of disks.toSorted((left, right) => right.purpose.localeCompare(left.purpose))) {
    const letter = [defaultLetters[purpose], ...alphabet].find((one) => !taken.has(one) && isFor(one, purpose)) ?? null;
    if (letter !== null) taken.add(letter);
    counts[purpose] += 1;
    const label = counts[purpose] === 1 ? names[purpose] : `${names[purpose]} ${counts[purpose]}`;
    assigned.set(id, { purpose, letter, label });
  }
  return assigned;
};

/** Q is the witness's, also before there is one. */
const isFor = (letter: string, purpose: 'witness' | 'data'): boolean =>
  purpose === 'witness' || letter !== defaultLetters.witness;
