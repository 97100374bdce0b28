import * as z from 'zod';
import { unreadSchema } from './observed.ts';
import { uint64Schema } from './quantity.ts';

/** `MSFT_Disk.BusType` by number (windows-driver-docs, msft-disk.md; 18 and 19 as newer systems read). */
export const busTypes = {
  0: 'unknown',
  1: 'scsi',
  2: 'atapi',
  3: 'ata',
  4: 'ieee1394',
  5: 'ssa',
  6: 'fibreChannel',
  7: 'usb',
  8: 'raid',
  9: 'iscsi',
  10: 'sas',
  11: 'sata',
  12: 'sd',
  13: 'mmc',
  14: 'virtual',
  15: 'fileBackedVirtual',
  16: 'storageSpaces',
  17: 'nvme',
  18: 'scm',
  19: 'ufs',
} as const;
export type BusType = (typeof busTypes)[keyof typeof busTypes];

/** Each bus as Windows' tools write it. */
export const busWords: Readonly<Record<BusType, string>> = {
  unknown: 'Unknown',
  scsi: 'SCSI',
  atapi: 'ATAPI',
  ata: 'ATA',
  ieee1394: 'IEEE 1394',
  ssa: 'SSA',
  fibreChannel: 'Fibre Channel',
  usb: 'USB',
  raid: 'RAID',
  iscsi: 'iSCSI',
  sas: 'SAS',
  sata: 'SATA',
  sd: 'SD',
  mmc: 'MMC',
  virtual: 'Virtual',
  fileBackedVirtual: 'Virtual (file)',
  storageSpaces: 'Storage Spaces',
  nvme: 'NVMe',
  scm: 'SCM',
  ufs: 'UFS',
};

/** Buses over which another server may use the same disk. */
export const sharedBuses: readonly BusType[] = ['iscsi', 'fibreChannel', 'sas', 'scsi', 'raid', 'unknown'];

/** `MSFT_Disk.OfflineReason` by number; a disk that is online has none. */
export const offlineReasons = {
  1: 'policy',
  2: 'redundantPath',
  3: 'snapshot',
  4: 'collision',
  5: 'resourceExhaustion',
  6: 'criticalWriteFailures',
  7: 'dataIntegrityScanRequired',
} as const;
export type OfflineReason = (typeof offlineReasons)[keyof typeof offlineReasons];

export const fileSystems = ['NTFS', 'ReFS'] as const;
export type FileSystem = (typeof fileSystems)[number];

export const volumeSchema = z.object({
  /** `\\?\Volume{guid}\`: the volume's lasting name. */
  path: z.string(),
  driveLetter: z.string().nullable(),
  label: z.string(),
  /** As Windows names it (`NTFS`, `ReFS`, `FAT32`, `CSVFS_NTFS` ...); null: no file system (shown as RAW), or unread. */
  fileSystem: z.string().nullable(),
  sizeBytes: uint64Schema.nullable(),
  freeBytes: uint64Schema.nullable(),
  healthStatus: z.enum(['healthy', 'warning', 'unhealthy', 'unknown']),
});
export type Volume = z.infer<typeof volumeSchema>;

/** GPT types that matter here (Microsoft, PARTITION_INFORMATION_GPT). */
export const partitionTypes = {
  basicData: '{EBD0A0A2-B9E5-4433-87C0-68B6B72699C7}',
  microsoftReserved: '{E3C9E316-0B5C-4DB8-817D-F92DF00215AE}',
  efiSystem: '{C12A7328-F81F-11D2-BA4B-00A0C93EC93B}',
  recovery: '{DE94BBA4-06D1-4D40-A16A-BFD50179D6AC}',
  ldmMetadata: '{5808C8AA-7E8F-42E0-85D2-E1E90434CFB3}',
  ldmData: '{AF9B60A0-1431-4F62-BC68-3311714A69AD}',
  storageSpaces: '{E75CAF8F-F680-4CEE-AFA3-B001E56EFC2D}',
} as const;

export const partitionSchema = z.object({
  partitionNumber: z.number().int(),
  offsetBytes: uint64Schema,
  sizeBytes: uint64Schema,
  /** With braces, upper case; null on an MBR disk. */
  gptType: z.string().nullable(),
  mbrType: z.number().int().nullable(),
  guid: z.string().nullable(),
  driveLetter: z.string().nullable(),
  /** Null: no volume on it, or unread (see the disk's `unread`). */
  volume: volumeSchema.nullable(),
});
export type Partition = z.infer<typeof partitionSchema>;

