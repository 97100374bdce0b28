// Loaded with --import before the built command line: ends the process with SIGKILL at a write into the journal of a core of a rehearsal.
//
// At one write: CRASH_CORE is the part of the path that names the core, CRASH_AT the number of the write from 1 on, CRASH_MOMENT `before`
// or `after` it. Without CRASH_AT it only counts, and writes the count to the file CRASH_COUNT at the end.
//
// In place of renaming onto the file of one name: CRASH_FILE is the name, CRASH_AT the number of the renaming from 1 on.
//
// At every write, one after the other: CRASH_SEEN is a file that keeps at which writes a process was killed already. The next process is
// killed at the first write that is not among them, whatever core it is of, until one comes to its end. CRASH_SHARE and CRASH_SEED choose
// so many of all, by chance, the same for the same seed.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';

const { CRASH_CORE = '', CRASH_AT, CRASH_MOMENT = 'after', CRASH_COUNT, CRASH_SEEN, CRASH_FILE } = process.env;
const { CRASH_SHARE = '1', CRASH_SEED = '1' } = process.env;
/** Of each open journal file the core that it belongs to. */
const journals = new Map();
let writes = 0;

let renamings = 0;

const { openSync, writeSync, closeSync, renameSync } = fs;
const end = () => process.kill(process.pid, 'SIGKILL');

const seen = new Set(
  CRASH_SEEN !== undefined && fs.existsSync(CRASH_SEEN) ? fs.readFileSync(CRASH_SEEN, 'utf8').split('\n') : [],
);

/** From 0 to 1, the same for the same text and seed. */
const chanceOf = (text) => createHash('sha256').update(`${CRASH_SEED} ${text}`).digest().readUInt32BE(0) / 2 ** 32;

/** What a write is known by in another process: not by its number, which depends on how far the one before came. */
const nameOf = (core, data) => {
  // A line is a checksum of eight digits, a space, and the record.
  const { type, step, state, method, steps } = JSON.parse(String(data).slice(9));
  return [core, type, step ?? method ?? state ?? '', steps?.[0]?.id.split(':')[0] ?? ''].join(' ');
};

fs.openSync = (path, ...rest) => {
  const descriptor = openSync(path, ...rest);
  const found = /\/rehearsed\/[^/]+\/([^/]+)\/journal\/[^/]+\.jsonl$/.exec(String(path).replaceAll('\\', '/'));
  if (found && (CRASH_SEEN !== undefined || found[1] === CRASH_CORE)) journals.set(descriptor, found[1]);
  return descriptor;
};
fs.closeSync = (descriptor) => {
  journals.delete(descriptor);
  return closeSync(descriptor);
};
fs.writeSync = (descriptor, data, ...rest) => {
  const core = journals.get(descriptor);
  if (core === undefined) return writeSync(descriptor, data, ...rest);
  writes += 1;
  let isHere = writes === Number(CRASH_AT);
  if (CRASH_SEEN !== undefined) {
    const name = `${CRASH_MOMENT} ${nameOf(core, data)}`;
    isHere = !seen.has(name) && chanceOf(name) < Number(CRASH_SHARE);
    if (isHere) fs.appendFileSync(CRASH_SEEN, `${name}\n`);
  }
  if (isHere && CRASH_MOMENT === 'before') end();
  const written = writeSync(descriptor, data, ...rest);
  if (isHere) end();
  return written;
};
fs.renameSync = (from, to) => {
  if (CRASH_FILE !== undefined && basename(String(to)) === CRASH_FILE) {
    renamings += 1;
    if (renamings === Number(CRASH_AT)) end();
  }
  return renameSync(from, to);
};
syncBuiltinESMExports();

process.on('exit', () => {
  if (CRASH_COUNT) fs.writeFileSync(CRASH_COUNT, String(writes));
});
