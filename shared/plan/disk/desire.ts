import * as z from 'zod';
import { fileSystems, sanPolicies } from '../../model/disk.ts';

/** What one disk is to be; what is left out stays as it is. */
export const diskDesireSchema = z.object({
  /** Unique id. */
  disk: z.string(),
  /** `witness` and `data` fill what is left out: online, writable, GPT, one NTFS volume, letter Q: or F:, a label. */
  purpose: z.enum(['witness', 'data']).optional(),
  online: z.boolean().optional(),
  writable: z.boolean().optional(),
  /** The partition table of the disk; with a volume GPT when it is left out. One that is there in the wrong style is replaced. */
  partitionStyle: z.enum(['gpt', 'mbr']).optional(),
  /** One volume over the whole disk. */
  volume: z
    .object({
      fileSystem: z.enum(fileSystems).default('NTFS'),
      label: z.string().default(''),
      /** A letter from C to Z; null: none. */
      driveLetter: z.string().nullable().default(null),
      /** Null: Windows chooses. */
      allocationUnitBytes: z.number().int().nullable().default(null),
    })
    .optional(),
  /** Gives the one volume of the disk this letter, or takes its letter away; nothing else is changed. */
  driveLetter: z.string().nullable().optional(),
  /**
   * Format the one volume of a disk that is not blank, or clear a disk with several partitions, those of another system, another partition
   * table or a volume that leaves a good part of it: what is on it is lost. Only with its serial number typed (`answers.serialNumbers`), and never for a disk of
   * a cluster or the one that Windows runs from.
   */
  discardContent: z.boolean().default(false),
});
export type DiskDesire = z.output<typeof diskDesireSchema>;

export const storageDesireSchema = z.object({
  disks: z.array(diskDesireSchema).default([]),
  sanPolicy: z.enum(sanPolicies).optional(),
  automount: z.boolean().optional(),
});
export type StorageDesire = z.output<typeof storageDesireSchema>;
export type StorageDesireInput = z.input<typeof storageDesireSchema>;