/** One disk as it was observed. A null says "could not be read" and `unread` says why. Key it by `uniqueId`. */
export const diskSchema = z.object({
  /** The identity in VPD page 83h as Windows writes it (`MSFT_Disk.UniqueId`); null when the disk reports none. */
  uniqueId: z.string().nullable(),
  /** `UniqueIdFormat` 8, 3, 2 and 1 name the device; 0 is the vendor's own. */
  uniqueIdFormat: z.enum(['vendorSpecific', 'vendorId', 'eui64', 'fcphName', 'scsiNameString']).nullable(),
  /** Changes with every restart; never a key. */
  number: z.number().int(),
  serialNumber: z.string().nullable(),
  manufacturer: z.string().nullable(),
  model: z.string().nullable(),
  friendlyName: z.string(),
  sizeBytes: uint64Schema,
  logicalSectorBytes: z.number().int(),
  physicalSectorBytes: z.number().int(),
  busType: z.enum(Object.values(busTypes) as [BusType, ...BusType[]]),
  isBoot: z.boolean(),
  isSystem: z.boolean(),
  isClustered: z.boolean(),
  isOffline: z.boolean(),
  offlineReason: z.enum(Object.values(offlineReasons) as [OfflineReason, ...OfflineReason[]]).nullable(),
  isReadOnly: z.boolean(),
  healthStatus: z.enum(['healthy', 'warning', 'unhealthy', 'unknown']),
  /** `raw`: never initialised, or not readable while the disk is offline. */
  partitionStyle: z.enum(['raw', 'mbr', 'gpt']),
  /** Bytes that no partition holds in the largest gap. */
  largestFreeExtentBytes: uint64Schema.nullable(),
  /** Paths that MPIO holds; 1 without MPIO; null when unread. */
  pathCount: z.number().int().nullable(),
  partitions: z.array(partitionSchema).nullable(),
  unread: z.array(unreadSchema),
});
export type Disk = z.infer<typeof diskSchema>;

/** MBR types of partitions that Windows makes or reads itself (Microsoft, MSFT_Partition class, MbrType; PARTITION_INFORMATION_MBR). */
const windowsMbrTypes: readonly number[] = [0x01, 0x04, 0x06, 0x07, 0x0b, 0x0c, 0x0e, 0x0f, 0x27, 0xef];

/** Names of other MBR types, as the public lists of partition identifiers have them (util-linux, include/pt-mbr-partnames.h). */
const mbrTypeNames: Readonly<Record<number, string>> = {
  0x05: 'extended partition',
  0x12: 'maintenance partition of the maker',
  0x39: 'Plan 9',
  0x42: 'dynamic disk',
  0x82: 'Linux swap or Solaris',
  0x83: 'Linux',
  0x85: 'Linux extended',
  0x8e: 'Linux LVM',
  0xa5: 'FreeBSD',
  0xa6: 'OpenBSD',
  0xa8: 'macOS UFS',
  0xa9: 'NetBSD',
  0xab: 'macOS boot',
  0xaf: 'macOS HFS+',
  0xbe: 'Solaris boot',
  0xbf: 'Solaris',
  0xde: 'Dell utility',
  0xee: 'protective MBR of a GPT disk',
  0xfb: 'VMFS',
  0xfc: 'VMware swap',
  0xfd: 'Linux RAID',
};

const mbrTypeText = (type: number): string => {
  const code = `${type.toString(16).toUpperCase().padStart(2, '0')}h`;
  const name = mbrTypeNames[type];
  return name === undefined ? code : `${code} (${name})`;
};

/** What is on a disk, as far as it decides whether anything may be written. */
export type DiskContent =
  /** Initialised or not, it holds no partition but Microsoft's reserved one. */
  | { readonly kind: 'blank' }
  | { readonly kind: 'partitioned'; readonly volumes: readonly string[] }
  /** Partitions that no volume of this system stands for: another system's, dynamic disks, Storage Spaces. */
  | { readonly kind: 'foreign'; readonly because: string }
  | { readonly kind: 'cluster' }
  | { readonly kind: 'unknown'; readonly because: string };

const foreignTypes: readonly string[] = [
  partitionTypes.ldmMetadata,
  partitionTypes.ldmData,
  partitionTypes.storageSpaces,
];

const isForeignMbr = ({ mbrType }: Partition): boolean => mbrType !== null && !windowsMbrTypes.includes(mbrType);

/**
 * Judges the content of a disk. An offline disk whose partitions could not be read is unknown, never blank; a disk that
 * Windows shows as raw while it is offline is unknown too, because Windows does not look at it there.
 */
