import type { Area } from '../../changes/kind.ts';
import type { CheckResult } from '../../model/check.ts';
import type { ClusterFile, ClusterFileServer } from '../../model/cluster-file.ts';
import type { FormationCheck, FormationStage, FormationStep, PhaseName } from '../../model/formation.ts';
import type { Account } from '../../model/rights.ts';
import type { Draft, PlannedStep } from '../draft.ts';
import type { Observed } from '../observed.ts';
import type { PlanAnswers } from '../plan.ts';
import type { Proofs } from './proofs.ts';

/** What a server is planned from. */
export interface ServerInput {
  readonly file: ClusterFile;
  readonly server: ClusterFileServer;
  readonly observed: Observed;
  /** Why an area could not be read. */
  readonly unread: Readonly<Partial<Record<Area, string>>>;
  readonly proofs: Proofs;
  /** The checks of readiness, or why there are none. */
  readonly readiness: { readonly checks: readonly CheckResult[] } | { readonly because: string };
  /** What the operating system has of memory, in bytes, in decimal digits; null where it was not read. */
  readonly memoryBytes: string | null;
  /** The account that this server's core runs as; null where it was not read. */
  readonly runsAs: Account | null;
  readonly answers: PlanAnswers;
  /** The names of secrets that are there; the texts themselves have no business in a plan. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Disks, by their unique ids, whose one partition an earlier run of this formation made: it has no file system yet, and nothing is lost on it. */
  readonly ownPartitions?: readonly string[];
}

/** A check that is due, before it is a step. */
export interface DueCheck {
  readonly check: FormationCheck;
  readonly subject: string | null;
  readonly title: string;
  readonly why: string;
  readonly manual: string;
  readonly locks?: readonly string[];
  readonly destructive?: boolean;
  readonly restart?: 'now';
  readonly expectedMs?: number;
}

/** What one phase comes to on one server. */
export interface PhaseDraft {
  /** Plans of the planners that there are, in order. */
  readonly drafts?: readonly Draft[];
  readonly checks?: readonly DueCheck[];
  /** Something that this phase itself cannot tell; it stops the phase. */
  readonly unknowns?: Draft['unknowns'];
  readonly refusals?: Draft['refusals'];
}

/** A phase as the graph of all servers knows it. */
export interface PhaseFrame {
  readonly name: PhaseName;
  readonly stage: FormationStage;
  /** It begins only when every server has come to the end of what stands before it, and nobody goes past it before it has ended. */
  readonly isBarrier: boolean;
  /** Each server comes after the one before it in the file has ended this phase. */
  readonly isInTurn?: true;
  /** Before it the disks that the servers see are compared: every LUN has to be one and the same everywhere. */
  readonly comparesDisks?: true;
  /** It is none where the file names no storage host: nobody waits for it. */
  readonly needsStorageHost?: true;
}

/** Parts of a stage that are planned together. */
export interface Phase extends PhaseFrame {
  /**
   * `each` node for itself, the `first` node of the file for all, or every node `butFirst`; the `storageHost`, or `all` of these machines.
   */
  readonly on: 'each' | 'first' | 'butFirst' | 'storageHost' | 'all';
  /** The areas that it is planned from; null where it is planned from nothing that is read here. */
  readonly areas: readonly Area[];
  readonly plan: (input: ServerInput) => PhaseDraft;
  /** The same on what is assumed, for a server that does not show it yet; left out where there is nothing to be told. */
  readonly assume?: (input: ServerInput) => ServerInput;
}

/** As long as a step may well take, in milliseconds, where it takes more than a moment: what is longer is told. Expectations, not measured. */
const expectedMsOf = ({ change, restart }: PlannedStep): number | null => {
  if (restart === 'now') return 10 * 60_000;
  switch (change.do) {
    case 'roles.install':
    case 'mpio.installFeature':
    case 'storageHost.createDisk':
      return 10 * 60_000;
    case 'host.joinDomain':
    case 'disk.format':
    case 'cluster.create':
    case 'cluster.addNode':
    case 'vm.create':
      return 3 * 60_000;
    default:
      return null;
  }
};

/** A step of a formation from a planner's step. */
export const stepOf = (phase: PhaseFrame, step: PlannedStep): FormationStep => ({
  ...step,
  // A server restarts in more than one phase.
  id: step.restart === 'now' ? `${step.id}:${phase.name}` : step.id,
  stage: phase.stage,
  phase: phase.name,
  check: null,
  subject: null,
  expectedMs: expectedMsOf(step),
});

export const checkStep = (phase: Phase, node: string, due: DueCheck, before: string | undefined): FormationStep => ({
  id: `${node}/${due.check}${due.subject === null ? '' : `:${due.subject}`}`,
  node,
  title: due.title,
  why: due.why,
  requires: before === undefined ? [] : [before],
  locks: [...(due.locks ?? [])],
  certainty: 'planned',
  questions: [],
  destructive: due.destructive ?? false,
  cutsConnection: false,
  restart: due.restart ?? 'none',
  undo: null,
  manual: due.manual,
  script: null,
  stage: phase.stage,
  phase: phase.name,
  change: null,
  undoChanges: null,
  check: due.check,
  subject: due.subject,
  expectedMs: due.expectedMs ?? null,
});
