import * as z from 'zod';
import { consentSchema } from '../model/consent.ts';
import {
  formationDecisionSchema,
  formationPlanSchema,
  seenServerSchema,
  serverPlanSchema,
  wantedSchema,
} from '../model/formation.ts';
import { windowsVersions } from '../model/host.ts';
import { peerIdSchema } from '../model/peer.ts';
import { planAnswersSchema } from '../plan/plan.ts';
import { secretsSchema } from './apply.ts';
import { envelopeSchema } from './core.ts';
import { method } from './define.ts';
import { handedOverSchema, handOverToSchema } from './hand-over.ts';
import { fileInputSchema } from './readiness.ts';
import { rehearsalNameSchema } from './server.ts';

const here = ['ui', 'cli'] as const;

/** A cluster file as text, with what to call it. The text travels, so that a page and a command line may send it alike. */
const fileFields = { text: z.string().max(4_000_000), path: z.string().default('cluster.json') };

/** Which formation an order belongs to: what its members keep their records under. */
const formationIdSchema = z.string().regex(/^[a-z0-9-]{1,64}$/);

/** Reads a cluster file. Its problems are the answer; only a file that cannot be read at all is a failure. */
export const formationCheckFile = method({
  name: 'formation.checkFile',
  kind: 'read',
  callers: here,
  input: z.object(fileFields),
  output: z.object({
    /** `newer`: written by a newer version of the product, whose `version` is told. */
    outcome: z.enum(['right', 'wrong', 'newer']),
    version: z.number().int().nullable(),
    problems: z.array(z.object({ line: z.number().int(), column: z.number().int(), text: z.string() })),
    guessed: z.array(z.string()),
    /** What the file decides, at most twelve; empty where it is not right. */
    decisions: z.array(formationDecisionSchema),
  }),
});

/** The text of a cluster file that a person chose. Errors: FILE_*. */
export const formationReadFile = method({
  name: 'formation.readFile',
  kind: 'read',
  callers: here,
  input: z.object({ file: fileInputSchema }),
  output: z.object({ name: z.string(), text: z.string() }),
});

/** `undo`: what this server did in formations of that cluster is taken back, last step first. */
export const formationDirections = ['form', 'undo'] as const;
export type FormationDirection = (typeof formationDirections)[number];
const directionSchema = z.enum(formationDirections).default('form');

/** A warning of Windows' validation that a person accepts beforehand: its test by name, and why in at least ten characters. */
export const warningAcceptanceSchema = z.object({ test: z.string().trim().min(1), because: z.string().trim().min(10) });
export type WarningAcceptance = z.output<typeof warningAcceptanceSchema>;
export const acceptWarningsSchema = z.array(warningAcceptanceSchema).max(200).default([]);

/** Serial numbers of the disks that the storage host has made, by their names in lower case: the nodes find them by these. */
const madeSchema = z.record(z.string().max(100), z.string().max(252)).default({});

const lookFields = {
  ...fileFields,
  made: madeSchema,
  direction: directionSchema,
  answers: planAnswersSchema.default({}),
  secrets: secretsSchema,
  /** The PowerShell of each step too, for people to read; it takes its time. */
  withScripts: z.boolean().default(false),
};

/**
 * What this server plans for itself by a cluster file; nothing is changed and nothing is remembered. Whoever is asked looks at itself
 * and trusts nothing but its own eyes. Errors: FORM_NOT_IN_FILE.
 */
export const formationLook = method({
  name: 'formation.look',
  kind: 'read',
  callers: [...here, 'peer'],
  input: z.object(lookFields),
  output: serverPlanSchema,
});

/**
 * Makes this server a member of a formation: it plans for itself, keeps the plan, and says whether a person here agreed to it. The
 * coordinator asks again in each round. Errors: FORM_NOT_IN_FILE, COORDINATOR_OUTDATED.
 */
