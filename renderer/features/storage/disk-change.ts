import type * as z from 'zod';
import type { DiskView } from '../../../shared/contract/disk.ts';
import type { diskDesireSchema } from '../../../shared/plan/disk/desire.ts';
import { defaultLetters, type FileSystem } from '../../../shared/model/disk.ts';

export interface DiskForm {
  readonly purpose: 'witness' | 'data';
  readonly fileSystem: FileSystem;
  readonly label: string;
  /** Empty: the usual one of the purpose. */
  readonly driveLetter: string;
  readonly partitionStyle: 'gpt' | 'mbr';
  readonly discardContent: boolean;
}

/** What the form wants of a disk. Where nothing is chosen, the purpose decides (letter Q: or F:, a label). */
export const desireOfDisk = (disk: string, form: DiskForm): z.input<typeof diskDesireSchema> => {
  const label = form.label.trim();
  const isUsual = form.driveLetter === '' && label === '' && form.fileSystem === 'NTFS';
  return {
    disk,
    purpose: form.purpose,
    partitionStyle: form.partitionStyle,
    ...(isUsual
      ? {}
      : {
          volume: {
            fileSystem: form.fileSystem,
            label,
            driveLetter: form.driveLetter === '' ? defaultLetters[form.purpose] : form.driveLetter,
          },
        }),
    ...(form.discardContent ? { discardContent: true } : {}),
  };
};

/** The largest disk that is proposed as witness: Microsoft asks for 512 MB at least, and more is of no use to it. */
const witnessAtMostBytes = 5n * 1024n ** 3n;

/**
 * What a disk is probably for: the smallest shared disk of at most 5 GiB is the witness, unless another one is prepared as it.
 * Source: https://learn.microsoft.com/en-us/windows-server/failover-clustering/manage-cluster-quorum (disk witness: 512 MB at least).
 */
export const usualPurpose = (disk: DiskView, disks: readonly DiskView[]): DiskForm['purpose'] => {
  const small = disks
    .filter((one) => one.isShared && BigInt(one.sizeBytes) <= witnessAtMostBytes)
    .toSorted((left, right) => Number(BigInt(left.sizeBytes) - BigInt(right.sizeBytes)));
  const prepared = small.find((one) => one.prepared?.name.startsWith(`${defaultLetters.witness}:`));
  return (prepared ?? small[0])?.uniqueId === disk.uniqueId && disk.uniqueId !== null ? 'witness' : 'data';
};
