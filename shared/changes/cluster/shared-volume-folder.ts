import * as z from 'zod';
import { findFileNameProblem } from '../../model/file-name.ts';
import { judge, no, unknown, type PlannedRefusal } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import type { ClusterObserved } from '../../plan/observed.ts';
import { clusterDiskOf, clusterDiskWords, clusterLock, judgeCluster } from './cluster.ts';
import { isSameName } from '../../model/names.ts';

const schema = z.object({
  do: z.literal('cluster.renameSharedVolume'),
  /** `MSFT_Disk.UniqueId`. */
  disk: z.string(),
  /** The new name of its folder below `C:\ClusterStorage`. */
  newName: z.string(),
});
type Rename = z.output<typeof schema>;

const folderOf = (path: string): string => path.slice(path.lastIndexOf('\\') + 1);

const refuse = ({ disk, newName }: Rename, { node, state }: ClusterObserved): PlannedRefusal | null => {
  const problem = findFileNameProblem(newName);
  if (problem) return { code: 'CLUSTER_FOLDER_NAME_INVALID', detail: { name: newName, problem } };
  const { cluster } = state;
  const found = clusterDiskOf(cluster, disk);
  if (!cluster || !found) return null;
  const taken = cluster.disks.find((one) => one !== found && one.path && isSameName(folderOf(one.path), newName));
  if (taken) return { code: 'CLUSTER_FOLDER_NAME_TAKEN', detail: { name: newName, disk: taken.name } };
  if (!isSameName(found.ownerNode, node))
    return { code: 'CLUSTER_SHARED_VOLUME_ELSEWHERE', detail: { disk: found.name, node: found.ownerNode } };
  const machines = cluster.groups.filter(({ kind }) => kind === 'virtualMachine').map(({ name }) => name);
  // Their configuration names the folder, and whose files lie where is not read with the cluster.
  return machines.length > 0
    ? { code: 'CLUSTER_FOLDER_IN_USE', detail: { disk: found.name, machines: machines.slice(0, 5).join(', ') } }
    : null;
};

/**
 * Renames the folder of a cluster shared volume, on the node that owns it: the names of resource, volume and folder are three things. Throws
 * `CLUSTER_SHARED_VOLUME_ELSEWHERE`, `CLUSTER_FOLDER_RENAME_FAILED`; refused while the cluster has virtual machines.
 * https://github.com/microsoft/MSLab/blob/d3c14de/Scenarios/Hyper-V%20with%20Shared%20Storage/Scenario.ps1
 */
export const renameSharedVolume: ChangeKind<typeof schema, 'cluster'> = {
  schema,
  area: 'cluster',
  script: 'Rename-FailoverClusterSharedVolume',
  subject: ({ disk }) => [disk],
  locks: () => clusterLock,
  words: ({ disk, newName }, { state }) => ({
    title: `Rename the folder of ${clusterDiskWords(state.cluster, disk)} to C:\\ClusterStorage\\${newName}`,
    why: `Its folder: ${clusterDiskOf(state.cluster, disk)?.path ?? 'made by the step before'}. Windows numbers the folders in the order in which they are created.`,
    manual: 'On the node that owns it, File Explorer: C:\\ClusterStorage, the folder, Rename.',
  }),
  refusal: refuse,
  undo: ({ disk }, { state }) => {
    const path = clusterDiskOf(state.cluster, disk)?.path;
    return path
      ? {
          text: `Renames it back to ${folderOf(path)}.`,
          changes: [{ do: 'cluster.renameSharedVolume', disk, newName: folderOf(path) }],
        }
      : null;
  },
  done: ({ disk, newName }, observed) =>
    judgeCluster(observed, (cluster) => {
      const found = clusterDiskOf(cluster, disk);
      if (found?.use !== 'sharedVolume') return no('the disk is not a cluster shared volume');
      return found.path === null
        ? unknown('the folder of the volume was not read')
        : judge(folderOf(found.path) === newName, `its folder is ${found.path}`);
    }),
};