export const formationJoin = method({
  name: 'formation.join',
  kind: 'change',
  callers: [...here, 'peer'],
  isOrder: true,
  input: z.object({
    ...lookFields,
    formation: formationIdSchema,
    /** Servers that a person at the coordinator declared powered down, by id: one of them that does not answer promises nothing. */
    poweredDown: z.array(peerIdSchema).max(64).default([]),
  }),
  output: z.object({
    plan: serverPlanSchema,
    /** `needed`: a person at this server has been asked, and has not answered. */
    consent: z.enum(['given', 'needed', 'refused']),
  }),
});

/** Asked by the coordinator while it waits: whether a person at this server has answered meanwhile. */
export const formationAgreed = method({
  name: 'formation.agreed',
  kind: 'read',
  callers: [...here, 'peer'],
  inCore: true,
  input: z.object({ formation: formationIdSchema }),
  output: z.object({ consent: z.enum(['given', 'needed', 'refused']) }),
});

/**
 * Takes one step of what this server planned itself when it was last asked by {@link formationJoin}; anything else is refused.
 * Errors: FORM_STEP_NOT_PLANNED, FORM_CONSENT_NEEDED, COORDINATOR_OUTDATED and whatever the step throws.
 */
export const formationTake = method({
  name: 'formation.take',
  kind: 'work',
  title: 'A step of a formation',
  callers: [...here, 'peer'],
  isOrder: true,
  input: z.object({
    formation: formationIdSchema,
    step: z.string(),
    secrets: secretsSchema,
    acceptWarnings: acceptWarningsSchema,
  }),
  output: z.object({ state: z.enum(['done', 'alreadyDone']), proof: z.string() }),
});

/** The formation has come to its end, or to a stop: this server closes its record of it. */
export const formationLeave = method({
  name: 'formation.leave',
  kind: 'change',
  callers: [...here, 'peer'],
  isOrder: true,
  input: z.object({ formation: formationIdSchema, state: z.enum(['done', 'failed', 'cancelled']) }),
  output: z.object({
    left: z.boolean(),
    /** What a person has to know at once of how the server was left, as sentences; null: nothing. */
    aftermath: z.string().nullable().default(null),
  }),
});

/** What other servers want to do, or did, on this one with the consent of a person here; newest first. */
export const formationConsents = method({
  name: 'formation.consents',
  kind: 'read',
  callers: here,
  inCore: true,
  input: z.object({}),
  output: z.object({ consents: z.array(consentSchema) }),
});

/** A person at this server agrees to a formation, refuses it, or takes an answer back. Errors: FORM_NO_CONSENT_ASKED. */
export const formationConsent = method({
  name: 'formation.consent',
  kind: 'change',
  callers: here,
  inCore: true,
  input: z.object({
    /** Left out: the one that waits. */
    formation: formationIdSchema.nullable().default(null),
    agrees: z.boolean(),
  }),
  output: consentSchema,
});

/** The plan of a whole formation: every server is asked, nothing is changed. */
export const formationPlan = method({
  name: 'formation.plan',
  kind: 'read',
  callers: here,
  inCore: true,
  input: z.object({
    ...fileFields,
    direction: directionSchema,
    answers: planAnswersSchema.default({}),
    secrets: secretsSchema,
    withScripts: z.boolean().default(false),
    /** Planned for whoever goes on with the last formation: see {@link formationApply}. */
    goesOn: z.boolean().default(false),
  }),
  output: formationPlanSchema,
});

/** `interrupted`: it was begun, and its process ended before anybody wrote how it went; going on looks at the server first. */
export const formationStepStates = [
  'waiting',
  'running',
  'done',
  'alreadyDone',
  'failed',
  'skipped',
  'interrupted',
] as const;

