import type { ClusterState } from '../model/cluster.ts';
import { isOnClusteredStorage, type MachinesState, type VirtualMachine } from '../model/virtual-machines.ts';
import { isSameName } from '../model/names.ts';

/*
 * What speaks against making a virtual machine highly available, looked at before the cluster is asked: since 2012 the cluster takes a
 * machine with a file on a local disk, and says so only in a report (github.com/AutomatedLab/AutomatedLab/issues/1314). What fails a move:
 * learn.microsoft.com/troubleshoot/windows-server/virtualization/troubleshoot-live-migration-issues.
 */

export const checkResults = ['pass', 'warn', 'fail', 'unknown'] as const;
export type CheckResult = (typeof checkResults)[number];

export const machineCheckIds = [
  'cluster',
  'name',
  'configuration',
  'files',
  'media',
  'devices',
  'switches',
  'processor',
] as const;
export type MachineCheckId = (typeof machineCheckIds)[number];

export interface MachineCheckItem {
  readonly id: MachineCheckId;
  readonly result: CheckResult;
  /** What was found, as a sentence. */
  readonly found: string;
  /** What to do; null where nothing has to be done. */
  readonly next: string | null;
}

/** Another node as far as it was read; `state` null: it was not, `because` says why. */
export interface OtherNode {
  readonly node: string;
  readonly state: MachinesState | null;
  readonly because: string | null;
}

export interface MachineCheckInput {
  readonly machine: VirtualMachine;
  /** The server that has it. */
  readonly node: string;
  /** The processor of that server; null: not read. */
  readonly processor: string | null;
  /** Null: not read, `clusterUnread` says why. */
  readonly cluster: ClusterState | null;
  readonly clusterUnread: string | null;
  readonly others: readonly OtherNode[];
}

const listOf = (texts: readonly string[]): string => texts.join(', ');

/** The letters of the cluster's disks that a machine may use: the witness is for the quorum alone. */
export const machineLetters = (cluster: ClusterState | null): string[] =>
  (cluster?.cluster?.disks ?? []).flatMap(({ driveLetter, use }) =>
    driveLetter !== null && use !== 'witness' ? [driveLetter] : [],
  );

type Judged = Omit<MachineCheckItem, 'id'>;
const pass = (found: string): Judged => ({ result: 'pass', found, next: null });
const judged = (result: CheckResult, found: string, next: string): Judged => ({ result, found, next });

const judgeCluster = ({ cluster, clusterUnread, node }: MachineCheckInput): Judged => {
  switch (cluster?.membership) {
    case undefined:
      return judged(
        'unknown',
        `It could not be read whether ${node} is in a cluster: ${clusterUnread}.`,
        'Check again.',
      );
    case 'member':
      return pass(`${node} is a node of ${cluster?.cluster?.name ?? 'a cluster'}.`);
    case 'stopped':
      return judged(
        'fail',
        `The cluster service of ${node} is not running.`,
        'Start it: Services, Cluster Service; then look at the events of the cluster.',
      );
    default:
      return judged('fail', `${node} is in no cluster.`, 'Form the cluster first.');
  }
};

const judgeName = ({ machine, cluster, others }: MachineCheckInput): Judged => {
  const same = others.find(({ state }) =>
    state?.machines.some((one) => isSameName(one.name, machine.name) && one.id !== '' && one.id !== machine.id),
  );
  if (same)
    return judged(
      'fail',
      `${same.node} has another virtual machine ${machine.name}.`,
      `Rename one of them: Rename-VM -Name "${machine.name}" -NewName NEW.`,
    );
  const group = cluster?.cluster?.groups.find(({ name }) => isSameName(name, machine.name));
  return group && machine.role === null
    ? judged(
        'fail',
        `The cluster has a role ${group.name} already, and it is not this machine.`,
        `Rename the machine: Rename-VM -Name "${machine.name}" -NewName NEW.`,
      )
    : pass('No other role of the cluster has its name.');
};

const judgeFiles = ({ machine, cluster }: MachineCheckInput): Judged => {
  if (cluster?.membership !== 'member')
    return judged('unknown', 'The storage of the cluster could not be read.', 'Run this on a node of the cluster.');
  const letters = machineLetters(cluster);
  const local = machine.files.filter(
    ({ kind, path }) => kind !== 'dvd' && kind !== 'floppy' && !isOnClusteredStorage(path, letters),
  );
  return local.length === 0
    ? pass('Every file is on storage of the cluster.')
    : judged(
        'fail',
        `Not on storage of the cluster: ${listOf(local.map(({ kind, path }) => `${kind} ${path}`))}.`,
        'Move its storage first: Move-VMStorage with -DestinationStoragePath on a cluster shared volume.',
      );
};

const judgeMedia = ({ machine, cluster }: MachineCheckInput): Judged => {
  const media = machine.files.filter(({ kind }) => kind === 'dvd' || kind === 'floppy');
  if (media.length === 0) return pass('No ISO and no floppy is attached.');
  const letters = machineLetters(cluster);
  const isLocal = media.some(({ path }) => !isOnClusteredStorage(path, letters));
  return judged(
    isLocal ? 'fail' : 'warn',
    `Attached: ${listOf(media.map(({ path }) => path))}. ${isLocal ? 'Other nodes cannot open it.' : 'Another node may fail to open it (0xC03A0014).'}`,
    `Eject it: Set-VMDvdDrive -VMName "${machine.name}" -Path $null.`,
  );
};

