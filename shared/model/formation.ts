import * as z from 'zod';
import { plannedStepSchema } from '../plan/draft.ts';
import {
  followUpSchema,
  planQuestionSchema,
  planStepSchema,
  planWarningSchema,
  refusalSchema,
  unknownSchema,
} from '../plan/plan.ts';

/*
 * A formation: the way of several servers from bare to a highly available virtual machine, as one graph of steps. Every server
 * plans its own part from the cluster file and from what it sees of itself; the graph puts the parts in order.
 */

/** The stages in their order, as the rail of the guided path shows them. */
export const formationStages = [
  'servers',
  'hardware',
  'network',
  'storage',
  'roles',
  'validate',
  'form',
  'machines',
  'drill',
] as const;
export type FormationStage = (typeof formationStages)[number];

/** What a stage is for, in a sentence. */
export const stageWords: Readonly<Record<FormationStage, { readonly title: string; readonly purpose: string }>> = {
  servers: { title: 'Servers', purpose: 'Every server has its name and belongs where the file says.' },
  hardware: { title: 'Hardware', purpose: 'Every server can run Hyper-V and be a cluster node.' },
  network: { title: 'Network', purpose: 'Every adapter has one purpose, and an address in a network of its own.' },
  storage: { title: 'Storage', purpose: 'Every server reaches the same disks over every path, and one prepares them.' },
  roles: { title: 'Roles', purpose: 'Hyper-V and Failover Clustering are installed and in effect.' },
  validate: { title: 'Validate', purpose: 'Windows itself checks the servers before they become a cluster.' },
  form: { title: 'Form', purpose: 'The servers become one cluster with networks, disks and a quorum.' },
  machines: { title: 'Virtual machines', purpose: 'A virtual machine runs on the cluster and may run on each node.' },
  drill: {
    title: 'Drill',
    purpose: 'The cluster is tried: a virtual machine moves, and survives the loss of its host.',
  },
};

/** Work that is no change of one server: it judges, measures or tries. */
export const formationChecks = [
  'readiness',
  'storage.sameLuns',
  'account.administers',
  'networks.measure',
  'servers.agree',
  'storage.qualify',
  'cluster.validate',
  'drill.quickMigration',
  'drill.loseHost',
  'drill.restartServer',
] as const;
export type FormationCheck = (typeof formationChecks)[number];

/** Names of the phases: parts of a stage that are planned together. */
export const phaseNames = [
  'readiness',
  'names',
  'network',
  'diskPolicy',
  'initiatorService',
  'targetServer',
  'targetDisks',
  'target',
  'initiator',
  'qualification',
  'identity',
  'disks',
  'binding',
  'roles',
  'knownFailures',
  'validation',
  'cluster',
  'networks',
  'clusterDisks',
  'quorum',
  'switches',
  'machines',
  'drill',
  'restartDrill',
  'afterRestarts',
] as const;
export type PhaseName = (typeof phaseNames)[number];

/** A step of a formation. Exactly one of `change` and `check` says what it does. */
export const formationStepSchema = planStepSchema.extend({
  stage: z.enum(formationStages),
  phase: z.enum(phaseNames),
  change: plannedStepSchema.shape.change.nullable(),
  undoChanges: plannedStepSchema.shape.undoChanges,
  check: z.enum(formationChecks).nullable(),
  /** What a check is about: a LUN's serial number, the lost node. */
  subject: z.string().nullable(),
  /** How long it usually takes, in milliseconds; null where nobody can say. */
  expectedMs: z.number().int().nullable(),
});
export type FormationStep = z.output<typeof formationStepSchema>;

/** `waits`: it goes on once something else has happened (`followUp`). `stopped`: refusals or unknowns keep it from being planned. */
export const phaseStates = ['done', 'planned', 'expected', 'waits', 'stopped'] as const;

export const phasePlanSchema = z.object({
  phase: z.enum(phaseNames),
  stage: z.enum(formationStages),
  state: z.enum(phaseStates),
  steps: z.array(formationStepSchema),
  refusals: z.array(refusalSchema),
  unknowns: z.array(unknownSchema),
  warnings: z.array(planWarningSchema),
  questions: z.array(planQuestionSchema),
  followUp: followUpSchema.nullable(),
});
export type PhasePlan = z.output<typeof phasePlanSchema>;

/** A shared disk as one server sees it: what the identity map compares. Sizes are decimal strings of bytes. */
export const seenDiskSchema = z.object({
  serial: z.string().nullable(),
  uniqueId: z.string().nullable(),
  sizeBytes: z.string(),
  isOffline: z.boolean(),
  isClustered: z.boolean(),
  paths: z.number().int().nullable(),
  letter: z.string().nullable(),
});
export type SeenDisk = z.output<typeof seenDiskSchema>;

/** A disk of the storage host that is made: its name in the file, and what the nodes find it by. */
export const offeredDiskSchema = z.object({ disk: z.string(), serial: z.string(), sizeBytes: z.string() });
export type OfferedDisk = z.output<typeof offeredDiskSchema>;

