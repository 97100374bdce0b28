import * as z from 'zod';
import {
  busTypes,
  diskSchema,
  letterUseSchema,
  offlineReasons,
  sanPolicies,
  type BusType,
  type Disk,
  type DiskPolicy,
  type OfflineReason,
  type Partition,
} from '../../shared/model/disk.ts';
import { normaliseGuid } from '../../shared/model/nic.ts';
import { uint64TextSchema } from '../../shared/model/quantity.ts';
import type { DiskPort } from '../ports/disk-port.ts';
import type { Runner } from '../powershell/index.ts';
import { change, readWith } from './call.ts';
import { diskErrors } from './errors/disk-errors.ts';
import { blankAsNull, nameOf, nameOr } from './names.ts';
import { Gathering, partOf } from './part.ts';

const whole = z.number().int();
const healthStatus = nameOr(diskSchema.shape.healthStatus.options, 'unknown');
/** What the type file of the module Storage shows in place of the class's own name. */
const busName = nameOr(Object.values(busTypes) as BusType[], 'unknown', { 1394: 'ieee1394', spaces: 'storageSpaces' });

const volumeSchema = z.object({
  path: z.string(),
  driveLetter: z.string().nullable(),
  label: z.string(),
  fileSystem: blankAsNull,
  sizeBytes: uint64TextSchema.nullable(),
  freeBytes: uint64TextSchema.nullable(),
  healthStatus,
});

const answerSchema = z.object({
  disks: z.array(
    z.object({
      uniqueId: blankAsNull,
      uniqueIdFormat: nameOr(['vendorSpecific', 'vendorId', 'eui64', 'fcphName', 'scsiNameString'], null),
      number: whole,
      serialNumber: blankAsNull,
      manufacturer: blankAsNull,
      model: blankAsNull,
      friendlyName: z.string(),
      sizeBytes: uint64TextSchema,
      logicalSectorBytes: whole,
      physicalSectorBytes: whole,
      busType: busName,
      isBoot: z.boolean(),
      isSystem: z.boolean(),
      isClustered: z.boolean(),
      isOffline: z.boolean(),
      offlineReason: nameOr(Object.values(offlineReasons) as OfflineReason[], null),
      isReadOnly: z.boolean(),
      healthStatus,
      partitionStyle: nameOf(['raw', 'mbr', 'gpt'], { unknown: 'raw' }),
      largestFreeExtentBytes: uint64TextSchema.nullable(),
    }),
  ),
  partitions: partOf(
    z.array(
      z.object({
        diskNumber: whole,
        partitionNumber: whole,
        offsetBytes: uint64TextSchema,
        sizeBytes: uint64TextSchema,
        gptType: blankAsNull,
        mbrType: whole.nullable(),
        guid: blankAsNull,
        driveLetter: z.string().nullable(),
        accessPaths: z.array(z.string()),
      }),
    ),
  ),
  volumes: partOf(z.array(volumeSchema)),
  paths: partOf(z.array(z.string())),
  multipath: partOf(z.boolean()),
});
type Answer = z.output<typeof answerSchema>;

const toNumber = (text: string | null): bigint | null => (text === null ? null : BigInt(text));
const guid = (text: string | null): string | null => (text === null ? null : (normaliseGuid(text) ?? text));

/** Sessions that lead to the disk; without MPIO every path shows a disk of its own. */
const countPaths = (answer: Answer, disk: Answer['disks'][number], gathering: Gathering): number | null => {
  const multipath = gathering.read('pathCount', answer.multipath);
  if (multipath === false || (multipath === true && disk.isBoot)) return 1;
  const paths = gathering.read('pathCount', answer.paths);
  if (multipath === null || paths === null) return null;
  const own = paths.filter((uniqueId) => uniqueId.toLowerCase() === disk.uniqueId?.toLowerCase()).length;
  if (own > 0) return own;
  return disk.busType === 'iscsi' || disk.busType === 'fibreChannel' || disk.busType === 'sas'
    ? gathering.note('pathCount', `no iSCSI session leads to it`)
    : 1;
};

