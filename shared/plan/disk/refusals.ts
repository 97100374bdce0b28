import {
  busWords,
  findLabelProblem,
  isOnSharedBus,
  isSerialNumber,
  judgeContent,
  normaliseLetter,
  type Disk,
} from '../../model/disk.ts';
import { formatSize } from '../../model/size.ts';
import { isSameWords, type DraftBuilder } from '../draft.ts';
import type { StorageObserved } from '../observed.ts';
import { sharedDiskWords } from '../plan.ts';
import type { DiskDesire, StorageDesire } from './desire.ts';
import { goalOf, onlyPartition, type DiskGoal } from './goal.ts';
import { contentText, diskName, diskText } from './words.ts';

const witnessBytes = 512n << 20n;
const mbrLimitBytes = 2n << 40n;

/** Microsoft, "format": NTFS 512 bytes to 2 MB, ReFS 4 KB and 64 KB. */
const allocationUnits = {
  NTFS: Array.from({ length: 13 }, (_, power) => 512 << power),
  ReFS: [4096, 65_536],
} as const;

/** Does the goal write to the disk, or let Windows write to it? Taking it offline or making it read-only does not. */
export const writesToDisk = (disk: Disk, goal: DiskGoal): boolean =>
  (goal.online === true && disk.isOffline) ||
  (goal.writable === true && disk.isReadOnly) ||
  goal.style !== undefined ||
  goal.volume !== undefined ||
  goal.letter !== undefined;

const refuseLetter = (
  builder: DraftBuilder,
  text: string | null | undefined,
  disk: Disk,
  observed: StorageObserved,
): void => {
  if (text == null) return;
  const letter = normaliseLetter(text);
  if (letter === null) {
    builder.refuse('DISK_LETTER_INVALID', { letter: text });
    return;
  }
  if ((disk.partitions ?? []).some((partition) => partition.driveLetter === letter)) return;
  if (!observed.letters) {
    builder.unknown('which letters are taken', observed.unread['letters'] ?? 'they were not read');
    return;
  }
  const use = observed.letters.find((entry) => entry.letter.toUpperCase() === letter);
  if (use) builder.refuse('DISK_LETTER_IN_USE', { letter, holder: use.label || `a ${use.kind} drive` });
};

const refuseVolume = (builder: DraftBuilder, goal: DiskGoal, disk: Disk, purpose: DiskDesire['purpose']): void => {
  const { volume } = goal;
  if (!volume) return;
  const problem = findLabelProblem(volume.label);
  if (problem) builder.refuse('DISK_LABEL_INVALID', { label: volume.label, problem });
  const allowed: readonly number[] = allocationUnits[volume.fileSystem];
  if (volume.allocationUnitBytes !== null && !allowed.includes(volume.allocationUnitBytes))
    builder.refuse('DISK_ALLOCATION_UNIT_INVALID', {
      fileSystem: volume.fileSystem,
      bytes: volume.allocationUnitBytes,
      allowed: allowed.join(', '),
    });
  if (purpose === 'witness' && disk.sizeBytes < witnessBytes)
    builder.refuse('DISK_TOO_SMALL_FOR_WITNESS', { disk: diskName(disk), size: formatSize(disk.sizeBytes) });
  if (goal.style === 'mbr' && disk.partitionStyle !== 'mbr' && disk.sizeBytes > mbrLimitBytes)
    builder.refuse('DISK_TOO_LARGE_FOR_MBR', { disk: diskName(disk), size: formatSize(disk.sizeBytes) });
};

/** Whether the disk has another partition table than the wanted one. Without any there is none to be replaced. */
export const hasOtherStyle = (disk: Disk, goal: DiskGoal): boolean =>
  goal.style !== undefined && disk.partitionStyle !== 'raw' && disk.partitionStyle !== goal.style;

/** Whether the volume that is there is the one that is wanted, but for its letter. */
export const hasWantedVolume = (disk: Disk, goal: DiskGoal): boolean => {
  const found = onlyPartition(disk)?.volume;
  return (
    goal.volume !== undefined &&
    !hasOtherStyle(disk, goal) &&
    found != null &&
    found.fileSystem === goal.volume.fileSystem &&
    (!goal.volume.isLabelWanted || found.label === goal.volume.label)
  );
};

const leastUnused = 1n << 30n;

/** Bytes of a disk that no partition holds, where they are a good part of it: more than a tenth, and 1 GB at least. Else 0. */
export const unusedBytes = (disk: Disk): bigint => {
  if (!disk.partitions || onlyPartition(disk) === null) return 0n;
  const unused = disk.partitions.reduce((left, { sizeBytes }) => left - sizeBytes, disk.sizeBytes);
  return unused >= leastUnused && unused * 10n > disk.sizeBytes ? unused : 0n;
};

/**
 * Whether everything on the disk has to go before there can be one volume over all of it: there are several partitions, one of another
 * system, one that leaves a good part of the disk, or another partition table than the wanted one. Only asked about a disk whose content
 * may be lost.
 */
export const needsClearing = (disk: Disk, goal: DiskGoal): boolean => {
  const { kind } = judgeContent(disk);
  if (kind === 'foreign') return true;
  return (
    kind === 'partitioned' && (onlyPartition(disk) === null || hasOtherStyle(disk, goal) || unusedBytes(disk) > 0n)
  );
};