/** What one server plans for itself, with what the picture and the others need to know of it. */
export const serverPlanSchema = z.object({
  /** Its name in the cluster file. */
  server: z.string(),
  /** The computer name that is in force. */
  computerName: z.string(),
  isAdministrator: z.boolean().nullable(),
  /** The account that its core runs as; null where it was not read. */
  account: z.string().nullable().default(null),
  windows: z.string(),
  nics: z.array(
    z.object({
      mac: z.string(),
      name: z.string(),
      role: z.string(),
      isConnected: z.boolean().nullable(),
      addresses: z.array(z.string()),
    }),
  ),
  sessions: z.array(z.object({ from: z.string(), portal: z.string(), isConnected: z.boolean() })).nullable(),
  disks: z.array(seenDiskSchema).nullable(),
  /** What the storage host of the file offers; null on every other server. */
  offered: z.array(offeredDiskSchema).nullable().default(null),
  /** Letters in use; null when they could not be read. */
  letters: z.array(z.string()).nullable(),
  phases: z.array(phasePlanSchema),
  /** When a formation is taken back: what stays on this server all the same, and why. */
  stays: z.array(z.object({ title: z.string(), because: z.string() })).default([]),
});
export type ServerPlan = z.output<typeof serverPlanSchema>;

/** A server as it saw itself when it was asked last, without its plan: what the picture shows. */
export const seenServerSchema = serverPlanSchema.omit({ phases: true, stays: true });
export type SeenServer = z.output<typeof seenServerSchema>;

/** What somebody or DHCP gave; what an adapter gave itself only where there is nothing else. */
export const shownAddresses = (addresses: readonly string[]): readonly string[] => {
  const given = addresses.filter((one) => !/^(fe80:|169\.254\.)/i.test(one));
  return given.length > 0 ? given : addresses;
};

/** One thing that a cluster file decides. */
export const formationDecisionSchema = z.object({
  id: z.string(),
  title: z.string(),
  /** What the file says, in words. */
  value: z.string(),
  /** Why that is a sensible choice, or what it costs. */
  reason: z.string(),
  /** The JSON pointer of the value. */
  at: z.string(),
  isGuessed: z.boolean(),
  /** Where it stands in the text, from 1; of a guess, the guess itself. */
  line: z.number().int(),
  column: z.number().int(),
});
export type FormationDecision = z.output<typeof formationDecisionSchema>;

/** A server of the file that could not be asked, and why not. */
export const absentServerSchema = z.object({ server: z.string(), because: z.string(), next: z.string() });
export type AbsentServer = z.output<typeof absentServerSchema>;

const wantedServerSchema = z.object({
  name: z.string(),
  nics: z.array(z.object({ mac: z.string(), role: z.string(), name: z.string() })),
});

/** What the file wants, as far as the picture shows it before it is there. */
export const wantedSchema = z.object({
  cluster: z.string(),
  witness: z.enum(['disk', 'fileShare', 'none']),
  servers: z.array(wantedServerSchema),
  /** The third machine, which becomes the target; null where there is a target already. */
  storageHost: wantedServerSchema.extend({ target: z.string() }).nullable().default(null),
  /** Virtual switches, of one name on every node, with the role of the NIC that each takes. */
  switches: z.array(z.object({ name: z.string(), role: z.string() })).default([]),
  target: z.string(),
  portals: z.array(z.object({ address: z.string(), port: z.number().int(), role: z.string() })),
  luns: z.array(
    z.object({
      serial: z.string(),
      purpose: z.enum(['witness', 'data']),
      letter: z.string(),
      label: z.string(),
      sharedVolume: z.boolean(),
    }),
  ),
  machines: z.array(z.object({ name: z.string(), highlyAvailable: z.boolean() })),
});
export type Wanted = z.output<typeof wantedSchema>;

export const formationPlanSchema = z.object({
  /** `nothingToChange`: everything is as the file says. */
  outcome: z.enum(['nothingToChange', 'changes', 'stopped']),
  cluster: z.string(),
  steps: z.array(formationStepSchema),
  stages: z.array(
    z.object({
      stage: z.enum(formationStages),
      state: z.enum(phaseStates),
      planned: z.number().int(),
      expected: z.number().int(),
    }),
  ),
  /** What stops whom: refusals and unknown observations, each with what to do. */
  stops: z.array(
    z.object({
      server: z.string(),
      phase: z.enum(phaseNames).nullable(),
      kind: z.enum(['refused', 'unknown']),
      code: z.string().nullable(),
      what: z.string(),
      next: z.string(),
    }),
  ),
  warnings: z.array(z.object({ server: z.string(), text: z.string(), source: z.string().nullable() })),
  questions: z.array(planQuestionSchema),
  /** The secrets that steps of the plan need, by name, each with the first step that needs it; an empty plan needs none. */
  secrets: z.array(z.object({ name: z.string(), step: z.string() })).default([]),
  guessed: z.array(z.string()),
  /** When a formation is taken back: what stays, where, and why. */
  stays: z.array(z.object({ server: z.string(), title: z.string(), because: z.string() })).default([]),
  servers: z.array(seenServerSchema),
  wanted: wantedSchema,
});
export type FormationPlan = z.output<typeof formationPlanSchema>;
