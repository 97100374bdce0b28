import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join, win32 } from 'node:path';
import { findBase, type Surroundings } from '../operations/update/installation.ts';
import { PackageFile, type Release } from '../operations/update/package-file.ts';
import { proveFile, type Proofs } from '../operations/update/prove-file.ts';
import {
  refuseRelease,
  rollBack,
  updateCore,
  type Switched,
  type UpdateMeans,
} from '../operations/update/update-core.ts';
import { windowsFolder } from '../powershell/index.ts';
import { cmdLine } from './resume-command.ts';

/** A core as a file, opened, with what it says of itself and what was proven of it. */
export interface UpdateFile {
  readonly file: PackageFile;
  readonly release: Release;
  readonly proven: readonly string[];
}

/** Opens it and looks at all that can be seen without unpacking. Throws what `PackageFile` and `proveFile` do. */
export const openUpdateFile = async (path: string, proofs: Proofs): Promise<UpdateFile> => {
  const file = await PackageFile.open(path);
  try {
    const proven = proveFile(file.path, file.sha256, proofs);
    return { file, release: await file.readRelease(), proven };
  } catch (error) {
    file.close();
    throw error;
  }
};

/** Whether it may take the place of a version. Throws UPDATE_OLDER, UPDATE_OTHER_PLATFORM, UPDATE_NOT_QUORATE. */
export const refuseUpdateFile = ({ file, release }: UpdateFile, current: string, allowOlder: boolean): void => {
  refuseRelease(file.path, release, current, allowOlder);
};

type Means = Pick<UpdateMeans, 'endCore' | 'tell' | 'signal'>;

/** Updates the core in a folder, or, without a file, goes back to the version before. Throws what `updateCore` and `rollBack` do. */
export const switchVersion = (
  base: string,
  update: UpdateFile | null,
  allowOlder: boolean,
  means: Means,
): Promise<Switched | null> => {
  const all: UpdateMeans = { ...means, askVersion: (folder, by) => askVersion(folder, by, base) };
  return update ? updateCore(base, update, { allowOlder }, all) : rollBack(base, all);
};

const answerDeadlineMs = 120_000;

/** The folder of the core that this process runs from. Throws UPDATE_NOT_HERE. */
export const hereIsUpdated = (): string =>
  findBase({
    platform: process.platform,
    execPath: process.execPath,
    isElectron: process.versions['electron'] !== undefined,
    exists: existsSync,
  } satisfies Surroundings);

const commandOf = (folder: string, by: 'program' | 'starter'): { program: string; args: string[]; verbatim: boolean } =>
  by === 'program'
    ? {
        program: win32.join(folder, 'node.exe'),
        args: [win32.join(folder, 'app', 'dist', 'cli', 'quorate.mjs'), '--version'],
        verbatim: false,
      }
    : {
        program: win32.join(windowsFolder(), 'System32', 'cmd.exe'),
        args: [cmdLine(win32.join(folder, 'quorate.cmd'), ['--version'])],
        verbatim: true,
      };

/**
 * What a version of the core answers to `--version`, started as it lies in a folder, or by the `quorate.cmd` there. The answer goes through a
 * file, so that nothing is left waiting for a pipe where the program does not end. Throws with what it said where it fails.
 */
const askVersion = (folder: string, by: 'program' | 'starter', base: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { program, args, verbatim } = commandOf(folder, by);
    const path = join(base, 'versions', `.answer-${process.pid}.txt`);
    const file = openSync(path, 'w');
    const end = (error: Error | null): void => {
      clearTimeout(timer);
      const text = readFileSync(path, 'utf8').trim();
      rmSync(path, { force: true });
      if (error === null) resolve(text);
      else reject(new Error([error.message, text.slice(0, 300)].filter((part) => part !== '').join(': ')));
    };
    const child = spawn(program, args, {
      cwd: base,
      stdio: ['ignore', file, file],
      windowsHide: true,
      windowsVerbatimArguments: verbatim,
    });
    closeSync(file);
    const timer = setTimeout(() => child.kill(), answerDeadlineMs);
    let isOver = false;
    const once = (error: Error | null): void => {
      if (isOver) return;
      isOver = true;
      end(error);
    };
    child.once('error', (error) => once(error));
    child.once('exit', (code, signal) =>
      once(code === 0 ? null : new Error(signal === null ? `it ended with ${code}` : 'it did not end in two minutes')),
    );
  });
