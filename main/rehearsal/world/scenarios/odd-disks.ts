import { partitionTypes } from '../../../../shared/model/disk.ts';
import type { DiskContentState, LunState, PartitionState, VolumeState, WorldState } from '../state.ts';
import { nextGuid, nextRandom } from '../random.ts';

const mebibyte = 1024n ** 2n;
const tebibyte = 1024n ** 4n;

/** The most that a partition table of MBR addresses with sectors of 512 bytes. */
const mbrReach = 2n * tebibyte;

type MakeLun = (id: string, serial: string, sizeBytes: bigint) => LunState;

const partition = (
  number: number,
  offsetBytes: bigint,
  sizeBytes: bigint,
  more: Partial<PartitionState>,
): PartitionState => ({
  number,
  offsetBytes: offsetBytes.toString(),
  sizeBytes: sizeBytes.toString(),
  gptType: null,
  mbrType: null,
  guid: null,
  volume: null,
  ...more,
});

const ntfs = (world: WorldState, label: string): VolumeState => ({
  guid: nextGuid(world),
  fileSystem: 'NTFS',
  label,
  allocationUnitBytes: 4096,
});

const withMbr = (world: WorldState, partitions: PartitionState[]): DiskContentState => ({
  style: 'mbr',
  guid: null,
  signature: nextRandom(world),
  partitions,
  clustered: false,
});

/**
 * Disks as arrays hand them out that had another life: of another system, with the table of an old one, dynamic, with sectors of 4,096
 * bytes, and one that tells no serial number.
 */
export const addOddDisks = (world: WorldState, target: string, makeLun: MakeLun): void => {
  const linux = makeLun('linux', 'LAB-LINUX-0003', 200n * 1024n * mebibyte);
  linux.content = withMbr(world, [
    partition(1, mebibyte, 1024n * mebibyte, { mbrType: 0x83 }),
    partition(2, 1025n * mebibyte, 150n * 1024n * mebibyte, { mbrType: 0x8e }),
  ]);
  const large = makeLun('large', 'LAB-LARGE-0004', 4n * tebibyte);
  large.content = withMbr(world, [
    partition(1, mebibyte, mbrReach - mebibyte, { mbrType: 7, volume: ntfs(world, 'Archive') }),
  ]);
  const dynamic = makeLun('dynamic', 'LAB-DYNAMIC-0005', 100n * 1024n * mebibyte);
  dynamic.content = {
    style: 'gpt',
    guid: nextGuid(world),
    signature: null,
    clustered: false,
    partitions: [
      partition(1, 17_408n, mebibyte, { gptType: partitionTypes.ldmMetadata, guid: nextGuid(world) }),
      partition(2, 2n * mebibyte, 128n * mebibyte, {
        gptType: partitionTypes.microsoftReserved,
        guid: nextGuid(world),
      }),
      partition(3, 130n * mebibyte, 99n * 1024n * mebibyte, { gptType: partitionTypes.ldmData, guid: nextGuid(world) }),
    ],
  };
  const native = { ...makeLun('native-4k', 'LAB-NATIVE-0006', 50n * 1024n * mebibyte), sectorBytes: 4096 };
  // The device still has an identity (VPD page 83h); what it does not have is a serial number (page 80h).
  const nameless = { ...makeLun('no-serial', 'LAB-NAMELESS-0007', 20n * 1024n * mebibyte), hasNoSerial: true };
  for (const lun of [linux, large, dynamic, native, nameless]) {
    world.luns[lun.id] = lun;
    const { luns } = world.targets[target]!;
    luns.push({ number: luns.length, lun: lun.id });
  }
};
