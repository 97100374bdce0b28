import { asClause } from '../../model/sentence.ts';
import type { Cluster, ClusterDisk } from '../../model/cluster.ts';
import type { ClusterObserved } from '../../plan/observed.ts';
import { no, unknown, type Done } from '../done.ts';
import { isSameName } from '../../model/names.ts';

/*
 * What the changes of a cluster share. A cluster is read over any node that is up, and each of its changes takes the lock of the cluster,
 * because the cluster's own database is one thing.
 */

/** The console of Microsoft's in which each of them is done by hand. */
export const clusterTool = 'Failover Cluster Manager';

export const clusterLock = ['cluster'] as const;

/** Judges a change by the cluster that is there; none is a no, and one that could not be read is unknown. */
export const judgeCluster = (observed: ClusterObserved, judge: (cluster: Cluster) => Done): Done => {
  const { cluster, membership, unread } = observed.state;
  if (cluster) return judge(cluster);
  if (membership === 'stopped') return unknown(`the cluster service on ${observed.node} does not run`);
  const [missing] = unread;
  if (missing) return unknown(`the cluster could not be read: ${asClause(missing.because)}`);
  return no(`${observed.node} is in no cluster`);
};

export const nodeOf = (cluster: Cluster, name: string) => cluster.nodes.find((node) => isSameName(node.name, name));

export const networkOf = (cluster: Cluster, id: string) =>
  cluster.networks.find((network) => isSameName(network.id, id));

export const clusterDiskOf = (cluster: Cluster | null, disk: string): ClusterDisk | undefined =>
  cluster?.disks.find((one) => one.disk !== null && isSameName(one.disk, disk));

/** The name of a disk's resource for a sentence; its unique id where it has none yet. */
export const clusterDiskWords = (cluster: Cluster | null, disk: string): string =>
  clusterDiskOf(cluster, disk)?.name ?? `the disk ${disk}`;
