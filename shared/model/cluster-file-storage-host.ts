import type { ClusterFile, ClusterFileLun, ClusterFileServer, ClusterFileStorageHost } from './cluster-file.ts';

/*
 * A LUN that refers to a disk of the storage host has a serial number only once the disk is made. Until then it goes by a name of its
 * own that no disk can have, and everything planned on it is expected.
 */

/** Serial numbers of the disks that the storage host has made, by their names in the file. */
export type MadeDisks = Readonly<Record<string, string>>;

/** What a disk goes by before it has a serial number: a text in brackets, as no target reports one. */
const unmadeSerial = (disk: string, { server }: ClusterFileStorageHost): string => `(${disk} of ${server.name})`;

export const isMade = ({ disk, serial }: ClusterFileLun): boolean =>
  disk === undefined || (serial !== '' && !serial.startsWith('('));

/**
 * The IQN that Windows gives a target: after the computer and its short name. Inferred from what is seen on servers; where Windows chose
 * another, the plan says so and names it.
 */
export const windowsTargetName = ({ server, target }: ClusterFileStorageHost): string =>
  `iqn.1991-05.com.microsoft:${server.name}-${target}-target`.toLowerCase();

/**
 * The name that a node's initiator is given where the target is to admit it: Windows' own form without the domain, so that it can be told
 * before the node has its name.
 */
export const nodeInitiatorName = ({ name, initiatorName }: Pick<ClusterFileServer, 'name' | 'initiatorName'>): string =>
  (initiatorName ?? `iqn.1991-05.com.microsoft:${name}`).toLowerCase();

export const folderOf = ({ folder, volume }: ClusterFileStorageHost): string =>
  folder === undefined ? `${volume?.letter ?? 'C'}:\\iSCSIVirtualDisks` : folder.replace(/\\+$/, '');

/** The whole path of a disk's file. */
export const pathOfDisk = (host: ClusterFileStorageHost, { name }: { readonly name: string }): string =>
  `${folderOf(host)}\\${name}.vhdx`;

export const bytesOfDisk = ({ sizeMB }: { readonly sizeMB: number }): number => sizeMB * 1024 * 1024;

/** Every machine of the file that something is done on: the nodes, and the storage host where there is one. */
export const machinesOf = (file: ClusterFile): readonly ClusterFileServer[] =>
  file.storageHost ? [...file.servers, file.storageHost.server] : file.servers;

export const isStorageHostOf = (file: ClusterFile, { name }: Pick<ClusterFileServer, 'name'>): boolean =>
  file.storageHost?.server.name.toLowerCase() === name.toLowerCase();

/** Fills in what the storage host gives: the target's name, and the serial numbers of the disks that it has made so far. */
export const withStorageHost = (file: ClusterFile, made: MadeDisks = {}): ClusterFile => {
  const { storageHost: host, storage } = file;
  if (!host) return file;
  return {
    ...file,
    storage: {
      ...storage,
      target: storage.target === '' ? windowsTargetName(host) : storage.target,
      luns: storage.luns.map((lun) =>
        lun.disk === undefined ? lun : { ...lun, serial: made[lun.disk.toLowerCase()] ?? unmadeSerial(lun.disk, host) },
      ),
    },
  };
};
