import { isDone, kindOf, type Change } from '../../changes/index.ts';
import type { Area } from '../../changes/kind.ts';
import { isStorageHostOf } from '../../model/cluster-file-storage-host.ts';
import { kindOfAccount } from '../../model/rights.ts';
import { featureStateOf } from '../../model/roles.ts';
import type { PhaseName, PhasePlan, ServerPlan } from '../../model/formation.ts';
import { DraftBuilder, type Draft, type PlannedStep } from '../draft.ts';
import { askBeforeUndo } from '../undo-questions.ts';
import { stepOf, type PhaseFrame, type ServerInput } from './phase.ts';
import { phases } from './phases.ts';
import { seenOf, unreadAreas } from './plan-server.ts';
import { hostDesireSchema } from '../host/desire.ts';
import { resumeToken } from '../host/plan-host.ts';
import { hostDraft, restartDraft } from './restart.ts';
import { carrierOf } from './wants.ts';
import { isSameName } from '../../model/names.ts';

/** What a server's part of a formation is taken back from. */
export interface UndoInput extends Pick<ServerInput, 'file' | 'server' | 'observed' | 'unread' | 'answers' | 'runsAs'> {
  /** Steps of formations of this cluster that changed this server, or may have: the last one first. */
  readonly done: readonly PlannedStep[];
  /** The command by which a person continues on this server, in quotes. */
  readonly goOn: string;
}

const phaseOfArea: Readonly<Record<Area, PhaseName>> = {
  host: 'names',
  network: 'network',
  initiator: 'initiator',
  storage: 'disks',
  storageHost: 'target',
  roles: 'roles',
  cluster: 'cluster',
  vms: 'machines',
};

/** Kinds whose phase is not the one that most of their area belong to. */
const phaseOfKind: Readonly<Partial<Record<Change['do'], PhaseName>>> = {
  'switch.create': 'switches',
  'cluster.renameNetwork': 'networks',
  'cluster.setNetworkRole': 'networks',
  'cluster.setMigrationNetworks': 'networks',
  'cluster.addDisk': 'clusterDisks',
  'cluster.renameResource': 'clusterDisks',
  'cluster.addSharedVolume': 'clusterDisks',
  'cluster.setQuorum': 'quorum',
  'disk.setSanPolicy': 'diskPolicy',
  'storageHost.createDisk': 'targetDisks',
  'storageHost.extendDisk': 'targetDisks',
  'initiator.bindVolumes': 'binding',
};

/** The phase of a formation that plans such a change: the roles and disks of a storage host are another matter than those of a node. */
export const phaseOfChange = (change: Change, isStorageHost = false): PhaseName => {
  const { area } = kindOf(change);
  const ofKind = phaseOfKind[change.do];
  if (ofKind !== undefined) return ofKind;
  return isStorageHost && (area === 'roles' || area === 'storage') ? 'targetServer' : phaseOfArea[area];
};

const frames: readonly PhaseFrame[] = phases.map(({ name, stage, isBarrier, needsStorageHost }) => ({
  name,
  stage,
  isBarrier,
  ...(needsStorageHost ? { needsStorageHost } : {}),
}));

const isAfterRestarts = ({ name }: PhaseFrame): boolean => name === 'afterRestarts';

/**
 * The phases from the last to the first: what was done last is taken back first, and what one server did for all before what each did. Servers
 * restart on this way too, so that what continues after a restart is taken away last.
 */
export const undoPhases: readonly PhaseFrame[] = [
  ...frames.filter((frame) => !isAfterRestarts(frame)).toReversed(),
  ...frames.filter(isAfterRestarts).map((frame) => ({ ...frame, stage: 'servers' as const })),
];

/** Settings that a virtual switch has taken from its adapter: they live on the port of the host by then. */
const carriedKinds: readonly string[] = [
  'nic.addAddress',
  'nic.setDhcp',
  'nic.setGateway',
  'nic.setDnsServers',
  'nic.setBinding',
  'nic.setDnsRegistration',
];

const hypervisorFeatures: readonly string[] = ['Hyper-V', 'Hyper-V-PowerShell', 'Hyper-V-Tools'];

