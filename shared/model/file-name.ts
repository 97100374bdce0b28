/**
 * What Windows' file system takes as the name of a file or folder:
 * https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file and
 * https://learn.microsoft.com/en-us/windows/win32/fileio/maximum-file-path-limitation
 */
const reserved = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?$/i;
const longestName = 255;
/** MAX_PATH without its terminating null. */
const longestPath = 259;

/** Why a name can be no file's or folder's, as the end of a sentence that begins with it; null: it can. */
export const findFileNameProblem = (name: string): string | null => {
  if (name.trim() === '') return 'is empty';
  if (/[<>:"/\\|?*]/.test(name)) return 'holds one of the characters < > : " / \\ | ? *, which no file name may';
  if ([...name].some((character) => character < ' ')) return 'holds a control character, such as a tab';
  if (/[ .]$/.test(name)) return 'ends with a space or a dot, which Windows drops from a file name';
  if (name.startsWith(' ')) return 'begins with a space';
  if (reserved.test(name)) return 'is the name of a device of Windows (CON, PRN, AUX, NUL, COM1, LPT1 and their like)';
  return name.length > longestName ? `has ${name.length} characters; ${longestName} are allowed` : null;
};

/** Why a text is no whole path of a folder on a drive of this server; null: it is. A trailing backslash counts for nothing. */
export const findFolderProblem = (folder: string): string | null => {
  if (!/^[A-Za-z]:\\/.test(folder)) return 'does not begin with a drive, such as C:\\ClusterStorage\\Volume1 or F:\\';
  for (const part of folder.slice(3).replace(/\\$/, '').split('\\')) {
    if (part === '' && folder.length <= 3) return null;
    const problem = findFileNameProblem(part);
    if (problem) return `has the part "${part}", which ${problem}`;
  }
  return null;
};

/** Why a text is no whole path of an ISO file, on a drive or a share; null: it is. */
export const findIsoProblem = (path: string): string | null => {
  if (!/\.iso$/i.test(path)) return 'does not end in .iso';
  if (!/^(?:[A-Za-z]:\\|\\\\[^\\]+\\[^\\]+\\)/.test(path)) return 'begins with no drive and no share';
  for (const part of path
    .replace(/^(?:[A-Za-z]:|\\\\)/, '')
    .split('\\')
    .filter(Boolean)) {
    const problem = findFileNameProblem(part);
    if (problem) return `has the part "${part}", which ${problem}`;
  }
  return findPathLengthProblem(path);
};

/** Why a path is too long for the tools of Windows; null: it is not. */
export const findPathLengthProblem = (path: string): string | null =>
  path.length > longestPath ? `has ${path.length} characters; the tools of Windows take ${longestPath}` : null;
