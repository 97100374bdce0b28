import { setMaxListeners } from 'node:events';
import { areas, type Area } from '../../../shared/changes/kind.ts';
import { failure } from '../../../shared/errors/failure.ts';
import type { ClusterFile, ClusterFileServer } from '../../../shared/model/cluster-file.ts';
import { machinesOf } from '../../../shared/model/cluster-file-storage-host.ts';
import type { ServerPlan } from '../../../shared/model/formation.ts';
import { partitionTypes } from '../../../shared/model/disk.ts';
import type { Nic } from '../../../shared/model/nic.ts';
import type { ServerInput } from '../../../shared/plan/formation/phase.ts';
import { planServer } from '../../../shared/plan/formation/plan-server.ts';
import type { Proofs } from '../../../shared/plan/formation/proofs.ts';
import { standIns } from '../../../shared/plan/formation/secrets.ts';
import { findNic, wantedNetwork } from '../../../shared/plan/formation/wants.ts';
import type { PlannedStep } from '../../../shared/plan/draft.ts';
import { planUndo } from '../../../shared/plan/formation/plan-undo.ts';
import type { Observed } from '../../../shared/plan/observed.ts';
import type { PlanAnswers } from '../../../shared/plan/plan.ts';
import { probeAddresses } from '../areas/network.ts';
import { judgeReadiness } from '../../../shared/rules/judge.ts';
import { touchedSteps, type Entry } from '../../journal/entry.ts';
import type { Journal } from '../../journal/journal.ts';
import { observeArea } from '../areas/index.ts';
import { shellCommand } from '../../../shared/messages/shell-command.ts';
import { readPart } from '../plans/read-part.ts';
import type { Server } from '../plans/server.ts';

/** The server, whose state is read once however many areas want its name: each reading is a script of its own. */
export const readOnce = (server: Server): Server => {
  const { ports } = server;
  let state: ReturnType<Server['ports']['host']['readState']> | null = null;
  return {
    ...server,
    ports: {
      ...ports,
      apply: (change, options) => ports.apply(change, options),
      close: () => ports.close(),
      host: { ...ports.host, readState: (options) => (state ??= ports.host.readState(options)) },
    },
  };
};

/** Reads every area of a server; one that fails is missing with its reason, and leaves the others. */
const observeAll = async (
  server: Server,
  signal: AbortSignal,
): Promise<{ readonly observed: Observed; readonly unread: Partial<Record<Area, string>> }> => {
  // Every area is read at once, and each script listens for its end.
  setMaxListeners(0, signal);
  const once = readOnce(server);
  const parts = await Promise.all(
    areas.map(async (area) => ({ area, part: await readPart(() => observeArea(once, area, signal)) })),
  );
  const unread: Partial<Record<Area, string>> = {};
  for (const { area, part } of parts) if (part.because !== null) unread[area] = part.because;
  return { observed: Object.assign({}, ...parts.map(({ part }) => part.value ?? {})) as Observed, unread };
};