/** Why what a step did stays; null where it is taken back. */
const whyStays = ({ change, undoChanges }: PlannedStep, { file, server, observed }: UndoInput): string | null => {
  const { stays } = kindOf(change);
  // What the cluster wrote lies in these files: the role and the volume stay with them.
  const isUnderDisks = ['targetServer', 'targetDisks'].includes(phaseOfChange(change, true));
  if (isStorageHostOf(file, server) && isUnderDisks)
    return 'There may be data on the virtual disks by now. "quorate storage-host remove-disk" takes one away.';
  if (undoChanges === null) return stays === undefined ? 'The state from before was not read.' : stays;
  if (!('nic' in change) || !carriedKinds.includes(change.do)) return null;
  const nics = observed.network?.nics ?? [];
  const nic = nics.find(({ interfaceGuid }) => interfaceGuid === change.nic);
  return nic && carrierOf(nics, nic) !== nic ? 'The virtual switch that stays has taken the adapter.' : null;
};

/** What only the initiator's service tells; the order of taking back stops it when all of that is back. */
const servicesKinds: readonly string[] = [
  'initiator.leavePath',
  'initiator.logOff',
  'initiator.unregisterSession',
  'initiator.removePortal',
  'initiator.setName',
];

const stoppedService =
  'The Microsoft iSCSI Initiator service is stopped, so this cannot be checked: unless it was undone before, it comes back when the service starts.';

const isServiceStopped = ({ initiator }: UndoInput['observed']): boolean =>
  initiator !== undefined && initiator.state.service.state === 'stopped';

/** What a change is about is gone already, by the steps before it or by hand: its settings went with it. */
const isGone = (change: Change, { observed }: UndoInput): boolean => {
  switch (kindOf(change).area) {
    case 'vms': {
      if (!observed.vms || !('name' in change) || change.do === 'switch.create') return false;
      const { isHyperVRunning, machines, unread } = observed.vms.state;
      const isListed = machines.some(({ name }) => isSameName(name, change.name));
      return isHyperVRunning
        ? unread.length === 0 && !isListed
        : observed.roles !== undefined && featureStateOf(observed.roles.state, 'Hyper-V') !== 'installed';
    }
    case 'cluster': {
      const { membership, cluster } = observed.cluster?.state ?? {};
      // A cluster that was destroyed and made again has networks of its own.
      if (cluster && 'network' in change && !cluster.networks.some(({ id }) => isSameName(id, String(change.network))))
        return true;
      return membership === 'none' || membership === 'notInstalled';
    }
    case 'storage':
      return 'disk' in change && observed.storage?.disks.some(({ uniqueId }) => uniqueId === change.disk) === false;
    case 'network': {
      if (change.do !== 'nic.setDnsServers' || change.servers.length > 0) return false;
      // DHCP is on again and gives its own: those are no servers that the formation set.
      const nic = observed.network?.nics.find(({ interfaceGuid }) => interfaceGuid === change.nic);
      return nic?.dhcp?.[change.family] === true;
    }
    case 'initiator':
      return isServiceStopped(observed) && servicesKinds.includes(change.do);
    default:
      return false;
  }
};

/** Machines that the steps to be taken back made: they go with them. */
const ownMachines = ({ done }: UndoInput): string[] =>
  done.flatMap(({ change }) => (change.do === 'vm.create' ? [change.name] : []));

/** What Hyper-V still carries once everything of the formation is gone. */
const restsOnHyperV = (input: UndoInput): string | null => {
  const { vms } = input.observed;
  if (!vms?.state.isHyperVRunning) return null;
  const own = ownMachines(input);
  const machines = vms.state.machines.filter(
    ({ name, host }) => isSameName(host, vms.node) && !own.some((one) => isSameName(one, name)),
  );
  const left = [
    ...vms.state.switches.map(({ name }) => `the virtual switch ${name}`),
    ...machines.map(({ name }) => `the virtual machine ${name}`),
  ];
  return left.length > 0 ? left.join(', ') : null;
};

interface Taking {
  readonly changes: readonly Change[];
  readonly stays: ServerPlan['stays'];
}

