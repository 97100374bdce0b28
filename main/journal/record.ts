import * as z from 'zod';
import { envelopeSchema } from '../../shared/contract/core.ts';
import { desireSchema } from '../../shared/plan/desire.ts';
import { plannedStepSchema } from '../../shared/plan/draft.ts';
import { followUpSchema } from '../../shared/plan/plan.ts';

const at = z.iso.datetime();
const step = z.string();

/**
 * One line of the journal. Intent is written and flushed before an act, the result after it; so whatever kills the
 * process, the last intent without a result names the one step of which nobody knows whether it was done.
 */
export const journalRecordSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('begin'),
    version: z.literal(1),
    id: z.string(),
    at,
    host: z.string(),
    node: z.string(),
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
    at,
    steps: z.array(plannedStepSchema),
    followUp: followUpSchema.nullable(),
    pid: z.number().int(),
  }),
  z.object({ type: z.literal('intent'), at, step }),
  z.object({
    type: z.literal('result'),
    at,
    step,
    state: z.enum(['done', 'alreadyDone']),
    proof: z.string().nullable(),
  }),
  z.object({ type: z.literal('failed'), at, step, error: envelopeSchema }),
  /** The server takes the change back at `dueAt`; written before it is armed. */
  z.object({ type: z.literal('armed'), at, token: z.string(), dueAt: at, what: z.string() }),
  z.object({ type: z.literal('confirmed'), at }),
  z.object({ type: z.literal('reverted'), at }),
  z.object({ type: z.literal('undoBegin'), at, pid: z.number().int() }),
  z.object({ type: z.literal('undoIntent'), at, step }),
  z.object({ type: z.literal('undoResult'), at, step, proof: z.string().nullable() }),
  z.object({
    type: z.literal('end'),
    at,
    state: z.enum(['done', 'failed', 'cancelled', 'restartNeeded', 'undone', 'setAside']),
  }),
]);
export type JournalRecord = z.infer<typeof journalRecordSchema>;
export type BeginRecord = Extract<JournalRecord, { type: 'begin' }>;
