import * as z from 'zod';
import { envelopeSchema } from '../../shared/contract/core.ts';
import { journalKinds } from '../../shared/contract/journal.ts';
import { desireSchema } from '../../shared/plan/desire.ts';
import { plannedStepSchema } from '../../shared/plan/draft.ts';
import { followUpSchema } from '../../shared/plan/plan.ts';

/** What every record says beside itself. */
const said = {
  at: z.iso.datetime(),
  /** The server that it is about, by its computer name. */
  node: z.string(),
  /** Who asked for it: `ui`, `cli`, `peer:ID`; `unknown` in what version 1 wrote. */
  by: z.string(),
};
const step = z.string();

/**
 * One line of the journal, version 2. Intent is written and flushed before an act, the result after it; so whatever kills the
 * process, the last intent without a result names the one step of which nobody knows whether it was done. Changes stay in the
 * file as they were written; what a version does not know is told as newer, never as damage (`journal-file.ts`).
 */
export const journalRecordSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('begin'),
    ...said,
    version: z.literal(2),
    id: z.string(),
    kind: z.enum(journalKinds),
    /** The entry on the coordinator's server that this one is a part of. */
    parent: z.string().nullable(),
    /** The server that ordered it, as a printed reference; null where it was asked for here. */
    coordinator: z.string().nullable(),
    /** Of a formation: the cluster that it formed. Earlier versions did not say. */
    cluster: z.string().optional(),
    /** The number of the epoch that it was ordered in. */
    epoch: z.number().int().nullable(),
    /** The servers that it changes, by their computer names. */
    nodes: z.array(z.string()),
    /** The printed reference of the server. */
    server: z.string(),
    title: z.string(),
    method: z.string(),
    /** Null for a change that has no wanted state to go on to, such as finding a NIC by its lamp. */
    desire: desireSchema.nullable(),
    steps: z.array(plannedStepSchema),
    followUp: followUpSchema.nullable(),
    pid: z.number().int(),
  }),
  /** Somebody goes on with it after an interruption, a failure or a restart, with what is left to do then. */
  z.object({
    type: z.literal('continued'),
    ...said,
    steps: z.array(plannedStepSchema),
    followUp: followUpSchema.nullable(),
    pid: z.number().int(),
  }),
  z.object({ type: z.literal('intent'), ...said, step }),
  z.object({
    type: z.literal('result'),
    ...said,
    step,
    state: z.enum(['done', 'alreadyDone']),
    proof: z.string().nullable(),
  }),
  z.object({ type: z.literal('failed'), ...said, step, error: envelopeSchema }),
  /** The server takes the change back at `dueAt`; written before it is armed. */
  z.object({ type: z.literal('armed'), ...said, token: z.string(), dueAt: z.iso.datetime(), what: z.string() }),
  z.object({ type: z.literal('confirmed'), ...said }),
  z.object({ type: z.literal('reverted'), ...said }),
  z.object({ type: z.literal('undoBegin'), ...said, pid: z.number().int() }),
  z.object({ type: z.literal('undoIntent'), ...said, step }),
  z.object({ type: z.literal('undoResult'), ...said, step, proof: z.string().nullable() }),
  z.object({
    type: z.literal('end'),
    ...said,
    state: z.enum(['done', 'failed', 'cancelled', 'restartNeeded', 'undone', 'setAside']),
  }),
]);
export type JournalRecord = z.infer<typeof journalRecordSchema>;
export type BeginRecord = Extract<JournalRecord, { type: 'begin' }>;
