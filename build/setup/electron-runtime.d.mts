export interface Runtime {
  readonly executable: string;
  /** What to put before the program's own arguments. */
  readonly args: string[];
  /** In words. */
  readonly origin: string;
}

/** The Electron runtime of this machine, fetched when there is none. */
export const ensureElectron: () => Promise<Runtime | { missing: string }>;
/** The runtime that is already here, without fetching anything. */
export const findElectron: () => Runtime | null;
/** Arguments that this user's session needs. */
export const sessionArguments: () => string[];
