export interface PreparedWine {
  readonly wine: string;
  readonly env: NodeJS.ProcessEnv;
  /** The core for Windows as it ships, with a node.exe that this Wine can start. */
  readonly core: string;
  /** quorate.exe; null where there is no compiler for it. */
  readonly launcher: string | null;
}
export interface WantedPackage {
  readonly what: string;
  readonly probe: () => boolean;
  readonly packages: string[];
}

/** What the storey needs on Debian. */
export const winePackages: WantedPackage[];
/** Wine with a Windows 10 of its own, and the core for Windows in the caller's folder. */
export const prepareWine: (folder: string) => Promise<PreparedWine | { missing: string }>;
export interface PreparedWindows {
  readonly wine: string;
  readonly env: NodeJS.ProcessEnv;
}
/** Wine with a Windows 10 of its own, and nothing in it. */
export const prepareWindows: (folder: string) => PreparedWindows | { missing: string };
/** Ends Windows with everything that runs in it. */
export const endWindows: (windows: PreparedWindows) => void;
/** Builds a program for Windows of one file of C; false where there is no compiler for it. */
export const compileForWindows: (source: string, target: string) => boolean;
