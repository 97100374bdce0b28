import type { Change } from '../../change.ts';
import { availableDisks } from '../../cluster-view.ts';
import { refuse } from '../../refusal.ts';
import type { ClusterDiskState, ClusterWorldState } from '../../cluster-state.ts';
import type { WorldState } from '../../state.ts';
import { syncDisks } from '../disks.ts';
import { clusterOf } from './access.ts';
import { refuseAsPlanted } from './planted.ts';
import { isSameName } from '../../../../../shared/model/names.ts';

export const diskIn = (cluster: ClusterWorldState, id: string): ClusterDiskState => {
  const disk = cluster.disks.find((one) => isSameName(one.disk, id));
  if (!disk) throw refuse('cluster.disk.notAvailable', { disk: id });
  return disk;
};

const setClustered = (world: WorldState, id: string, clustered: boolean): void => {
  for (const lun of Object.values(world.luns)) if (isSameName(lun.uniqueId, id)) lun.content.clustered = clustered;
  for (const server of Object.values(world.servers)) syncDisks(world, server);
};

export const addDisk = (change: Change, id: string): void => {
  const cluster = clusterOf(change);
  if (!availableDisks(change.world, cluster).some((one) => isSameName(one, id)))
    throw refuse('cluster.disk.notAvailable', { disk: id });
  let number = 1;
  while (cluster.disks.some((one) => one.name === `Cluster Disk ${number}`)) number += 1;
  const owner =
    cluster.groups.find((group) => group.kind === 'availableStorage')?.ownerNode ?? change.server.computerName;
  cluster.disks.push({
    name: `Cluster Disk ${number}`,
    disk: id,
    ownerNode: owner,
    use: 'available',
    group: null,
    folder: null,
  });
  setClustered(change.world, id, true);
};

export const requireUnused = (disk: ClusterDiskState): void => {
  if (disk.use !== 'available') throw refuse('cluster.disk.inUse', { disk: disk.name, user: disk.group ?? disk.use });
};

const gone = ({ name }: ClusterDiskState) => ({ disk: name, thing: `the disk ${name}` });

export const removeDisk = (change: Change, id: string): void => {
  const cluster = clusterOf(change);
  const disk = diskIn(cluster, id);
  refuseAsPlanted(change, 'cluster.removeDisk', { ...gone(disk), user: 'the cluster itself' });
  requireUnused(disk);
  cluster.disks = cluster.disks.filter((one) => one !== disk);
  setClustered(change.world, id, false);
};

export const renameResource = (change: Change, id: string, newName: string): void => {
  const cluster = clusterOf(change);
  const disk = diskIn(cluster, id);
  refuseAsPlanted(change, 'cluster.renameResource', gone(disk));
  const isTaken = cluster.disks.some((one) => one !== disk && isSameName(one.name, newName));
  if (isTaken) throw refuse('cluster.resource.nameTaken', { name: newName });
  disk.name = newName;
};

export const addSharedVolume = (change: Change, id: string): void => {
  const cluster = clusterOf(change);
  const disk = diskIn(cluster, id);
  refuseAsPlanted(change, 'cluster.addSharedVolume', gone(disk));
  requireUnused(disk);
  const lun = Object.values(change.world.luns).find((one) => isSameName(one.uniqueId, id));
  const volume = lun?.content.partitions.find((partition) => partition.volume)?.volume;
  if (volume?.fileSystem !== 'NTFS' && volume?.fileSystem !== 'ReFS')
    throw refuse('cluster.sharedVolume.failed', { disk: disk.name, reason: 'it has no volume of NTFS or ReFS' });
  let number = 1;
  while (cluster.disks.some((one) => one.folder === `Volume${number}`)) number += 1;
  disk.use = 'sharedVolume';
  disk.folder = `Volume${number}`;
};

export const removeSharedVolume = (change: Change, id: string): void => {
  const cluster = clusterOf(change);
  const disk = diskIn(cluster, id);
  if (disk.group !== null) throw refuse('cluster.disk.inUse', { disk: disk.name, user: disk.group });
  disk.use = 'available';
  disk.folder = null;
};

/** Rename-Item of its folder, on the node that owns the volume. */
export const renameSharedVolume = (change: Change, id: string, newName: string): void => {
  const cluster = clusterOf(change);
  const disk = diskIn(cluster, id);
  if (disk.folder === null) throw refuse('cluster.disk.notAvailable', { disk: disk.name });
  if (!isSameName(disk.ownerNode, change.server.computerName))
    throw refuse('cluster.sharedVolume.elsewhere', { disk: disk.name, node: disk.ownerNode });
  if (cluster.disks.some((one) => one !== disk && one.folder !== null && isSameName(one.folder, newName)))
    throw refuse('cluster.folder.taken', { disk: disk.name, name: newName, reason: 'a folder of that name is there' });
  disk.folder = newName;
};
