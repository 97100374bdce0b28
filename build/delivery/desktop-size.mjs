// How large the desktop's own code is, as electron-builder.yml packs it: without the runtime and without the packages beside the bundles.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup/steps.mjs';

/** The most that it may be, in bytes. */
export const desktopLimitBytes = 6e6;

/** Read by what packs, and not packed. */
const forPacking = new Set(['bundled-packages.json', 'window-only.json']);

/** @returns {number} bytes of dist/ that an installed desktop has: bundles, page, scripts, help, notices */
export const desktopOwnBytes = (dist = join(root, 'dist')) =>
  readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.map') && !forPacking.has(entry.name))
    .reduce((total, entry) => total + statSync(join(entry.parentPath, entry.name)).size, 0);
