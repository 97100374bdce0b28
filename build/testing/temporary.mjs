// Where the tests of a run keep their temporary files.
import { mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';

const wantedBytes = 4 * 1024 ** 3;

/**
 * Whether a line of /proc/mounts is a file system in memory at that place, where programs may be started.
 * @param {string} mounts the text of /proc/mounts @param {string} place
 */
export const isUsableMemory = (mounts, place) =>
  mounts
    .split('\n')
    .map((line) => line.split(' '))
    .some(
      ([, at, type, options = '']) =>
        at === place && type === 'tmpfs' && !options.split(',').some((one) => one === 'noexec' || one === 'ro'),
    );

const findMemory = () => {
  const place = '/dev/shm';
  try {
    const { bavail, bsize } = statfsSync(place);
    const isRoomy = bavail * bsize >= wantedBytes && freemem() >= 2 * wantedBytes;
    return isRoomy && isUsableMemory(readFileSync('/proc/mounts', 'utf8'), place) ? place : null;
  } catch {
    return null;
  }
};

/**
 * A folder for temporary files that goes with the run. In memory where there is room: thousands of tests flush thousands of small files, and none of
 * them takes the power from its disk. TMPDIR, where it is set, is heeded.
 */
export const makeTemporaryFolder = () => {
  const parent = process.env.TMPDIR ? tmpdir() : (findMemory() ?? tmpdir());
  const folder = mkdtempSync(join(parent, 'qt-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }) };
};
