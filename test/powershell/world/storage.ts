import { busTypes, offlineReasons, type FileSystem, type SanPolicy } from '../../../shared/model/disk.ts';
import type { Change } from '../../../main/rehearsal/world/change.ts';
import * as disks from '../../../main/rehearsal/world/changes/disks.ts';
import { refuse } from '../../../main/rehearsal/world/refusal.ts';
import type { PartitionState, ServerState, WorldState } from '../../../main/rehearsal/world/state.ts';
import { freeBytesOf } from '../../../main/rehearsal/world/storage-host-view.ts';
import { visibleDisks, type VisibleDisk } from '../../../main/rehearsal/world/visible-disks.ts';
import { shows } from './behaviours.ts';
import { changer, cim, matches, reader, type CimObject, type Cmdlet, type Parameters } from './cim.ts';

const space = 'ROOT/Microsoft/Windows/Storage';
const numberOf = <Table extends Readonly<Record<number, string>>>(table: Table, name: string): number =>
  Number(Object.entries(table).find(([, value]) => value === name)?.[0] ?? 0);
const shownBus: Readonly<Record<string, string>> = {
  iscsi: 'iSCSI',
  nvme: 'NVMe',
  sas: 'SAS',
  scsi: 'SCSI',
  sata: 'SATA',
  fibreChannel: 'Fibre Channel',
};
const styleNumbers = { raw: 0, mbr: 1, gpt: 2 } as const;
const styleNames = { raw: 'RAW', mbr: 'MBR', gpt: 'GPT' } as const;
const reasonNames: Readonly<Record<string, string>> = {
  policy: 'Policy',
  redundantPath: 'Redundant Path',
  collision: 'Collision',
};

const objectId = (server: ServerState, kind: string, key: string): string =>
  `{1}\\\\${server.computerName}\\root/Microsoft/Windows/Storage/Providers_v2\\WSP_${kind}.ObjectId="${key}"`;

export const diskObject = (server: ServerState, disk: VisibleDisk): CimObject => {
  const { view, content } = disk;
  const status = view.online ? 53_264 : 53_267;
  return cim(
    space,
    'MSFT_Disk',
    {
      Number: view.number,
      UniqueId: disk.uniqueId,
      // 3: FCPH Name, 2: EUI64
      UniqueIdFormat: disk.lun ? 3 : 2,
      SerialNumber: disk.serial,
      Manufacturer: disk.manufacturer,
      Model: disk.model,
      FriendlyName: `${disk.manufacturer} ${disk.model}`,
      FirmwareVersion: '0001',
      Size: BigInt(disk.sizeBytes),
      AllocatedSize: content.partitions.reduce((sum, one) => sum + BigInt(one.sizeBytes), 0n),
      LargestFreeExtent: content.style === 'raw' ? 0n : disks.freeExtent(disk).size,
      LogicalSectorSize: disk.sectorBytes,
      PhysicalSectorSize: 4096,
      BusType: numberOf(busTypes, disk.bus),
      HealthStatus: 0,
      OperationalStatus: [status],
      PartitionStyle: styleNumbers[content.style],
      ProvisioningType: 2,
      IsBoot: disk.boot,
      IsSystem: disk.boot,
      BootFromDisk: disk.boot,
      IsClustered: content.clustered,
      IsOffline: !view.online,
      OfflineReason: view.offlineReason === null ? null : numberOf(offlineReasons, view.offlineReason),
      IsReadOnly: view.readOnly,
      NumberOfPartitions: content.partitions.length,
      Guid: content.guid,
      Signature: content.signature,
      Path: disks.pathOfDisk(disk),
      ObjectId: objectId(server, 'Disk', disk.key),
      Location: disk.lun ? 'Bus Number 0, Target Id 0, LUN 0' : 'PCI Slot 1',
    },
    {
      BusType: shownBus[disk.bus] ?? disk.bus,
      PartitionStyle: styleNames[content.style],
      HealthStatus: 'Healthy',
      OperationalStatus: view.online ? 'Online' : 'Offline',
      ProvisioningType: 'Fixed',
      UniqueIdFormat: disk.lun ? 'FCPH Name' : 'EUI64',
      OfflineReason: view.offlineReason === null ? null : (reasonNames[view.offlineReason] ?? view.offlineReason),
      DiskNumber: view.number,
    },
  );
};

