import { win32 } from 'node:path';

/** The part of Node's diagnostic report that is used: the full paths of the modules that are loaded into this process. */
interface Loaded {
  readonly sharedObjects?: readonly string[];
}

const readLoaded = (): Loaded => {
  // The report would otherwise look up the names of the addresses that are connected.
  Object.assign(process.report, { excludeNetwork: true });
  return process.report.getReport();
};

let known: string | null = null;

/**
 * The folder of Windows, such as `C:\Windows`, from a source that no other account and no variable can change: where the
 * loader took ntdll.dll from, which it maps before a process sees its environment. `SystemRoot` and `windir` are variables
 * that a user may set for elevated processes, too. Where the report does not tell, the folder that Windows is installed to.
 * Source: https://nodejs.org/docs/latest-v24.x/api/report.html (`sharedObjects`).
 */
export const windowsFolder = (read: () => Loaded = readLoaded): string => {
  if (known !== null && read === readLoaded) return known;
  const library = (read().sharedObjects ?? []).find((path) => win32.basename(path).toLowerCase() === 'ntdll.dll');
  const folder =
    library !== undefined && win32.isAbsolute(library) ? win32.dirname(win32.dirname(library)) : 'C:\\Windows';
  if (read === readLoaded) known = folder;
  return folder;
};
