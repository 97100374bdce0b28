// What of `npm test` a change can reach.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { root } from '../setup/steps.mjs';

/**
 * Who imports what, by paths below the repository's root. `lazily` holds what is imported only when it is first called.
 * @typedef {ReadonlyMap<string, { readonly imports: readonly string[], readonly lazily: readonly string[] }>} Graph
 */

/** Storeys whose files run the product as it was built; what they import says little about what they reach. */
const productFolders = ['test/integration/', 'test/e2e/', 'test/wine/', 'test/lab/'];

/**
 * The tests of the built product, by what they are about: the folders below main/operations and renderer/features and the commands. A goal without a row
 * is tried by all of them.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const goals = {
  agent: ['test/integration/frame', 'test/e2e/window-life.test.ts', 'test/e2e/loopback-page.test.ts', 'test/wine'],
  availability: ['test/integration/availability', 'test/e2e/availability.test.ts'],
  cluster: ['test/integration/server'],
  collect: ['test/integration/readiness'],
  completion: ['test/integration/frame'],
  disk: ['test/integration/server', 'test/e2e/rehearsal.test.ts'],
  formation: ['test/integration/formation'],
  host: ['test/integration/server'],
  initiator: ['test/integration/server'],
  iscsi: ['test/integration/iscsi'],
  journal: ['test/integration/server'],
  network: ['test/integration/server', 'test/e2e/rehearsal.test.ts'],
  nic: ['test/integration/server'],
  peers: ['test/integration/peers', 'test/lab/peers.test.ts'],
  plans: ['test/integration/server', 'test/integration/formation'],
  'practice-target': ['test/integration/target', 'test/lab/target.test.ts'],
  qualification: ['test/integration/iscsi', 'test/e2e/qualification.test.ts', 'test/lab/lio.test.ts'],
  readiness: ['test/integration/readiness', 'test/e2e/readiness.test.ts'],
  rehearsal: ['test/integration/rehearsal-world', 'test/e2e/rehearsal.test.ts'],
  rehearse: ['test/integration/formation'],
  report: ['test/integration/iscsi'],
  reports: ['test/integration/iscsi', 'test/e2e/qualification.test.ts'],
  server: ['test/integration/server', 'test/e2e/rehearsal.test.ts'],
  storage: ['test/integration/server', 'test/e2e/rehearsal.test.ts'],
  target: ['test/integration/target', 'test/lab/target.test.ts'],
};

/** Whatever the change is, the product was started. */
const alwaysOfTheProduct = ['test/integration/frame'];

/** The goal that a file of the product stands for, or null. @param {string} file */
export const goalOf = (file) =>
  /^(?:main\/operations|renderer\/features)\/([^/]+)\//.exec(file)?.[1] ??
  /^main\/cli\/commands\/(?!index\.)([^/]+)\.ts$/.exec(file)?.[1] ??
  null;