export const formationStepResultSchema = z.object({
  id: z.string(),
  node: z.string(),
  stage: z.string(),
  title: z.string(),
  state: z.enum(formationStepStates),
  proof: z.string().nullable(),
  error: envelopeSchema.nullable(),
  /** What its server found before it, and why that is changed; empty where an older record does not say. */
  why: z.string().default(''),
  /** What it does at this moment; null unless it runs and tells. */
  doing: z.string().nullable().default(null),
  /** How long it usually takes, in milliseconds; null where nobody can say. */
  expectedMs: z.number().int().nullable().default(null),
  /** Nothing rests on it: a person may leave it out, with a reason. */
  canSkip: z.boolean().default(false),
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
});
export type FormationStepResult = z.output<typeof formationStepResultSchema>;

export const formationResultSchema = z.object({
  outcome: z.enum(['nothingToChange', 'formed', 'undone']),
  formation: z.string(),
  cluster: z.string(),
  steps: z.array(formationStepResultSchema),
  rounds: z.number().int(),
});
export type FormationResult = z.output<typeof formationResultSchema>;

/**
 * Forms: plans, takes what is planned on all servers, and plans again until nothing is left. Errors: FORM_STOPPED, FORM_QUESTION_OPEN,
 * PLAN_BUSY and whatever a step throws. With `undo` all that is taken back, through the same rounds, and FORM_UNDO_NOT_CONFIRMED
 * where the cluster's name was not typed.
 */
export const formationApply = method({
  name: 'formation.apply',
  kind: 'work',
  title: 'Forming a cluster',
  callers: here,
  input: z.object({
    ...fileFields,
    direction: directionSchema,
    /** For `undo`: the cluster's name as a person typed it. */
    confirm: z.string().nullable().default(null),
    answers: planAnswersSchema.default({}),
    secrets: secretsSchema,
    acceptWarnings: acceptWarningsSchema,
    /**
     * Goes on with the last formation: where that was of the same text, what a person agreed to and accepted then counts as well, and so does the name
     * that was typed for an undo which failed or was interrupted. A serial number that was typed then counts for as long as its disk holds just what the
     * question said. Secrets are not kept.
     */
    goesOn: z.boolean().default(false),
  }),
  output: formationResultSchema,
});

/**
 * Drafts a cluster file from what this server and its peers show. Everything that was guessed is marked, in a comment and in `guessed`.
 * With a portal and a target, the LUNs are those that the target presents; else placeholders, marked.
 */
export const formationInit = method({
  name: 'formation.init',
  kind: 'read',
  callers: here,
  inCore: true,
  input: z.object({
    portals: z.array(z.string()).default([]),
    target: z.string().nullable().default(null),
    cluster: z.string().nullable().default(null),
    /** A paired server that is to become the target, by its name: there is none yet. */
    storageHost: z.string().nullable().default(null),
  }),
  output: z.object({
    text: z.string(),
    guessed: z.array(z.string()),
    /** What is missing before the file can be used, in sentences. */
    missing: z.array(z.string()),
    decisions: z.array(formationDecisionSchema),
  }),
});

/** Whose cluster file a server has, and since when. */
export const keptFileSchema = z.object({
  text: z.string(),
  /** Where it lay on the server that was given it. */
  path: z.string(),
  cluster: z.string(),
  /** Whether it was to be formed or undone. */
  direction: directionSchema,
  /** The server that coordinated; null: this one. */
  from: z.string().nullable(),
  at: z.iso.datetime(),
});

/**
 * The cluster file of the formation that this server coordinated last, or took part in: what another console goes on with where the server that has
 * the file is lost. Null where there was none.
 */
export const formationFile = method({
  name: 'formation.file',
  kind: 'read',
  callers: here,
  inCore: true,
  input: z.object({}),
  output: keptFileSchema.nullable(),
});

export const skipSchema = z.object({ step: z.string(), reason: z.string(), at: z.iso.datetime(), by: z.string() });

/** Which formation is meant: this core's own, or the one that a rehearsal carries out in this core. */
const whichFormation = z.object({ rehearsal: rehearsalNameSchema.optional() });

/**
 * The formation that runs in this core, or in the core of the server that coordinates this one, or the one that ran last; null where there was
 * none. A peer is told of this core's own.
 */
