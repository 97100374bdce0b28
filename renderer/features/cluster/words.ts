import type { EventLevel } from '../../../shared/model/cluster-events.ts';
import type { Mark, StateMark } from '../../ui/marks.ts';
import type { Cluster, Report } from './store.ts';

export const nodeMarks: Readonly<Record<Cluster['nodes'][number]['state'], StateMark>> = {
  up: { outcome: 'pass', word: 'Up' },
  down: { outcome: 'fail', word: 'Down' },
  paused: { outcome: 'paused', word: 'Paused' },
  joining: { outcome: 'warn', word: 'Joining' },
  isolated: { outcome: 'fail', word: 'Isolated' },
  quarantined: { outcome: 'fail', word: 'Quarantined' },
  unknown: { outcome: 'unknown', word: 'Unknown' },
};

/** As the properties of a network in Failover Cluster Manager say it. */
export const networkUse: Readonly<Record<Cluster['networks'][number]['role'], string>> = {
  none: 'None',
  cluster: 'Cluster only',
  clusterAndClient: 'Cluster and client',
};

/** The metric that was typed; null: Windows chooses it; undefined: it is none (1 to 0x0FFFFFFF). */
export const metricOf = (text: string): number | null | undefined => {
  const typed = text.trim();
  if (typed === '') return null;
  return /^[1-9]\d{0,8}$/.test(typed) && Number(typed) <= 0x0f_ff_ff_ff ? Number(typed) : undefined;
};

export const networkMarks: Readonly<Record<Cluster['networks'][number]['state'], StateMark>> = {
  up: { outcome: 'pass', word: 'Up' },
  down: { outcome: 'fail', word: 'Down' },
  partitioned: { outcome: 'fail', word: 'Partitioned' },
  unavailable: { outcome: 'fail', word: 'Unavailable' },
  unknown: { outcome: 'unknown', word: 'Unknown' },
};

export const diskMarks: Readonly<Record<Cluster['disks'][number]['state'], StateMark>> = {
  online: { outcome: 'pass', word: 'Online' },
  offline: { outcome: 'fail', word: 'Offline' },
  failed: { outcome: 'fail', word: 'Failed' },
  onlinePending: { outcome: 'warn', word: 'Coming online' },
  offlinePending: { outcome: 'warn', word: 'Going offline' },
  unknown: { outcome: 'unknown', word: 'Unknown' },
};

export const groupMarks: Readonly<Record<Cluster['groups'][number]['state'], StateMark>> = {
  online: { outcome: 'pass', word: 'Online' },
  offline: { outcome: 'off', word: 'Offline' },
  partial: { outcome: 'warn', word: 'Partly online' },
  failed: { outcome: 'fail', word: 'Failed' },
  pending: { outcome: 'warn', word: 'Pending' },
  unknown: { outcome: 'unknown', word: 'Unknown' },
};

export const groupKinds: Readonly<Record<Cluster['groups'][number]['kind'], string>> = {
  cluster: 'Cluster core',
  availableStorage: 'Available Storage',
  virtualMachine: 'Virtual machine',
  other: 'Other',
};

export const witnessWords: Readonly<Record<Cluster['witness']['kind'], string>> = {
  none: 'No witness',
  disk: 'Disk witness',
  share: 'File share witness',
  cloud: 'Cloud witness',
  unknown: 'Witness of an unknown type',
};

/** Votes that count now, of nodes that are up and of the witness, and how many keep the cluster running. */
export const votesOf = ({
  nodes,
  witness,
}: Cluster): { readonly present: number; readonly all: number; readonly needed: number } => {
  const all = nodes.reduce((sum, node) => sum + node.currentVote, witness.currentVote);
  const away = nodes
    .filter(({ state }) => state === 'down' || state === 'isolated' || state === 'quarantined')
    .reduce((sum, node) => sum + node.currentVote, 0);
  return { present: all - away, all, needed: Math.floor(all / 2) + 1 };
};

/** Groups that a node has now, without the cluster's own. */
export const rolesOn = ({ groups }: Cluster, node: string): number =>
  groups.filter(
    ({ kind, ownerNode }) =>
      (kind === 'virtualMachine' || kind === 'other') && ownerNode.toLowerCase() === node.toLowerCase(),
  ).length;

/** Levels of the event log, worst first. */
export const eventMarks: Readonly<Record<EventLevel, StateMark>> = {
  critical: { outcome: 'fail', word: 'Critical' },
  error: { outcome: 'error', word: 'Error' },
  warning: { outcome: 'warn', word: 'Warning' },
  information: { outcome: 'info', word: 'Information' },
  unknown: { outcome: 'unknown', word: 'Unknown' },
};

/** The lines of Windows' reports by their level. */
export const reportLineMarks: Readonly<Record<Report['lines'][number]['level'], Mark>> = {
  info: 'info',
  warning: 'warn',
  error: 'fail',
  notApplicable: 'notApplicable',
  cancelled: 'interrupted',
};
