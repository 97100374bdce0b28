import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { failure } from '../../shared/errors/failure.ts';

/** How the files end that the collectors write; other files of a folder are none of theirs. */
const collected = /\.(?:wmi|json|txt)$/i;

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

const byName = (left: string, right: string): number => left.localeCompare(right, 'en', { numeric: true });

/** `*` and `?` as the shells of Windows know them, in any letter case there. */
const matcherOf = (pattern: string, platform: NodeJS.Platform): RegExp =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    platform === 'win32' ? 'iu' : 'u',
  );

const filesIn = (folder: string, matches: RegExp): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && matches.test(entry.name))
    .map((entry) => join(folder, entry.name))
    .sort(byName);

/**
 * The files that `--facts` names: a file, a folder that the collector wrote (its .wmi, .json and .txt files), or a name with
 * the wildcards `*` and `?` in its last part, which cmd.exe and PowerShell hand on as they are. A file that is really named
 * so is itself; the order is that of the arguments, within one that of the names.
 * @throws Failure FACTS_NONE_THERE where a folder or wildcards give no file
 */
export const expandFactFiles = (
  given: readonly string[],
  platform: NodeJS.Platform = process.platform,
): { readonly kind: 'path'; readonly path: string }[] => {
  const expand = (text: string): string[] => {
    // In cmd.exe "folder\" ends with a quotation mark, because the backslash escapes it.
    const path = resolve(platform === 'win32' ? text.replace(/"$/, '') : text);
    if (isFolder(path)) return filesIn(path, collected);
    if (!/[*?]/.test(basename(path)) || statSync(path, { throwIfNoEntry: false })) return [path];
    return isFolder(dirname(path)) ? filesIn(dirname(path), matcherOf(basename(path), platform)) : [];
  };
  return given.flatMap((text) => {
    const paths = expand(text);
    if (paths.length === 0) throw failure('FACTS_NONE_THERE', { path: text });
    return paths.map((path) => ({ kind: 'path' as const, path }));
  });
};