export const formationStatus = method({
  name: 'formation.status',
  kind: 'read',
  callers: [...here, 'peer'],
  inCore: true,
  input: whichFormation,
  output: z
    .object({
      formation: z.string(),
      cluster: z.string(),
      /** `interrupted`: its process ended in the middle of it; it is gone on with by `quorate form resume`. */
      direction: z.enum(formationDirections),
      state: z.enum(['running', 'paused', 'formed', 'undone', 'failed', 'cancelled', 'interrupted']),
      startedAt: z.iso.datetime(),
      endedAt: z.iso.datetime().nullable(),
      path: z.string(),
      /** The cluster file that it was begun with: what going on with it plans from. */
      text: z.string(),
      /** Those that wait too, as long as it runs. */
      steps: z.array(formationStepResultSchema),
      /** What the runs that this one goes on with had done, and it did not do again. */
      earlier: z.array(formationStepResultSchema).default([]),
      /** A person paused it, so that it goes on only when a person says so; also where its process has ended since. */
      isPaused: z.boolean().default(false),
      /** What is done or waited for at this moment, as a sentence; null unless it runs. */
      doing: z.string().nullable().default(null),
      /** The other server that coordinates it; null: this one does. */
      coordinator: z.string().nullable().default(null),
      /** The servers as they saw themselves last; empty where nobody wrote it. */
      servers: z.array(seenServerSchema),
      /** What its file wants; null where that cannot be read any more. */
      wanted: wantedSchema.nullable(),
      skips: z.array(skipSchema),
      error: envelopeSchema.nullable(),
    })
    .nullable(),
});
export type FormationStatus = NonNullable<z.output<typeof formationStatus.output>>;

/** Starts nothing more until it is continued; what runs comes to its end. Every server of it may ask for that. Errors: FORM_NOT_RUNNING. */
export const formationPause = method({
  name: 'formation.pause',
  kind: 'change',
  callers: [...here, 'peer'],
  inCore: true,
  input: whichFormation,
  output: z.object({ formation: z.string(), running: z.array(z.string()) }),
});

/** Goes on with a formation that was paused. Errors: FORM_NOT_RUNNING, FORM_RUNS_ELSEWHERE. */
export const formationContinue = method({
  name: 'formation.continue',
  kind: 'change',
  callers: here,
  inCore: true,
  input: whichFormation,
  output: z.object({ formation: z.string() }),
});

/** Ends a running formation after the steps that run. Errors: FORM_NOT_RUNNING, FORM_RUNS_ELSEWHERE. */
export const formationCancel = method({
  name: 'formation.cancel',
  kind: 'change',
  callers: here,
  inCore: true,
  input: whichFormation,
  output: z.object({ formation: z.string() }),
});

/** Leaves a step out, with a reason that the record keeps. Only where nothing else rests on it. Errors: FORM_STEP_NOT_SKIPPABLE, FORM_RUNS_ELSEWHERE. */
export const formationSkip = method({
  name: 'formation.skip',
  kind: 'change',
  callers: here,
  inCore: true,
  input: z.object({ step: z.string().min(1), reason: z.string().trim().min(10) }),
  output: skipSchema,
});

/**
 * The PowerShell of a step that is still to be done, as its own server would run it now; null where the step is no change of Windows, is done, or
 * is not planned any more. Errors: FORM_NOT_RUNNING, FORM_RUNS_ELSEWHERE.
 */
export const formationScript = method({
  name: 'formation.script',
  kind: 'read',
  callers: here,
  inCore: true,
  input: whichFormation.extend({ step: z.string().min(1) }),
  output: z.object({ script: z.string().nullable() }),
});

export const formationExportFormats = ['markdown', 'powershell', 'json', 'html', 'pdf', 'file'] as const;
export type FormationExportFormat = (typeof formationExportFormats)[number];

