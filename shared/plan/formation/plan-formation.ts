import { asClause } from '../../model/sentence.ts';
import { becausePhrase } from '../../errors/because.ts';
import type { ClusterFile } from '../../model/cluster-file.ts';
import {
  formationStages,
  type AbsentServer,
  type FormationPlan,
  type FormationStep,
  type PhasePlan,
  type ServerPlan,
} from '../../model/formation.ts';
import { phases as allPhases } from './phases.ts';
import type { PhaseFrame } from './phase.ts';
import { compareDisks } from './identity-map.ts';
import { secretsNeededBy } from './secrets.ts';
import { wantedOf } from './wanted.ts';

interface Progress {
  /** The step that everything later on this server comes after. */
  last: string | undefined;
  /** True when something keeps this server from coming further: what follows can only be expected. */
  isStopped: boolean;
}

const expected = (step: FormationStep): FormationStep => ({ ...step, certainty: 'expected', questions: [] });

type Stop = FormationPlan['stops'][number];

const stopsOf = (server: string, { phase, refusals, unknowns }: PhasePlan): Stop[] => [
  ...refusals.map(({ code, what, next }): Stop => ({ server, phase, kind: 'refused', code, what, next })),
  ...unknowns.map(({ what, because, next }): Stop => ({
    server,
    phase,
    kind: 'unknown',
    code: null,
    what: `${what.charAt(0).toUpperCase()}${what.slice(1)} is not known: ${becausePhrase(because)}.`,
    next,
  })),
];

/** Every secret once, with the first step that needs it. */
const secretsOf = ({ storage }: ClusterFile, steps: readonly FormationStep[]): FormationPlan['secrets'] => {
  const first = new Map<string, string>();
  for (const step of steps)
    for (const name of secretsNeededBy(step, storage.chapUser !== null))
      if (!first.has(name)) first.set(name, `${step.node}: ${step.title}`);
  return [...first].map(([name, step]) => ({ name, step }));
};

/** Changes that nothing else rests on: a person may leave them out, with a reason. */
const skippableChanges: readonly string[] = [
  'nic.rename',
  'nic.setPowerSaving',
  'nic.setNetbios',
  'initiator.bindVolumes',
];

/** Why a step must not be left out; null where it may be. */
export const whyNotSkippable = ({ change, check, phase }: FormationStep): string | null => {
  if (change && skippableChanges.includes(change.do)) return null;
  if (phase === 'drill') return null;
  return check === null ? 'later steps need it' : 'it protects the data, or Microsoft’s support depends on it';
};

/**
 * Puts the plans of all servers into one graph: each server's phases in order, and what one server does for all only when every
 * server has come so far. A server that is stopped stops what hangs on it, and nothing else.
 */
export const planFormation = (
  file: ClusterFile,
  servers: readonly ServerPlan[],
  absent: readonly AbsentServer[] = [],
  skips: ReadonlySet<string> = new Set(),
  phases: readonly PhaseFrame[] = allPhases,
): FormationPlan => {
  const steps: FormationStep[] = [];
  const stops: Stop[] = absent.map(({ server, because, next }) => ({
    server,
    phase: null,
    kind: 'unknown',
    code: null,
    what: `${server} could not be asked: ${asClause(because)}`,
    next,
  }));
  const stages = new Map(formationStages.map((stage) => [stage, [] as PhasePlan[]]));
  const progress = new Map<string, Progress>(
    servers.map(({ server }) => [server, { last: undefined, isStopped: false }]),
  );
  for (const phase of phases) {
    if (phase.needsStorageHost && !file.storageHost) continue;
    if (phase.comparesDisks)
      for (const stop of compareDisks(file, servers)) {
        stops.push({
          server: stop.server,
          phase: 'identity',
          kind: 'refused',
          code: stop.code,
          what: stop.what,
          next: stop.next,
        });
        progress.get(stop.server)!.isStopped = true;
      }
    const isHeldUp =
      phase.isBarrier && (absent.length > 0 || [...progress.values()].some(({ isStopped }) => isStopped));
    const before = phase.isBarrier ? [...progress.values()].flatMap(({ last }) => last ?? []) : [];
    let end: string | undefined;
    const turn = (): readonly string[] => (phase.isInTurn && end !== undefined ? [...before, end] : before);
    for (const server of servers) {
      const plan = server.phases.find((one) => one.phase === phase.name);
      if (!plan) continue;
      stages.get(phase.stage)!.push(plan);
      const own = progress.get(server.server)!;
      const stopped = stopsOf(server.server, plan);
      if (!own.isStopped) stops.push(...stopped);
      const isExpected = isHeldUp || own.isStopped;
      const kept = plan.steps.filter(({ id }) => !skips.has(id));
      for (const [index, step] of kept.entries()) {
        const requires = [...new Set([...(index === 0 ? turn() : []), ...(own.last === undefined ? [] : [own.last])])];
        steps.push({ ...(isExpected ? expected(step) : step), requires });
        own.last = step.id;
        end = step.id;
      }
      if (stopped.length > 0) own.isStopped = true;
    }
    if (!phase.isBarrier) continue;
    // Nobody goes past it before it has ended.
    const isStopped = [...progress.values()].some((one) => one.isStopped) || absent.length > 0;
    for (const one of progress.values()) {
      if (end !== undefined) one.last = end;
      if (isStopped) one.isStopped = true;
    }
  }
  const asked = new Set(steps.flatMap(({ questions }) => questions));
  const questions = new Map<string, FormationPlan['questions'][number]>();
  for (const { phases: own } of servers)
    for (const plan of own)
      for (const one of plan.questions) if (asked.has(one.id) && !questions.has(one.id)) questions.set(one.id, one);
  const isPlanned = steps.some(({ certainty }) => certainty === 'planned');
  return {
    outcome: isPlanned ? 'changes' : stops.length > 0 ? 'stopped' : 'nothingToChange',
    cluster: file.cluster.name,
    steps,
    stages: formationStages.map((stage) => {
      const plans = stages.get(stage)!;
      const ofStage = steps.filter((step) => step.stage === stage);
      const isStopped = plans.some(({ state }) => state === 'stopped');
      const planned = ofStage.filter(({ certainty }) => certainty === 'planned').length;
      return {
        stage,
        state: isStopped ? 'stopped' : planned > 0 ? 'planned' : ofStage.length > 0 ? 'expected' : 'done',
        planned,
        expected: ofStage.length - planned,
      };
    }),
    stops,
    warnings: servers.flatMap(({ server, phases: own }) =>
      own.flatMap(({ warnings }) => warnings.map(({ text, source }) => ({ server, text, source }))),
    ),
    questions: [...questions.values()],
    secrets: secretsOf(file, steps),
    guessed: file.guessed,
    stays: servers.flatMap(({ server, stays }) => stays.map((one) => ({ server, ...one }))),
    servers: servers.map(({ phases: _phases, stays: _stays, ...seen }) => seen),
    wanted: wantedOf(file),
  };
};
