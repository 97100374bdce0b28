import { areas, type Area } from '../../../shared/changes/kind.ts';
import { failure } from '../../../shared/errors/failure.ts';
import type { ClusterFile, ClusterFileServer } from '../../../shared/model/cluster-file.ts';
import type { ServerPlan } from '../../../shared/model/formation.ts';
import type { Nic } from '../../../shared/model/nic.ts';
import type { ServerInput } from '../../../shared/plan/formation/phase.ts';
import { planServer } from '../../../shared/plan/formation/plan-server.ts';
import type { Proofs } from '../../../shared/plan/formation/proofs.ts';
import { findNic, wantedNetwork } from '../../../shared/plan/formation/wants.ts';
import type { Observed } from '../../../shared/plan/observed.ts';
import type { PlanAnswers } from '../../../shared/plan/plan.ts';
import { probeAddresses } from '../plans/make-plan.ts';
import { judgeReadiness } from '../../../shared/rules/judge.ts';
import { observeArea, readPart } from '../plans/observe.ts';
import type { Server } from '../plans/server.ts';

/** Reads every area of a server; one that fails is missing with its reason, and leaves the others. */
const observeAll = async (
  server: Server,
  signal: AbortSignal,
): Promise<{ readonly observed: Observed; readonly unread: Partial<Record<Area, string>> }> => {
  const parts = await Promise.all(
    areas.map(async (area) => ({ area, part: await readPart(() => observeArea(server, area, signal)) })),
  );
  const unread: Partial<Record<Area, string>> = {};
  for (const { area, part } of parts) if (part.because !== null) unread[area] = part.because;
  return { observed: Object.assign({}, ...parts.map(({ part }) => part.value ?? {})) as Observed, unread };
};

/** The server of the file that this machine is, by the MAC addresses of its adapters. Throws FORM_NOT_IN_FILE. */
export const serverInFile = (file: ClusterFile, nics: readonly Nic[], name: string): ClusterFileServer => {
  const found = file.servers
    .map((server) => ({ server, count: server.nics.filter(({ mac }) => findNic(nics, mac) !== null).length }))
    .filter(({ count }) => count > 0)
    .toSorted((one, other) => other.count - one.count);
  const [best] = found;
  if (!best) throw failure('FORM_NOT_IN_FILE', { server: name });
  return best.server;
};

export interface LookInput {
  readonly file: ClusterFile;
  readonly answers: PlanAnswers;
  readonly secrets: Readonly<Record<string, string>>;
  readonly proofs: Proofs;
  /** The PowerShell of each step too, for people to read. */
  readonly withScripts?: boolean;
}

/** Whether this server can be a node; facts take their time, so that who asks keeps the answer. */
export const readReadiness = async (server: Server, signal: AbortSignal): Promise<ServerInput['readiness']> => {
  const facts = await readPart(() => server.ports.facts.gather({ signal }));
  return facts.value ? { checks: judgeReadiness(facts.value).checks } : { because: facts.because };
};

/** What this server plans for itself. It changes nothing. */
export const lookAtServer = async (
  server: Server,
  input: LookInput & Pick<ServerInput, 'readiness'>,
  signal: AbortSignal,
): Promise<ServerPlan> => {
  const { observed, unread } = await observeAll(server, signal);
  const name = observed.host?.facts.computerName ?? server.name;
  if (!observed.network)
    throw failure('PLAN_STOPPED_UNKNOWN', {
      server: name,
      what: 'which server of the cluster file it is',
      because: unread.network ?? 'its adapters were not read',
      next: 'Look at the cause and start again.',
    });
  const own = serverInFile(input.file, observed.network.nics, name);
  const network = await probeAddresses(server, wantedNetwork(own, observed.network.nics), observed.network, signal);
  const seen = { ...observed, network };
  const plan = planServer({ ...input, server: own, observed: seen, unread });
  return input.withScripts === true ? withScripts(server, plan, seen) : plan;
};

/** The plan with the PowerShell of each step, from the very calls that run. */
const withScripts = async (server: Server, plan: ServerPlan, observed: Observed): Promise<ServerPlan> => {
  const changes = plan.phases.flatMap(({ steps }) => steps.flatMap(({ change }) => change ?? []));
  const scripts = await server.renderScripts(changes, observed);
  let next = 0;
  return {
    ...plan,
    phases: plan.phases.map((phase) => ({
      ...phase,
      steps: phase.steps.map((step) => (step.change ? { ...step, script: scripts[next++] ?? null } : step)),
    })),
  };
};
