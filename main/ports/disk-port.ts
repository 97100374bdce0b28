import type { Disk, DiskPolicy, LetterUse } from '../../shared/model/disk.ts';
import type { CallOptions } from './call.ts';

/**
 * What is read of the server's disks. A disk is named by its unique id (`MSFT_Disk.UniqueId`): a change that does not find
 * it throws `DISK_NOT_FOUND`, and one that finds it twice (two paths without MPIO, or a clone) throws `DISK_AMBIGUOUS`.
 */
export interface DiskPort {
  /** All disks, those without a unique id too. */
  list(options?: CallOptions): Promise<readonly Disk[]>;

  /** Every letter that is taken, by whatever kind of drive. */
  listLetters(options?: CallOptions): Promise<readonly LetterUse[]>;

  /** Looks for disks that came or went (Update-HostStorageCache); it changes what Windows knows, not what is. */
  rescan(options?: CallOptions): Promise<void>;

  readPolicy(options?: CallOptions): Promise<DiskPolicy>;
}
