import * as z from 'zod';
import { judge, no, unknown } from '../done.ts';
import type { ChangeKind } from '../kind.ts';
import { clusterDiskOf, clusterDiskWords, clusterLock, clusterTool, judgeCluster } from './cluster.ts';
import { isSameName } from '../../model/names.ts';

/** Disks are named by their unique id (`MSFT_Disk.UniqueId`), because the names of resources are given anew. */
const disk = z.string();

const addSchema = z.object({ do: z.literal('cluster.addDisk'), disk });

/** Makes a disk that every node sees one of the cluster (Get-ClusterAvailableDisk, Add-ClusterDisk). Throws `CLUSTER_DISK_NOT_AVAILABLE`. */
export const addDisk: ChangeKind<typeof addSchema, 'cluster'> = {
  schema: addSchema,
  area: 'cluster',
  script: 'Add-FailoverClusterDisk',
  timeoutMs: 300_000,
  subject: (change) => [change.disk],
  locks: (change) => [...clusterLock, `disk:${change.disk}`],
  words: (change) => ({
    title: `Add the disk ${change.disk} to the cluster`,
    why: 'It is not in the cluster yet. Once it is, the cluster decides which node brings it online.',
    manual: `${clusterTool}: Storage, Disks, Add Disk.`,
  }),
  undo: (change) => ({
    text: 'Takes it out of the cluster again; its data stays.',
    changes: [{ do: 'cluster.removeDisk', disk: change.disk }],
  }),
  done: (change, observed) =>
    judgeCluster(observed, (cluster) => {
      const found = clusterDiskOf(cluster, change.disk);
      return judge(
        found?.state === 'online',
        found ? `${found.name} is ${found.state}` : `the disk ${change.disk} is not in the cluster`,
      );
    }),
};

const removeSchema = z.object({ do: z.literal('cluster.removeDisk'), disk });

/** Takes a disk that nothing uses out of the cluster (Remove-ClusterResource). Throws `CLUSTER_DISK_IN_USE`. */
export const removeDisk: ChangeKind<typeof removeSchema, 'cluster'> = {
  schema: removeSchema,
  area: 'cluster',
  script: 'Remove-FailoverClusterDisk',
  timeoutMs: 300_000,
  subject: (change) => [change.disk],
  locks: (change) => [...clusterLock, `disk:${change.disk}`],
  words: (change, { state }) => ({
    title: `Take ${clusterDiskWords(state.cluster, change.disk)} out of the cluster`,
    why: 'It is a disk of the cluster. Its data stays; afterwards no node brings it online automatically.',
    manual: `${clusterTool}: Storage, Disks, the disk, Remove.`,
  }),
  undo: (change) => ({ text: 'Adds it again.', changes: [{ do: 'cluster.addDisk', disk: change.disk }] }),
  done: (change, observed) =>
    judgeCluster(observed, (cluster) => {
      const found = clusterDiskOf(cluster, change.disk);
      return judge(!found, found ? `${found.name} is in the cluster` : 'the disk is not in the cluster');
    }),
};

const renameSchema = z.object({ do: z.literal('cluster.renameResource'), disk, newName: z.string() });

/** Names a disk's resource after what it is for. Throws `CLUSTER_RESOURCE_NAME_TAKEN`. */
export const renameResource: ChangeKind<typeof renameSchema, 'cluster'> = {
  schema: renameSchema,
  area: 'cluster',
  script: 'Rename-FailoverClusterDisk',
  subject: (change) => [change.disk],
  locks: () => clusterLock,
  words: (change, { state }) => ({
    title: `Rename ${clusterDiskWords(state.cluster, change.disk)} to ${change.newName}`,
    why: 'Windows numbers the disks of a cluster; a name says what the disk is for.',
    manual: `${clusterTool}: Storage, Disks, the disk, Properties, Name.`,
  }),
  undo: (change, { state }) => {
    const found = clusterDiskOf(state.cluster, change.disk);
    return found
      ? {
          text: `Renames it back to ${found.name}.`,
          changes: [{ do: 'cluster.renameResource', disk: change.disk, newName: found.name }],
        }
      : null;
  },
  done: (change, observed) =>
    judgeCluster(observed, (cluster) => {
      const found = clusterDiskOf(cluster, change.disk);
      return found
        ? judge(found.name === change.newName, `it is named ${found.name}`)
        : no('the disk is not in the cluster');
    }),
};

const sharedSchema = z.object({ do: z.literal('cluster.addSharedVolume'), disk });

/** Makes a disk in Available Storage a cluster shared volume, below `C:\ClusterStorage`. Throws `CLUSTER_SHARED_VOLUME_FAILED`. */
export const addSharedVolume: ChangeKind<typeof sharedSchema, 'cluster'> = {
  schema: sharedSchema,
  area: 'cluster',
  script: 'Add-FailoverClusterSharedVolume',
  timeoutMs: 300_000,
  subject: (change) => [change.disk],
  locks: () => clusterLock,
  words: (change, { state }) => ({
    title: `Make ${clusterDiskWords(state.cluster, change.disk)} a cluster shared volume`,
    why: 'Virtual machines of several nodes can then be stored on it at the same time. It loses its drive letter.',
    manual: `${clusterTool}: Storage, Disks, the disk, Add to Cluster Shared Volumes.`,
  }),
  undo: (change) => ({
    text: 'Makes it a disk of Available Storage again.',
    changes: [{ do: 'cluster.removeSharedVolume', disk: change.disk }],
  }),
  done: (change, observed) =>
    judgeCluster(observed, (cluster) => {
      const found = clusterDiskOf(cluster, change.disk);
      return found
        ? judge(
            found.use === 'sharedVolume',
            found.use === 'sharedVolume'
              ? `it is at ${found.path ?? 'a folder that was not read'}`
              : `it is used as ${found.use}`,
          )
        : no('the disk is not in the cluster');
    }),
};