export const judgeContent = (disk: Disk): DiskContent => {
  if (disk.isClustered) return { kind: 'cluster' };
  if (disk.partitions === null) return { kind: 'unknown', because: 'its partitions could not be read' };
  if (disk.partitionStyle === 'raw') {
    if (disk.partitions.length > 0)
      return { kind: 'unknown', because: 'it shows partitions although it has no partition table' };
    return disk.isOffline
      ? { kind: 'unknown', because: 'Windows does not read a disk that is offline' }
      : { kind: 'blank' };
  }
  const partitions = disk.partitions.filter((partition) => partition.gptType !== partitionTypes.microsoftReserved);
  if (partitions.length === 0) {
    return disk.isOffline
      ? { kind: 'unknown', because: 'Windows does not read a disk that is offline' }
      : { kind: 'blank' };
  }
  // Without its type a partition of another system looks like a volume that has no name yet.
  const ofOthers = disk.partitionStyle === 'mbr' ? partitions.filter(isForeignMbr) : [];
  if (ofOthers.length > 0) {
    const types = [...new Set(ofOthers.map(({ mbrType }) => mbrTypeText(mbrType ?? 0)))].join(', ');
    const numbers = ofOthers.map(({ partitionNumber }) => partitionNumber).join(', ');
    return { kind: 'foreign', because: `MBR type ${types}, partition ${numbers}` };
  }
  const foreign = partitions.find(
    (partition) => partition.gptType !== null && foreignTypes.includes(partition.gptType),
  );
  if (foreign)
    return { kind: 'foreign', because: `partition ${foreign.partitionNumber} has the type ${foreign.gptType}` };
  const known = partitions.filter(
    (partition) =>
      partition.volume !== null ||
      partition.gptType === null ||
      (Object.values(partitionTypes) as string[]).includes(partition.gptType),
  );
  const stranger = partitions.find((partition) => !known.includes(partition));
  if (stranger) {
    return { kind: 'foreign', because: `partition ${stranger.partitionNumber} has the type ${stranger.gptType}` };
  }
  return {
    kind: 'partitioned',
    volumes: partitions.map(
      (partition) =>
        partition.volume?.label || (partition.driveLetter ? `${partition.driveLetter}:` : 'without a name'),
    ),
  };
};

/** May another server reach this disk? `isBoot` and `isSystem` disks are this server's own. */
export const isOnSharedBus = (disk: Pick<Disk, 'busType' | 'isBoot' | 'isSystem'>): boolean =>
  !disk.isBoot && !disk.isSystem && sharedBuses.includes(disk.busType);

/** What Windows does with disks that appear for the first time (`Set-StorageSetting -NewDiskPolicy`). */
export const sanPolicies = ['OnlineAll', 'OfflineShared', 'OfflineAll', 'OfflineInternal'] as const;
export type SanPolicy = (typeof sanPolicies)[number];

export const diskPolicySchema = z.object({
  sanPolicy: z.enum(sanPolicies).nullable(),
  /** Do new volumes get a letter by themselves? */
  automount: z.boolean().nullable(),
  unread: z.array(unreadSchema),
});
export type DiskPolicy = z.infer<typeof diskPolicySchema>;

/** A letter with what holds it. */
export const letterUseSchema = z.object({
  letter: z.string(),
  kind: z.enum(['removable', 'fixed', 'remote', 'cdRom', 'ramDisk', 'unknown']),
  label: z.string(),
});
export type LetterUse = z.infer<typeof letterUseSchema>;

/** The letters that the procedure gives by default: witness and data. */
export const defaultLetters = { witness: 'Q', data: 'F' } as const;

/** A drive letter as one capital, from `f`, `F:` or `F:\`; null for anything else. A and B are for floppy disks. */
export const normaliseLetter = (text: string): string | null => {
  const match = /^([a-z]):?\\?$/i.exec(text);
  const letter = match?.[1]?.toUpperCase();
  return letter === undefined || letter === 'A' || letter === 'B' ? null : letter;
};

/** Why a text is no volume label; null when it is one. NTFS and ReFS take 32 characters; Microsoft, "format". */
export const findLabelProblem = (label: string): string | null => {
  if (label.length > 32) return `has ${label.length} characters; 32 are allowed`;
  return [...label].some((character) => character < ' ') ? 'holds a control character' : null;
};

/** Decimal comparison of what a person typed with a disk's serial number: case and blanks around it do not count. */
export const isSerialNumber = (typed: string, disk: Pick<Disk, 'serialNumber'>): boolean =>
  disk.serialNumber !== null &&
  disk.serialNumber.trim() !== '' &&
  typed.trim().toLowerCase() === disk.serialNumber.trim().toLowerCase();