/**
 * `markdown`: the plan as a runbook for a change board. `powershell`: one script for each server. `json`: the plan. `html` and `pdf`: the
 * record of the formation that ran last. `file`: the cluster file as it is given. Errors: FORM_NO_RECORD, REPORT_PDF_UNAVAILABLE,
 * FILE_NOT_WRITABLE.
 */
export const formationExport = method({
  name: 'formation.export',
  kind: 'read',
  callers: here,
  inCore: true,
  input: z.object({
    format: z.enum(formationExportFormats),
    /** The cluster file; not needed for a record. */
    text: fileFields.text.optional(),
    path: fileFields.path,
    /** The record of a rehearsal's formation; else of this core's own. */
    rehearsal: rehearsalNameSchema.optional(),
    /** A path names the file, or the folder where there are several (`powershell`). */
    to: handOverToSchema.default({ kind: 'content' }),
  }),
  output: z.object({ files: z.array(handedOverSchema) }),
});

/** A fault of the rehearsal and the step before which it is set. */
export const faultAtStepSchema = z.object({
  fault: z.record(z.string(), z.unknown()),
  /** Part of a step's id, such as `initiator.logOn`; the first step that holds it is meant. */
  step: z.string().min(1),
});

export const rehearsedSchema = z.object({
  schema: z.literal('quorate.rehearse/1'),
  outcome: z.enum(['formed', 'undone', 'nothingToChange', 'failed']),
  rehearsal: z.string(),
  cluster: z.object({ name: z.string(), nodes: z.array(z.string()), witness: z.string().nullable() }).nullable(),
  vms: z.array(z.object({ name: z.string(), node: z.string(), state: z.string(), highlyAvailable: z.boolean() })),
  steps: z.array(formationStepResultSchema),
  /** By the world's own log: every change that left a trace, in its order. */
  applied: z.array(z.object({ node: z.string(), step: z.string() })),
  /** Faults that were asked for and never set, because no step began whose id holds that text: without them nothing was tried. */
  faultsNotSet: z.array(z.object({ fault: z.string(), step: z.string() })),
  /** Servers that waited for their power button until the rehearsal pressed it, each with a sentence: a real one waits for a person. */
  switchedOn: z.array(z.object({ server: z.string(), text: z.string() })),
  error: envelopeSchema.nullable(),
  tookMs: z.number().int(),
});
export type Rehearsed = z.output<typeof rehearsedSchema>;

/** Rehearses a whole formation on simulated servers, each with a core of its own. Errors: REHEARSAL_EXISTS, REHEARSAL_NOT_FOUND, CLUSTER_FILE_INVALID. */
export const formationRehearse = method({
  name: 'formation.rehearse',
  kind: 'work',
  title: 'Rehearsal of a formation',
  callers: here,
  input: z.object({
    name: rehearsalNameSchema.default('rehearse'),
    /** Left out: an example of so many servers. */
    text: fileFields.text.optional(),
    path: fileFields.path,
    nodes: z.number().int().min(2).max(64).default(2),
    os: z.enum(windowsVersions).default('2022'),
    seed: z.number().int().min(0).max(0xffff_ffff).default(1),
    faults: z.array(faultAtStepSchema).default([]),
    /** Goes on with the rehearsal of this name; else one that is there is refused. */
    resume: z.boolean().default(false),
    /** `undo` takes a rehearsed formation back; it goes on with the rehearsal that is there. */
    direction: directionSchema,
    acceptWarnings: acceptWarningsSchema,
  }),
  output: rehearsedSchema,
});

export const formationMethods = [
  formationCheckFile,
  formationReadFile,
  formationLook,
  formationJoin,
  formationAgreed,
  formationTake,
  formationLeave,
  formationConsents,
  formationConsent,
  formationPlan,
  formationApply,
  formationInit,
  formationFile,
  formationStatus,
  formationPause,
  formationContinue,
  formationCancel,
  formationSkip,
  formationScript,
  formationExport,
  formationRehearse,
] as const;
