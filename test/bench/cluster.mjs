// A validation report of 1 MB read, and the rehearsed creation of a cluster of 64 nodes against one of two. Prints JSON, a line each.
import { build } from 'esbuild';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '..', '..');
const folder = join(root, '.cache', 'bench');
mkdirSync(folder, { recursive: true });
const outfile = join(folder, `cluster-${process.pid}.mjs`);
try {
  await build({
    entryPoints: [join(root, 'test/bench/cluster.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'warning',
  });
  await import(pathToFileURL(outfile).href);
} finally {
  rmSync(outfile, { force: true });
}
