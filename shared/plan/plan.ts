import * as z from 'zod';

/*
 * A plan is data that a person can read before anything changes. Planners in this folder are pure: (desired, observed) ->
 * steps with reasons. An observation that is unknown where it would decide something stops the plan.
 */

/**
 * `planned`: it follows from what was read. `expected`: it can only be planned for certain once the steps before it are done
 * (a disk that appears with the logon); it is shown so that the whole can be read beforehand, it is planned again from the
 * truth then, and it never runs as it stands.
 */
export const certainties = ['planned', 'expected'] as const;
export type Certainty = (typeof certainties)[number];

/** A step as a person reads it, in the window, on the terminal and in the journal. */
export const planStepSchema = z.object({
  /** `node/kind:subject`, unique over all nodes of a plan and the same for the same change: `HV01/nic.addAddress:{guid}:10.0.0.1`. */
  id: z.string(),
  /** The server that it changes, by its computer name. */
  node: z.string(),
  /** What will be done to what, as a sentence. */
  title: z.string(),
  /** What was found and why that is not enough. */
  why: z.string(),
  /** Steps that have to be done before, by id. A step of another node may be among them; one that the plan does not have counts as done. */
  requires: z.array(z.string()),
  /** Names of shared things that no other step of any node may change meanwhile: `disk:ID`, `cluster`, `restart`. */
  locks: z.array(z.string()),
  certainty: z.enum(certainties),
  /** The ids of the questions that have to be answered before it runs, and again when it is gone on with later. */
  questions: z.array(z.string()),
  /** True where data can be lost. */
  destructive: z.boolean(),
  /** True where a connection from outside could be cut; such a change reverts by itself unless it is confirmed. */
  cutsConnection: z.boolean(),
  /** `after`: it is in force only after a restart. `now`: the step is the restart. */
  restart: z.enum(['none', 'after', 'now']),
  /** How it is taken back; null where it cannot be. */
  undo: z.string().nullable(),
  /** How a person does it in the tools of Windows. */
  manual: z.string(),
  /** The PowerShell that runs; null only where nothing of Windows is changed (a role that Quorate itself keeps). */
  script: z.string().nullable(),
});
export type PlanStepView = z.infer<typeof planStepSchema>;

/** Of the steps that can lose data: whether it is a write to a disk, or something else that is gone, such as a virtual machine or a file. */
export const isWriteToDisk = ({ destructive, locks }: PlanStepView): boolean =>
  destructive && locks.some((lock) => lock.startsWith('disk:'));

/** Why a plan cannot be: each names the thing and what to do. `code` is a failure code of shared/messages. */
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

/**
 * `serialNumber`: type the serial number of `subject`, whose content will be lost.
 * `sharedDisk`: type {@link sharedDiskWords} for `subject`, a disk that other servers may reach.
 * `cutConnection`: agree that the connection over `subject` may be cut; it reverts when it is not confirmed in time.
 * `restart`: agree that the server restarts.
 * `agree`: agree with what `text` says of `subject`.
 */
export const questionKinds = ['serialNumber', 'sharedDisk', 'cutConnection', 'restart', 'agree'] as const;
export type QuestionKind = (typeof questionKinds)[number];

/** What the user has to answer before the plan may run; nothing runs while one is open. */
export const planQuestionSchema = z.object({
  /** `node/kind:subject`; answers name it. The same question has the same id in each plan. */
  id: z.string(),
  node: z.string(),
  kind: z.enum(questionKinds),
  /** The id of the thing: a disk's unique id, a NIC's InterfaceGuid, the computer name. */
  subject: z.string(),
  /** The question as a sentence that names the thing. */
  text: z.string(),
  /** What has to be typed; null where a plain yes is the answer, and for a serial number, which is never shown here. */
  expected: z.string().nullable(),
  answered: z.boolean(),
});
export type PlanQuestion = z.infer<typeof planQuestionSchema>;

/** The id of a question: the one place that knows its form. */
export const questionId = (node: string, kind: QuestionKind, subject: string): string => `${node}/${kind}:${subject}`;

/** The words with which a user confirms that a shared disk is in use nowhere else. Case and spacing do not count. */
export const sharedDiskWords = 'no other server uses this disk';

/** Answers by the id of the question: what was typed, or true for a plain yes. An answer to a question that is not asked does nothing. */
export const planAnswersSchema = z.record(z.string(), z.union([z.string(), z.boolean()]));
export type PlanAnswers = Readonly<z.output<typeof planAnswersSchema>>;

export const noAnswers: PlanAnswers = {};

/**
 * What a plan waits for before the rest can be planned: `restart` of the server, a `service` that has to run, a disk that has to
 * be online (`diskOnline`), or a step of another server (`peer`). Code reads `waitsFor`, people read `text`.
 */
export const followUpSchema = z.object({
  waitsFor: z.enum(['restart', 'service', 'diskOnline', 'peer']),
  /** What is planned then, as a sentence. */
  text: z.string(),
});
export type FollowUp = z.infer<typeof followUpSchema>;

/** `waits`: nothing can be done now, and `followUp` says what has to come first. */
export const planOutcomes = ['nothingToChange', 'changes', 'waits', 'refused', 'unknown'] as const;

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
   * What the rest of the plan waits for; null when the planned steps are all. Its `expected` steps are the last ones in
   * `steps`. Applying plans again by itself where nothing but these follows.
   */
  followUp: followUpSchema.nullable(),
  plannedAt: z.iso.datetime(),
});
export type PlanView = z.infer<typeof planSchema>;
