export interface LioGuest {
  readonly kernel: string;
  readonly initrd: string;
  /** Of Debian's kernel package. */
  readonly version: string;
}

/** The Debian packages that are missing for the guest. */
export const missingLioPackages: () => string[];

/** Kernel and first file system of the guest, made once from Debian's packages and kept. */
export const ensureLioGuest: () => LioGuest | { missing: string };
