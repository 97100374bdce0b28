import { accessSync, constants } from 'node:fs';
import { posix, win32 } from 'node:path';
import { failure } from '../../../shared/errors/failure.ts';
import { windowsFolder } from './windows-folder.ts';

export interface PowerShellProgram {
  readonly path: string;
  /** `desktop` is Windows PowerShell 5.1, `core` is PowerShell 7 or what was named by hand. */
  readonly edition: 'desktop' | 'core';
}

interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly isProgram: (path: string) => boolean;
  /** The folder of Windows; asked for on Windows only. */
  readonly windows: () => string;
}

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const here = (): Surroundings => ({ env: process.env, platform: process.platform, isProgram, windows: windowsFolder });

/**
 * Which PowerShell runs the scripts. On Windows it is Windows' own powershell.exe and nothing else: neither a variable nor the
 * PATH decides what an elevated process starts. Elsewhere, where nothing is administered: QUORATE_POWERSHELL, else pwsh on the PATH.
 * Throws `POWERSHELL_NOT_FOUND`, which names the places that were looked at.
 */
export const findPowerShell = (surroundings: Surroundings = here()): PowerShellProgram => {
  const { env, platform } = surroundings;
  const searched: string[] = [];
  if (platform === 'win32') {
    // A 32-bit process sees the 64-bit system folder as Sysnative; cmdlets for storage and clusters are 64-bit only.
    for (const folder of ['Sysnative', 'System32']) {
      const path = win32.join(surroundings.windows(), folder, 'WindowsPowerShell', 'v1.0', 'powershell.exe');
      if (surroundings.isProgram(path)) return { path, edition: 'desktop' };
      searched.push(path);
    }
    throw failure('POWERSHELL_NOT_FOUND', { searched: searched.join(', ') });
  }
  const named = env['QUORATE_POWERSHELL'];
  if (named) {
    if (surroundings.isProgram(named)) return { path: named, edition: 'core' };
    throw failure('POWERSHELL_NOT_FOUND', { searched: `${named} (from QUORATE_POWERSHELL)` });
  }
  for (const folder of (env['PATH'] ?? '').split(posix.delimiter).filter(Boolean)) {
    const path = posix.join(folder, 'pwsh');
    if (surroundings.isProgram(path)) return { path, edition: 'core' };
  }
  throw failure('POWERSHELL_NOT_FOUND', { searched: 'pwsh on the PATH' });
};
