import * as z from 'zod';
import { drillKinds, leastHoldSeconds, mostHoldSeconds } from '../model/drill-limits.ts';
import { stateNodeSchema } from '../availability/state.ts';
import { method } from './define.ts';
import { namedServerSchema, serverRefSchema } from './server.ts';

/** What is expected of a virtual machine, from the analysis of the cluster as it was read. */
export const drillExpectationSchema = z.object({
  name: z.string(),
  node: z.string(),
  outcome: z.enum(['stays', 'restarts', 'down', 'depends']),
  /** Where it may run while the element is gone. */
  nodes: z.array(z.string()),
  because: z.string(),
});

export const drillPlanSchema = z.object({
  /** Names this plan; the run refuses when another one would be made. */
  id: z.string(),
  kind: z.enum(drillKinds),
  /** As `--lose` of the analysis names it: `node:HV02`. */
  element: z.string(),
  title: z.string(),
  cluster: z.string(),
  /** The servers on which something is changed, with the change and what takes it back, as sentences. */
  changes: z.array(z.object({ server: z.string(), node: z.string(), what: z.string(), back: z.string() })),
  /** The node that watches; null where there is none, which is a refusal. */
  observer: z.object({ server: z.string(), node: z.string() }).nullable(),
  quorum: z.string(),
  expected: z.array(drillExpectationSchema),
  /** The longest outage that is expected of a machine that restarts, and why; null seconds: nothing tells it. */
  outage: z.object({ seconds: z.number().nullable(), because: z.string() }),
  holdSeconds: z.number().int(),
  /** When each server takes its change back by itself, should Quorate or the connection be gone. */
  guardSeconds: z.number().int(),
  /** Why it is not run, as whole sentences; empty: it may be. */
  refusals: z.array(z.string()),
  notes: z.array(z.string()),
});
export type DrillPlan = z.infer<typeof drillPlanSchema>;

/** What the observer saw of a virtual machine. */
export const drillMeasureSchema = z.object({
  name: z.string(),
  expected: z.enum(['stays', 'restarts', 'down', 'depends']),
  before: z.string(),
  /** Where it ran when the element was given back; null: it did not run. */
  after: z.string().nullable(),
  /** How long it was not seen running, in milliseconds, to the precision of `sampleMs`. */
  outageMs: z.number(),
  isAsExpected: z.boolean(),
});

export const drillRecordSchema = z.object({
  schema: z.literal('quorate.drill/1'),
  id: z.string(),
  at: z.iso.datetime(),
  by: z.string(),
  kind: z.enum(drillKinds),
  element: z.string(),
  title: z.string(),
  cluster: z.string(),
  /** Simulated servers: its durations say nothing about real ones. */
  isRehearsal: z.boolean(),
  observer: z.string(),
  /**
   * `asPredicted`; `finding`: something differs, see `findings`; `failed`: it could not be carried out or taken back; `interrupted`: Quorate
   * ended in the middle of it, and found and took it back later.
   */
  outcome: z.enum(['asPredicted', 'finding', 'failed', 'interrupted']),
  findings: z.array(z.string()),
  heldMs: z.number(),
  /** The longest time between two looks. */
  sampleMs: z.number(),
  vms: z.array(drillMeasureSchema),
  /** Journal entries by server. */
  journal: z.array(z.object({ server: z.string(), id: z.string() })),
  /** Whether everything that was taken away is back, as it was read. */
  isBack: z.boolean(),
});
export type DrillRecord = z.infer<typeof drillRecordSchema>;

/** A drill that is under way; on the disk before anything is taken away, so that the next start finds it. */
export const runningDrillSchema = drillRecordSchema
  .pick({
    ...{ id: true, at: true, by: true, kind: true, element: true, title: true, cluster: true, isRehearsal: true },
    ...{ observer: true, journal: true },
  })
  .extend({ pid: z.number().int(), servers: z.array(z.string()), guardSeconds: z.number().int() });
export type RunningDrill = z.infer<typeof runningDrillSchema>;

const callers = ['ui', 'cli'] as const;
const asked = {
  /** The nodes of the cluster; those that are not named cannot be watched from or changed. */
  servers: z.array(namedServerSchema).min(1).max(64),
  element: z.string().min(1),
  holdSeconds: z.number().int().min(leastHoldSeconds).max(mostHoldSeconds).default(30),
};