const volumePath = (guid: string): string => `\\\\?\\Volume${guid.toLowerCase()}\\`;

const partitionObject = (server: ServerState, disk: VisibleDisk, partition: PartitionState): CimObject => {
  const guid = disk.view.online ? partition.volume?.guid : undefined;
  const letter = guid === undefined ? undefined : server.letters[guid];
  return cim(
    space,
    'MSFT_Partition',
    {
      DiskNumber: disk.view.number,
      DiskId: disks.pathOfDisk(disk),
      PartitionNumber: partition.number,
      Offset: BigInt(partition.offsetBytes),
      Size: BigInt(partition.sizeBytes),
      GptType: partition.gptType?.toLowerCase() ?? null,
      MbrType: partition.mbrType,
      Guid: partition.guid?.toLowerCase() ?? null,
      // char16: 0 when there is none
      DriveLetter: letter ?? '\0',
      AccessPaths: guid === undefined ? null : [...(letter ? [`${letter}:\\`] : []), volumePath(guid)],
      IsOffline: !disk.view.online,
      IsReadOnly: disk.view.readOnly,
      IsBoot: letter === 'C',
      IsSystem: false,
      IsHidden: partition.volume === null,
      IsActive: false,
      IsShadowCopy: false,
      NoDefaultDriveLetter: false,
      OperationalStatus: disk.view.online ? 1 : 4,
      TransitionState: 1,
      UniqueId: `{${partition.number.toString().padStart(8, '0')}-0000-0000-0000-000000000000}${disk.key}`,
      ObjectId: objectId(server, 'Partition', `${disk.key}/${partition.number}`),
    },
    { OperationalStatus: disk.view.online ? 'Online' : 'Offline', Type: partition.volume ? 'Basic' : 'Reserved' },
  );
};

const volumeObject = (server: ServerState, disk: VisibleDisk, partition: PartitionState): CimObject => {
  const volume = partition.volume!;
  const formatted = volume.fileSystem !== null;
  return cim(
    space,
    'MSFT_Volume',
    {
      DriveLetter: server.letters[volume.guid] ?? '\0',
      FileSystem: volume.fileSystem ?? '',
      FileSystemLabel: volume.label,
      FileSystemType: volume.fileSystem === 'NTFS' ? 14 : volume.fileSystem === 'ReFS' ? 15 : 0,
      Size: formatted ? BigInt(partition.sizeBytes) : 0n,
      SizeRemaining: formatted ? freeBytesOf(server, partition) : 0n,
      AllocationUnitSize: volume.allocationUnitBytes,
      HealthStatus: 0,
      OperationalStatus: [formatted ? 2 : 0],
      DriveType: 3,
      DedupMode: 4,
      Path: volumePath(volume.guid),
      UniqueId: volumePath(volume.guid),
      ObjectId: objectId(server, 'Volume', `${disk.key}/${partition.number}`),
    },
    {
      HealthStatus: 'Healthy',
      OperationalStatus: formatted ? 'OK' : 'Unknown',
      DriveType: 'Fixed',
      FileSystemType: volume.fileSystem ?? 'Unknown',
      DedupMode: 'NotAvailable',
    },
  );
};

