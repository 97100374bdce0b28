import { asClause } from '../../shared/model/sentence.ts';
import { spawnSync } from 'node:child_process';
import { closeSync, lstatSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join, win32 } from 'node:path';
import { explain, Failure, failure, toEnvelope } from '../../shared/errors/failure.ts';
import type { FolderSecurityPort } from '../ports/folder-security-port.ts';
import { fileReasonOf } from '../system/reason.ts';
import { changesIn, writeTakenOver } from './taken-over.ts';

/** What this needs of Windows; tests give their own. */
export interface WindowsFolders {
  /** The volume's serial number and the file's ID there, which no account can choose: a folder that takes another's place has another one. */
  readonly identityOf: (path: string) => string;
  /** Whether an administrator's process noted it (Register-ProtectedFolder.ps1). */
  readonly isNoted: (identity: string) => boolean | Promise<boolean>;
  /** Opens a PowerShell for it. */
  readonly open: () => Promise<{ readonly port: FolderSecurityPort; readonly close: () => Promise<void> }>;
}

const notesKey = 'HKLM\\SOFTWARE\\Quorate\\ProtectedFolders';

/** The notes are read with reg.exe of Windows' own folder, so that a start waits for no PowerShell. */
const isNoted = (windows: string, identity: string): boolean =>
  spawnSync(win32.join(windows, 'System32', 'reg.exe'), ['query', notesKey, '/v', identity, '/reg:64'], {
    stdio: 'ignore',
    windowsHide: true,
    timeout: 10_000,
  }).status === 0;

const here: WindowsFolders = {
  identityOf: (path) => {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev.toString(16)}-${ino.toString(16)}`;
  },
  isNoted: async (identity) =>
    isNoted((await import('../powershell/runner/windows-folder.ts')).windowsFolder(), identity),
  open: async () => {
    const [{ createFolderSecurityPort }, { createRunner }, { shippedFolder }] = await Promise.all([
      import('../windows/folder-security.ts'),
      import('../powershell/index.ts'),
      import('./shipped-folder.ts'),
    ]);
    const runner = createRunner({ folder: shippedFolder('powershell') });
    return { port: createFolderSecurityPort(runner), close: () => runner.close() };
  },
};

/** How much the folder may hold, so that looking at each thing comes to an end. */
const mostInside = 20_000;

/** Everything below a folder. Throws DATA_FOLDER_UNPROTECTED for a link, which could lead anywhere, and where there is too much. */
const everythingIn = (path: string): string[] => {
  const found: string[] = [];
  const look = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const one = join(folder, entry.name);
      if (entry.isSymbolicLink())
        throw failure('DATA_FOLDER_UNPROTECTED', { path, reason: `${one} is a link to another place` });
      if (found.push(one) > mostInside)
        throw failure('DATA_FOLDER_UNPROTECTED', { path, reason: `it holds more than ${mostInside} files` });
      if (entry.isDirectory()) look(one);
    }
  };
  look(path);
  return found;
};

export interface ProtectOptions {
  /** Use the folder although it is not protected; a person said so. */
  readonly acceptUnprotected: boolean;
  /** Nothing is set: only a folder that was noted before is taken. */
  readonly onlyNoted: boolean;
  /** Tells the person at the console or the window. */
  readonly tell: (text: string) => void;
}

/** The reason of any failure as a part of a sentence. */
const reasonOf = (error: unknown): string =>
  error instanceof Failure && error.code === 'DATA_FOLDER_UNPROTECTED'
    ? String(error.detail['reason'])
    : error instanceof Failure
      ? explain(toEnvelope(error)).what.replace(/\.$/, '')
      : fileReasonOf(error);

/** A junction or a symbolic link can be turned elsewhere between two looks. Throws DATA_FOLDER_UNPROTECTED. */
export const refuseLink = (path: string, realPath: () => string): void => {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return;
  throw failure('DATA_FOLDER_UNPROTECTED', { path, reason: `it is a link; name ${realPath()} itself` });
};

/**
 * Makes sure that the data folder at its real path is protected (see main/operations/data-folder), once: what an elevated process found is
 * noted where only administrators can write, under the folder's identity, and later starts look that up instead of starting a PowerShell.
 * While it is looked at, a file in it is held open: then neither it nor a folder above can be renamed ([MS-FSA], renaming of directories).
 * @param hadContent whether there was something in it before this process came
 * Throws DATA_FOLDER_UNPROTECTED, RESUME_FOLDER_UNPROVEN.
 */
export const protectDataFolder = async (
  path: string,
  hadContent: boolean,
  { acceptUnprotected, onlyNoted, tell }: ProtectOptions,
  windows: WindowsFolders = here,
): Promise<void> => {
  const holder = join(path, 'folder.hold');
  let held: number | null = null;
  try {
    held = openSync(holder, 'a', 0o600);
    const identity = windows.identityOf(path);
    if (await windows.isNoted(identity)) return;
    if (onlyNoted) throw failure('RESUME_FOLDER_UNPROVEN', { path });
    const { protectFolder } = await import('../operations/data-folder/protect-folder.ts');
    const opened = await windows.open();
    try {
      const inside = everythingIn(path);
      const { wasProtected, others, isElevated } = await protectFolder(opened.port, { path, inside });
      if (windows.identityOf(path) !== identity)
        throw failure('DATA_FOLDER_UNPROTECTED', { path, reason: 'another folder took its place meanwhile' });
      if (!wasProtected && hadContent) takeOver(path, others, tell);
      // Without an administrator's rights nothing can be noted, and the next start looks again.
      if (isElevated) await opened.port.note(identity, path);
    } finally {
      await opened.close();
    }
  } catch (error) {
    if (error instanceof Failure && error.code === 'RESUME_FOLDER_UNPROVEN') throw error;
    const reason = reasonOf(error);
    if (!acceptUnprotected) throw failure('DATA_FOLDER_UNPROTECTED', { path, reason }, { cause: error });
    tell(`The data folder ${path} is used although it is not protected: ${asClause(reason)}.`);
  } finally {
    if (held !== null) closeSync(held);
  }
};

/**
 * What lies in a folder that others could use is not believed: the address of a core least of all, and its open changes are left to a
 * person.
 */
const takeOver = (path: string, others: readonly string[], tell: (text: string) => void): void => {
  rmSync(join(path, 'core.json'), { force: true });
  // Whatever another server may do here, a person here is asked again.
  rmSync(join(path, 'formation', 'consents.json'), { force: true });
  const changes = changesIn(path);
  writeTakenOver(path, changes);
  const who = others.length > 0 ? ` ${others.join(', ')} could use it until now.` : '';
  tell(
    `The data folder ${path} is now for administrators only.${who}${changes.length > 0 ? ` Its ${changes.length} ${changes.length === 1 ? 'change' : 'changes'} could be from anybody: look at "quorate journal list" before you go on with one; none goes on by itself.` : ''}`,
  );
};
