import * as z from 'zod';

/*
 * A plan is data that a person can read before anything changes. Planners in this folder are pure: (desired, observed) ->
 * steps with reasons. An observation that is unknown where it would decide something stops the plan.
 */

/** A step as a person reads it, in the window, on the terminal and in the journal. */
export const planStepSchema = z.object({
  /** Unique in its plan, the same for the same change: `nic.addAddress:{guid}:10.0.0.1`. */
  id: z.string(),
  /** The server that it changes, by its computer name. */
  node: z.string(),
  /** What will be done to what, as a sentence. */
  title: z.string(),
  /** What was found and why that is not enough. */
  why: z.string(),
  /** Steps that come before, by id. */
  requires: z.array(z.string()),
  /** True where data can be lost. */
  destructive: z.boolean(),
  /** True where a connection from outside could be cut; such a change reverts by itself unless it is confirmed. */
  cutsConnection: z.boolean(),
  /** `after`: it is in force only after a restart. `now`: the step is the restart. */
  restart: z.enum(['none', 'after', 'now']),
  /** How it is taken back; null where it can not be. */
  undo: z.string().nullable(),
  /** How a person does it in the tools of Windows. */
  manual: z.string(),
  /** The PowerShell that runs; null only where nothing of Windows is changed (a role that Quorate itself keeps). */
  script: z.string().nullable(),
});
export type PlanStepView = z.infer<typeof planStepSchema>;

/** Why a plan can not be: each names the thing and what to do. `code` is a failure code of shared/messages. */
export const refusalSchema = z.object({
  code: z.string(),
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  what: z.string(),
  next: z.string(),
});
export type Refusal = z.infer<typeof refusalSchema>;

/** An observation that is missing; it stops the plan. */
export const unknownSchema = z.object({
  /** What is not known of what, such as "the addresses of Ethernet 2". */
  what: z.string(),
  because: z.string(),
  next: z.string(),
});
export type PlanUnknown = z.infer<typeof unknownSchema>;

export const planWarningSchema = z.object({
  text: z.string(),
  /** The public document behind it; null for advice that follows from the plan itself. */
  source: z.string().nullable(),
});
export type PlanWarning = z.infer<typeof planWarningSchema>;

/** What the user has to answer before the plan may run; nothing runs while one is open. */
export const planQuestionSchema = z.object({
  /**
   * `serialNumber`: type the serial number of `subject`, whose content will be lost.
   * `sharedDisk`: type {@link sharedDiskWords} for `subject`, a disk that other servers may reach.
   * `cutConnection`: agree that the connection over `subject` may be cut; it reverts when it is not confirmed in time.
   * `restart`: agree that the server restarts.
   */
  kind: z.enum(['serialNumber', 'sharedDisk', 'cutConnection', 'restart']),
  /** The id of the thing: a disk's unique id, a NIC's InterfaceGuid, the computer name. */
  subject: z.string(),
  /** The question as a sentence that names the thing. */
  text: z.string(),
  /** What has to be typed; null where a plain yes is the answer, and for a serial number, which is never shown here. */
  expected: z.string().nullable(),
  answered: z.boolean(),
});
export type PlanQuestion = z.infer<typeof planQuestionSchema>;

/** The words with which a user confirms that a shared disk is in use nowhere else. Case and spacing do not count. */
export const sharedDiskWords = 'no other server uses this disk';

/** Answers to the questions of a plan, each by the subject that it is for. */
export const planAnswersSchema = z.object({
  /** Unique id of a disk -> its serial number as it was typed. */
  serialNumbers: z.record(z.string(), z.string()).default({}),
  /** Unique id of a disk -> {@link sharedDiskWords} as they were typed. */
  sharedDisks: z.record(z.string(), z.string()).default({}),
  /** InterfaceGuids whose connections may be cut. */
  cutConnections: z.array(z.string()).default([]),
  restart: z.boolean().default(false),
});
export type PlanAnswers = z.output<typeof planAnswersSchema>;

export const noAnswers: PlanAnswers = { serialNumbers: {}, sharedDisks: {}, cutConnections: [], restart: false };

export const planOutcomes = ['nothingToChange', 'changes', 'refused', 'unknown'] as const;

export const planSchema = z.object({
  /** A digest of the steps; `apply` takes it and refuses when the server changed since the plan was shown. */
  id: z.string(),
  /** The server's printed reference. */
  server: z.string(),
  node: z.string(),
  title: z.string(),
  outcome: z.enum(planOutcomes),
  steps: z.array(planStepSchema),
  refusals: z.array(refusalSchema),
  unknowns: z.array(unknownSchema),
  warnings: z.array(planWarningSchema),
  questions: z.array(planQuestionSchema),
  /**
   * What is planned next, once these steps are done and Quorate has looked again (a service that has to run, a disk that
   * has to be online, a restart); null when these steps are all. Plan again with the same input then.
   */
  more: z.string().nullable(),
  plannedAt: z.iso.datetime(),
});
export type PlanView = z.infer<typeof planSchema>;
