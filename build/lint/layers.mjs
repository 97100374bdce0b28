// Who may import whom: one table, checked over the whole source and proven by canary files that break each rule.
import { cruise } from 'dependency-cruiser';
import { existsSync, readdirSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../setup/steps.mjs';

/**
 * @typedef {object} Layer
 * @property {string[]} folders what this folder may import, besides itself
 * @property {string[]} packages npm packages, '*' for any that no rule reserves
 * @property {boolean} node whether Node's own modules may be used
 */

/** @type {Record<string, Layer>} The table of docs/architecture.md. */
export const layers = {
  shared: { folders: [], packages: ['zod', 'ipaddr.js', 'minisearch'], node: false },
  'main/iscsi': { folders: [], packages: ['@node-rs/crc32'], node: true },
  'main/system': { folders: [], packages: [], node: true },
  'main/ports': { folders: ['shared'], packages: [], node: true },
  'main/qualify': { folders: ['main/iscsi', 'shared'], packages: ['*'], node: true },
  'main/journal': { folders: ['main/system', 'shared'], packages: ['*'], node: true },
  'main/powershell': { folders: ['main/system', 'shared'], packages: ['*'], node: true },
  'main/channel': { folders: ['shared'], packages: ['*'], node: true },
  'main/peer': { folders: ['main/channel', 'main/ports', 'main/system', 'shared'], packages: ['*'], node: true },
  'main/linux': { folders: ['main/ports', 'main/system', 'shared'], packages: ['*'], node: true },
  'main/windows': { folders: ['main/ports', 'main/powershell', 'main/system', 'shared'], packages: ['*'], node: true },
  'main/rehearsal': { folders: ['main/ports', 'main/iscsi', 'main/system', 'shared'], packages: ['*'], node: true },
  'main/coordination': {
    folders: ['main/ports', 'main/journal', 'main/system', 'shared'],
    packages: ['*'],
    node: true,
  },
  'main/operations': {
    folders: ['main/coordination', 'main/ports', 'main/qualify', 'main/iscsi', 'main/journal', 'main/system', 'shared'],
    packages: ['*'],
    node: true,
  },
  'main/api': { folders: ['main/operations', 'main/ports', 'shared'], packages: ['*'], node: true },
  'main/agent': {
    folders: [
      'main/api',
      'main/channel',
      'main/coordination',
      'main/iscsi',
      'main/journal',
      'main/linux',
      'main/operations',
      'main/peer',
      'main/ports',
      'main/powershell',
      'main/qualify',
      'main/rehearsal',
      'main/system',
      'main/windows',
      'shared',
    ],
    packages: ['*'],
    node: true,
  },
  'main/cli': {
    folders: ['main/agent', 'main/api', 'main/channel', 'main/system', 'shared'],
    packages: ['*'],
    node: true,
  },
  'main/electron': {
    folders: ['main/agent', 'main/api', 'main/channel', 'main/system', 'shared'],
    packages: ['*'],
    node: true,
  },
  'renderer/api': { folders: ['shared'], packages: ['*'], node: false },
  'renderer/ui': { folders: ['shared'], packages: ['*'], node: false },
  'renderer/features': { folders: ['renderer/api', 'renderer/ui', 'shared'], packages: ['*'], node: false },
  'renderer/app': {
    folders: ['renderer/api', 'renderer/ui', 'renderer/features', 'shared'],
    packages: ['*'],
    node: false,
  },
};

/**
 * The folders inside main/iscsi and which of them each may import: the table of its README.md. `error.ts` beside them is the base that all of them
 * share and that imports nothing.
 * @type {Record<string, string[]>}
 */
export const iscsiFolders = {
  wire: [],
  pdu: ['wire'],
  text: [],
  scsi: ['wire'],
  transport: ['pdu', 'text'],
  login: ['transport', 'text', 'pdu'],
  session: ['login', 'transport', 'scsi', 'text', 'pdu', 'wire'],
};

/** Packages and modules that only the named folders may use: the few doors to the outside. */
export const reserved = {
  electron: ['main/electron'],
  'multicast-dns': ['main/peer'],
  '@peculiar/x509': ['main/peer'],
  'node-powershell': ['main/powershell'],
  net: ['main/iscsi', 'main/rehearsal', 'main/channel', 'main/peer', 'main/agent'],
  tls: ['main/channel', 'main/peer'],
  dgram: ['main/peer'],
  http: ['main/agent'],
  https: [],
  http2: [],
  child_process: ['main/powershell', 'main/agent', 'main/rehearsal', 'main/linux'],
};

const inside = (folder) => `^${folder}/`;
const escape = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
const packagePath = (name) => `(^|/)node_modules/${escape(name)}/`;

const layerRules = () =>
  Object.entries(layers).flatMap(([folder, layer]) => {
    const allowed = [folder, ...layer.folders].map(inside);
    /** @type {any[]} */
    const rules = [
      {
        name: `layer: ${folder}`,
        severity: 'error',
        from: { path: inside(folder) },
        to: { path: '^(main|shared|renderer|test|build)/', pathNot: allowed },
      },
    ];
    if (!layer.packages.includes('*'))
      rules.push({
        name: `packages: ${folder}`,
        severity: 'error',
        from: { path: inside(folder) },
        to: { path: 'node_modules/', pathNot: layer.packages.map(packagePath) },
      });
    if (!layer.node)
      rules.push({
        name: `node: ${folder}`,
        severity: 'error',
        from: { path: inside(folder) },
        to: { path: `^(node:)?(${builtinModules.filter((name) => !name.startsWith('_')).join('|')})$` },
      });
    return rules;
  });

const iscsi = 'main/iscsi';
const iscsiBase = `^${iscsi}/error\\.ts$`;

const iscsiRules = () => [
  ...Object.entries(iscsiFolders).map(([folder, others]) => ({
    name: `layer: ${iscsi}/${folder}`,
    severity: 'error',
    from: { path: inside(`${iscsi}/${folder}`) },
    to: {
      path: inside(iscsi),
      pathNot: [iscsiBase, ...[folder, ...others].map((one) => inside(`${iscsi}/${one}`))],
    },
  })),
  { name: `layer: ${iscsi}/error.ts`, severity: 'error', from: { path: iscsiBase }, to: { path: inside(iscsi) } },
  {
    name: 'unknown folder',
    severity: 'error',
    from: {
      path: `^${iscsi}/[^/]+/`,
      pathNot: Object.keys(iscsiFolders).map((folder) => inside(`${iscsi}/${folder}`)),
    },
    to: {},
  },
];

const reservedRules = () =>
  Object.entries(reserved).map(([name, folders]) => ({
    name: `reserved: ${name}`,
    severity: 'error',
    from: { path: '^(main|shared|renderer)/', pathNot: folders.map(inside) },
    to: { path: builtinModules.includes(name) ? `^(node:)?${name}$` : packagePath(name) },
  }));

const otherRules = () => [
  {
    name: 'unknown folder',
    severity: 'error',
    from: { path: '^(main|renderer|shared)/', pathNot: Object.keys(layers).map(inside) },
    to: {},
  },
  {
    name: 'feature imports feature',
    severity: 'error',
    from: { path: '^renderer/features/([^/]+)/' },
    to: { path: '^renderer/features/([^/]+)/', pathNot: '^renderer/features/$1/' },
  },
  {
    name: 'imports a test',
    severity: 'error',
    from: { path: '^(main|renderer|shared|build)/' },
    to: { path: '^test/' },
  },
  { name: 'cycle', severity: 'error', from: { path: '^(main|renderer|shared)/' }, to: { circular: true } },
  { name: 'not found', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '^(electron)$' } },
];