/** What is on the disk decides whether it may be written to; unknown content never counts as none. */
const refuseContent = (
  builder: DraftBuilder,
  desire: DiskDesire,
  goal: DiskGoal,
  disk: Disk,
  ownPartitions: readonly string[],
): void => {
  const makes = goal.volume !== undefined || goal.style !== undefined;
  if (!makes || hasWantedVolume(disk, goal)) return;
  const content = judgeContent(disk);
  const name = diskName(disk);
  switch (content.kind) {
    case 'blank':
    case 'cluster':
      return;
    case 'unknown':
      // Offline is the one cause that goes away by itself: the disk is brought online first and looked at again.
      if (!disk.isOffline) builder.refuse('DISK_CONTENT_UNKNOWN', { disk: name, reason: content.because });
      return;
    case 'foreign':
    case 'partitioned': {
      const refuse = (): void =>
        hasOtherStyle(disk, goal)
          ? builder.refuse('DISK_STYLE_DIFFERS', {
              disk: name,
              content: contentText(content),
              found: disk.partitionStyle.toUpperCase(),
              wanted: goal.style?.toUpperCase() ?? '',
            })
          : builder.refuse('DISK_HAS_CONTENT', { disk: name, content: contentText(content) });
      if (goal.volume === undefined) {
        if (content.kind === 'foreign' || hasOtherStyle(disk, goal)) refuse();
        return;
      }
      // The partition that this very change made before it was interrupted, still without a file system.
      const own = content.kind === 'partitioned' && ownPartitions.includes(desire.disk) ? onlyPartition(disk) : null;
      if (own !== null && own.volume?.fileSystem == null) return;
      const typed = builder.typed('serialNumber', desire.disk);
      if (!desire.discardContent) refuse();
      else if (!disk.serialNumber?.trim()) builder.refuse('DISK_NO_SERIAL', { disk: name });
      else if (typed !== undefined && !isSerialNumber(typed, disk))
        builder.refuse('DISK_SERIAL_MISMATCH', { disk: name });
      else
        builder.ask({
          kind: 'serialNumber',
          subject: desire.disk,
          text: `Everything on disk ${disk.number} (${formatSize(disk.sizeBytes)}, ${contentText(content)}) will be lost. Type its serial number.`,
          expected: null,
        });
    }
  }
};

/** The question that consent of the peers will answer later: does anybody else use this disk? */
const askShared = (builder: DraftBuilder, disk: Disk, uniqueId: string): void => {
  const typed = builder.typed('sharedDisk', uniqueId);
  if (typed !== undefined && !isSameWords(typed, sharedDiskWords)) {
    builder.refuse('DISK_SHARED_NOT_CONFIRMED', { disk: diskName(disk) });
    return;
  }
  builder.ask({
    kind: 'sharedDisk',
    subject: uniqueId,
    text: `Other servers may reach ${diskText(disk)} (bus: ${busWords[disk.busType]}). Power them down or log them off from the target, then type: ${sharedDiskWords}.`,
    expected: sharedDiskWords,
  });
};

/** The one disk of a unique id, or a refusal. */
const findDisk = (builder: DraftBuilder, uniqueId: string, observed: StorageObserved): Disk | null => {
  const found = observed.disks.filter((disk) => disk.uniqueId === uniqueId);
  if (found.length === 1) return found[0]!;
  if (found.length > 1) builder.refuse('DISK_AMBIGUOUS', { disk: uniqueId, count: found.length });
  else {
    const byNumber = observed.disks.find((disk) => String(disk.number) === uniqueId && disk.uniqueId === null);
    if (byNumber) builder.refuse('DISK_NO_IDENTITY', { number: byNumber.number });
    else builder.refuse('DISK_NOT_FOUND', { disk: uniqueId });
  }
  return null;
};

export interface PlannedDisk {
  readonly disk: Disk;
  readonly desire: DiskDesire;
  readonly goal: DiskGoal;
  readonly isShared: boolean;
}

/** Says everything that is wrong with wanted disks; what is left can be planned. */
export const refuseStorage = (
  builder: DraftBuilder,
  desire: StorageDesire,
  observed: StorageObserved,
  ownPartitions: readonly string[],
): PlannedDisk[] => {
  const planned: PlannedDisk[] = [];
  const letters = new Map<string, string>();
  for (const entry of desire.disks) {
    if (desire.disks.filter((other) => other.disk === entry.disk).length > 1)
      builder.refuse('PLAN_GIVEN_TWICE', { thing: `The disk ${entry.disk}` });
    const disk = findDisk(builder, entry.disk, observed);
    if (!disk) continue;
    const goal = goalOf(entry);
    if (disk.isBoot || disk.isSystem) builder.refuse('DISK_IS_SYSTEM', { disk: diskName(disk) });
    if (disk.isClustered) builder.refuse('DISK_IN_CLUSTER', { disk: diskName(disk) });
    refuseVolume(builder, goal, disk, entry.purpose);
    for (const text of [goal.volume?.letter, goal.letter]) {
      refuseLetter(builder, text, disk, observed);
      const letter = text == null ? null : normaliseLetter(text);
      if (letter === null) continue;
      const holder = letters.get(letter);
      if (holder !== undefined && holder !== entry.disk)
        builder.refuse('DISK_LETTER_IN_USE', { letter, holder: `disk ${holder} in the same change` });
      letters.set(letter, entry.disk);
    }
    refuseContent(builder, entry, goal, disk, ownPartitions);
    const isShared = isOnSharedBus(disk);
    if (isShared && writesToDisk(disk, goal)) askShared(builder, disk, entry.disk);
    planned.push({ disk, desire: entry, goal, isShared });
  }
  return planned;
};
