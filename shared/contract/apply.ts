import * as z from 'zod';
import { followUpSchema, planAnswersSchema } from '../plan/plan.ts';
import { envelopeSchema } from './core.ts';
import { serverRefSchema } from './server.ts';

/** Secrets by the name that the change gives them. They live in memory only: never in a plan, the journal or a log. */
export const secretsSchema = z.record(z.string(), z.string()).default({});

export const stepStates = ['waiting', 'running', 'alreadyDone', 'done', 'failed', 'unknown', 'undone'] as const;

/** A step as it went. Also what `progress.data` of every apply holds, as `{steps: StepResult[]}`. */
export const stepResultSchema = z.object({
  id: z.string(),
  title: z.string(),
  /** `alreadyDone`: found done before it was begun. `unknown`: it was begun and nobody knows whether it was done. */
  state: z.enum(stepStates),
  /** What was read back as the proof; null before, and where Windows keeps no readable trace. */
  proof: z.string().nullable(),
  error: envelopeSchema.nullable(),
  at: z.iso.datetime().nullable(),
});
export type StepResult = z.infer<typeof stepResultSchema>;

/** A change that the server takes back by itself at `dueAt` unless `nic.confirm` comes first. */
export const pendingRevertSchema = z.object({
  id: z.string(),
  dueAt: z.iso.datetime(),
  /** What will be taken back, as a sentence. */
  what: z.string(),
});
export type PendingRevert = z.infer<typeof pendingRevertSchema>;

/**
 * What every `*.apply` answers. When a step fails the call fails with that step's code, `effect` saying what was changed,
 * `detail.journal` naming the journal entry; the last progress holds every step's state.
 */
export const applyResultSchema = z.object({
  /** `restartNeeded`: all that can be done before a restart was done; `quorate journal finish` goes on after it. */
  outcome: z.enum(['nothingToChange', 'changed', 'restartNeeded', 'confirmationNeeded']),
  /** The journal entry; null when nothing was changed. */
  journal: z.string().nullable(),
  node: z.string(),
  steps: z.array(stepResultSchema),
  revert: pendingRevertSchema.nullable(),
  /** What is left to be planned, as in the plan; null when everything is done. */
  followUp: followUpSchema.nullable(),
  /** After an undo: the steps that could not be taken back, as a sentence; null when all were. */
  limits: z.string().nullable(),
});
export type ApplyResult = z.infer<typeof applyResultSchema>;

/** The part of an apply's input that is the same everywhere. */
export const applyFields = {
  server: serverRefSchema,
  /** The id of the plan that the user saw. Fails with PLAN_CHANGED when planning again gives another one. */
  plan: z.string().nullable().default(null),
  answers: planAnswersSchema.default({}),
  secrets: secretsSchema,
  /** Seconds after which a change that may cut a connection reverts unless it is confirmed; 10 to 3600. */
  revertAfterSeconds: z.number().int().min(10).max(3600).default(60),
};
