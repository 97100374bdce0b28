import type { ScsiOutcome } from '../../iscsi/index.ts';

/** Commands that change nothing and tell whether a write is refused, where the device judges them as it judges a write. */
export type Witness = 'synchronizeCache' | 'writeOfNothing' | 'verify';

/**
 * By what it is judged on a device whether a write is refused. SBC-3 wants SYNCHRONIZE CACHE and a WRITE of no block refused where a write is; some
 * devices, the Linux kernel's target among them, refuse only what carries data to them.
 */
export type WriteRule =
  /** These are refused where a write is. */
  | { readonly kind: 'judged'; readonly by: readonly Witness[] }
  /** It was proven that the device does not keep others from writing. */
  | { readonly kind: 'ignored'; readonly because: string }
  /** Nothing that may be asked tells; `isWriteRefused`: a real write was refused, and no command that changes nothing shows it. */
  | { readonly kind: 'open'; readonly because: string; readonly isWriteRefused?: boolean };

/** Both write the very bytes to block 0 that were read from it. */
export interface RealWrites {
  readonly ofHolder: ScsiOutcome<undefined>;
  /** Of an initiator that is not registered; null where the holder's own write was not carried out: then the other one is not tried. */
  readonly ofOther: ScsiOutcome<undefined> | null;
}
