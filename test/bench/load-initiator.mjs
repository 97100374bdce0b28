import { execFileSync } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = new URL('../../', import.meta.url);

/** Bundles TypeScript of the repository for this process and loads it. Node 20 does not run TypeScript by itself. */
export const loadTypeScript = async (entry, from = root) => {
  const folder = new URL(`.cache/bench-${process.pid}-${from === root ? 'this' : 'other'}/`, root);
  const outfile = new URL(`${entry.replaceAll('/', '-')}.mjs`, folder);
  await mkdir(folder, { recursive: true });
  try {
    await build({
      entryPoints: [new URL(entry, from).pathname],
      outfile: outfile.pathname,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      external: ['@node-rs/crc32'],
      // Packages that are CommonJS still ask for `require`.
      banner: { js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);" },
      logLevel: 'warning',
    });
    return await import(pathToFileURL(outfile.pathname).href);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

export const loadInitiator = () => loadTypeScript('main/iscsi/index.ts');

/** The initiator of another commit of this repository, to be measured beside this one. Fails where the history does not hold it. */
export const loadInitiatorOf = async (commit) => {
  const folder = new URL(`.cache/beside-${commit}/`, root);
  await mkdir(folder, { recursive: true });
  const archive = execFileSync('git', ['archive', commit, 'main/iscsi'], { cwd: root, maxBuffer: 64 * 1024 * 1024 });
  execFileSync('tar', ['-x', '-C', folder.pathname], { input: archive });
  try {
    return await loadTypeScript('main/iscsi/index.ts', folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
