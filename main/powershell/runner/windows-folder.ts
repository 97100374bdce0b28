import { realpathSync } from 'node:fs';
import { win32 } from 'node:path';

/** Where Windows tells its folder; tests give their own. */
interface Sources {
  /** Where a link of Windows' own leads: its real path, or throws. */
  readonly realPath: (link: string) => string;
  /** The full paths of the modules that are loaded into this process, in Node's diagnostic report. */
  readonly loaded: () => { readonly sharedObjects?: readonly string[] };
}

const here: Sources = {
  realPath: (link) => realpathSync.native(link),
  loaded: () => {
    // The report would otherwise look up the names of the addresses that are connected.
    Object.assign(process.report, { excludeNetwork: true });
    return process.report.getReport();
  },
};

/** The link that the kernel makes at its start, by its name among the objects of Windows. */
const systemRoot = '\\\\?\\GLOBALROOT\\SystemRoot';

let known: string | null = null;

const isOnDrive = (path: string): boolean => /^[A-Z]:\\./i.test(path);

const find = ({ realPath, loaded }: Sources): string => {
  try {
    const folder = realPath(systemRoot);
    if (isOnDrive(folder)) return folder;
  } catch {
    // The report tells it as well, and takes its time.
  }
  const library = (loaded().sharedObjects ?? []).find((path) => win32.basename(path).toLowerCase() === 'ntdll.dll');
  return library !== undefined && isOnDrive(library) ? win32.dirname(win32.dirname(library)) : 'C:\\Windows';
};

/**
 * The folder of Windows, such as `C:\Windows`, from a source that no variable and no other account can change: `SystemRoot` and `windir` are
 * variables that a user may set for elevated processes, too. The kernel's own link `\SystemRoot` tells it at once; administrators alone can
 * make or change a name in the root of Windows' objects. Where it does not answer with a folder on a drive, it is where the loader took
 * ntdll.dll from, which it maps before a process sees its environment; where neither tells, the folder that Windows is installed to.
 * Sources: Microsoft, "Naming Files, Paths, and Namespaces" (the `\\?\` prefix, GLOBALROOT among the NT namespaces) and "Object Names"
 * (`\SystemRoot`); https://nodejs.org/docs/latest-v24.x/api/report.html (`sharedObjects`).
 */
export const windowsFolder = (sources: Sources = here): string => {
  if (sources !== here) return find(sources);
  known ??= find(sources);
  return known;
};
