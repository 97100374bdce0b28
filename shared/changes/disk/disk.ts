import { whyUnread } from '../../model/observed.ts';
import { partitionTypes, type Disk } from '../../model/disk.ts';
import { onlyPartition } from '../../plan/disk/goal.ts';
import { diskText } from '../../plan/disk/words.ts';
import type { StorageObserved } from '../../plan/observed.ts';
import { unknown, type Done } from '../done.ts';

/** Where a person changes disks. */
export const diskTool = 'Disk Management (diskmgmt.msc)';

export const diskOf = (observed: StorageObserved, id: string): Disk | undefined =>
  observed.disks.find((candidate) => candidate.uniqueId === id);

/** The disk with its number, size, model and serial number, for texts. */
export const diskWords = (observed: StorageObserved, id: string): string => {
  const disk = diskOf(observed, id);
  return disk ? diskText(disk) : `disk ${id}`;
};

/** Its number, as diskpart wants it. */
export const diskNumber = (observed: StorageObserved, id: string): string =>
  String(diskOf(observed, id)?.number ?? 'N');

/** Judges a disk that is there exactly once; anything else is `unknown`. */
export const judgeDisk = (observed: StorageObserved, id: string, judge: (disk: Disk) => Done): Done => {
  const [disk, ...more] = observed.disks.filter((candidate) => candidate.uniqueId === id);
  if (!disk) return unknown('Windows does not show it: its paths are lost, or its LUN was removed or made anew');
  return more.length > 0 ? unknown('the disk is there more than once') : judge(disk);
};

/** The same, for what is written in its partitions. */
export const judgePartitions = (
  observed: StorageObserved,
  id: string,
  judge: (disk: Disk & { readonly partitions: NonNullable<Disk['partitions']> }) => Done,
): Done =>
  judgeDisk(observed, id, (disk) =>
    disk.partitions === null
      ? unknown(whyUnread(disk, 'partitions') ?? 'the partitions were not read')
      : judge({ ...disk, partitions: disk.partitions }),
  );

/**
 * The number of the one partition that can hold the volume. Numbers change, so that it is looked up just before it is used;
 * before that partition is made it is the number that Windows will give it, after its reserved one on a GPT disk.
 */
export const partitionNumberOf = (observed: StorageObserved, id: string): number => {
  const disk = diskOf(observed, id);
  const only = disk && onlyPartition(disk);
  if (only) return only.partitionNumber;
  const hasReserved = (disk?.partitions ?? []).some(
    (partition) => partition.gptType === partitionTypes.microsoftReserved,
  );
  return disk?.partitionStyle !== 'mbr' && (hasReserved || disk?.partitionStyle === 'raw') ? 2 : 1;
};
