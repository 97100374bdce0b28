import {
  iscsiPort,
  type StorageHostState,
  type StorageTarget,
  type VirtualDisk,
} from '../../../shared/model/storage-host.ts';
import { networkOfNic } from './reach.ts';
import type { PartitionState, ServerState, TargetState, VirtualDiskState, WorldState } from './state.ts';
import { visibleDisks } from './visible-disks.ts';
import { isSameName } from '../../../shared/model/names.ts';

export const isStorageHost = (server: ServerState): boolean =>
  server.features['FS-iSCSITarget-Server']?.state === 'installed';

/** The files of virtual disks on a server, also those that are offered no longer. */
export const virtualDiskFiles = (server: ServerState): readonly VirtualDiskState[] => server.virtualDisks ?? [];

/** The targets that a server offers by its role. */
export const targetsOf = (world: WorldState, server: ServerState): TargetState[] =>
  Object.values(world.targets).filter(({ host }) => host === server.name);

/** Names of the initiators whose sessions a target carries now. */
export const connectedTo = (world: WorldState, target: TargetState): string[] =>
  Object.values(world.servers).flatMap(({ initiator }) =>
    initiator.sessions
      .filter((session) => session.connected && session.target === target.name)
      .map(({ initiatorName }) => initiatorName),
  );

/** Bytes that are free on a partition: a fixed virtual disk takes all of its room at once. */
export const freeBytesOf = (server: ServerState, partition: PartitionState): bigint => {
  const letter = server.letters[partition.volume?.guid ?? ''];
  const taken = virtualDiskFiles(server)
    .filter(({ path, isFixed }) => isFixed && letter !== undefined && isSameName(path.slice(0, 1), letter))
    .reduce((sum, { takenBytes }) => sum + BigInt(takenBytes), 0n);
  const room = (BigInt(partition.sizeBytes) * 98n) / 100n - taken;
  return room > 0n ? room : 0n;
};

/** Volumes with a letter and a file system, on disks that are online. */
const volumesOf = (world: WorldState, server: ServerState): StorageHostState['volumes'] =>
  visibleDisks(world, server)
    .filter(({ view }) => view.online)
    .flatMap(({ content }) =>
      content.partitions.flatMap((partition) => {
        const { volume } = partition;
        const letter = volume ? server.letters[volume.guid] : undefined;
        if (!volume || volume.fileSystem === null || letter === undefined) return [];
        return [
          {
            letter,
            label: volume.label,
            fileSystem: volume.fileSystem,
            sizeBytes: partition.sizeBytes,
            freeBytes: String(freeBytesOf(server, partition)),
          },
        ];
      }),
    );

/** Where iSCSI Target Server listens: at every IPv4 address of the server. */
export const listeningAddresses = (world: WorldState, server: ServerState): string[] =>
  server.nics.flatMap((nic) =>
    networkOfNic(world, server, nic)
      ? nic.addresses.filter(({ family, duplicate }) => family === 'ipv4' && !duplicate).map(({ address }) => address)
      : [],
  );

const viewOfDisk = (world: WorldState, disk: VirtualDiskState): VirtualDisk => ({
  path: disk.path,
  sizeBytes: world.luns[disk.lun]?.sizeBytes ?? '0',
  kind: disk.isFixed ? 'fixed' : 'dynamic',
  isEnabled: true,
  description: disk.description,
  serialNumber: world.luns[disk.lun]?.serial ?? null,
});

const viewOfTarget = (world: WorldState, server: ServerState, target: TargetState): StorageTarget => ({
  name: target.alias ?? target.name,
  iqn: target.name,
  isEnabled: true,
  initiators: (target.admits ?? []).map((value) => ({ method: 'iqn', value })),
  chap: target.chap && { userName: target.chap.userName },
  reverseChap: target.mutual && { userName: target.mutual.userName ?? '' },
  mappings: target.luns.flatMap(({ number, lun }) => {
    const disk = virtualDiskFiles(server).find((one) => one.lun === lun);
    return disk ? [{ lun: number, path: disk.path }] : [];
  }),
  connected: connectedTo(world, target),
});

/** A storage host as its own cmdlets show it. */
export const storageHostStateOf = (world: WorldState, server: ServerState): StorageHostState => {
  const nothing = { portals: [], disks: [], targets: [], files: [] };
  const volumes = volumesOf(world, server);
  if (!isStorageHost(server)) return { service: 'absent', ...nothing, volumes, unread: [] };
  if (server.services['WinTarget']?.state !== 'running') return { service: 'stopped', ...nothing, volumes, unread: [] };
  const files = virtualDiskFiles(server);
  return {
    service: 'running',
    portals: listeningAddresses(world, server).map((address) => ({ address, port: iscsiPort, isEnabled: true })),
    disks: files.filter(({ isOffered }) => isOffered).map((disk) => viewOfDisk(world, disk)),
    targets: targetsOf(world, server).map((target) => viewOfTarget(world, server, target)),
    volumes,
    files: files.filter(({ isOffered }) => !isOffered).map(({ path, takenBytes }) => ({ path, sizeBytes: takenBytes })),
    unread: [],
  };
};
