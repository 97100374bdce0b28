import * as z from 'zod';

/** `StandardEventLevel` 1 to 4 (learn.microsoft.com, System.Diagnostics.Eventing.Reader.StandardEventLevel). */
export const eventLevels = ['critical', 'error', 'warning', 'information', 'unknown'] as const;
export type EventLevel = (typeof eventLevels)[number];

/** An event of the provider Microsoft-Windows-FailoverClustering, as the logs of one server have it. */
export const clusterEventSchema = z.object({
  /** ISO 8601. */
  at: z.string(),
  id: z.number().int(),
  level: z.enum(eventLevels),
  /** `System`, or `Microsoft-Windows-FailoverClustering/Operational`. */
  log: z.string(),
  /** Microsoft's words, in the language of that Windows. */
  text: z.string(),
});
export type ClusterEvent = z.infer<typeof clusterEventSchema>;

interface Meaning {
  readonly means: string;
  readonly next: string;
}

/** Where all of these are listed with their texts. */
export const clusterEventsSource =
  'https://learn.microsoft.com/en-us/troubleshoot/windows-server/high-availability/failover-clustering-system-log-events';

/** Events that decide something, by their ids. */
const meanings: Readonly<Record<number, Meaning>> = {
  1006: {
    means: 'The cluster service stopped itself, because it did not hear all of the other nodes.',
    next: 'Measure the networks between the nodes: "quorate peers matrix".',
  },
  1034: {
    means: 'A disk of the cluster was not found.',
    next: 'Check that this node is logged on to its target ("quorate initiator"), and that the target shows the LUN.',
  },
  1038: {
    means: 'This node lost a disk that it owned: the reservation is gone, or the target.',
    next: 'Look at the paths to the target, and whether anybody else writes to this LUN.',
  },
  1049: {
    means: 'Another machine has an address of the cluster.',
    next: 'Find who answers for it, or give the cluster another address.',
  },
  1069: {
    means: 'A resource failed.',
    next: 'See which one with "quorate cluster status"; the events around it say why.',
  },
  1127: {
    means: 'A network adapter of a node failed for the cluster.',
    next: 'Look at its cable, its switch port and its settings: "quorate nic list".',
  },
  1129: {
    means: 'Some nodes do not hear each other over one network.',
    next: 'Measure it: "quorate peers matrix" shows between which servers it is cut.',
  },
  1135: {
    means: 'A node is no longer in the cluster: it is off, its service stopped, or nobody hears it.',
    next: 'Check that the server is running, then check the networks between the nodes.',
  },
  1146: {
    means: 'The process that holds the resources was ended and starts again, because one of them hung.',
    next: 'Look for events of the disks just before it: slow storage is the usual cause.',
  },
  1177: {
    means: 'The cluster stopped, because fewer than half of the votes were left.',
    next: 'Start the nodes that are missing or bring the witness back: "quorate cluster status" on a node that runs.',
  },
  1205: {
    means: 'Not all of a role came online or went offline.',
    next: 'See which of its resources failed with "quorate cluster status".',
  },
  1207: {
    means: 'The computer object of a name of the cluster could not be updated in the domain.',
    next: 'See with "quorate cluster status" how the account of the name stands.',
  },
  1231: {
    means: 'A name of the cluster could not log on to the domain.',
    next: 'See with "quorate cluster status" how its account stands; "quorate cluster repair-name" gives it the password that the cluster keeps.',
  },
  1254: {
    means: 'A role failed over too often, and the cluster leaves it as it is.',
    next: 'Fix what makes it fail, then bring it online again.',
  },
  1558: {
    means: 'The witness could not be reached, and is tried on another node.',
    next: 'Look at the disk or share of the witness before a node is lost as well.',
  },
  1564: {
    means: 'The share of the witness was not reached.',
    next: 'Check that the share exists and that the cluster may write to it.',
  },
  1570: {
    means: 'A node did not join: it could not prove who it is.',
    next: 'Look at clocks, domain and versions: "quorate cluster check".',
  },
  1572: {
    means: 'A node did not join: its heartbeat does not pass.',
    next: 'Open UDP 3343 between the nodes, and look for a network that drops large packets.',
  },
  1672: {
    means: 'A node failed several times in a row and is kept out for a while.',
    next: 'Fix the cause first; then run "Start-ClusterNode -ClearQuarantine" on it.',
  },
  5120: {
    means: 'A shared volume is waiting: its storage does not answer, and writes to it are held.',
    next: 'Look at the paths to the target; virtual machines on it pause when this lasts.',
  },
  5142: {
    means: 'This node can no longer reach a shared volume.',
    next: 'Look at the paths to the target and at the networks between the nodes.',
  },
};

/** What an event means here and what to do; null where it is not one of those that are known. */
export const meaningOf = (id: number): Meaning | null => meanings[id] ?? null;

/** Everything that is worse than information, and what decides something whatever its level. */
export const isEventOfNote = ({ id, level }: Pick<ClusterEvent, 'id' | 'level'>): boolean =>
  level !== 'information' || meaningOf(id) !== null;