/** Disks by number, unique id, path, name, serial number or as objects; one named and not there is refused. */
const chooseDisks = (at: Pick<Change, 'world' | 'server'>, parameters: Parameters, prefix = ''): VisibleDisk[] => {
  const all = visibleDisks(at.world, at.server);
  const named: readonly (readonly [string, (disk: VisibleDisk) => string])[] = [
    [`${prefix}Number`, (disk) => String(disk.view.number)],
    ['UniqueId', (disk) => disk.uniqueId],
    [prefix === '' ? 'Path' : 'DiskPath', disks.pathOfDisk],
    ['SerialNumber', (disk) => disk.serial ?? ''],
    ['FriendlyName', (disk) => `${disk.manufacturer} ${disk.model}`],
    ['DiskId', disks.pathOfDisk],
  ];
  if (parameters.has('InputObject')) {
    return parameters.objects('InputObject').flatMap((object) => {
      const found = all.filter((disk) =>
        typeof object['ObjectId'] === 'string'
          ? objectId(at.server, 'Disk', disk.key) === object['ObjectId']
          : disk.uniqueId === object['UniqueId'],
      );
      if (found.length === 0) throw refuse('disk.notFound', { disk: String(object['UniqueId']) });
      return found;
    });
  }
  let chosen = all;
  for (const [name, of] of named) {
    const wanted = parameters.texts(name);
    if (wanted.length === 0) continue;
    for (const one of wanted) {
      if (!all.some((disk) => matches(one, of(disk)) || one.toLowerCase() === of(disk).toLowerCase())) {
        throw refuse('disk.notFound', { disk: one });
      }
    }
    chosen = chosen.filter((disk) =>
      wanted.some((one) => one.toLowerCase() === of(disk).toLowerCase() || matches(one, of(disk))),
    );
  }
  return chosen;
};

interface Chosen {
  readonly disk: VisibleDisk;
  readonly partition: PartitionState;
}

const allPartitions = (at: Pick<Change, 'world' | 'server'>): Chosen[] =>
  visibleDisks(at.world, at.server).flatMap((disk) =>
    disk.content.partitions.map((partition) => ({ disk, partition })),
  );

const letterOf = (server: ServerState, { disk, partition }: Chosen): string | null =>
  disk.view.online ? (server.letters[partition.volume?.guid ?? ''] ?? null) : null;

/** Partitions by disk and number, letter, identity or as objects. */
const choosePartitions = (
  at: Pick<Change, 'world' | 'server'>,
  parameters: Parameters,
  objectName = 'InputObject',
): Chosen[] => {
  const numbers = parameters.texts('DiskNumber');
  const partitionNumbers = parameters.texts('PartitionNumber');
  const letters = parameters.texts('DriveLetter').map((one) => one.toUpperCase());
  const offsets = parameters.texts('Offset');
  const ids = parameters.texts('DiskId').map((one) => one.toLowerCase());
  const objects = parameters.objects(objectName).map((object) => object['ObjectId']);
  const ofDisks = parameters.objects('Disk').map((object) => object['ObjectId']);
  const ofVolumes = parameters.objects('Volume').map((object) => object['UniqueId']);
  const found = allPartitions(at).filter((one) => {
    const { disk, partition } = one;
    return (
      (!parameters.has(objectName) ||
        objects.includes(objectId(at.server, 'Partition', `${disk.key}/${partition.number}`))) &&
      (!parameters.has('Disk') || ofDisks.includes(objectId(at.server, 'Disk', disk.key))) &&
      (!parameters.has('Volume') ||
        (partition.volume !== null && ofVolumes.includes(volumePath(partition.volume.guid)))) &&
      (numbers.length === 0 || numbers.includes(String(disk.view.number))) &&
      (partitionNumbers.length === 0 || partitionNumbers.includes(String(partition.number))) &&
      (letters.length === 0 || letters.includes(letterOf(at.server, one) ?? '')) &&
      (offsets.length === 0 || offsets.includes(partition.offsetBytes)) &&
      (ids.length === 0 || ids.includes(disks.pathOfDisk(disk)))
    );
  });
  const narrow = parameters.has('PartitionNumber') || parameters.has('DriveLetter') || parameters.has('Offset');
  if (found.length === 0 && narrow) {
    throw refuse('disk.partition.notFound', {
      disk: numbers[0] ?? ids[0] ?? '',
      partition: partitionNumbers[0] ?? letters[0] ?? '',
    });
  }
  return found;
};

