import * as z from 'zod';
import { desireSchema } from '../plan/desire.ts';
import { planAnswersSchema, planSchema } from '../plan/plan.ts';
import { applyFields, stepStates } from './apply.ts';
import { method } from './define.ts';

/*
 * What a coordinator asks of each server of a plan over many: to plan for itself, and to take one step of what it planned. A server
 * takes no step that its own planner does not come to: a change that merely arrives is refused.
 */

/** What a server plans for itself, from the desired state that the coordinator shares and from its own observation. */
export const stepPlan = method({
  name: 'step.plan',
  kind: 'read',
  callers: ['ui', 'cli'],
  inCore: true,
  input: z.object({
    server: applyFields.server,
    wanted: desireSchema,
    answers: planAnswersSchema.default({}),
    secrets: applyFields.secrets,
  }),
  output: planSchema,
});

/**
 * Takes one step: plans again, and does the step of that id and title if it is planned now. It is journaled on the server as a part
 * of `parent`. Errors: STEP_NOT_PLANNED, PLAN_BUSY, HOST_NOT_ELEVATED, PLAN_QUESTION_OPEN, and whatever the step throws.
 */
export const stepTake = method({
  name: 'step.take',
  kind: 'work',
  callers: ['ui', 'cli'],
  input: z.object({
    server: applyFields.server,
    wanted: desireSchema,
    /** As a person read it. */
    step: z.object({ id: z.string(), title: z.string() }),
    /** The coordinator's journal entry, and the coordinator as a printed reference. */
    order: z.object({ parent: z.string(), coordinator: z.string(), epoch: z.number().int().nullable() }),
    answers: applyFields.answers,
    secrets: applyFields.secrets,
    revertAfterSeconds: applyFields.revertAfterSeconds,
  }),
  output: z.object({
    state: z.enum(stepStates).extract(['done', 'alreadyDone']),
    /** What was read back. */
    proof: z.string(),
    /** The entry in the journal of the server that did it. */
    journal: z.string(),
    /** What the server takes back by itself unless `nic.confirm` comes first. */
    revert: z.object({ id: z.string(), dueAt: z.iso.datetime(), what: z.string() }).nullable(),
  }),
  title: 'Take one step of a plan over several servers',
});

export const stepMethods = [stepPlan, stepTake] as const;
