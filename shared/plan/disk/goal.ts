import { defaultLetters, normaliseLetter, partitionTypes, type Disk, type Partition } from '../../model/disk.ts';
import type { FileSystem } from '../../model/disk.ts';
import type { DiskDesire } from './desire.ts';

/** What a disk is to be, with what its purpose fills in. */
export interface DiskGoal {
  readonly online: boolean | undefined;
  readonly writable: boolean | undefined;
  readonly style: 'gpt' | 'mbr' | undefined;
  readonly volume:
    | {
        readonly fileSystem: FileSystem;
        readonly label: string;
        /** True when a person asked for this label; what a purpose fills in only names a new volume. */
        readonly isLabelWanted: boolean;
        readonly letter: string | null;
        readonly allocationUnitBytes: number | null;
      }
    | undefined;
  /** A letter for the volume that is there; undefined: nothing is asked. */
  readonly letter: string | null | undefined;
}

const labels = { witness: 'Witness', data: 'Data' } as const;

export const goalOf = (desire: DiskDesire): DiskGoal => {
  const { purpose } = desire;
  const volume =
    desire.volume ??
    (purpose
      ? { fileSystem: 'NTFS' as const, label: '', driveLetter: defaultLetters[purpose], allocationUnitBytes: null }
      : undefined);
  const isWhole = volume !== undefined;
  const letter =
    volume?.driveLetter == null ? volume?.driveLetter : (normaliseLetter(volume.driveLetter) ?? volume.driveLetter);
  return {
    // A volume can only be made on a disk that is online and writable.
    online: desire.online ?? (isWhole ? true : undefined),
    writable: desire.writable ?? (isWhole ? true : undefined),
    style: desire.partitionStyle ?? (isWhole ? 'gpt' : undefined),
    volume: volume && {
      fileSystem: volume.fileSystem,
      label: volume.label || (purpose ? labels[purpose] : ''),
      isLabelWanted: volume.label !== '',
      letter: letter ?? null,
      allocationUnitBytes: volume.allocationUnitBytes,
    },
    letter:
      desire.driveLetter === undefined
        ? undefined
        : desire.driveLetter === null
          ? null
          : (normaliseLetter(desire.driveLetter) ?? desire.driveLetter),
  };
};

/** Partitions but Microsoft's reserved one, which every GPT disk of Windows has and which holds nothing. */
export const dataPartitions = (disk: Disk): readonly Partition[] | null =>
  disk.partitions?.filter((partition) => partition.gptType !== partitionTypes.microsoftReserved) ?? null;

/** The one partition of a disk that can hold the volume; null when there is none or more than one. */
export const onlyPartition = (disk: Disk): Partition | null => {
  const partitions = dataPartitions(disk);
  return partitions?.length === 1 ? partitions[0]! : null;
};