/** The changes that take one step back on the server as it is, and what of it stays. */
const takingBack = (step: PlannedStep, input: UndoInput): Taking => {
  // What was only brought here for another step has no place that it belongs to.
  if (step.change.do === 'vm.move' || step.change.do === 'cluster.moveGroup') return { changes: [], stays: [] };
  // What continues after a restart is needed on the way back as well: it goes in a phase of its own.
  if (step.change.do === 'host.registerResume') return { changes: [], stays: [] };
  const because = whyStays(step, input);
  if (step.undoChanges === null || because !== null)
    return { changes: [], stays: because === null ? [] : [{ title: step.title, because }] };
  const stays: ServerPlan['stays'] = [];
  const changes = step.undoChanges.flatMap((change): Change[] => {
    if (change.do !== 'roles.remove') return [change];
    const rests = restsOnHyperV(input);
    const features = change.features.filter((name) => rests === null || !hypervisorFeatures.includes(name));
    if (rests !== null && features.length < change.features.length)
      stays.push({ title: step.title, because: `Hyper-V stays installed, because ${rests} stays.` });
    return features.length > 0 ? [{ ...change, features }] : [];
  });
  return { changes, stays };
};

/** Nothing that somebody else put on the cluster goes down with it. */
const refuseStrangers = (builder: DraftBuilder, change: Change, input: UndoInput): void => {
  const cluster = input.observed.cluster?.state.cluster;
  if (change.do !== 'cluster.destroy' || !cluster || !isSameName(cluster.name, change.name)) return;
  const own = ownMachines(input);
  const strangers = [
    ...cluster.groups
      .filter(({ kind, name }) => kind === 'virtualMachine' && !own.some((one) => isSameName(one, name)))
      .map(({ name }) => `the virtual machine ${name}`),
    ...cluster.nodes
      .filter(({ name }) => !input.file.servers.some((server) => isSameName(server.name, name)))
      .map(({ name }) => `the node ${name}`),
  ];
  if (strangers.length > 0)
    builder.refuse('FORM_UNDO_IN_USE', {
      cluster: cluster.name,
      what: strangers.join(', '),
      server: input.server.name,
    });
};

/** A machine that has moved meanwhile comes home first: it can only be taken back where it was made. */
const bringHome = (builder: DraftBuilder, steps: readonly PlannedStep[], input: UndoInput): void => {
  const { vms, host } = input.observed;
  const own = host?.facts.computerName ?? input.server.name;
  for (const { change } of steps) {
    if (change.do !== 'vm.create') continue;
    const found = vms?.state.machines.find(({ name }) => isSameName(name, change.name));
    if (vms && found?.role && !isSameName(found.host, own))
      builder.change({ do: 'vm.move', name: found.name, node: own, kind: 'quick' }, vms, {
        why: `It was created on this server, and is removed here.`,
      });
  }
};

/** Does anything of these changes wait for a restart, planned now or left over from before? */
const isRestartDue = (planned: readonly PlannedStep[], wanted: readonly Change[], input: UndoInput): boolean =>
  planned.some(({ restart }) => restart === 'after') ||
  wanted.some((change) => {
    const { area, isInForce } = kindOf(change);
    const observed = input.observed[area];
    return isInForce !== undefined && observed !== undefined && !isInForce(observed);
  });

/** What a change sets, whatever it sets it to. */
const targetOf = (change: Change): string => JSON.stringify([change.do, ...kindOf(change).subject(change)]);

/**
 * What nobody continues after: a server that leaves its domain knows the account of that domain no more, whose task would start Quorate there, and
 * neither does a logon. Null: it stays, or Quorate runs there as a local account, which stays as well, or as a service.
 */
const leavingOf = (wanted: readonly Change[], { observed, server, runsAs, goOn }: UndoInput): string | null => {
  const facts = observed.host?.facts;
  if (!facts || facts.membership.kind !== 'domain' || !runsAs) return null;
  if (kindOfAccount(runsAs, facts.computerName) !== 'domain') return null;
  if (!wanted.some((change) => change.do === 'host.joinWorkgroup')) return null;
  return `${server.name} leaves the domain ${facts.membership.name}. After that restart ${runsAs.name}, as whom Quorate runs there, can no longer log on, and nothing continues by itself. Have the password of a local administrator of ${server.name} at hand: log on as that one, and run ${goOn} in an elevated console.`;
};