const chooseVolumes = (at: Pick<Change, 'world' | 'server'>, parameters: Parameters): Chosen[] => {
  const letters = parameters.texts('DriveLetter').map((one) => one.toUpperCase());
  const labels = parameters.texts('FileSystemLabel');
  const paths = [...parameters.texts('Path'), ...parameters.texts('UniqueId'), ...parameters.texts('ObjectId')].map(
    (one) => one.toLowerCase(),
  );
  const ofPartitions = parameters.objects('Partition').map((object) => object['ObjectId']);
  const volumes = parameters.objects('InputObject').map((object) => object['UniqueId']);
  return allPartitions(at).filter((one) => {
    const { disk, partition } = one;
    if (!partition.volume || !disk.view.online) return false;
    const path = volumePath(partition.volume.guid);
    return (
      (letters.length === 0 || letters.includes(letterOf(at.server, one) ?? '')) &&
      (labels.length === 0 || labels.includes(partition.volume.label)) &&
      (paths.length === 0 || paths.includes(path)) &&
      (!parameters.has('InputObject') || volumes.includes(path)) &&
      (!parameters.has('Partition') ||
        ofPartitions.includes(objectId(at.server, 'Partition', `${disk.key}/${partition.number}`)))
    );
  });
};

const diskNames = 'Number UniqueId Path FriendlyName SerialNumber InputObject';
const partitionNames = 'DiskNumber PartitionNumber DriveLetter DiskId Offset InputObject';
const fileSystemOf = (text: string | null): FileSystem => (text?.toLowerCase() === 'refs' ? 'ReFS' : 'NTFS');

export const diskInfos = (world: WorldState, server: ServerState): { name: string; serial: string; paths: number }[] =>
  visibleDisks(world, server)
    .filter((disk) => disk.lun !== null)
    .map((disk, index) => ({ name: `MPIO Disk${index}`, serial: disk.serial ?? '', paths: disk.sessions.length }));

