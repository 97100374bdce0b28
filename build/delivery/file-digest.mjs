import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** The SHA-256 of a file, in hex, as `sha256sum` and `Get-FileHash` write it (the latter in capitals). */
export const fileDigest = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');
