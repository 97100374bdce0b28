import { partitionTypes, type FileSystem, type SanPolicy } from '../../../../shared/model/disk.ts';
import { between, requireAdministrator, rest, type Change } from '../change.ts';
import { nextGuid, nextRandom } from '../random.ts';
import { refuse } from '../refusal.ts';
import type { DiskViewState, PartitionState, ServerState, SessionState, WorldState } from '../state.ts';
import { isLetterTaken, isReservedByOther, nextLetter, visibleDisks, type VisibleDisk } from '../visible-disks.ts';

const mebibyte = 1024n * 1024n;

/** Gives every disk that appears a number and the state that the SAN policy says; forgets numbers of those that left. */
export const syncDisks = (world: WorldState, server: ServerState): void => {
  const disks = visibleDisks(world, server);
  const numbers = new Set(disks.map((disk) => server.diskViews[disk.key]?.number ?? -1));
  for (const key of Object.keys(server.diskViews)) {
    if (!disks.some((disk) => disk.key === key)) server.diskViews[key]!.number = -1;
  }
  for (const disk of disks) {
    const known = server.diskViews[disk.key];
    if (known && known.number >= 0) continue;
    let number = 0;
    while (numbers.has(number)) number += 1;
    numbers.add(number);
    if (known) known.number = number;
    else server.diskViews[disk.key] = { ...arrival(server, disk), number };
  }
};

const arrival = (server: ServerState, disk: VisibleDisk): Omit<DiskViewState, 'number'> => {
  const online = { online: true, readOnly: false, offlineReason: null };
  if (disk.boot) return online;
  if (disk.redundant) return { online: false, readOnly: true, offlineReason: 'redundantPath' };
  const shared = disk.lun !== null;
  const offline =
    server.sanPolicy === 'OfflineAll' ||
    (server.sanPolicy === 'OfflineShared' && shared) ||
    (server.sanPolicy === 'OfflineInternal' && !shared);
  return offline ? { online: false, readOnly: true, offlineReason: 'policy' } : online;
};

/** Numbers after a start (`disk.numbers.change`): the boot disk keeps 0, the others come as the bus finds them. */
export const renumberDisks = (world: WorldState, server: ServerState, random: () => number): void => {
  const others = visibleDisks(world, server).filter((disk) => !disk.boot);
  const numbers = others.map((disk) => server.diskViews[disk.key]!.number);
  for (let last = numbers.length - 1; last > 0; last -= 1) {
    const other = random() % (last + 1);
    [numbers[last], numbers[other]] = [numbers[other]!, numbers[last]!];
  }
  others.forEach((disk, index) => {
    server.diskViews[disk.key]!.number = numbers[index]!;
  });
};

/** Is a volume of this session's disks in use? */
export const isDiskInUse = (world: WorldState, server: ServerState, session: SessionState): boolean =>
  visibleDisks(world, server).some(
    (disk) =>
      disk.sessions.some((one) => one.id === session.id) &&
      disk.view.online &&
      disk.content.partitions.some((partition) => partition.volume?.fileSystem != null),
  );

/** How a request names a disk. A unique id may name several: two paths without MPIO. */
export type DiskName =
  | { readonly uniqueId: string }
  | { readonly number: number }
  | { readonly path: string }
  | { readonly serial: string };

export const pathOfDisk = (disk: VisibleDisk): string =>
  `\\\\?\\scsi#disk&ven_${disk.manufacturer.toLowerCase().trim()}&prod_${disk.model.toLowerCase().replace(/ /g, '_')}#${disk.key.toLowerCase()}#{53f56307-b6bf-11d0-94f2-00a0c91efb8b}`;

export const findDisks = (change: Pick<Change, 'world' | 'server'>, name: DiskName): VisibleDisk[] =>
  visibleDisks(change.world, change.server).filter((disk) => {
    if ('uniqueId' in name) return disk.uniqueId.toUpperCase() === name.uniqueId.toUpperCase();
    if ('number' in name) return disk.view.number === name.number;
    if ('serial' in name) return disk.serial === name.serial;
    return pathOfDisk(disk) === name.path.toLowerCase();
  });

const label = (disk: VisibleDisk): string => `${disk.view.number} (${disk.serial})`;

