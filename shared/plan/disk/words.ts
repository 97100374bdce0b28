import { asClause } from '../../model/sentence.ts';
import type { Disk, DiskContent } from '../../model/disk.ts';
import { formatSize } from '../../model/size.ts';

/** A disk by what a person can recognise it by, for texts that say "disk" themselves: number, size, model, serial number. */
export const diskName = (disk: Disk): string => {
  const serial = disk.serialNumber?.trim();
  return `${disk.number} (${formatSize(disk.sizeBytes)}, ${disk.friendlyName.trim() || disk.busType}${serial ? `, serial number ${serial}` : ''})`;
};

/** The same with the word: "disk 3 (...)". */
export const diskText = (disk: Disk): string => `disk ${diskName(disk)}`;

/** What is on a disk, in words, with its partition table where there is nothing else: one that appears or goes is a change, too. */
export const foundText = (disk: Disk, content: DiskContent): string => {
  if (content.kind !== 'blank') return contentText(content);
  return disk.partitionStyle === 'raw'
    ? 'no partition table'
    : `an empty ${disk.partitionStyle.toUpperCase()} partition table`;
};

/** What is on a disk, in words. */
export const contentText = (content: DiskContent): string => {
  switch (content.kind) {
    case 'blank':
      return 'blank';
    case 'partitioned':
      return `${content.volumes.length} ${content.volumes.length === 1 ? 'volume' : 'volumes'}: ${content.volumes.join(', ')}`;
    case 'foreign':
      return `data that this Windows does not know (${content.because})`;
    case 'cluster':
      return 'part of a cluster';
    case 'unknown':
      return `not known: ${asClause(content.because)}`;
  }
};
