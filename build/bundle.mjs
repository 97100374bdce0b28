// Bundles the product into dist/: the CLI, the Electron main process and preload, the world process, the page.
import { build as esbuild } from 'esbuild';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as vite } from 'vite';
import { makeBook, packBook } from './help/book.mjs';
import { bookPage } from './help/page.mjs';
import { describeScripts, hashScripts } from './hash-scripts.mjs';
import { writeNotices } from './notices.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = join(root, 'dist');
/** Built beside and then renamed, so that what runs from dist/ never sees half of it. */
const dist = join(root, '.cache', `dist-${process.pid}`);
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** @type {import('esbuild').BuildOptions} */
const node = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  minify: true,
  keepNames: true,
  logLevel: 'warning',
  metafile: true,
  legalComments: 'none',
  define: {
    __QUORATE_VERSION__: JSON.stringify(version),
    // In the bundle, which is inside the signed archive; scripts.json beside the scripts is for people.
    __QUORATE_SCRIPTS__: JSON.stringify(describeScripts(join(root, 'main', 'powershell'))),
  },
  // Its CommonJS form is UMD, whose inner imports no bundler sees.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  external: ['electron', '@node-rs/crc32', 'systeminformation', 'node-powershell', 'pino'],
};

/** ESM bundles that still meet CommonJS packages need `require`. */
const requireBanner = {
  js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);",
};

/**
 * The files that only the window loads, by their names below dist/: a server without a desktop does not get them.
 * @param {import('esbuild').Metafile['outputs']} outputs
 */
const windowOnly = (outputs) => {
  const needed = new Set();
  const follow = (path) => {
    if (needed.has(path) || !outputs[path]) return;
    needed.add(path);
    for (const { path: next } of outputs[path].imports) follow(next);
  };
  for (const [path, { entryPoint }] of Object.entries(outputs))
    if (['main/cli/quorate.ts', 'main/rehearsal/world/process.ts'].includes(entryPoint)) follow(path);
  return Object.keys(outputs)
    .filter((path) => !needed.has(path))
    .map((path) => relative(dist, join(root, path)).split(sep).join('/'))
    .concat('electron/preload.cjs')
    .sort();
};

/**
 * Command line, world and window in one build, so that what two of them need lies once in chunks/. A chunk holds what the same entries
 * reach: none of the window's own code is in one that the command line loads.
 */
const bundleMain = async () => {
  const programs = await esbuild({
    ...node,
    entryPoints: {
      'cli/quorate': 'main/cli/quorate.ts',
      'world/world': 'main/rehearsal/world/process.ts',
      'electron/main': 'main/electron/main.ts',
    },
    outdir: dist,
    format: 'esm',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    outExtension: { '.js': '.mjs' },
    banner: requireBanner,
  });
  await esbuild({
    ...node,
    entryPoints: { preload: 'main/electron/preload.ts' },
    outdir: join(dist, 'electron'),
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
  });
  const { inputs, outputs } = programs.metafile;
  const paths = (names) => names.map((path) => join(root, path));
  return {
    parts: [
      {
        read: paths(Object.keys(inputs)),
        kept: paths(
          Object.values(outputs).flatMap((output) =>
            Object.entries(output.inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
          ),
        ),
      },
    ],
    windowOnly: windowOnly(outputs),
  };
};

const bundlePage = async () => {
  const read = [];
  const kept = [];
  await vite({
    root: join(root, 'renderer'),
    configFile: join(root, 'build', 'vite.config.mjs'),
    logLevel: 'warn',
    build: { outDir: join(dist, 'renderer') },
    plugins: [
      {
        name: 'list-modules',
        moduleParsed: ({ id }) => void read.push(id),
        generateBundle: (_options, output) => {
          for (const part of Object.values(output))
            if (part.type === 'asset') kept.push(...part.originalFileNames.map((path) => join(root, 'renderer', path)));
            else
              for (const [id, { renderedLength }] of Object.entries(part.modules))
                if (renderedLength > 0) kept.push(id);
        },
      },
    ],
  });
  return [{ read, kept }];
};

/** Everything that ships beside the bundles as it is: PowerShell scripts with their hashes, the collectors. */
const copyScripts = () => {
  for (const folder of ['session', 'scripts', 'collect']) {
    const from = join(root, 'main', 'powershell', folder);
    if (existsSync(from)) cpSync(from, join(dist, 'powershell', folder), { recursive: true });
  }
  hashScripts(join(dist, 'powershell'));
};

export const bundle = async () => {
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  try {
    const [programs, page] = await Promise.all([bundleMain(), bundlePage()]);
    const parts = [...programs.parts, ...page];
    copyScripts();
    const book = makeBook();
    writeFileSync(join(dist, 'renderer', 'help.json'), JSON.stringify(packBook(book)));
    writeFileSync(join(dist, 'help.html'), bookPage(book));
    const { bundled, unlicensed } = writeNotices({
      readFiles: parts.flatMap(({ read }) => read),
      // What was read and then left out whole, because nothing uses it, is not in the product.
      keptFiles: parts.flatMap(({ kept }) => kept),
      target: join(dist, 'THIRD-PARTY-NOTICES.txt'),
    });
    if (unlicensed.length > 0) throw new Error(`No licence is named by ${unlicensed.join(', ')}.`);
    writeFileSync(join(dist, 'bundled-packages.json'), JSON.stringify(bundled));
    writeFileSync(join(dist, 'window-only.json'), JSON.stringify(programs.windowOnly));
    writeFileSync(join(dist, 'version.json'), JSON.stringify({ version }));
    // Deleting takes its time, renaming does not: there is hardly a moment without dist/.
    const old = `${dist}.old`;
    if (existsSync(target)) renameSync(target, old);
    renameSync(dist, target);
    rmSync(old, { recursive: true, force: true });
  } finally {
    rmSync(dist, { recursive: true, force: true });
  }
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await bundle();
  console.log('Built dist/.');
}
