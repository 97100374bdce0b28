import * as z from 'zod';
import { fileSystems, sanPolicies, type Disk, type LetterUse, type Partition } from '../../../../shared/model/disk.ts';
import { requireAdministrator, type Change } from '../change.ts';
import * as disks from '../changes/disks.ts';
import { refuse } from '../refusal.ts';
import type { PartitionState, ServerState } from '../state.ts';
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
            freeBytes: volume.fileSystem === null ? 0n : (BigInt(partition.sizeBytes) * 98n) / 100n,
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
  logicalSectorBytes: 512,
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

/** The one disk of a unique id; none and several are refused, as the port promises. */
const theDisk = (change: Change, uniqueId: string): VisibleDisk => {
  const found = disks.findDisks(change, { uniqueId });
  if (found.length === 0) throw refuse('disk.notFound', { disk: uniqueId });
  if (found.length > 1) throw refuse('disk.online.redundant', { disk: uniqueId, count: found.length });
  return found[0]!;
};

const disk = z.string();
const letter = z.string().regex(/^[C-Z]$/);

export const diskMethods = {
  'disks.list': reads(nothing, ({ world, server, used }) => {
    used.add('disk.arrival.policy');
    const all = visibleDisks(world, server);
    if (all.some((one) => one.sessions.length > 1)) used.add('mpio.joinsPaths');
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
  'disks.setOnline': changes(z.object({ disk, online: z.boolean() }), (change, input) =>
    disks.setOnline(change, theDisk(change, input.disk), input.online),
  ),
  'disks.setReadOnly': changes(z.object({ disk, readOnly: z.boolean() }), (change, input) =>
    disks.setReadOnly(change, theDisk(change, input.disk), input.readOnly),
  ),
  'disks.clear': changes(z.object({ disk }), (change, input) =>
    disks.clearDisk(change, theDisk(change, input.disk), { removeData: true }),
  ),
  'disks.initialize': changes(z.object({ disk, style: z.enum(['gpt', 'mbr']) }), (change, input) =>
    disks.initializeDisk(change, theDisk(change, input.disk), input.style),
  ),
  'disks.createPartition': changes(z.object({ disk, driveLetter: letter.nullable() }), (change, input) => {
    disks.createPartition(change, theDisk(change, input.disk), {
      sizeBytes: null,
      driveLetter: input.driveLetter,
      assignLetter: false,
    });
  }),
  'disks.format': changes(
    z.object({
      disk,
      partitionNumber: z.number().int(),
      fileSystem: z.enum(fileSystems),
      label: z.string(),
      allocationUnitBytes: z.number().int().nullable(),
    }),
    (change, input) => {
      const one = theDisk(change, input.disk);
      disks.formatPartition(change, one, disks.partitionOf(one, input.partitionNumber), input);
    },
  ),
  'disks.setDriveLetter': changes(
    z.object({ disk, partitionNumber: z.number().int(), driveLetter: letter.nullable() }),
    (change, input) =>
      disks.setDriveLetter(
        change,
        disks.partitionOf(theDisk(change, input.disk), input.partitionNumber),
        input.driveLetter,
      ),
  ),
  'disks.readPolicy': reads(nothing, ({ server }) => ({
    sanPolicy: server.sanPolicy,
    automount: server.automount,
    unread: [],
  })),
  'disks.setSanPolicy': changes(z.object({ policy: z.enum(sanPolicies) }), (change, input) => {
    requireAdministrator(change);
    disks.setSanPolicy(change, input.policy);
  }),
  'disks.setAutomount': changes(z.object({ enabled: z.boolean() }), (change, input) =>
    disks.setAutomount(change, input.enabled),
  ),
};
