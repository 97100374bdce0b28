// Loaded with --import before the built command line: ends the process with SIGKILL at the N-th write into the journals of one core.
// CRASH_CORE is the part of the path that names the core, CRASH_AT the number of the write from 1 on, CRASH_MOMENT `before` or `after` it.
// Without CRASH_AT it only counts, and writes the count to the file CRASH_COUNT at the end.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { CRASH_CORE = '', CRASH_AT, CRASH_MOMENT = 'after', CRASH_COUNT } = process.env;
const journals = new Set();
let writes = 0;

const { openSync, writeSync, closeSync } = fs;
const end = () => process.kill(process.pid, 'SIGKILL');

fs.openSync = (path, ...rest) => {
  const descriptor = openSync(path, ...rest);
  const text = String(path).replaceAll('\\', '/');
  if (text.includes(`/${CRASH_CORE}/journal/`) && text.endsWith('.jsonl')) journals.add(descriptor);
  return descriptor;
};
fs.closeSync = (descriptor) => {
  journals.delete(descriptor);
  return closeSync(descriptor);
};
fs.writeSync = (descriptor, ...rest) => {
  if (!journals.has(descriptor)) return writeSync(descriptor, ...rest);
  writes += 1;
  const isHere = writes === Number(CRASH_AT);
  if (isHere && CRASH_MOMENT === 'before') end();
  const written = writeSync(descriptor, ...rest);
  if (isHere) end();
  return written;
};
syncBuiltinESMExports();

process.on('exit', () => {
  if (CRASH_COUNT) fs.writeFileSync(CRASH_COUNT, String(writes));
});
