import type * as z from 'zod';
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