/** Files that import nothing are seen by their folder alone. */
const unknownFolders = (base) =>
  ['main', 'renderer'].flatMap((top) =>
    existsSync(join(base, top))
      ? readdirSync(join(base, top), { withFileTypes: true })
          .filter((entry) => entry.isDirectory() && !layers[`${top}/${entry.name}`])
          .map((entry) => ({ rule: 'unknown folder', from: `${top}/${entry.name}`, to: '' }))
      : [],
  );

/**
 * The violations below a folder that has the shape of the repository.
 * @param {string} base
 * @returns {Promise<{ rule: string, from: string, to: string }[]>}
 */
export const findViolations = async (base) => {
  const tops = ['shared', 'main', 'renderer'].filter((top) => existsSync(join(base, top)));
  const { output } = await cruise(tops, {
    baseDir: base,
    ruleSet: {
      forbidden: /** @type {any} */ ([...layerRules(), ...iscsiRules(), ...reservedRules(), ...otherRules()]),
    },
    validate: true,
    // Needs the API of TypeScript 6: with 7 it reads no .ts file and finds nothing wrong. The canaries would tell.
    parser: 'tsc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^dist', '\\.tsbuild'] },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.d.ts'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  });
  const found = /** @type {any} */ (output).summary.violations.map(({ rule, from, to }) => ({
    rule: rule.name,
    from,
    to,
  }));
  return [...unknownFolders(base), ...found];
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const violations = await findViolations(root);
  for (const { rule, from, to } of violations) console.error(`${rule}: ${from.split(sep).join('/')} -> ${to}`);
  console.log(
    violations.length
      ? `${violations.length} imports break the table of layers.`
      : 'Every import is true to the table of layers.',
  );
  process.exitCode = violations.length ? 1 : 0;
}
