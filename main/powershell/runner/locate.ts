import { accessSync, constants } from 'node:fs';
import { delimiter, join, win32 } from 'node:path';
import { failure } from '../../../shared/errors/failure.ts';

export interface PowerShellProgram {
  readonly path: string;
  /** `desktop` is Windows PowerShell 5.1, `core` is PowerShell 7 or what was named by hand. */
  readonly edition: 'desktop' | 'core';
}

interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly isProgram: (path: string) => boolean;
}

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const here = (): Surroundings => ({ env: process.env, platform: process.platform, isProgram });

/**
 * Which PowerShell runs the scripts: QUORATE_POWERSHELL, else Windows' own powershell.exe, else pwsh on the PATH.
 * powershell.exe is taken from the system folder and never from the PATH, where anybody may have put another one.
 * Throws `POWERSHELL_NOT_FOUND`, which names the places that were looked at.
 */
export const findPowerShell = (surroundings: Surroundings = here()): PowerShellProgram => {
  const { env, platform } = surroundings;
  const named = env.QUORATE_POWERSHELL;
  if (named) {
    if (surroundings.isProgram(named)) {
      return { path: named, edition: /powershell(\.exe)?$/i.test(named) ? 'desktop' : 'core' };
    }
    throw failure('POWERSHELL_NOT_FOUND', { searched: `${named} (from QUORATE_POWERSHELL)` });
  }
  const searched: string[] = [];
  if (platform === 'win32') {
    const system = env.SystemRoot ?? env.windir ?? 'C:\\Windows';
    // A 32-bit process sees the 64-bit system folder as Sysnative; cmdlets for storage and clusters are 64-bit only.
    for (const folder of ['Sysnative', 'System32']) {
      const path = win32.join(system, folder, 'WindowsPowerShell', 'v1.0', 'powershell.exe');
      if (surroundings.isProgram(path)) return { path, edition: 'desktop' };
      searched.push(path);
    }
  }
  const name = platform === 'win32' ? 'pwsh.exe' : 'pwsh';
  for (const folder of (env.PATH ?? env.Path ?? '').split(delimiter).filter(Boolean)) {
    const path = join(folder, name);
    if (surroundings.isProgram(path)) return { path, edition: 'core' };
  }
  searched.push(`${name} on the PATH`);
  throw failure('POWERSHELL_NOT_FOUND', { searched: searched.join(', ') });
};
