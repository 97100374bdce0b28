export interface InstalledPowerShell {
  readonly program: string;
  /** In words. */
  readonly origin: string;
  /** What DOTNET_ROOT has to name for the program; null where its own search finds .NET. */
  readonly dotnetRoot: string | null;
}

/** The version that the tests run in. */
export const powershellVersion: string;
/** The pinned PowerShell, installed when it is not there yet. */
export const ensurePowerShell: () => InstalledPowerShell | { missing: string };
