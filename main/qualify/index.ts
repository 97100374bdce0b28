/** Qualification of an iSCSI logical unit for failover clustering. */
export { Deadline } from './runner/deadline.ts';
export { describeUnit, describeWrongAnswer, examineUnit } from './runner/describe-unit.ts';
export { isSameNote, type KeyNote, type KeyNotes, type NotedRegistration } from './runner/key-notes.ts';
export { describeOutcome, type Removal } from './runner/remove-key.ts';
export { removeNotedKey } from './runner/remove-noted-key.ts';
export { qualify, selectCases } from './runner/run.ts';
export { describeHolder } from './runner/strangers.ts';
