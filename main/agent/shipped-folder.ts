import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * A folder that ships with the product, wherever this code runs: in the sources it is below main/, in a build below
 * dist/. Files that other programs open lie outside the archive of an installed product (`app.asar.unpacked`).
 * @param parts such as `powershell`, `collect`
 */
export const shippedFolder = (...parts: readonly string[]): string => {
  const start = dirname(fileURLToPath(import.meta.url));
  let folder = start;
  for (;;) {
    const candidate = join(folder, ...parts);
    const unpacked = candidate.replace(/([\\/])app\.asar([\\/])/, '$1app.asar.unpacked$2');
    if (unpacked !== candidate && existsSync(unpacked)) return unpacked;
    if (existsSync(candidate)) return candidate;
    const above = dirname(folder);
    if (above === folder) return join(start, ...parts);
    folder = above;
  }
};
