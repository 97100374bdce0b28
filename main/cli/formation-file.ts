import { readFile } from 'node:fs/promises';
import type { FormationDirection } from '../../shared/contract/formation.ts';
import { zonedTime } from '../../shared/model/time.ts';
import { fileReasonOf } from '../system/reason.ts';
import { UsageError, type CliContext } from './context.ts';

/** A cluster file as a formation is given it. */
export interface GivenFile {
  readonly text: string;
  readonly path: string;
}

/** A file to go on with, and whether what it describes was to be formed or undone. */
export interface FileToGoOnWith extends GivenFile {
  readonly direction: FormationDirection;
}

/** @throws UsageError where it cannot be read */
export const readText = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((error: unknown) => {
    throw new UsageError(`${path} cannot be read: ${fileReasonOf(error)}. "quorate form init" writes one.`);
  });

/** @throws UsageError where it cannot be read */
export const readDefault = async (): Promise<GivenFile> => ({
  path: 'cluster.json',
  text: await readText('cluster.json'),
});

/**
 * The file that is named, else that of the formation that this server coordinated last or took part in: as it lies there now, or as it was when it
 * began, where it cannot be read here. Null where there was no formation.
 */
export const fileToGoOnWith = async (
  context: CliContext,
  named: string | undefined,
): Promise<FileToGoOnWith | null> => {
  const kept = await context.call('formation.file', {});
  if (named !== undefined) return { path: named, text: await readText(named), direction: kept?.direction ?? 'form' };
  if (kept === null) return null;
  const { path, text, cluster, direction, from, at } = kept;
  const now = from === null ? await readFile(path, 'utf8').catch(() => null) : null;
  if (now !== null) return { path, text: now, direction };
  context.note(
    from === null
      ? `${path} cannot be read: this is the file as it was when the formation of ${cluster} began, on ${zonedTime(at)}. --file names another one.`
      : `This is the file of ${cluster} as ${from} gave it on ${zonedTime(at)}. --file names another one.`,
  );
  return { path, text, direction };
};