/** What a drill would do and what is expected of it; changes nothing. Errors: DRILL_*, and those of `availability.read`. */
export const drillPlan = method({
  name: 'drill.plan',
  kind: 'read',
  callers,
  input: z.object(asked),
  output: drillPlanSchema,
  title: 'Drill',
});

/** Takes the element away, watches, gives it back, and keeps what was seen. Errors: DRILL_REFUSED, DRILL_PLAN_CHANGED, DRILL_NOT_BACK. */
export const drillRun = method({
  name: 'drill.run',
  kind: 'work',
  callers,
  input: z.object({ ...asked, plan: z.string() }),
  output: drillRecordSchema,
  title: 'Drill',
});

export const drillList = method({
  name: 'drill.list',
  kind: 'read',
  callers,
  input: z.object({}),
  output: z.array(drillRecordSchema),
});

/** What one server is asked to take away: by names, so that it finds out by itself what that comes to. */
export const drillActSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('nic'), nic: z.string() }),
  z.object({ kind: z.literal('path'), nic: z.string(), portal: z.string() }),
  z.object({ kind: z.literal('node') }),
  z.object({ kind: z.literal('target'), target: z.string() }),
  z.object({ kind: z.literal('witness') }),
]);
export type DrillAct = z.infer<typeof drillActSchema>;

const act = { server: serverRefSchema, act: drillActSchema };

/** What an act comes to on this server. Errors: DRILL_REFUSED. */
export const drillLook = method({
  name: 'drill.look',
  kind: 'read',
  callers: ['ui', 'cli', 'peer'],
  input: z.object(act),
  output: z.object({ node: z.string(), what: z.string(), back: z.string() }),
});

/**
 * What a server that is ordered a drill judges it by: the element, and what it cannot see for itself, which is the memory and the
 * NICs of the other nodes. Cluster, votes, virtual machines and paths it reads itself.
 */
export const drillOrderSchema = z.object({
  element: z.string().min(1).max(600),
  others: z.array(stateNodeSchema).max(63),
});
export type DrillOrder = z.infer<typeof drillOrderSchema>;

/**
 * Has this server judge a drill by its own eyes, and ask the person here where nobody agreed to drills of that coordinator yet.
 * Errors: DRILL_REFUSED, COORDINATOR_OUTDATED.
 */
export const drillAsk = method({
  name: 'drill.ask',
  kind: 'change',
  callers: ['cli', 'peer'],
  isOrder: true,
  input: z.object({ ...act, order: drillOrderSchema }),
  output: z.object({
    /** Under which `formation.agreed` tells the answer. */
    asked: z.string(),
    consent: z.enum(['given', 'needed', 'refused']),
  }),
});

/**
 * Arms the guard, journals and takes away. For a peer only what this server itself comes to, and once a person here agreed to drills
 * of that coordinator. Errors: DRILL_REFUSED, FORM_CONSENT_NEEDED, COORDINATOR_OUTDATED, PLAN_BUSY.
 */
export const drillBegin = method({
  name: 'drill.begin',
  kind: 'change',
  callers: ['cli', 'peer'],
  isOrder: true,
  input: z.object({
    ...act,
    title: z.string(),
    guardSeconds: z.number().int().min(10).max(3600),
    /** From a peer, which has to give it. */
    order: drillOrderSchema.nullable().default(null),
    /** The entry in the journal of the server that orders it. */
    parent: z.string().nullable().default(null),
  }),
  output: z.object({ journal: z.string() }),
});

/**
 * Gives back what `drill.begin` of this entry took away, and disarms the guard. Null: of every drill that a process left which is
 * gone; for a peer, of every drill that it ordered. A peer ends only what it began. Errors: DRILL_NOT_YOURS.
 */
export const drillEnd = method({
  name: 'drill.end',
  kind: 'change',
  callers: ['cli', 'peer'],
  isOrder: true,
  input: z.object({ server: serverRefSchema, journal: z.string().nullable() }),
  output: z.object({ isBack: z.boolean() }),
});

export const drillMethods = [drillPlan, drillRun, drillList, drillLook, drillAsk, drillBegin, drillEnd] as const;
