// What a packed product must and must not contain.
import { extractFile, listPackage } from '@electron/asar';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fuseProblems } from './fuses.mjs';
import { sbomProblems } from './delivery/sbom.mjs';
import { root } from './setup/steps.mjs';

const listFiles = (folder, prefix = '') =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? listFiles(join(folder, entry.name), `${prefix}${entry.name}/`) : [`${prefix}${entry.name}`],
  );

const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');

/**
 * The problems of an unpacked build; none when it is as it should be.
 * @param {string} folder such as out/linux-unpacked
 * @returns {Promise<string[]>}
 */
export const inspectPayload = async (folder) => {
  const problems = [];
  const archive = join(folder, 'resources', 'app.asar');
  if (!existsSync(archive)) return [`there is no ${archive}`];
  const inside = listPackage(archive, { isPack: false }).map((path) => path.split('\\').join('/').slice(1));
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

  for (const path of inside) {
    if (path.endsWith('.map')) problems.push(`a source map: ${path}`);
    if (/^(test|shared|main|renderer|build|docs)\//.test(path)) problems.push(`a source file: ${path}`);
  }
  const packages = new Set(
    inside.map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]).filter(Boolean),
  );
  for (const name of Object.keys(manifest.devDependencies))
    if (packages.has(name)) problems.push(`a development package: ${name}`);
  for (const name of Object.keys(manifest.dependencies))
    if (!packages.has(name)) problems.push(`a missing package: ${name}`);

  const unpacked = join(folder, 'resources', 'app.asar.unpacked', 'dist', 'powershell');
  const hashes = existsSync(join(unpacked, 'scripts.json'))
    ? JSON.parse(readFileSync(join(unpacked, 'scripts.json'), 'utf8'))
    : {};
  const scripts = listFiles(join(root, 'main', 'powershell')).filter(
    (path) => path.endsWith('.ps1') || path.endsWith('.cmd'),
  );
  if (scripts.length === 0) problems.push('the source has no scripts');
  for (const path of scripts) {
    const shipped = join(unpacked, path);
    if (!existsSync(shipped)) problems.push(`a script is missing: ${path}`);
    else if (digest(readFileSync(shipped)) !== digest(readFileSync(join(root, 'main', 'powershell', path))))
      problems.push(`a script differs from its source: ${path}`);
    else if (!JSON.stringify(hashes).includes(digest(readFileSync(shipped))))
      problems.push(`a script has no hash: ${path}`);
  }
  for (const name of ['LICENSE', 'THIRD-PARTY-NOTICES.txt'])
    if (!existsSync(join(folder, name))) problems.push(`a licence file is missing: ${name}`);
  const notices = existsSync(join(folder, 'THIRD-PARTY-NOTICES.txt'))
    ? readFileSync(join(folder, 'THIRD-PARTY-NOTICES.txt'), 'utf8')
    : '';
  for (const name of [...Object.keys(manifest.dependencies), 'react', 'zod', '@fluentui/react-components'])
    if (!notices.includes(`\n${name} `)) problems.push(`no licence notice of ${name}`);
  const program = ['quorate-window', 'quorate-window.exe'].map((name) => join(folder, name)).find(existsSync);
  if (program) problems.push(...(await fuseProblems(program)));
  else problems.push('there is no program quorate-window');
  return problems;
};

/**
 * Holds the bill of materials of an unpacked build against the packages in its archive.
 * @param {string} folder such as out/linux-unpacked
 * @returns {string[]} one sentence for each difference
 */
export const asarProblems = (folder) => {
  const archive = join(folder, 'resources', 'app.asar');
  const sbom = join(folder, 'sbom.cdx.json');
  if (!existsSync(sbom)) return ['there is no bill of materials'];
  const packages = listPackage(archive, { isPack: false })
    .map((path) => path.split('\\').join('/').slice(1))
    .filter((path) => /(^|\/)node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(path))
    .map((path) => JSON.parse(extractFile(archive, path).toString('utf8')));
  return sbomProblems(readFileSync(sbom, 'utf8'), packages);
};
