import * as z from 'zod';
import { dataPartitions } from '../../plan/disk/goal.ts';
import { judge } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { diskTool, diskWords, judgePartitions } from './disk.ts';
import { objectTo } from './objection.ts';

const schema = z.object({
  do: z.literal('disk.createPartition'),
  /** Unique id. */
  disk: z.string(),
  /** C to Z; left out or null: none. */
  driveLetter: z.string().nullable().optional(),
});

/**
 * Makes one partition over all the free space. Throws `DISK_NOT_INITIALIZED`, `DISK_OFFLINE`, `DISK_READ_ONLY`,
 * `DISK_NO_SPACE`, `DISK_LETTER_IN_USE`.
 */
export const createPartition: ChangeKind<typeof schema, 'storage'> = {
  schema,
  area: 'storage',
  script: 'Add-DiskPartition',
  parameters: ({ disk, driveLetter = null }) => ({ disk, driveLetter }),
  timeoutMs: 180_000,
  isDestructive: true,
  subject: ({ disk }) => [disk],
  locks: ({ disk }) => [`disk:${disk}`],
  words: ({ disk }, observed) => ({
    title: `Create one partition that fills ${diskWords(observed, disk)}`,
    why: 'It has no partition yet.',
    manual: `${diskTool}: the free space, New Simple Volume.`,
  }),
  undo: () => null,
  stays: 'The partition stays on the disk: removing it would lose what was put there since.',
  objection: ({ disk }, observed) =>
    objectTo(observed, disk, (found, content) => content.kind !== 'blank' || found.partitionStyle === 'raw'),
  done: ({ disk }, observed) =>
    judgePartitions(observed, disk, (found) => {
      const partitions = dataPartitions(found) ?? [];
      return judge(partitions.length === 1, `partitions for data: ${partitions.length}`);
    }),
};
