/** What test/bench/qualify.mjs measures, in one bundle. */
export { keyNotesFile } from '../../main/agent/key-notes-file.ts';
export { qualify } from '../../main/qualify/index.ts';
export { freePort } from '../support/free-port.ts';
export { startTgt, tgtIsHere } from '../support/tgt.ts';