const judgeDevices = ({ machine }: MachineCheckInput): Judged =>
  machine.hostDevices.length === 0
    ? pass('No hardware of its server is assigned to it directly.')
    : judged(
        'fail',
        `Hardware of its server is assigned to it directly: ${listOf(machine.hostDevices)}.`,
        'Give it a virtual disk on storage of the cluster instead.',
      );

const judgeSwitches = ({ machine, node, cluster, others }: MachineCheckInput): Judged => {
  if (machine.switches.length === 0) return pass('It is connected to no virtual switch.');
  const names = (cluster?.cluster?.nodes ?? []).map(({ name }) => name).filter((name) => !isSameName(name, node));
  const lacking: string[] = [];
  const unread: string[] = [];
  for (const name of names) {
    const other = others.find((one) => isSameName(one.node, name));
    const isRead =
      other?.state?.isHyperVRunning === true && !other.state.unread.some((part) => part.property === 'switches');
    if (!isRead) {
      unread.push(name);
      continue;
    }
    for (const wanted of machine.switches)
      if (!other.state?.switches.some((one) => isSameName(one.name, wanted))) lacking.push(`${wanted} on ${name}`);
  }
  if (lacking.length > 0)
    return judged(
      'fail',
      `No virtual switch ${listOf(lacking)}: a move there fails.`,
      'Make a switch of the same name there: "quorate vm switch".',
    );
  if (unread.length > 0)
    return judged(
      'unknown',
      `It was not read whether ${listOf(unread)} ${unread.length === 1 ? 'has' : 'have'} the switch ${listOf(machine.switches)}.`,
      'Name each node with --also, or look with "quorate vm list" there.',
    );
  return pass(`Every node has the switch ${listOf(machine.switches)}.`);
};

/** What the names of processors begin with tells the makers apart, whose processors no machine moves between. */
const makerOf = (processor: string): string =>
  /\bAMD\b/i.test(processor) ? 'AMD' : /Intel/i.test(processor) ? 'Intel' : '';

/**
 * Live migration needs processors of one maker, and where they differ otherwise the compatibility of the machine's own
 * (learn.microsoft.com/windows-server/virtualization/hyper-v/manage/dynamic-processor-compatibility-mode).
 */
const judgeProcessor = ({ machine, node, processor, cluster, others }: MachineCheckInput): Judged => {
  const names = (cluster?.cluster?.nodes ?? []).map(({ name }) => name).filter((name) => !isSameName(name, node));
  if (names.length === 0) return pass('There is no other node to move to yet.');
  const read = others.filter((one) => names.some((name) => isSameName(name, one.node)) && one.state?.processor);
  const foreign = read.find(({ state }) => makerOf(state?.processor ?? '') !== makerOf(processor ?? ''));
  if (processor !== null && foreign)
    return judged(
      'fail',
      `${node} has ${processor}, ${foreign.node} has ${foreign.state?.processor}: no running or saved machine moves between processors of two makers.`,
      'Use nodes with processors of one maker; a machine that is off can still be started on the other node.',
    );
  const unread = names.filter((name) => !read.some((one) => isSameName(one.node, name)));
  if (processor === null || unread.length > 0)
    return judged(
      'unknown',
      `It was not read which processor ${listOf(processor === null ? [node] : unread)} ${(processor === null ? 1 : unread.length) === 1 ? 'has' : 'have'}.`,
      'Name each node with --also, or compare Win32_Processor there.',
    );
  const other = read.find(({ state }) => state?.processor?.trim() !== processor.trim());
  if (!other) return pass(`Every node has ${processor.trim()}.`);
  if (machine.hasProcessorCompatibility === true)
    return pass('The processors differ, and the processor compatibility of the machine is on.');
  return machine.hasProcessorCompatibility === false
    ? judged(
        'warn',
        `${node} has ${processor.trim()}, ${other.node} has ${other.state?.processor?.trim()}: a live migration can fail.`,
        `Shut it down and turn processor compatibility on: Set-VMProcessor -VMName "${machine.name}" -CompatibilityForMigrationEnabled $true.`,
      )
    : judged(
        'unknown',
        'It was not read whether its processor compatibility is on.',
        `Check: Get-VMProcessor -VMName "${machine.name}".`,
      );
};

const judgeConfiguration = ({ machine, node }: MachineCheckInput): Judged => {
  if (machine.state === 'critical')
    return judged(
      'fail',
      `Hyper-V on ${node} cannot reach the configuration or a disk of ${machine.name}: the state of the machine is critical.`,
      `Bring the storage of its files back online on ${node}; Get-VM -Name "${machine.name}" says in Status what is missing.`,
    );
  return machine.files.some(({ kind }) => kind === 'configuration')
    ? pass('Its configuration was read.')
    : judged(
        'fail',
        `${machine.name} has no configuration here.`,
        'Ask the node that owns it; if that has none either, create the machine again with its disk files.',
      );
};

const judges: Readonly<Record<MachineCheckId, (input: MachineCheckInput) => Judged>> = {
  cluster: judgeCluster,
  name: judgeName,
  configuration: judgeConfiguration,
  files: judgeFiles,
  media: judgeMedia,
  devices: judgeDevices,
  switches: judgeSwitches,
  processor: judgeProcessor,
};

/** Every reason that speaks against making a machine highly available. Pure: what was not read is `unknown`, never `pass`. */
export const checkMachine = (input: MachineCheckInput): MachineCheckItem[] =>
  machineCheckIds.map((id) => ({ id, ...judges[id](input) }));

/** The worst of all: `fail` before `unknown` before `warn`. */
export const worstOf = (items: readonly Pick<MachineCheckItem, 'result'>[]): CheckResult =>
  (['fail', 'unknown', 'warn'] as const).find((result) => items.some((item) => item.result === result)) ?? 'pass';