/** Files whose text is read by tests, and which. The first row that fits decides; `all`: everything runs. */
const readAsText = [
  { file: /^(package-lock\.json|vitest\.config\.ts|tsconfig\.base\.json|build\/setup\/)/, tests: 'all' },
  {
    file: /^main\/powershell\/.*\.(ps1|psm1|cmd)$/,
    tests: ['test/powershell/', 'test/unit/powershell/', 'test/unit/delivery/payload.test.ts'],
  },
  { file: /^test\/powershell\/.*\.(ps1|psm1|psd1|json)$/, tests: ['test/powershell/'] },
  { file: /^build\/(delivery|launcher)\//, tests: ['test/unit/delivery/', 'test/wine/'] },
  { file: /^(build\/lint\/|test\/canaries\/|test\/lint-canaries\/)/, tests: ['test/unit/layers/'] },
];

/** @param {Graph} graph @returns {Map<string, string[]>} who imports each file, without hubs */
const turnAround = (graph) => {
  /** @type {Map<string, string[]>} */
  const importers = new Map();
  for (const [file, { imports, lazily }] of graph) {
    // What loads much of the product when it is asked for hands on what anything can do: it is no reader of each.
    const isHub = lazily.length > 8;
    for (const one of isHub ? imports : [...imports, ...lazily])
      importers.set(one, [...(importers.get(one) ?? []), file]);
  }
  return importers;
};

/**
 * @param {ReadonlyMap<string, readonly string[]>} importers @param {readonly string[]} files
 * @param {(file: string) => boolean} [isEnd] who imports such a file is not asked any more
 */
const reachedFrom = (importers, files, isEnd = () => false) => {
  const seen = new Set(files);
  for (const file of seen) if (!isEnd(file)) for (const one of importers.get(file) ?? []) seen.add(one);
  return seen;
};

/**
 * The test files that a change reaches.
 * @param {readonly string[]} changed files below the root
 * @param {Graph} graph
 * @param {readonly string[]} tests every test file
 * @param {(test: string, changed: string) => boolean} mentions whether a test, or what it imports of test/, names the file
 * @returns {readonly string[] | 'all'}
 */
export const reach = (changed, graph, tests, mentions) => {
  const rows = changed.map((file) => ({ file, row: readAsText.find((one) => one.file.test(file)) }));
  if (rows.some(({ row }) => row?.tests === 'all')) return 'all';
  const folders = rows.flatMap(({ row }) => (Array.isArray(row?.tests) ? row.tests : []));
  const importers = turnAround(graph);
  const reached = reachedFrom(importers, changed);
  const source = changed.filter((file) => /^(main|shared|renderer)\//.test(file));
  if (source.length > 0) {
    // The goals that a file serves are the first ones met on the way up; whom those serve in turn is a matter of their own tests.
    const isGoal = (file) => goalOf(file) !== null;
    const served = [...reachedFrom(importers, source, isGoal)].map(goalOf);
    const found = new Set(served.filter((goal) => goal !== null));
    const isTrunk = found.size === 0 || found.size > 0.5 * Object.keys(goals).length;
    if (isTrunk) folders.push(...productFolders);
    else folders.push(...alwaysOfTheProduct, ...[...found].flatMap((goal) => goals[goal] ?? productFolders));
  }
  return tests.filter(
    (test) =>
      reached.has(test) ||
      folders.some((folder) => test.startsWith(folder)) ||
      changed.some((file) => !/\.(ts|tsx|mjs)$/.test(file) && mentions(test, file)),
  );
};

/** @param {string} folder @returns {string[]} paths below the root */
const filesBelow = (folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(
    (name) => `${folder}/${name.replaceAll('\\', '/')}`,
  );

/** @param {readonly string[]} entries @returns {Promise<Graph>} */
const readGraph = async (entries) => {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [...entries],
    outdir: join(root, '.cache', 'graph'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    loader: { '.css': 'empty', '.svg': 'empty', '.png': 'empty', '.woff2': 'empty' },
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  return new Map(
    Object.entries(metafile.inputs).map(([file, { imports }]) => {
      const ours = imports.filter(({ external }) => !external);
      const paths = (isLazy) =>
        ours.filter(({ kind }) => (kind === 'dynamic-import') === isLazy).map(({ path }) => path);
      return [file, { imports: paths(false), lazily: paths(true) }];
    }),
  );
};

/** @param {string[]} args */
const git = (args) => {
  const { status, stdout, stderr } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr.trim()}`);
  return stdout.split('\n').filter((line) => line !== '');
};

/**
 * The files that differ: from where this branch left `ref`, or from the last commit. New files count, removed ones too.
 * @param {string | null} ref
 */
export const listChanges = (ref) => {
  const from = ref === null ? 'HEAD' : (git(['merge-base', ref, 'HEAD'])[0] ?? ref);
  const files = [
    ...git(['diff', '--name-only', '--no-renames', from, '--']),
    ...git(['ls-files', '--others', '--exclude-standard']),
  ];
  return {
    files: [...new Set(files)].sort(),
    since: ref === null ? 'the last commit' : `${ref} (${from.slice(0, 9)})`,
  };
};

/**
 * For each check and storey that has something to do its files, null where it runs whole; and what of the product's tests is left out.
 * @param {readonly string[]} changed
 * @returns {Promise<{ run: Map<string, readonly string[] | null>, leftOut: readonly string[] }>}
 */
export const whatToRun = async (changed) => {
  /** @type {Map<string, readonly string[] | null>} */
  const run = new Map();
  if (changed.length === 0) return { run, leftOut: [] };
  const code = changed.filter((file) => /\.(ts|tsx|mjs)$/.test(file) && !/canaries\//.test(file));
  const forAll = changed.some((file) => /tsconfig|package-lock|oxlint|oxfmt/.test(file));
  run.set('format', null);
  run.set('docs', null);
  if (code.length > 0 || forAll) for (const name of ['types', 'layers', 'exports']) run.set(name, null);
  if (forAll) run.set('lint', null);
  else if (code.some((file) => existsSync(join(root, file))))
    run.set(
      'lint',
      code.filter((file) => existsSync(join(root, file))),
    );

  const tests = filesBelow('test').filter((file) => /\.test\.tsx?$/.test(file) && !/canaries|artifacts/.test(file));
  const pages = filesBelow('renderer').filter((file) => /^renderer\/app\/[^/]*\.tsx?$/.test(file));
  const product = ['main/cli/quorate.ts', 'main/electron/main.ts', 'main/rehearsal/world/process.ts', ...pages];
  const graph = await readGraph([...tests, ...product]);
  const texts = new Map();
  const textOf = (file) => {
    if (!texts.has(file)) texts.set(file, existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : '');
    return texts.get(file);
  };
  const mentions = (test, file) => {
    const names = file.startsWith('test/') ? [basename(file), basename(dirname(file))] : [basename(file)];
    const readers = [test, ...(graph.get(test)?.imports ?? []).filter((one) => one.startsWith('test/'))];
    return readers.some((reader) => names.some((name) => textOf(reader).includes(name)));
  };
  const reached = reach(changed, graph, tests, mentions);
  const wanted = reached === 'all' ? tests : reached;
  const leftOut = [];
  for (const storey of new Set(tests.map((test) => test.split('/')[1] ?? ''))) {
    const every = tests.filter((test) => test.startsWith(`test/${storey}/`));
    const some = wanted.filter((test) => every.includes(test));
    if (some.length > 0) run.set(storey, some.length === every.length ? null : some);
    if (some.length < every.length) leftOut.push(`${storey}: ${some.length} of ${every.length} test files.`);
  }
  return { run, leftOut };
};
