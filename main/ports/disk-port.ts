import type { Disk, DiskPolicy, FileSystem, LetterUse, SanPolicy } from '../../shared/model/disk.ts';
import type { CallOptions } from './call.ts';

/**
 * The server's disks. `disk` is always a unique id (`MSFT_Disk.UniqueId`): a method that does not find it throws
 * `DISK_NOT_FOUND`, and one that finds it twice (two paths without MPIO, or a clone) throws `DISK_AMBIGUOUS`.
 * No method asks whether a disk may be written to: that is the operation's part, before it calls.
 */
export interface DiskPort {
  /** All disks, those without a unique id too. */
  list(options?: CallOptions): Promise<readonly Disk[]>;

  /** Every letter that is taken, by whatever kind of drive. */
  listLetters(options?: CallOptions): Promise<readonly LetterUse[]>;

  /** Looks for disks that came or went (Update-HostStorageCache). */
  rescan(options?: CallOptions): Promise<void>;

  /** Throws `DISK_RESERVED` when somebody else's reservation keeps the disk from coming online. */
  setOnline(disk: string, online: boolean, options?: CallOptions): Promise<void>;

  setReadOnly(disk: string, readOnly: boolean, options?: CallOptions): Promise<void>;

  /**
   * Removes every partition with all data, and the partition table: the disk is raw afterwards.
   * Throws `DISK_IS_SYSTEM`, `DISK_IN_CLUSTER`, `DISK_NOT_INITIALIZED`, `DISK_OFFLINE`, `DISK_READ_ONLY`.
   * https://learn.microsoft.com/en-us/windows-hardware/drivers/storage/clear-msft-disk
   */
  clear(disk: string, options?: CallOptions): Promise<void>;

  /** Writes a partition table. Throws `DISK_ALREADY_INITIALIZED`, `DISK_OFFLINE`, `DISK_READ_ONLY`. */
  initialize(disk: string, style: 'gpt' | 'mbr', options?: CallOptions): Promise<void>;

  /**
   * Makes one partition over all the free space, with this letter or none.
   * Throws `DISK_NOT_INITIALIZED`, `DISK_OFFLINE`, `DISK_READ_ONLY`, `DISK_NO_SPACE`, `DISK_LETTER_IN_USE`.
   */
  createPartition(disk: string, request: { readonly driveLetter: string | null }, options?: CallOptions): Promise<void>;

  /** Formats one partition quickly. Everything on it is lost. Throws `DISK_PARTITION_NOT_FOUND`, `DISK_READ_ONLY`. */
  format(
    disk: string,
    request: {
      readonly partitionNumber: number;
      readonly fileSystem: FileSystem;
      readonly label: string;
      /** Null: Windows chooses. */
      readonly allocationUnitBytes: number | null;
    },
    options?: CallOptions,
  ): Promise<void>;

  /** Gives a partition a letter, or takes it away with null. Throws `DISK_LETTER_IN_USE`, `DISK_PARTITION_NOT_FOUND`. */
  setDriveLetter(
    disk: string,
    request: { readonly partitionNumber: number; readonly driveLetter: string | null },
    options?: CallOptions,
  ): Promise<void>;

  readPolicy(options?: CallOptions): Promise<DiskPolicy>;
  setSanPolicy(policy: SanPolicy, options?: CallOptions): Promise<void>;
  setAutomount(enabled: boolean, options?: CallOptions): Promise<void>;
}
