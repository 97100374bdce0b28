// Whether a second build has the same bytes, and if not, which parts differ.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileDigest } from './file-digest.mjs';

/** @returns {string[]} the files below a folder, with slashes, sorted by code unit; links are not followed */
export const listFiles = (folder, prefix = '') =>
  readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) =>
      entry.isDirectory()
        ? listFiles(join(folder, entry.name), `${prefix}${entry.name}/`)
        : entry.isFile()
          ? [`${prefix}${entry.name}`]
          : [],
    );

/** @returns {Map<string, string>} each file of a folder with its SHA-256 */
export const folderDigests = (folder) =>
  new Map(listFiles(folder).map((path) => [path, fileDigest(join(folder, path))]));

/**
 * @param {Map<string, string>} first
 * @param {Map<string, string>} second
 * @returns {string[]} the names that are in one alone, or have another digest in the other; sorted
 */
export const differingFiles = (first, second) =>
  [...new Set([...first.keys(), ...second.keys()])].filter((name) => first.get(name) !== second.get(name)).sort();

/** What is said of a second build in the list of artefacts. */
export const sameOrDiffering = (differing, whole = 'a second build has the same digest') =>
  differing.length === 0
    ? whole
    : `A SECOND BUILD DIFFERS in ${differing.slice(0, 8).join(', ')}${differing.length > 8 ? ` and ${differing.length - 8} more` : ''}`;