const toDisk = (answer: Answer, disk: Answer['disks'][number]): Disk => {
  const gathering = new Gathering();
  const partitions = gathering
    .read('partitions', answer.partitions)
    ?.filter((partition) => partition.diskNumber === disk.number);
  const volumes = partitions && partitions.length > 0 ? gathering.read('partitions.volume', answer.volumes) : [];
  const toPartition = (partition: NonNullable<typeof partitions>[number]): Partition => {
    const volume = volumes?.find((one) =>
      partition.accessPaths.some((path) => path.toLowerCase() === one.path.toLowerCase()),
    );
    return {
      partitionNumber: partition.partitionNumber,
      offsetBytes: BigInt(partition.offsetBytes),
      sizeBytes: BigInt(partition.sizeBytes),
      gptType: disk.partitionStyle === 'gpt' ? guid(partition.gptType) : null,
      mbrType: disk.partitionStyle === 'mbr' ? partition.mbrType : null,
      guid: disk.partitionStyle === 'gpt' ? guid(partition.guid) : null,
      driveLetter: partition.driveLetter,
      volume: volume
        ? {
            path: volume.path,
            driveLetter: volume.driveLetter,
            label: volume.label,
            fileSystem: volume.fileSystem === 'RAW' ? null : volume.fileSystem,
            sizeBytes: toNumber(volume.sizeBytes),
            freeBytes: toNumber(volume.freeBytes),
            healthStatus: volume.healthStatus,
          }
        : null,
    };
  };
  return {
    uniqueId: disk.uniqueId,
    uniqueIdFormat: disk.uniqueIdFormat,
    number: disk.number,
    serialNumber: disk.serialNumber,
    manufacturer: disk.manufacturer,
    model: disk.model,
    friendlyName: disk.friendlyName,
    sizeBytes: BigInt(disk.sizeBytes),
    logicalSectorBytes: disk.logicalSectorBytes,
    physicalSectorBytes: disk.physicalSectorBytes,
    busType: disk.busType,
    isBoot: disk.isBoot,
    isSystem: disk.isSystem,
    isClustered: disk.isClustered,
    isOffline: disk.isOffline,
    offlineReason: disk.isOffline ? disk.offlineReason : null,
    isReadOnly: disk.isReadOnly,
    healthStatus: disk.healthStatus,
    partitionStyle: disk.partitionStyle,
    largestFreeExtentBytes: toNumber(disk.largestFreeExtentBytes),
    pathCount: countPaths(answer, disk, gathering),
    partitions: partitions?.map(toPartition) ?? null,
    unread: gathering.unread,
  };
};

const lettersSchema = z.object({
  letters: z.array(
    z.object({ letter: z.string(), kind: nameOr(letterUseSchema.shape.kind.options, 'unknown'), label: z.string() }),
  ),
});

const policySchema = z.object({ sanPolicy: partOf(nameOr(sanPolicies, null)), automount: partOf(z.boolean()) });

const toPolicy = (answer: z.output<typeof policySchema>): DiskPolicy => {
  const gathering = new Gathering();
  const sanPolicy = gathering.read('sanPolicy', answer.sanPolicy);
  if (answer.sanPolicy.ok && sanPolicy === null) gathering.note('sanPolicy', 'Windows names no policy');
  return { sanPolicy, automount: gathering.read('automount', answer.automount), unread: gathering.unread };
};

/** The disk port over scripts. */
export const createDiskPort = (runner: Runner): DiskPort => {
  return {
    async list(options) {
      const call = { script: 'Get-HostDisk', input: {}, timeoutMs: 180_000 };
      const answer = await readWith(runner, call, answerSchema, { call: options, errors: diskErrors.read });
      return answer.disks.map((disk) => toDisk(answer, disk));
    },
    async listLetters(options) {
      const call = { script: 'Get-DriveLetter', input: {} };
      return (await readWith(runner, call, lettersSchema, { call: options, errors: diskErrors.read })).letters;
    },
    rescan: (options) =>
      change(
        runner,
        { script: 'Update-DiskList', input: {}, timeoutMs: 180_000 },
        { call: options, errors: diskErrors.read },
      ),
    async readPolicy(options) {
      const call = { script: 'Get-DiskPolicy', input: {} };
      return toPolicy(await readWith(runner, call, policySchema, { call: options, errors: diskErrors.read }));
    },
  };
};
