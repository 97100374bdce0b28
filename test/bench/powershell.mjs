/**
 * Warm and cold calls of the PowerShell runner against one process per call, on the same engine in one run. Prints JSON.
 *
 *   node test/bench/powershell.mjs
 */
import { build } from 'esbuild';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const folder = join(root, '.cache/bench');
mkdirSync(folder, { recursive: true });
const outfile = join(folder, `powershell-${process.pid}.mjs`);
await build({
  entryPoints: [join(root, 'test/bench/powershell.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  logLevel: 'warning',
  // The sources find each other by their own folder, which the bundle has to keep.
  plugins: [
    {
      name: 'own-folder',
      setup: (one) =>
        one.onLoad({ filter: /test\/(support|powershell)\/.*\.ts$/ }, async ({ path }) => {
          const { readFile } = await import('node:fs/promises');
          const text = await readFile(path, 'utf8');
          return { contents: text.replaceAll('import.meta.dirname', JSON.stringify(dirname(path))), loader: 'ts' };
        }),
    },
  ],
});
try {
  const { runBench } = await import(pathToFileURL(outfile).href);
  console.log(JSON.stringify(await runBench(root), null, 2));
} finally {
  rmSync(outfile, { force: true });
}
