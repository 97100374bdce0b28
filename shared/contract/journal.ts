import * as z from 'zod';
import { namedServerSchema } from './server.ts';
import { planSchema, planStepSchema } from '../plan/plan.ts';
import { applyFields, applyResultSchema, pendingRevertSchema, stepResultSchema } from './apply.ts';
import { method } from './define.ts';

/**
 * `interrupted`: it was begun, and neither its end nor its failure was written. `restartNeeded`: it goes on after a
 * restart. `newer`, `damaged`: the file cannot be read to its end. `waitingForConfirmation`: it reverts by itself unless it is confirmed. `reverted`: it was not confirmed.
 */
export const journalStates = [
  'running',
  'interrupted',
  'restartNeeded',
  'waitingForConfirmation',
  'done',
  'failed',
  'cancelled',
  'reverted',
  'undone',
  'setAside',
  'newer',
  'damaged',
] as const;

/** `change`: of one server, asked for there. `step`: one step that a coordinator ordered. `formation`: a plan over several servers. */
export const journalKinds = ['change', 'step', 'formation'] as const;

export const journalEntrySchema = z.object({
  id: z.string(),
  kind: z.enum(journalKinds),
  /** The entry on the coordinator's server that it is a part of; null where it stands for itself. */
  parent: z.string().nullable(),
  /** The server that ordered it, as a printed reference; null where it was asked for here. */
  coordinator: z.string().nullable(),
  /** The servers that it changes, by their computer names. */
  nodes: z.array(z.string()),
  /** Who asked for it: `ui`, `cli`, `peer:ID`. */
  by: z.string(),
  /** The server's printed reference. */
  server: z.string(),
  node: z.string(),
  title: z.string(),
  method: z.string(),
  state: z.enum(journalStates),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  /** The steps with what was planned and how each went. */
  steps: z.array(z.object({ step: planStepSchema, result: stepResultSchema })),
  /** What happened, as a sentence: "Interrupted while it gave Ethernet 2 the address 10.0.0.1." */
  summary: z.string(),
  /** True while it waits for a decision. */
  isOpen: z.boolean(),
  canFinish: z.boolean(),
  canUndo: z.boolean(),
  /** Why it cannot be undone, or which steps cannot; null when all can. */
  undoLimits: z.string().nullable(),
  /** Names of the secrets that finishing needs again: they are never kept. */
  secretsNeeded: z.array(z.string()),
  revert: pendingRevertSchema.nullable(),
});
export type JournalEntry = z.infer<typeof journalEntrySchema>;

export const journalList = method({
  name: 'journal.list',
  kind: 'read',
  callers: ['ui', 'cli'],
  inCore: true,
  input: z.object({
    /** Only changes of this server; `rehearsal:NAME` means all servers of that rehearsal. */
    server: namedServerSchema.optional(),
    /** Only what waits for a decision: interrupted, restartNeeded, waitingForConfirmation, failed. */
    open: z.boolean().default(false),
  }),
  output: z.array(journalEntrySchema),
});

/** Looks at the server and says which steps of an open entry are done. Errors: JOURNAL_ENTRY_NOT_FOUND. */
export const journalInspect = method({
  name: 'journal.inspect',
  kind: 'read',
  callers: ['ui', 'cli'],
  inCore: true,
  input: z.object({ id: z.string() }),
  output: journalEntrySchema,
});

/**
 * What finishing or undoing would do now, read from the server, with the questions that have to be answered first. It changes
 * nothing. Errors: JOURNAL_ENTRY_NOT_OPEN, JOURNAL_CAN_NOT_UNDO.
 */
export const journalPlan = method({
  name: 'journal.plan',
  kind: 'read',
  callers: ['ui', 'cli'],
  inCore: true,
  input: z.object({
    id: z.string(),
    how: z.enum(['finish', 'undo']),
    answers: applyFields.answers,
    secrets: applyFields.secrets,
  }),
  output: planSchema,
});

/** Goes on from the truth: tests each step, then does what is missing. */
export const journalFinish = method({
  name: 'journal.finish',
  kind: 'work',
  callers: ['ui', 'cli'],
  input: z.object({
    id: z.string(),
    answers: applyFields.answers,
    secrets: applyFields.secrets,
    revertAfterSeconds: applyFields.revertAfterSeconds,
  }),
  output: applyResultSchema,
  title: 'Finish an interrupted change',
});

/** Takes back what was done, last step first. Errors: JOURNAL_CAN_NOT_UNDO. */
export const journalUndo = method({
  name: 'journal.undo',
  kind: 'work',
  callers: ['ui', 'cli'],
  input: z.object({
    id: z.string(),
    answers: applyFields.answers,
    secrets: applyFields.secrets,
    revertAfterSeconds: applyFields.revertAfterSeconds,
  }),
  output: applyResultSchema,
  title: 'Undo a change',
});

/** Leaves an open entry as it is and does not offer it again; the entry stays in the journal. */
export const journalSetAside = method({
  name: 'journal.setAside',
  kind: 'change',
  callers: ['ui', 'cli'],
  input: z.object({ id: z.string() }),
  output: journalEntrySchema,
});

export const journalMethods = [
  journalList,
  journalInspect,
  journalPlan,
  journalFinish,
  journalUndo,
  journalSetAside,
] as const;
