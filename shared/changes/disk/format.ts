import * as z from 'zod';
import { fileSystems, judgeContent } from '../../model/disk.ts';
import { onlyPartition } from '../../plan/disk/goal.ts';
import { contentText } from '../../plan/disk/words.ts';
import { judge, no } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { diskOf, diskTool, diskWords, judgePartitions, partitionNumberOf } from './disk.ts';
import { objectTo } from './objection.ts';

const schema = z.object({
  do: z.literal('disk.format'),
  /** Unique id. */
  disk: z.string(),
  fileSystem: z.enum(fileSystems),
  label: z.string(),
  /** Null: Windows chooses. */
  allocationUnitBytes: z.number().int().nullable(),
  /** True only when the serial number was typed: a partition that has a file system may be formatted. */
  discardsContent: z.boolean(),
  /** Looked up just before it runs: the one partition that can hold the volume. */
  partitionNumber: z.number().int().optional(),
});

/** Formats one partition quickly. Everything on it is lost. Throws `DISK_PARTITION_NOT_FOUND`, `DISK_READ_ONLY`. */
export const format: ChangeKind<typeof schema, 'storage'> = {
  schema,
  area: 'storage',
  script: 'Format-DiskPartition',
  parameters: ({ disk, fileSystem, label, allocationUnitBytes, partitionNumber }) => ({
    disk,
    partitionNumber,
    fileSystem,
    label,
    allocationUnitBytes,
  }),
  parts: (change, observed) => [{ ...change, partitionNumber: partitionNumberOf(observed, change.disk) }],
  timeoutMs: 900_000,
  isDestructive: true,
  subject: ({ disk }) => [disk],
  locks: ({ disk }) => [`disk:${disk}`],
  words: ({ disk, fileSystem, label }, observed) => {
    const found = diskOf(observed, disk);
    const partition = found && onlyPartition(found);
    return {
      title: `Format ${diskWords(observed, disk)} with ${fileSystem}${label ? `, label ${label}` : ''}`,
      why: partition
        ? `It holds ${partition.volume?.fileSystem ?? 'no file system'}: ${contentText(judgeContent(found))}.`
        : 'The new partition has no file system.',
      manual: `${diskTool}: the volume, Format.`,
    };
  },
  undo: () => null,
  stays: 'The volume stays on the disk: there may be data on it by now.',
  objection: ({ disk, discardsContent }, observed) =>
    objectTo(observed, disk, (found, content) => {
      const partition = onlyPartition(found);
      if (!partition || content.kind === 'foreign' || content.kind === 'cluster') return true;
      return !discardsContent && partition.volume?.fileSystem != null;
    }),
  done: ({ disk, fileSystem, label }, observed) =>
    judgePartitions(observed, disk, (found) => {
      const volume = onlyPartition(found)?.volume;
      if (!volume) return no('there is no volume');
      // The same file system with the same label is what a finished format leaves; a wanted re-format has no trace of its own.
      const isRight = volume.fileSystem === fileSystem && volume.label === label;
      return judge(isRight, `the volume has ${volume.fileSystem ?? 'no file system'}, label ${volume.label || 'none'}`);
    }),
};