/** The server of the file that this machine is, by the MAC addresses of its adapters. Throws FORM_NOT_IN_FILE. */
export const serverInFile = (file: ClusterFile, nics: readonly Nic[], name: string): ClusterFileServer => {
  const found = machinesOf(file)
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

/** What does not change in the middle of a formation: the hardware, and as whom the core runs. */
export type FixedInput = Pick<ServerInput, 'readiness' | 'memoryBytes' | 'runsAs'>;

/** Whether this server can be a node, and as whom; it takes its time, so that who asks keeps the answer. */
export const readFixed = async (server: Server, signal: AbortSignal): Promise<FixedInput> => {
  const { ports } = server;
  const [facts, runsAs] = await Promise.all([
    readPart(() => ports.facts.gather({ signal })),
    readRunsAs(server, signal),
  ]);
  return {
    readiness: facts.value ? { checks: judgeReadiness(facts.value).checks } : { because: facts.because },
    memoryBytes: facts.value?.memory.visibleBytes.known ? facts.value.memory.visibleBytes.value : null,
    runsAs,
  };
};

/** As whom the core runs; null where that was not read. */
export const readRunsAs = async ({ ports }: Server, signal: AbortSignal): Promise<FixedInput['runsAs']> =>
  (await readPart(() => ports.host.readRights([], { signal }))).value?.account ?? null;

/** Which server of the file this one is. Throws PLAN_STOPPED_UNKNOWN where its adapters were not read, FORM_NOT_IN_FILE. */
const ownIn = (
  server: Server,
  file: ClusterFile,
  observed: Observed,
  unread: Partial<Record<Area, string>>,
): ClusterFileServer => {
  const name = observed.host?.facts.computerName ?? server.name;
  if (!observed.network)
    throw failure('PLAN_STOPPED_UNKNOWN', {
      server: name,
      what: 'which server of the cluster file it is',
      because: unread.network ?? 'its adapters were not read',
      next: 'Fix the cause and start again.',
    });
  return serverInFile(file, observed.network.nics, name);
};

/**
 * Disks whose partition a formation of this cluster made here, and was cut before it had a file system. The last look before that step saw
 * the disk blank, and every other server had promised to leave it alone.
 */
const ownPartitionsIn = (journal: Journal, cluster: string, { storage }: Observed): readonly string[] => {
  const isBegun = storage?.disks.some(
    ({ isBoot, isSystem, partitions }) =>
      !isBoot &&
      !isSystem &&
      partitions?.some(
        ({ gptType, volume }) => gptType !== partitionTypes.microsoftReserved && volume?.fileSystem == null,
      ),
  );
  // Reading the whole journal takes its time, and almost never is there anything to find.
  if (isBegun !== true) return [];
  return doneByFormations(journal, cluster).flatMap(({ change }) =>
    change.do === 'disk.createPartition' ? [change.disk] : [],
  );
};

/** What this server plans for itself. It changes nothing. */
export const lookAtServer = async (
  server: Server,
  input: LookInput & FixedInput,
  signal: AbortSignal,
): Promise<ServerPlan> => {
  const { observed, unread } = await observeAll(server, signal);
  const own = ownIn(server, input.file, observed, unread);
  const seenNetwork = observed.network!;
  const network = await probeAddresses(server, wantedNetwork(own, seenNetwork.nics), seenNetwork, signal);
  const seen = { ...observed, network };
  const ownPartitions = ownPartitionsIn(server.journal, input.file.cluster.name, observed);
  const plan = planServer({ ...input, secrets: standIns, server: own, observed: seen, unread, ownPartitions });
  return input.withScripts === true ? withScripts(server, plan, seen) : plan;
};

/**
 * The steps that formations of a cluster did on this server, by its own journal, the last one first. What was found done before stays as it
 * was, and what was taken back is over.
 */
export const doneByFormations = (journal: Journal, cluster: string): readonly PlannedStep[] =>
  formationEntries(journal, cluster).flatMap((entry) =>
    touchedSteps(entry)
      .map(({ step }) => step)
      .toReversed(),
  );

/** The entries of formations of a cluster that were not taken back, newest first. */
export const formationEntries = (journal: Journal, cluster: string): readonly Entry[] =>
  journal
    .list()
    .entries.filter(
      ({ begin, state, isNewer }) =>
        begin.method === 'formation.take' &&
        !isNewer &&
        state !== 'undone' &&
        state !== 'setAside' &&
        (begin.cluster === undefined || begin.cluster.toLowerCase() === cluster.toLowerCase()),
    );

/** What this server plans to take its part of a formation back. It changes nothing. */
export const lookBackAtServer = async (
  server: Server,
  input: Pick<LookInput, 'file' | 'answers' | 'withScripts'> & Pick<FixedInput, 'runsAs'>,
  signal: AbortSignal,
): Promise<ServerPlan> => {
  const { observed, unread } = await observeAll(server, signal);
  const own = ownIn(server, input.file, observed, unread);
  const done = doneByFormations(server.journal, input.file.cluster.name);
  const plan = planUndo({ ...input, server: own, observed, unread, done, goOn: goOnCommand(server.resumeCommand) });
  return input.withScripts === true ? withScripts(server, plan, observed) : plan;
};

/** What the task that continues after a restart runs, for a person who has to: the data folder is that of the account that Quorate runs as now. */
const goOnCommand = ({ arguments: given }: Server['resumeCommand']): string => {
  const at = given.indexOf('--data');
  return shellCommand(['quorate', 'journal', 'resume', '--yes', ...(at < 0 ? [] : given.slice(at, at + 2))]);
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
