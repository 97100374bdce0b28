// Bundles a TypeScript module and imports it, so that a document comes from the code itself.
import { build } from 'esbuild';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './steps.mjs';

/** @param {string} path below the repository's root */
export const importTypeScript = async (path) => {
  const outfile = join(root, '.cache', 'docs', `${path.replace(/[\\/]/g, '-')}.${process.pid}.mjs`);
  await build({
    absWorkingDir: root,
    entryPoints: [path],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    outfile,
    logLevel: 'warning',
    packages: 'external',
  });
  try {
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(outfile, { force: true });
  }
};