const planPhaseBack = (
  frame: PhaseFrame,
  steps: readonly PlannedStep[],
  input: UndoInput,
  /** Whether the task that continues is registered by a phase before. */
  isRegistered: boolean,
) => {
  const builder = new DraftBuilder(input.server.name, `Undo: ${frame.name}`, input.answers);
  const stays: ServerPlan['stays'] = [];
  const wanted: Change[] = [];
  const takings = steps.map((step) => ({ step, ...takingBack(step, input) }));
  // What was changed more than once goes back to what was there before the first time: the last of the list.
  const first = new Map(takings.flatMap(({ changes }, at) => changes.map((change) => [targetOf(change), at] as const)));
  const destroys = takings.some(({ changes }) => changes.some((change) => change.do === 'cluster.destroy'));
  if (frame.name === 'machines') bringHome(builder, steps, input);
  for (const [at, { step, changes, stays: stay }] of takings.entries()) {
    stays.push(...stay);
    for (const change of changes) {
      if (first.get(targetOf(change)) !== at) continue;
      // Destroying takes every node out at once; evicting them one by one would only bring the quorum down on the way.
      if (destroys && change.do === 'cluster.evictNode') continue;
      wanted.push(change);
      const { area } = kindOf(change);
      const [unread] = unreadAreas({ areas: [area] }, input);
      if (unread) {
        builder.unknown(unread.what, unread.because, unread.next);
        continue;
      }
      const found = isDone(change, input.observed);
      if (found.is === 'yes') continue;
      if (isGone(change, input)) {
        if (area === 'initiator') stays.push({ title: step.title, because: stoppedService });
        continue;
      }
      refuseStrangers(builder, change, input);
      builder.change(change, input.observed[area]!, {
        why: `Undoes: ${step.title}.`,
        questions: askBeforeUndo(builder, step.cutsConnection, change, input.observed),
      });
    }
  }
  const leaving = leavingOf(wanted, input);
  if (leaving !== null) builder.warn(leaving);
  const draft = builder.build();
  const drafts: Draft[] = [draft];
  if (input.observed.host && isRestartDue(draft.steps, wanted, input))
    drafts.push(
      // A task of an account that is no more would never start.
      restartDraft(isRegistered || leaving !== null ? { ...input, runsAs: null } : input, 'what was undone'),
    );
  return { drafts, stays };
};

const phasePlanOf = (frame: PhaseFrame, drafts: readonly Draft[]): PhasePlan => {
  const refusals = drafts.flatMap((draft) => draft.refusals);
  const unknowns = drafts.flatMap((draft) => draft.unknowns);
  const isStopped = refusals.length + unknowns.length > 0;
  const all = drafts.flatMap((draft) => draft.steps).map((step) => stepOf(frame, step));
  const steps = all.map((step, at) => ({ ...step, requires: at === 0 ? [] : [all[at - 1]!.id] }));
  return {
    phase: frame.name,
    stage: frame.stage,
    state: isStopped ? 'stopped' : steps.length > 0 ? 'planned' : 'done',
    steps: isStopped ? [] : steps,
    refusals,
    unknowns,
    warnings: drafts.flatMap((draft) => draft.warnings),
    questions: drafts.flatMap((draft) => draft.questions),
    followUp: null,
  };
};

const registersResume = ({ steps }: PhasePlan): boolean =>
  steps.some(({ change }) => change?.do === 'host.registerResume');

/** No restart is left: the task that continues after one goes, whether the formation left it or the way back needed it. */
const removeResumeDrafts = (input: UndoInput): readonly Draft[] =>
  input.observed.host?.resumes?.some(({ token }) => token === resumeToken)
    ? [hostDraft(input, hostDesireSchema.parse({ removeResumes: [resumeToken] }))]
    : [];

/**
 * Plans what takes a server's part of a formation back: the phases from the last to the first, in each the last step first, without what
 * is back already. What stays is named with the reason; what cannot be read stops what hangs on it.
 */
export const planUndo = (input: UndoInput): ServerPlan => {
  const stays: ServerPlan['stays'] = [];
  const isStorageHost = isStorageHostOf(input.file, input.server);
  const plans: PhasePlan[] = [];
  for (const frame of undoPhases) {
    if (isAfterRestarts(frame)) {
      const drafts = input.done.length > 0 ? removeResumeDrafts(input) : [];
      if (drafts.length > 0) plans.push(phasePlanOf(frame, drafts));
      continue;
    }
    const steps = input.done.filter(({ change }) => phaseOfChange(change, isStorageHost) === frame.name);
    if (steps.length === 0) continue;
    // It is registered once, before the first restart.
    const back = planPhaseBack(frame, steps, input, plans.some(registersResume));
    stays.push(...back.stays);
    plans.push(phasePlanOf(frame, back.drafts));
  }
  const known = new Set<string>();
  const isNew = ({ title }: { readonly title: string }): boolean => !known.has(title) && Boolean(known.add(title));
  return { ...seenOf(input), phases: plans, stays: stays.filter(isNew) };
};
