/** Qualification of an iSCSI logical unit for failover clustering. */
export type { CaseDefinition, Needs } from './runner/case.ts';
export { Deadline } from './runner/deadline.ts';
export { describeUnit, describeWrongAnswer, examineUnit } from './runner/describe-unit.ts';
export { isSameNote, memoryKeyNotes, type KeyNote, type KeyNotes, type NotedRegistration } from './runner/key-notes.ts';
export { describeOutcome, removeKey, type Removal } from './runner/remove-key.ts';
export { distrustNote, removeNotedKey, type NoteAccess } from './runner/remove-noted-key.ts';
export { qualify, selectCases, type QualificationOutcome, type QualificationSettings } from './runner/run.ts';
export { describeHolder } from './runner/strangers.ts';
export { sentenceOf } from './runner/verdict.ts';
export { allCases } from './suites/index.ts';
