// Which npm packages a build for Windows carries beside its bundles, by package-lock.json: exact versions, with digests.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup/steps.mjs';

/**
 * @typedef {object} ShippedPackage
 * @property {string} path below the root, such as node_modules/pino
 * @property {string} name
 * @property {string} version
 * @property {string} integrity as npm writes it, sha512-...
 * @property {string | undefined} licence
 */

/** @returns {ShippedPackage[]} sorted by path */
export const shippedPackages = (os = 'win32', cpu = 'x64') => {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  return Object.entries(packages)
    .filter(
      ([path, one]) =>
        path !== '' &&
        !one.dev &&
        !one.devOptional &&
        (one.os === undefined || one.os.includes(os)) &&
        (one.cpu === undefined || one.cpu.includes(cpu)) &&
        (one.libc === undefined || one.libc.includes('glibc')),
    )
    .map(([path, one]) => ({
      path,
      name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version: one.version,
      integrity: one.integrity,
      licence: one.license,
    }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
};
