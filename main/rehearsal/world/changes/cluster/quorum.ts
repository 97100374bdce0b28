import { leastWitnessBytes } from '../../../../../shared/model/cluster.ts';
import type { ChangeOf } from '../../../../../shared/changes/index.ts';
import { findFault, type Change } from '../../change.ts';
import { giveDisk } from '../../cluster-view.ts';
import { refuse } from '../../refusal.ts';
import { clusterOf, nodeIn } from './access.ts';
import { diskIn, requireUnused } from './disks.ts';
import { refuseAsPlanted } from './planted.ts';
import { isSameName } from '../../../../../shared/model/names.ts';

export const setQuorum = (change: Change, witness: ChangeOf<'cluster.setQuorum'>['witness']): void => {
  const cluster = clusterOf(change);
  const refusing =
    witness.kind !== 'none' &&
    findFault(change.world, 'witnessRefused', (fault) => fault.server === change.server.name);
  const words = witness.kind === 'share' ? witness.path : witness.kind === 'disk' ? 'The chosen disk' : 'none';
  if (refusing)
    throw refuse('cluster.witness.refused', { witness: words, reason: 'the resource could not be created' });
  refuseAsPlanted(change, 'cluster.setQuorum', { witness: words, thing: 'the witness that was asked for' });
  if (witness.kind === 'disk') {
    const disk = diskIn(cluster, witness.disk);
    const lun = Object.values(change.world.luns).find((one) => isSameName(one.uniqueId, witness.disk));
    if (BigInt(lun?.sizeBytes ?? '0') < leastWitnessBytes)
      throw refuse('cluster.witness.tooSmall', { witness: disk.name, reason: 'it has less than 512 MB' });
    if (cluster.witness.kind === 'disk' && isSameName(cluster.witness.disk, witness.disk))
      throw refuse('cluster.witness.refused', { witness: disk.name, reason: 'it is the witness already' });
    requireUnused(disk);
    disk.use = 'witness';
    const core = cluster.groups.find((group) => group.kind === 'cluster');
    if (core) giveDisk(change.world, disk, core.ownerNode);
  }
  if (cluster.witness.kind === 'disk') {
    const before = cluster.witness.disk;
    for (const disk of cluster.disks)
      if (isSameName(disk.disk, before) && disk.use === 'witness') disk.use = 'available';
    if (witness.kind === 'disk')
      for (const disk of cluster.disks) if (isSameName(disk.disk, witness.disk)) disk.use = 'witness';
  }
  cluster.witness = witness;
};

export const setLowerQuorumPriority = (change: Change, name: string | null): void => {
  const cluster = clusterOf(change);
  cluster.lowerQuorumPriorityNode = name === null ? null : nodeIn(cluster, name).name;
};