export const setOnline = (change: Change, disk: VisibleDisk, online: boolean): void => {
  requireAdministrator(change);
  const { view } = disk;
  if (view.online === online) return;
  if (online && isReservedByOther(disk, change.world)) throw refuse('disk.online.reserved', { disk: label(disk) });
  if (online && disk.redundant) throw refuse('disk.online.redundant', { disk: label(disk), count: 2 });
  if (!online && disk.boot) throw refuse('disk.offline.boot', { disk: label(disk) });
  if (online) {
    // A letter that another volume took meanwhile is lost.
    for (const partition of disk.content.partitions) {
      const guid = partition.volume?.guid ?? '';
      const letter = change.server.letters[guid];
      if (letter !== undefined && isLetterTaken(change.world, change.server, letter))
        delete change.server.letters[guid];
    }
  }
  view.online = online;
  view.offlineReason = online ? null : 'policy';
  if (!online || !change.server.automount) return;
  between(change);
  for (const partition of disk.content.partitions) {
    const { volume } = partition;
    if (!volume || volume.fileSystem === null || change.server.letters[volume.guid] !== undefined) continue;
    const letter = nextLetter(change.world, change.server);
    if (letter === null) continue;
    rest(change, 'disk.automount.letter');
    change.server.letters[volume.guid] = letter;
  }
};

export const setReadOnly = (change: Change, disk: VisibleDisk, readOnly: boolean): void => {
  requireAdministrator(change);
  disk.view.readOnly = readOnly;
};

const requireWritable = (
  change: Change,
  disk: VisibleDisk,
  offline: 'disk.initialize.offline' | 'disk.offline',
): void => {
  if (disk.content.clustered) throw refuse('disk.clustered', { disk: label(disk) });
  if (!disk.view.online) throw refuse(offline, { disk: label(disk) });
  if (disk.view.readOnly) throw refuse('disk.readOnly', { disk: label(disk) });
  if (isReservedByOther(disk, change.world)) throw refuse('disk.write.reserved', { disk: label(disk) });
};

export const initializeDisk = (change: Change, disk: VisibleDisk, style: 'gpt' | 'mbr'): void => {
  requireAdministrator(change);
  const { content } = disk;
  if (content.style !== 'raw') throw refuse('disk.initialize.twice', { disk: label(disk) });
  requireWritable(change, disk, 'disk.initialize.offline');
  content.style = style;
  content.guid = style === 'gpt' ? nextGuid(change.world) : null;
  content.signature = style === 'mbr' ? nextRandom(change.world) : null;
  if (disk.lun) change.lunWrites.push({ lun: disk.lun.id, kind: 'initialize' });
  between(change);
  if (style === 'gpt') {
    rest(change, 'disk.initialize.reserved');
    content.partitions.push({
      number: 1,
      offsetBytes: '17408',
      sizeBytes: (16n * mebibyte - 17_408n).toString(),
      gptType: partitionTypes.microsoftReserved,
      mbrType: null,
      guid: nextGuid(change.world),
      volume: null,
    });
  }
};

/** Back to raw; everything is lost. */
export const clearDisk = (change: Change, disk: VisibleDisk, options: { readonly removeData: boolean }): void => {
  requireAdministrator(change);
  if (disk.boot) throw refuse('disk.clear.critical', { disk: label(disk) });
  if (disk.content.clustered) throw refuse('disk.clear.clustered', { disk: label(disk) });
  requireWritable(change, disk, 'disk.offline');
  if (disk.content.style === 'raw') throw refuse('disk.clear.raw', { disk: label(disk) });
  if (!options.removeData && disk.content.partitions.some((partition) => partition.volume)) {
    throw refuse('disk.clear.data', { disk: label(disk), content: 'it holds data' });
  }
  for (const partition of disk.content.partitions) {
    if (partition.volume) delete change.server.letters[partition.volume.guid];
  }
  Object.assign(disk.content, { style: 'raw', guid: null, signature: null, partitions: [] });
  if (disk.lun) change.lunWrites.push({ lun: disk.lun.id, kind: 'clear' });
};

const endOf = (partition: PartitionState): bigint => BigInt(partition.offsetBytes) + BigInt(partition.sizeBytes);

