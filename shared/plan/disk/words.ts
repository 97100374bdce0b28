import type { Disk, DiskContent } from '../../model/disk.ts';

const units = [
  [1n << 40n, 'TB'],
  [1n << 30n, 'GB'],
  [1n << 20n, 'MB'],
] as const;

/** A size as Windows shows it: binary multiples under decimal names, one digit after the point. */
export const sizeText = (bytes: bigint): string => {
  for (const [unit, name] of units) {
    if (bytes < unit) continue;
    const tenths = (bytes * 10n) / unit;
    return tenths % 10n === 0n ? `${tenths / 10n} ${name}` : `${tenths / 10n}.${tenths % 10n} ${name}`;
  }
  return `${bytes} bytes`;
};

/** A disk by what a person can recognise it by, for texts that say "disk" themselves: number, size, model, serial number. */
export const diskName = (disk: Disk): string => {
  const serial = disk.serialNumber?.trim();
  return `${disk.number} (${sizeText(disk.sizeBytes)}, ${disk.friendlyName.trim() || disk.busType}${serial ? `, serial number ${serial}` : ''})`;
};

/** The same with the word: "disk 3 (...)". */
export const diskText = (disk: Disk): string => `disk ${diskName(disk)}`;

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
      return `not known: ${content.because}`;
  }
};