const unshareSchema = z.object({ do: z.literal('cluster.removeSharedVolume'), disk });

/** Throws `CLUSTER_DISK_IN_USE`. */
export const removeSharedVolume: ChangeKind<typeof unshareSchema, 'cluster'> = {
  schema: unshareSchema,
  area: 'cluster',
  script: 'Remove-FailoverClusterSharedVolume',
  timeoutMs: 300_000,
  subject: (change) => [change.disk],
  locks: () => clusterLock,
  words: (change, { state }) => ({
    title: `Make ${clusterDiskWords(state.cluster, change.disk)} a disk of Available Storage`,
    why: 'It is a cluster shared volume.',
    manual: `${clusterTool}: Storage, Disks, the disk, Remove from Cluster Shared Volumes.`,
  }),
  undo: (change) => ({
    text: 'Makes it a cluster shared volume again.',
    changes: [{ do: 'cluster.addSharedVolume', disk: change.disk }],
  }),
  done: (change, observed) =>
    judgeCluster(observed, (cluster) => {
      const found = clusterDiskOf(cluster, change.disk);
      return found
        ? judge(found.use !== 'sharedVolume', `it is used as ${found.use}`)
        : no('the disk is not in the cluster');
    }),
};

const quorumSchema = z.object({
  do: z.literal('cluster.setQuorum'),
  witness: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('none') }),
    z.object({ kind: z.literal('disk'), disk }),
    z.object({ kind: z.literal('share'), path: z.string() }),
  ]),
});

/** A share as Windows names one: `\\\\server\\share`, with folders below it or without. */
const isShare = (path: string): boolean => /^\\\\[^\\/:*?"<>|]+\\[^\\/:*?"<>|]+(?:\\[^/:*?"<>|]*)?$/.test(path.trim());

/** Shares are named without regard to letter case; a backslash at the end means nothing. */
const isSameShare = (one: string, other: string): boolean =>
  isSameName(one.replace(/\\+$/, ''), other.replace(/\\+$/, ''));

/**
 * The quorum with a witness or without (Set-ClusterQuorum). A witness that is there already is never set again: Windows answers that with an
 * error. Throws `CLUSTER_WITNESS_REFUSED`.
 */
export const setQuorum: ChangeKind<typeof quorumSchema, 'cluster'> = {
  schema: quorumSchema,
  area: 'cluster',
  script: 'Set-FailoverClusterQuorum',
  parameters: ({ witness }) => ({
    kind: witness.kind,
    disk: witness.kind === 'disk' ? witness.disk : '',
    path: witness.kind === 'share' ? witness.path : '',
  }),
  timeoutMs: 300_000,
  subject: ({ witness }) => [witness.kind],
  locks: () => clusterLock,
  words: ({ witness }, { state }) => ({
    title:
      witness.kind === 'none'
        ? 'Set the quorum without a witness'
        : witness.kind === 'disk'
          ? `Make ${clusterDiskWords(state.cluster, witness.disk)} the witness of the quorum`
          : `Make the share ${witness.path} the witness of the quorum`,
    why: state.cluster
      ? `The cluster has ${state.cluster.witness.kind === 'none' ? 'no witness' : `the witness ${state.cluster.witness.resource ?? state.cluster.witness.kind}`}. Where the number of nodes is even, the witness has the deciding vote.`
      : 'The quorum was not read.',
    manual: `${clusterTool}: the cluster, More Actions, Configure Cluster Quorum Settings.`,
  }),
  refusal: ({ witness }) =>
    witness.kind === 'share' && !isShare(witness.path)
      ? {
          code: 'CLUSTER_WITNESS_REFUSED',
          detail: { witness: witness.path, reason: 'it is no share such as \\\\server\\share' },
        }
      : null,
  undo: (_change, { state }) =>
    state.cluster?.witness.kind === 'none'
      ? {
          text: 'Sets the quorum without a witness again.',
          changes: [{ do: 'cluster.setQuorum', witness: { kind: 'none' } }],
        }
      : null,
  done: ({ witness }, observed) =>
    judgeCluster(observed, (cluster) => {
      const found = cluster.witness;
      const words =
        found.kind === 'none'
          ? 'there is no witness'
          : `the witness is ${found.path ?? found.resource ?? found.kind} (${found.kind})`;
      if (witness.kind === 'share' && found.kind === 'share')
        return found.path === null
          ? unknown('the share of the witness was not read')
          : judge(isSameShare(found.path, witness.path), words);
      if (witness.kind !== 'disk') return judge(found.kind === witness.kind, words);
      const resource = clusterDiskOf(cluster, witness.disk);
      return judge(
        found.kind === 'disk' &&
          resource !== undefined &&
          found.resource !== null &&
          isSameName(resource.name, found.resource),
        words,
      );
    }),
};
