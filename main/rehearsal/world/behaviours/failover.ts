import { heartbeatSource } from '../../../../shared/model/cluster.ts';
import { lastStopSource } from '../../../../shared/model/last-stop.ts';
import { defineBehaviours, inferred } from '../behaviour.ts';

const quorum = 'https://learn.microsoft.com/en-us/windows-server/storage/storage-spaces/understand-quorum';
const resiliency =
  'https://blogs.msdn.microsoft.com/clustering/2015/06/03/virtual-machine-compute-resiliency-in-windows-server-2016/';

/* What a cluster does by itself when something of it is lost. */

export const failoverBehaviours = defineBehaviours({
  'cluster.event.nodeDown': {
    kind: 'effect',
    what: 'The nodes that go on log event 1135 (critical) for a node that left the membership. The model does so for one that they missed, and not for one that left in order.',
    at: ['Get-WinEvent'],
    source:
      'https://learn.microsoft.com/en-us/troubleshoot/windows-server/high-availability/failover-clustering-system-log-events',
  },
  'host.event.wentDown': {
    kind: 'effect',
    what: 'Windows writes event 1074 (User32) when it is told to shut down or to restart, and event 41 (Kernel-Power) at the start after it went down without that.',
    at: ['Get-WinEvent'],
    source: lastStopSource,
  },
  'cluster.event.quorumLost': {
    kind: 'effect',
    what: 'A cluster that stops because quorum was lost logs event 1177 (critical).',
    at: ['Get-WinEvent'],
    source:
      'https://learn.microsoft.com/en-us/troubleshoot/windows-server/high-availability/failover-clustering-system-log-events',
  },
  'cluster.quorum.dynamic': {
    kind: 'effect',
    what: 'After each change that was survived the votes are given anew: the witness votes where the nodes are even, and without one a node of an even number has none.',
    at: ['Get-Cluster', 'Get-ClusterNode'],
    source: quorum,
  },
  'cluster.quorum.lost': {
    kind: 'effect',
    what: 'Where no side has more than half of the votes the cluster stops, and every virtual machine of it with it.',
    at: ['Get-Cluster'],
    source: quorum,
  },
  'cluster.quorum.inOrder': {
    kind: 'effect',
    what: 'The vote of a node that leaves in order moves before it goes: two nodes without a witness survive that.',
    at: ['Stop-ClusterNode'],
    source: quorum,
  },
  'cluster.quorum.floor': {
    kind: 'effect',
    what: 'The last node and the witness are two of three votes: the cluster stops with either.',
    at: ['Get-Cluster'],
    source: inferred,
  },
  'cluster.quorum.holder': {
    kind: 'effect',
    what: 'Of two sides that could both go on with the witness, the one that owns the group of the cluster keeps it.',
    at: ['Get-Cluster'],
    source: inferred,
  },
  'cluster.heartbeat.threshold': {
    kind: 'effect',
    what: 'A node that is not heard any more counts as up, keeps its roles and has its vote until SameSubnetThreshold heartbeats (10), sent every SameSubnetDelay (1,000 ms), are missing in a row; CrossSubnetThreshold (20) and CrossSubnetDelay where it shares no subnet with another node. One that leaves in order is not waited for.',
    at: ['Get-ClusterNode'],
    source: heartbeatSource,
  },
  'cluster.node.serviceDied': {
    kind: 'effect',
    what: 'A node whose cluster service dies is missed by its heartbeats, and then Isolated as one that is not heard.',
    at: ['Get-ClusterNode'],
    source: inferred,
  },
  'cluster.node.isolated': {
    kind: 'effect',
    what: 'A node with virtual machines that the others no longer hear is Isolated for ResiliencyDefaultPeriod (240 s) with ResiliencyLevel AlwaysIsolate; then its virtual machines start elsewhere.',
    at: ['Get-ClusterNode'],
    source: resiliency,
  },
  'cluster.node.isolatedNotPowered': {
    kind: 'effect',
    what: 'A node that lost its power is not Isolated: its virtual machines start elsewhere as soon as it is missed.',
    at: ['Get-ClusterNode'],
    source: inferred,
  },
  'machine.unmonitored': {
    kind: 'effect',
    what: 'On an Isolated node a virtual machine on block storage (iSCSI, Fibre Channel) is paused, because the node has lost its shared volumes; one on SMB storage runs on.',
    at: ['Get-VM', 'Get-ClusterGroup'],
    source: resiliency,
  },
  'machine.pausedCritical': {
    kind: 'effect',
    what: 'A virtual machine whose shared volume no node reaches is paused (PausedCritical) and goes on once the volume is back.',
    at: ['Get-VM'],
    source:
      'https://cloudblogs.microsoft.com/windowsserver/2016/07/05/whats-new-in-failover-clustering-05-resilient-private-cloud/',
  },
  'machine.redirected': {
    kind: 'effect',
    what: 'A node without a path of its own reaches a shared volume over another node (redirected I/O): its virtual machines run on.',
    at: ['Get-ClusterSharedVolume'],
    source: 'https://learn.microsoft.com/en-us/windows-server/failover-clustering/failover-cluster-csvs',
  },
  'machine.diskFailed': {
    kind: 'effect',
    what: 'A virtual machine on a disk of the cluster that is no shared volume goes with the disk to a node that reaches it, and starts there.',
    at: ['Get-ClusterResource'],
    source: inferred,
  },
});
