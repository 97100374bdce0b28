/** What the benches of the qualification measure, in one bundle. */
export { keyNotesFile } from '../../main/agent/key-notes-file.ts';
export { qualify } from '../../main/qualify/index.ts';
export { forwarded, lioTarget, lioVersion, serveUsual, startLio, whyNoLio } from '../support/lio.ts';
export { freePort } from '../support/free-port.ts';
export { startTgt, tgtIsHere } from '../support/tgt.ts';
