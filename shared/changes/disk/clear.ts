import * as z from 'zod';
import { judgeContent } from '../../model/disk.ts';
import { contentText } from '../../plan/disk/words.ts';
import { judge, unknown } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { diskNumber, diskOf, diskWords, judgePartitions } from './disk.ts';
import { objectTo } from './objection.ts';

const schema = z.object({
  do: z.literal('disk.clear'),
  /** Unique id. */
  disk: z.string(),
  /** What was on the disk when its serial number was typed; anything else found there is not removed. */
  content: z.string(),
});

/**
 * Removes every partition with all data, and the partition table: the disk is raw afterwards. Throws `DISK_IS_SYSTEM`,
 * `DISK_IN_CLUSTER`, `DISK_NOT_INITIALIZED`, `DISK_OFFLINE`, `DISK_READ_ONLY`.
 * https://learn.microsoft.com/en-us/windows-hardware/drivers/storage/clear-msft-disk
 */
export const clear: ChangeKind<typeof schema, 'storage'> = {
  schema,
  area: 'storage',
  script: 'Clear-DiskContent',
  parameters: ({ disk }) => ({ disk }),
  timeoutMs: 180_000,
  isDestructive: true,
  subject: ({ disk }) => [disk],
  locks: ({ disk }) => [`disk:${disk}`],
  words: ({ disk, content }, observed) => {
    const found = diskOf(observed, disk);
    return {
      title:
        found && judgeContent(found).kind === 'blank'
          ? `Remove the ${found.partitionStyle.toUpperCase()} partition table from ${diskWords(observed, disk)}`
          : `Remove everything from ${diskWords(observed, disk)}`,
      why: `It holds ${content}. Every partition and all data on it are lost.`,
      manual: `diskpart: select disk ${diskNumber(observed, disk)}, clean.`,
    };
  },
  undo: () => null,
  stays: 'What was on the disk is gone.',
  objection: ({ disk, content: confirmed }, observed) =>
    objectTo(observed, disk, (found, content) => {
      if (found.isBoot || found.isSystem) return true;
      // An empty partition table of the wrong kind is cleared as well: nothing is lost with it.
      const isEmptyTable = content.kind === 'blank' && found.partitionStyle !== 'raw';
      if (content.kind !== 'partitioned' && content.kind !== 'foreign' && !isEmptyTable) return true;
      return contentText(judgeContent(found)) !== confirmed;
    }),
  done: ({ disk }, observed) =>
    judgePartitions(observed, disk, ({ isOffline, partitionStyle, partitions }) =>
      isOffline
        ? unknown('Windows does not read a disk that is offline')
        : judge(
            partitionStyle === 'raw' && partitions.length === 0,
            `the partition style is ${partitionStyle}, partitions: ${partitions.length}`,
          ),
    ),
};
