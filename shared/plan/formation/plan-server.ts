import type { Area } from '../../changes/kind.ts';
import { isStorageHostOf } from '../../model/cluster-file-storage-host.ts';
import type { FormationStep, PhasePlan, SeenDisk, SeenServer, ServerPlan } from '../../model/formation.ts';
import type { Draft } from '../draft.ts';
import type { PlanUnknown } from '../plan.ts';
import { checkStep, stepOf, type Phase, type PhaseDraft, type ServerInput } from './phase.ts';
import { phases as allPhases } from './phases.ts';
import { inFile } from './refusal.ts';
import { offeredDisks } from './storage-host-phases.ts';
import { carrierOf, findDisk, findNic } from './wants.ts';

const isFirst = ({ file, server }: ServerInput): boolean =>
  file.servers[0]!.name.toLowerCase() === server.name.toLowerCase();

const concerns = (phase: Phase, input: ServerInput): boolean => {
  if (phase.on === 'all') return true;
  if (isStorageHostOf(input.file, input.server)) return phase.on === 'storageHost';
  return phase.on === 'each' || (phase.on !== 'storageHost' && (phase.on === 'first') === isFirst(input));
};

export const unreadAreas = (
  phase: Pick<Phase, 'areas'>,
  { unread, observed, server }: Pick<ServerInput, 'unread' | 'observed' | 'server'>,
): PlanUnknown[] =>
  phase.areas.flatMap((area: Area) =>
    observed[area] === undefined
      ? [
          {
            what: `${areaWords[area] ?? area} of ${server.name}`,
            because: unread[area] ?? 'it was not read',
            next: 'Fix the cause and start again; steps that are done are not repeated.',
          },
        ]
      : [],
  );

const areaWords: Readonly<Partial<Record<Area, string>>> = {
  host: 'name and membership',
  network: 'the network adapters',
  initiator: 'the iSCSI initiator',
  storage: 'the disks',
  roles: 'roles and features',
  cluster: 'the cluster',
  vms: 'the virtual machines',
  storageHost: 'iSCSI Target Server',
};

const stepsOf = (phase: Phase, input: ServerInput, draft: PhaseDraft): FormationStep[] => {
  const steps: FormationStep[] = [];
  for (const one of draft.drafts ?? [])
    for (const step of one.steps) {
      const made = stepOf(phase, step);
      if (steps.some(({ id }) => id === made.id)) continue;
      const before = steps.at(-1)?.id;
      steps.push({ ...made, requires: before === undefined ? [] : [before] });
    }
  for (const due of draft.checks ?? []) steps.push(checkStep(phase, input.server.name, due, steps.at(-1)?.id));
  return steps;
};

const gather = <T>(drafts: readonly Draft[], part: (draft: Draft) => readonly T[]): T[] => drafts.flatMap(part);

/** What was planned on assumptions: every step is expected, and nothing of it is asked or refused yet. */
const asExpected = (steps: readonly FormationStep[]): FormationStep[] =>
  steps.map((step) => ({ ...step, certainty: 'expected' as const, questions: [] }));

const planPhase = (phase: Phase, input: ServerInput, mayBeSeen: boolean): PhasePlan => {
  const empty = { refusals: [], unknowns: [], warnings: [], questions: [], followUp: null };
  const frame = { phase: phase.name, stage: phase.stage };
  /** Null where not even what is assumed can be planned: then it is no matter of the steps before. */
  const assumed = (): PhasePlan | null => {
    const on = phase.assume?.(input) ?? input;
    const isUnread = unreadAreas(phase, on).length > 0;
    const then = isUnread ? {} : phase.plan(on);
    const stopsToo = (then.refusals?.length ?? 0) + gather(then.drafts ?? [], (one) => one.refusals).length > 0;
    if (stopsToo) return null;
    return { ...frame, ...empty, state: 'expected', steps: asExpected(stepsOf(phase, on, then)) };
  };
  const unread = unreadAreas(phase, input);
  const draft: PhaseDraft = unread.length > 0 ? { unknowns: unread } : phase.plan(input);
  const drafts = draft.drafts ?? [];
  const refusals = [...(draft.refusals ?? []), ...gather(drafts, (one) => one.refusals)].map(inFile);
  const unknowns = [...(draft.unknowns ?? []), ...gather(drafts, (one) => one.unknowns)];
  if (refusals.length + unknowns.length > 0) {
    // What is not there yet, because steps before bring it, stops nothing.
    const later = mayBeSeen ? assumed() : null;
    if (later) return later;
    return {
      ...frame,
      ...empty,
      state: 'stopped',
      steps: [],
      refusals,
      unknowns,
      warnings: gather(drafts, (one) => one.warnings),
    };
  }
  const steps = stepsOf(phase, input, draft);
  const followUp = drafts.map((one) => one.followUp).find((one) => one !== null) ?? null;
  const isPlanned = steps.some(({ certainty }) => certainty === 'planned');
  return {
    ...frame,
    ...empty,
    state: isPlanned ? 'planned' : followUp ? 'waits' : steps.length > 0 ? 'expected' : 'done',
    steps,
    warnings: gather(drafts, (one) => one.warnings),
    questions: gather(drafts, (one) => one.questions),
    followUp,
  };
};

