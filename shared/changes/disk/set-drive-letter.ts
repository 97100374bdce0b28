import * as z from 'zod';
import { onlyPartition } from '../../plan/disk/goal.ts';
import type { StorageObserved } from '../../plan/observed.ts';
import { judge } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { diskOf, diskTool, diskWords, judgePartitions, partitionNumberOf } from './disk.ts';

const schema = z.object({
  do: z.literal('disk.setDriveLetter'),
  /** Unique id. */
  disk: z.string(),
  driveLetter: z.string().nullable(),
  /** Looked up just before it runs: the one partition that holds the volume. */
  partitionNumber: z.number().int().optional(),
});

const letterOf = (observed: StorageObserved, id: string): string | null => {
  const disk = diskOf(observed, id);
  return (disk && onlyPartition(disk)?.driveLetter) ?? null;
};

/** Gives a partition a letter, or takes it away with null. Throws `DISK_LETTER_IN_USE`, `DISK_PARTITION_NOT_FOUND`. */
export const setDriveLetter: ChangeKind<typeof schema, 'storage'> = {
  schema,
  area: 'storage',
  script: 'Set-PartitionLetter',
  parts: (change, observed) => [{ ...change, partitionNumber: partitionNumberOf(observed, change.disk) }],
  subject: ({ disk }) => [disk],
  locks: ({ disk }) => [`disk:${disk}`],
  words: ({ disk, driveLetter }, observed) => {
    const current = letterOf(observed, disk);
    return {
      title:
        driveLetter === null
          ? `Take the letter from the volume of ${diskWords(observed, disk)}`
          : `Give the volume of ${diskWords(observed, disk)} the letter ${driveLetter}:`,
      why: current === null ? 'It has no letter.' : `It has the letter ${current}:.`,
      manual: `${diskTool}: the volume, Change Drive Letter and Paths.`,
    };
  },
  undo: ({ disk }, observed) => {
    const driveLetter = letterOf(observed, disk);
    return {
      text: driveLetter === null ? 'Takes the letter away again.' : `Gives it ${driveLetter}: again.`,
      changes: [{ do: 'disk.setDriveLetter', disk, driveLetter }],
    };
  },
  done: ({ disk, driveLetter }, observed) =>
    judgePartitions(observed, disk, () => {
      const letter = letterOf(observed, disk);
      return judge(letter === driveLetter, letter === null ? 'the volume has no letter' : `the letter is ${letter}:`);
    }),
};
