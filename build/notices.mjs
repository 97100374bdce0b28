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

/**
 * Writes the notices. A package without a licence text of its own is listed with the licence that its manifest names.
 * @param {Iterable<string>} bundledFiles absolute paths of every module in the bundles
 * @param {string} target
 */
export const writeNotices = (bundledFiles, target) => {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const folders = shippedPackages(Object.keys(dependencies));
  for (const file of bundledFiles) {
    const folder = packageFolder(file);
    if (folder) folders.add(folder);
  }
  const entries = [...folders].map((folder) => {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const name = readdirSync(folder).find((file) => /^(licen[cs]e|copying)/i.test(file));
    return {
      name: manifest.name,
      version: manifest.version,
      licence: manifest.license ?? null,
      title: `${manifest.name} ${manifest.version} (${manifest.license ?? 'no licence named'})`,
      text: name
        ? readFileSync(join(folder, name), 'utf8').trim()
        : 'The package carries no licence text; its manifest names the licence above.',
    };
  });
  entries.sort((a, b) => a.title.localeCompare(b.title));
  const unique = entries.filter((entry, at) => entry.title !== entries[at - 1]?.title);
  writeFileSync(
    target,
    `Quorate contains these packages. The Electron runtime's own notices are beside it.\n\n${unique.map(({ title, text }) => `${'='.repeat(78)}\n${title}\n${'='.repeat(78)}\n\n${text}\n`).join('\n')}`,
  );
  return {
    packages: unique.map(({ name, version, licence }) => ({ name, version, licence })),
    count: unique.length,
    unlicensed: unique.filter(({ title }) => title.includes('no licence named')).map(({ title }) => title),
    folder: dirname(target),
  };
};
