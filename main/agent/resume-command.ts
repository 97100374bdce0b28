import { existsSync } from 'node:fs';
import { dirname, join, win32 } from 'node:path';
import type { ResumeCommand } from '../../shared/changes/kind.ts';

/** Where this process runs; tests give their own. */
interface Surroundings {
  readonly platform: NodeJS.Platform;
  /** The program of this process, and the script that it runs. */
  readonly execPath: string;
  readonly script: string;
  readonly isElectron: boolean;
  readonly exists: (path: string) => boolean;
  /** The folder of Windows; asked for on Windows only. */
  readonly windows: () => string;
}

/**
 * `quorate.cmd` of an unpacked or installed core: above the folder of versions that an update made, where it starts whichever is in use then, or
 * beside node.exe.
 */
const starterOf = ({ execPath, exists }: Surroundings): string | null => {
  const folder = win32.dirname(execPath);
  const above = win32.dirname(folder);
  const places = win32.basename(above).toLowerCase() === 'versions' ? [win32.dirname(above), folder] : [folder];
  return places.map((one) => win32.join(one, 'quorate.cmd')).find(exists) ?? null;
};

/**
 * One batch file with its arguments as cmd.exe takes it: with `/s` the outermost quotation marks are taken off and the rest is run as it
 * stands. `/d` leaves out what the account's registry wants run at every start of cmd.exe, which would run with highest rights;
 * `/v:off` keeps an exclamation mark from being replaced.
 * Source: https://learn.microsoft.com/en-us/windows-server/administration/windows-commands/cmd
 */
export const cmdLine = (starter: string, rest: readonly string[]): string => {
  const quoted = [starter, ...rest].map((one) => (/^[A-Za-z-]+$/.test(one) ? one : `"${one}"`));
  return `/d /e:on /v:off /s /c "${quoted.join(' ')}"`;
};

/**
 * The command that goes on after a restart: the console program of this very installation. With the core of the zip that is
 * `quorate.cmd`, never node.exe by itself: a task gets the variables of its account, and those must not have node.exe load anything.
 */
export const resumeCommandIn = (dataFolder: string, surroundings: Surroundings): ResumeCommand => {
  const { platform, execPath, script, isElectron, exists, windows } = surroundings;
  const rest = ['--data', dataFolder, 'journal', 'resume', '--yes'];
  if (platform !== 'win32') {
    const beside = join(dirname(execPath), 'quorate');
    return isElectron || exists(beside)
      ? { program: beside, arguments: rest }
      : { program: execPath, arguments: [script, ...rest] };
  }
  const program = win32.join(win32.dirname(execPath), 'quorate.exe');
  if (isElectron || exists(program)) return { program, arguments: rest };
  const starter = starterOf(surroundings);
  // Only a checkout of the sources has none; nobody installs that.
  if (starter === null) return { program: execPath, arguments: [script, ...rest] };
  const shell = win32.join(windows(), 'System32', 'cmd.exe');
  // A percent sign is replaced even between quotation marks.
  const unusable = [starter, ...rest].find((one) => /[%"\r\n]/.test(one));
  const command = { program: shell, arguments: [starter, ...rest], line: cmdLine(starter, rest) };
  return unusable === undefined ? command : { ...command, unusable };
};

/** The command of this process. */
export const resumeCommand = (dataFolder: string, windows: () => string): ResumeCommand =>
  resumeCommandIn(dataFolder, {
    platform: process.platform,
    execPath: process.execPath,
    script: process.argv[1] ?? '',
    isElectron: process.versions['electron'] !== undefined,
    exists: existsSync,
    windows,
  });
