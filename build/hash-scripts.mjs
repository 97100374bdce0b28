// Writes scripts.json beside the PowerShell scripts: the SHA-256 of each, checked before a script runs.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** @param {string} folder */
export const hashScripts = (folder) => {
  if (!existsSync(folder)) return;
  const hashes = Object.fromEntries(
    readdirSync(folder)
      .filter((name) => name.endsWith('.ps1'))
      .sort()
      .map((name) => [name, createHash('sha256').update(readFileSync(join(folder, name))).digest('hex')]),
  );
  writeFileSync(join(folder, 'scripts.json'), `${JSON.stringify(hashes, null, 2)}\n`);
};
