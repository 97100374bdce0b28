// Fetches an npm package by `npm pack` and believes it only when its digest is the one that is pinned.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { npm, root, run } from '../setup/steps.mjs';

const digestOf = (path) => `sha512-${createHash('sha512').update(readFileSync(path)).digest('base64')}`;

/**
 * The unpacked folder of exactly this package, kept in .cache between builds.
 * @param {{ name: string, version: string, integrity: string }} wanted
 * @returns {string} the folder `package` of the tarball
 * @throws Error naming the package, when it cannot be fetched or its digest differs
 */
export const fetchVerified = ({ name, version, integrity }) => {
  const base = join(root, '.cache', 'verified', `${name.replace('/', '+')}@${version}`);
  const tarball = join(base, 'package.tgz');
  const folder = join(base, 'package');
  if (existsSync(tarball) && digestOf(tarball) === integrity && existsSync(folder)) return folder;
  rmSync(base, { recursive: true, force: true });
  mkdirSync(base, { recursive: true });
  const packed = npm(['pack', `${name}@${version}`, '--pack-destination', base, '--loglevel=error']);
  const file = readdirSync(base).find((one) => one.endsWith('.tgz'));
  if (!packed.ok || !file)
    throw new Error(`${name}@${version} cannot be fetched: ${packed.output.trim().split('\n').at(-1)}`);
  renameSync(join(base, file), tarball);
  const found = digestOf(tarball);
  if (found !== integrity) {
    rmSync(base, { recursive: true, force: true });
    throw new Error(
      `${name}@${version} is not what is pinned: its digest is ${found}, not ${integrity}. It is not used.`,
    );
  }
  const unpacked = run('tar', ['-xzf', tarball, '-C', base]);
  if (!unpacked.ok || !existsSync(folder))
    throw new Error(`${name}@${version} cannot be unpacked: ${unpacked.output.trim()}`);
  return folder;
};
