// Writes scripts.json beside the folders session/, scripts/ and collect/: the SHA-256 of each script, which the runner
// checks before it runs, and what the script's header says of it.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const folders = ['session', 'scripts', 'collect'];

/** What `#quorate changes:` may say. See docs/scripts.md. */
const changes = ['nothing', 'one', 'something'];

/**
 * Reads the two header lines of a script.
 * @param {string} name
 * @param {string} text
 */
const readHeader = (name, text) => {
  const os = /^#quorate os: *(.+)$/m.exec(text)?.[1];
  const effect = /^#quorate changes: *(\w+) *$/m.exec(text)?.[1];
  if (!os) throw new Error(`${name} has no line "#quorate os: ..." (see docs/scripts.md).`);
  if (!effect || !changes.includes(effect)) {
    throw new Error(`${name} has no line "#quorate changes: ${changes.join(' | ')}" (see docs/scripts.md).`);
  }
  return { changes: effect, os: os.split(',').map((release) => release.trim()) };
};

/**
 * The entries of scripts.json for a folder that holds session/ and scripts/.
 * @param {string} folder
 */
export const describeScripts = (folder) => {
  const entries = {};
  for (const part of folders) {
    const path = join(folder, part);
    if (!existsSync(path)) continue;
    for (const name of readdirSync(path).sort()) {
      if (!/\.(ps1|cmd)$/.test(name)) continue;
      const bytes = readFileSync(join(path, name));
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      entries[`${part}/${name}`] = {
        sha256,
        ...(part === 'scripts' ? readHeader(name, bytes.toString('latin1')) : {}),
      };
    }
  }
  return entries;
};

/**
 * Writes scripts.json into the folder.
 * @param {string} folder
 */
export const hashScripts = (folder) => {
  if (!existsSync(folder)) return;
  writeFileSync(join(folder, 'scripts.json'), `${JSON.stringify(describeScripts(folder), null, 2)}\n`);
};

/**
 * Copies session/ and scripts/ from the sources to a folder of their own and writes scripts.json there.
 * @param {string} to
 * @param {string[]} sources folders that hold session/ or scripts/; later ones add to earlier ones
 */
export const shipScripts = (to, sources) => {
  mkdirSync(to, { recursive: true });
  for (const source of sources) {
    for (const part of folders) {
      if (existsSync(join(source, part))) cpSync(join(source, part), join(to, part), { recursive: true });
    }
  }
  hashScripts(to);
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [to, ...sources] = process.argv.slice(2).map((path) => resolve(path));
  if (!to || sources.length === 0) {
    console.error('Usage: node build/hash-scripts.mjs TO SOURCE...');
    process.exit(2);
  }
  shipScripts(to, sources);
}
