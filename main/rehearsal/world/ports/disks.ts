import { type Disk, type LetterUse, type Partition } from '../../../../shared/model/disk.ts';
import { rest } from '../change.ts';
import * as disks from '../changes/disks.ts';
import type { PartitionState, ServerState } from '../state.ts';
import { freeBytesOf } from '../storage-host-view.ts';
import { visibleDisks, type VisibleDisk } from '../visible-disks.ts';
import { changes, nothing, reads } from './method.ts';

const volumePath = (guid: string): string => `\\\\?\\Volume${guid.toLowerCase()}\\`;

const observePartition = (server: ServerState, disk: VisibleDisk, partition: PartitionState): Partition => {
  const { volume } = partition;
  const letter = volume ? (server.letters[volume.guid] ?? null) : null;
  const shown = disk.view.online ? letter : null;
  return {
    partitionNumber: partition.number,
    offsetBytes: BigInt(partition.offsetBytes),
    sizeBytes: BigInt(partition.sizeBytes),
    gptType: partition.gptType,
    mbrType: partition.mbrType,
    guid: partition.guid,
    driveLetter: shown,
    volume:
      volume && disk.view.online
        ? {
            path: volumePath(volume.guid),
            driveLetter: shown,
            label: volume.label,
            fileSystem: volume.fileSystem,
            sizeBytes: volume.fileSystem === null ? 0n : BigInt(partition.sizeBytes),
            freeBytes: volume.fileSystem === null ? 0n : freeBytesOf(server, partition),
            healthStatus: 'healthy',
          }
        : null,
  };
};

const observe = (server: ServerState, disk: VisibleDisk): Disk => ({
  uniqueId: disk.uniqueId,
  uniqueIdFormat: disk.lun ? 'fcphName' : 'eui64',
  number: disk.view.number,
  serialNumber: disk.serial,
  manufacturer: disk.manufacturer,
  model: disk.model,
  friendlyName: `${disk.manufacturer} ${disk.model}`,
  sizeBytes: BigInt(disk.sizeBytes),
  logicalSectorBytes: disk.sectorBytes,
  physicalSectorBytes: 4096,
  busType: disk.bus,
  isBoot: disk.boot,
  isSystem: disk.boot,
  isClustered: disk.content.clustered,
  isOffline: !disk.view.online,
  offlineReason: disk.view.offlineReason,
  isReadOnly: disk.view.readOnly,
  healthStatus: 'healthy',
  partitionStyle: disk.content.style,
  largestFreeExtentBytes: disk.content.style === 'raw' ? 0n : disks.freeExtent(disk).size,
  pathCount: disk.lun ? disk.sessions.length : 1,
  partitions: disk.content.partitions.map((partition) => observePartition(server, disk, partition)),
  unread: [],
});

export const diskMethods = {
  'disks.list': reads(nothing, (look) => {
    const { world, server } = look;
    rest(look, 'disk.arrival.policy');
    const all = visibleDisks(world, server);
    if (all.some((one) => one.sessions.length > 1)) rest(look, 'mpio.joinsPaths');
    if (all.some((one) => one.redundant)) rest(look, 'disk.offline.redundantPath');
    if (all.some((one) => !one.view.online && one.content.partitions.length > 0)) rest(look, 'disk.offline.layout');
    return all.map((one) => observe(server, one));
  }),
  'disks.listLetters': reads(nothing, ({ world, server }): LetterUse[] => [
    ...server.otherLetters,
    ...visibleDisks(world, server).flatMap((one) =>
      one.view.online
        ? one.content.partitions.flatMap((partition) => {
            const held = partition.volume && server.letters[partition.volume.guid];
            return held ? [{ letter: held, kind: 'fixed' as const, label: partition.volume?.label ?? '' }] : [];
          })
        : [],
    ),
  ]),
  'disks.rescan': changes(nothing, (change) => disks.syncDisks(change.world, change.server)),
  'disks.readPolicy': reads(nothing, ({ server }) => ({
    sanPolicy: server.sanPolicy,
    automount: server.automount,
    unread: [],
  })),
};