const seenDisks = ({ file, observed }: Pick<ServerInput, 'file' | 'observed'>): SeenDisk[] | null =>
  observed.storage
    ? file.storage.luns.flatMap(({ serial }) =>
        findDisk(observed.storage!.disks, serial).map((disk) => ({
          serial: disk.serialNumber?.trim() ?? null,
          uniqueId: disk.uniqueId,
          sizeBytes: disk.sizeBytes.toString(),
          isOffline: disk.isOffline,
          isClustered: disk.isClustered,
          paths: disk.pathCount,
          letter: disk.partitions?.find(({ driveLetter }) => driveLetter !== null)?.driveLetter ?? null,
        })),
      )
    : null;

/** A server as it sees itself, for the picture and for the others. */
export const seenOf = (
  input: Pick<ServerInput, 'file' | 'server' | 'observed'> & Partial<Pick<ServerInput, 'runsAs'>>,
): SeenServer => {
  const { observed, server, runsAs } = input;
  const host = observed.host?.facts;
  const nics = observed.network?.nics ?? [];
  return {
    server: server.name,
    computerName: host?.computerName ?? server.name,
    isAdministrator: host?.isAdministrator ?? null,
    account: runsAs?.name ?? null,
    windows: host?.os.caption ?? 'unknown',
    nics: server.nics.map(({ mac, role }) => {
      const nic = findNic(nics, mac);
      return {
        mac,
        name: nic?.name ?? 'not found',
        role,
        isConnected: nic ? nic.mediaState === 'connected' : null,
        // The port of the server on a virtual switch has the addresses of the adapter that the switch has taken.
        addresses: ((nic && carrierOf(nics, nic).addresses) ?? []).map(({ address }) => address),
      };
    }),
    sessions:
      observed.initiator?.state.sessions?.map((session) => ({
        from: session.connections?.[0]?.initiatorAddress ?? session.initiatorPortalAddress ?? '',
        portal: session.connections?.[0]?.targetAddress ?? '',
        isConnected: session.isConnected,
      })) ?? null,
    disks: seenDisks(input),
    offered: isStorageHostOf(input.file, server) ? offeredDisks(input) : null,
    letters: observed.storage?.letters?.map(({ letter }) => letter) ?? null,
  };
};

/** What an earlier phase does already, a later one need not expect again. */
const withoutSeen = (plan: PhasePlan, seen: Set<string>): PhasePlan => {
  const steps = plan.steps.filter(({ id }) => !seen.has(id));
  for (const { id } of steps) seen.add(id);
  return { ...plan, steps };
};

/**
 * Plans one server: every phase that concerns it, in order. Where an earlier phase has work to do, a later one whose ground is not
 * there yet is planned on what is assumed, and only expected.
 */
export const planServer = (input: ServerInput, phases: readonly Phase[] = allPhases): ServerPlan => {
  const plans: PhasePlan[] = [];
  const seen = new Set<string>();
  let hasWork = false;
  for (const phase of phases) {
    if (!concerns(phase, input)) continue;
    const plan = withoutSeen(planPhase(phase, input, hasWork), seen);
    if (plan.state !== 'done') hasWork = true;
    plans.push(plan);
  }
  return { ...seenOf(input), phases: plans, stays: [] };
};
