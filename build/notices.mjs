// The licences of every package that ends up in the product: bundled ones and those shipped beside the bundles.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { root } from './setup/steps.mjs';

/** The folder of the package that a bundled file belongs to; null for our own files. */
const packageFolder = (file) => {
  const marker = `${sep}node_modules${sep}`;
  const path = file.split('/').join(sep);
  const at = path.lastIndexOf(marker);
  if (at < 0) return null;
  const [first, second] = path.slice(at + marker.length).split(sep);
  return path.slice(0, at) + marker + (first.startsWith('@') ? join(first, second) : first);
};

const shippedPackages = (names, seen = new Set()) => {
  for (const name of names) {
    const folder = join(root, 'node_modules', ...name.split('/'));
    if (seen.has(folder) || !existsSync(join(folder, 'package.json'))) continue;
    seen.add(folder);
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    shippedPackages(Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }), seen);
  }
  return seen;
};

/** A text whose first line is the name of its package alone, which is in the title, is the text of its sisters without it. */
const withoutName = (text, name) =>
  text.split(/\r?\n/, 1)[0].trim() === name ? text.slice(text.indexOf('\n') + 1).trim() : text;

/** The licence of the package in a folder: its headline, and its text as the package has it. */
export const noticeOf = (folder) => {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const name = readdirSync(folder).find((file) => /^(licen[cs]e|copying)/i.test(file));
  return {
    title: `${manifest.name} ${manifest.version} (${manifest.license ?? 'no licence named'})`,
    text: name
      ? withoutName(readFileSync(join(folder, name), 'utf8').trim(), manifest.name)
      : 'The package carries no licence text; its manifest names the licence above.',
  };
};

const line = '='.repeat(78);

/**
 * The notices, each text once below the packages that have it.
 * @param {{ title: string, text: string }[]} notices
 */
export const noticesText = (notices) => {
  const titlesOf = new Map();
  for (const { title, text } of notices) titlesOf.set(text, [...(titlesOf.get(text) ?? []), title]);
  return [...titlesOf].map(([text, titles]) => `${line}\n${titles.join('\n')}\n${line}\n\n${text}\n`).join('\n');
};

/**
 * Writes the notices. A package without a licence text of its own is listed with the licence that its manifest names.
 * @param {{ readFiles: Iterable<string>, keptFiles: Iterable<string>, target: string }} from absolute paths: every module that the bundlers read,
 *   whose notices are all given; those of which something is in a bundle; the file to write
 */
export const writeNotices = ({ readFiles, keptFiles, target }) => {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const foldersOf = (files) => new Set([...files].map(packageFolder).filter((folder) => folder !== null));
  const inBundles = foldersOf(keptFiles);
  const folders = new Set([...shippedPackages(Object.keys(dependencies)), ...foldersOf(readFiles), ...inBundles]);
  const entries = [...folders].map((folder) => {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return {
      name: manifest.name,
      version: manifest.version,
      licence: manifest.license ?? null,
      isBundled: inBundles.has(folder),
      ...noticeOf(folder),
    };
  });
  entries.sort((a, b) => a.title.localeCompare(b.title));
  const unique = entries.filter((entry, at) => entry.title !== entries[at - 1]?.title);
  writeFileSync(
    target,
    `Quorate contains these packages. The Electron runtime's own notices are beside it.\n\n${noticesText(unique)}`,
  );
  return {
    /** Those whose code is inside the bundles; what ships beside them depends on the platform (build/delivery/shipped-packages.mjs). */
    bundled: unique
      .filter(({ isBundled }) => isBundled)
      .map(({ name, version, licence }) => ({ name, version, licence })),
    count: unique.length,
    unlicensed: unique.filter(({ title }) => title.includes('no licence named')).map(({ title }) => title),
    folder: dirname(target),
  };
};