export const storageCmdlets: readonly Cmdlet[] = [
  reader('Get-Disk', `${diskNames} Partition iSCSISession iSCSIConnection`, ({ world, server, used }, parameters) => {
    shows({ used }, 'disk.numbers');
    const sessions = parameters.objects('iSCSISession').map((object) => object['SessionIdentifier']);
    return chooseDisks({ world, server }, parameters)
      .filter(
        (disk) => !parameters.has('iSCSISession') || disk.sessions.some((session) => sessions.includes(session.id)),
      )
      .map((disk) => diskObject(server, disk));
  }),
  changer('Set-Disk', `${diskNames} IsOffline IsReadOnly PartitionStyle Guid Signature`, (change, parameters) => {
    const offline = parameters.boolean('IsOffline');
    const readOnly = parameters.boolean('IsReadOnly');
    for (const disk of chooseDisks(change, parameters)) {
      if (offline !== null) disks.setOnline(change, disk, !offline);
      if (readOnly !== null) disks.setReadOnly(change, disk, readOnly);
    }
  }),
  changer('Initialize-Disk', `${diskNames} PartitionStyle`, (change, parameters) =>
    chooseDisks(change, parameters).map((disk) => {
      disks.initializeDisk(change, disk, parameters.text('PartitionStyle')?.toUpperCase() === 'MBR' ? 'mbr' : 'gpt');
      return diskObject(change.server, disk);
    }),
  ),
  changer('Clear-Disk', `${diskNames} RemoveData RemoveOEM`, (change, parameters) => {
    for (const disk of chooseDisks(change, parameters))
      disks.clearDisk(change, disk, { removeData: parameters.boolean('RemoveData') ?? false });
  }),
  changer('Update-HostStorageCache', '', (change) => disks.syncDisks(change.world, change.server)),
  reader('Get-Partition', `${partitionNames} Disk Volume UniqueId`, ({ world, server }, parameters) =>
    choosePartitions({ world, server }, parameters).map(({ disk, partition }) =>
      partitionObject(server, disk, partition),
    ),
  ),
  changer(
    'New-Partition',
    'DiskNumber DiskPath DiskId InputObject Size UseMaximumSize DriveLetter AssignDriveLetter GptType MbrType Alignment Offset IsActive IsHidden',
    (change, parameters) =>
      chooseDisks(change, parameters, 'Disk').map((disk) => {
        const size = parameters.text('Size');
        const partition = disks.createPartition(change, disk, {
          sizeBytes: size === null ? null : BigInt(size),
          driveLetter: parameters.text('DriveLetter')?.toUpperCase() ?? null,
          assignLetter: parameters.boolean('AssignDriveLetter') ?? false,
        });
        return partitionObject(change.server, disk, partition);
      }),
  ),
  changer(
    'Set-Partition',
    `${partitionNames} NewDriveLetter IsOffline IsReadOnly NoDefaultDriveLetter`,
    (change, parameters) => {
      const letter = parameters.text('NewDriveLetter');
      for (const { partition } of choosePartitions(change, parameters)) {
        if (letter !== null) disks.setDriveLetter(change, partition, letter.toUpperCase());
      }
    },
  ),
  changer('Remove-Partition', partitionNames, (change, parameters) => {
    for (const { disk, partition } of choosePartitions(change, parameters)) {
      disk.content.partitions = disk.content.partitions.filter((one) => one !== partition);
      if (partition.volume) delete change.server.letters[partition.volume.guid];
    }
  }),
  changer('Add-PartitionAccessPath', `${partitionNames} AccessPath AssignDriveLetter`, (change, parameters) => {
    const path = parameters.text('AccessPath');
    for (const { partition } of choosePartitions(change, parameters)) {
      disks.setDriveLetter(change, partition, path?.slice(0, 1).toUpperCase() ?? null);
    }
  }),
  changer('Remove-PartitionAccessPath', `${partitionNames} AccessPath`, (change, parameters) => {
    for (const { partition } of choosePartitions(change, parameters)) disks.setDriveLetter(change, partition, null);
  }),
  reader(
    'Get-Volume',
    'DriveLetter FileSystemLabel Path UniqueId ObjectId Partition',
    ({ world, server }, parameters) =>
      chooseVolumes({ world, server }, parameters).map(({ disk, partition }) => volumeObject(server, disk, partition)),
  ),
  changer(
    'Format-Volume',
    'DriveLetter FileSystemLabel Path ObjectId Partition InputObject FileSystem NewFileSystemLabel AllocationUnitSize Full Compress ShortFileNameSupport UseLargeFRS DisableHeatGathering SetIntegrityStreams',
    (change, parameters) => {
      const chosen = parameters.has('Partition')
        ? choosePartitions(change, parameters, 'Partition')
        : chooseVolumes(change, parameters);
      if (chosen.length === 0)
        throw refuse('disk.partition.notFound', { disk: '', partition: parameters.text('DriveLetter') ?? '' });
      return chosen.map(({ disk, partition }) => {
        disks.formatPartition(change, disk, partition, {
          fileSystem: fileSystemOf(parameters.text('FileSystem')),
          label: parameters.text('NewFileSystemLabel') ?? '',
          allocationUnitBytes: parameters.number('AllocationUnitSize'),
        });
        return volumeObject(change.server, disk, partition);
      });
    },
  ),
  changer(
    'Set-Volume',
    'DriveLetter FileSystemLabel Path UniqueId InputObject NewFileSystemLabel',
    (change, parameters) => {
      for (const { partition } of chooseVolumes(change, parameters)) {
        partition.volume!.label = parameters.text('NewFileSystemLabel') ?? partition.volume!.label;
      }
    },
  ),
  reader('Get-StorageSetting', '', ({ server }) => [
    cim(
      space,
      'MSFT_StorageSetting',
      // 1 Online, 2 OfflineShared, 3 OfflineAll, 4 OfflineInternal
      {
        NewDiskPolicy: ['OnlineAll', 'OfflineShared', 'OfflineAll', 'OfflineInternal'].indexOf(server.sanPolicy) + 1,
        ScrubPolicy: 1,
      },
      { NewDiskPolicy: server.sanPolicy, ScrubPolicy: 'Off' },
    ),
  ]),
  changer('Set-StorageSetting', 'NewDiskPolicy ScrubPolicy', (change, parameters) => {
    const policy = parameters.text('NewDiskPolicy');
    if (policy !== null) disks.setSanPolicy(change, policy as SanPolicy);
  }),
];