/** Free bytes after the last partition, on 1 MiB boundaries; GPT keeps its copy at the end. */
export const freeExtent = (disk: Pick<VisibleDisk, 'content' | 'sizeBytes'>): { offset: bigint; size: bigint } => {
  if (disk.content.style === 'raw') return { offset: 0n, size: BigInt(disk.sizeBytes) };
  const end = disk.content.partitions.reduce((last, one) => (endOf(one) > last ? endOf(one) : last), 0n);
  const offset = end === 0n ? mebibyte : ((end + mebibyte - 1n) / mebibyte) * mebibyte;
  const limit = ((BigInt(disk.sizeBytes) - (disk.content.style === 'gpt' ? 33n * 512n : 0n)) / mebibyte) * mebibyte;
  return { offset, size: limit > offset ? limit - offset : 0n };
};

export const createPartition = (
  change: Change,
  disk: VisibleDisk,
  request: { readonly sizeBytes: bigint | null; readonly driveLetter: string | null; readonly assignLetter: boolean },
): PartitionState => {
  requireAdministrator(change);
  const { content } = disk;
  if (content.style === 'raw') throw refuse('disk.notInitialized', { disk: label(disk) });
  requireWritable(change, disk, 'disk.offline');
  const free = freeExtent(disk);
  const size = request.sizeBytes ?? free.size;
  if (size <= 0n || size > free.size) throw refuse('disk.noSpace', { disk: label(disk) });
  const partition: PartitionState = {
    number: content.partitions.reduce((last, one) => Math.max(last, one.number), 0) + 1,
    offsetBytes: free.offset.toString(),
    sizeBytes: size.toString(),
    gptType: content.style === 'gpt' ? partitionTypes.basicData : null,
    mbrType: content.style === 'mbr' ? 6 : null,
    guid: content.style === 'gpt' ? nextGuid(change.world) : null,
    volume: { guid: nextGuid(change.world), fileSystem: null, label: '', allocationUnitBytes: 0 },
  };
  content.partitions.push(partition);
  between(change);
  const letter = request.driveLetter ?? (request.assignLetter ? nextLetter(change.world, change.server) : null);
  if (letter === null) return partition;
  if (isLetterTaken(change.world, change.server, letter)) {
    throw refuse('disk.partition.letter', { letter, holder: 'another drive' }, { keepsChanges: true });
  }
  change.server.letters[partition.volume!.guid] = letter;
  return partition;
};

export const partitionOf = (disk: VisibleDisk, number: number): PartitionState => {
  const partition = disk.content.partitions.find((one) => one.number === number);
  if (!partition) throw refuse('disk.partition.notFound', { disk: label(disk), partition: number });
  return partition;
};

export const formatPartition = (
  change: Change,
  disk: VisibleDisk,
  partition: PartitionState,
  request: { readonly fileSystem: FileSystem; readonly label: string; readonly allocationUnitBytes: number | null },
): void => {
  requireAdministrator(change);
  requireWritable(change, disk, 'disk.offline');
  const { volume } = partition;
  if (!volume)
    throw refuse('disk.format.noVolume', {
      disk: label(disk),
      fileSystem: request.fileSystem,
      reason: 'the partition takes no volume',
    });
  volume.fileSystem = null;
  if (disk.lun) change.lunWrites.push({ lun: disk.lun.id, kind: 'format' });
  between(change);
  volume.fileSystem = request.fileSystem;
  volume.label = request.label;
  volume.allocationUnitBytes = request.allocationUnitBytes ?? 4096;
  if (partition.mbrType !== null) partition.mbrType = 7;
};

export const setDriveLetter = (change: Change, partition: PartitionState, letter: string | null): void => {
  requireAdministrator(change);
  const guid = partition.volume?.guid;
  if (guid === undefined) throw refuse('disk.letter.noVolume', { disk: '', partition: partition.number });
  const { letters } = change.server;
  if (letter === null) {
    delete letters[guid];
    return;
  }
  if (letters[guid] === letter) return;
  if (isLetterTaken(change.world, change.server, letter))
    throw refuse('disk.letter.taken', { letter, holder: 'another drive' });
  letters[guid] = letter;
};

export const setSanPolicy = (change: Change, policy: SanPolicy): void => {
  requireAdministrator(change);
  change.server.sanPolicy = policy;
};

export const setAutomount = (change: Change, enabled: boolean): void => {
  requireAdministrator(change);
  change.server.automount = enabled;
};
