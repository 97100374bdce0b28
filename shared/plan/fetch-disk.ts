import type { Change } from '../changes/index.ts';
import type { ClusterDisk } from '../model/cluster.ts';
import type { VirtualMachine } from '../model/virtual-machines.ts';
import type { DraftBuilder } from './draft.ts';
import type { ClusterObserved, MachinesObserved } from './observed.ts';
import { isSameName } from '../model/names.ts';

/** A change that brings a disk, or a machine with its own, to another node. */
export type Fetch = Extract<Change, { do: 'vm.move' | 'cluster.moveGroup' }>;

/** The disk of the cluster whose letter a path begins with; undefined for a path on any other disk, a cluster shared volume included. */
export const clusterDiskOf = (path: string, disks: readonly ClusterDisk[]): ClusterDisk | undefined =>
  disks.find(
    ({ use, driveLetter }) =>
      use !== 'sharedVolume' && driveLetter !== null && isSameName(`${driveLetter}:`, path.slice(0, 2)),
  );

/**
 * What brings a disk of the cluster to a node, with the group that holds it: it is online on one node alone, and only there its files can be
 * reached. Null where it is there already, and where every node reaches it (a cluster shared volume).
 */
export const fetchDisk = (
  { use, ownerNode, group }: ClusterDisk,
  node: string,
  machines: readonly VirtualMachine[],
): Fetch | null => {
  if (use === 'sharedVolume' || isSameName(ownerNode, node)) return null;
  const machine = machines.find(({ role }) => role !== null && isSameName(role.group, group));
  return machine
    ? { do: 'vm.move', name: machine.name, node, kind: 'quick' }
    : { do: 'cluster.moveGroup', group, node };
};

/** Plans it before what needs it, once: everything that goes with a group comes along. */
export const planFetch = (
  builder: DraftBuilder,
  fetch: Fetch | null,
  { vms, cluster }: { readonly vms: MachinesObserved; readonly cluster: ClusterObserved },
): void => {
  if (!fetch || builder.has(fetch)) return;
  const because = 'What follows is done there, where the disk is online.';
  if (fetch.do === 'vm.move') builder.change(fetch, vms, { because });
  else builder.change(fetch, cluster, { because });
};
