import { needBytes } from './malformed.ts';

/** What READ CAPACITY tells. */
export interface Capacity {
  /** Number of blocks, i.e. the last address plus one. */
  readonly blocks: bigint;
  readonly blockSizeBytes: number;
}

/** SBC-3 section 5.16.2. */
export interface Capacity16 extends Capacity {
  readonly protectionEnabled: boolean;
  readonly physicalBlockExponent: number;
  /** LBPME: the logical unit is thin or resource provisioned. */
  readonly provisioningManaged: boolean;
  readonly unmappedReadsZeroes: boolean;
  readonly lowestAlignedBlock: number;
}

/** FFFFFFFFh as the last address of READ CAPACITY (10) means "ask with (16)": SBC-3 section 5.15.2. */
export const decodeReadCapacity10 = (data: Buffer): Capacity | 'tooLarge' => {
  needBytes('READ CAPACITY (10)', data, 8);
  const last = data.readUInt32BE(0);
  return last === 0xffffffff ? 'tooLarge' : { blocks: BigInt(last) + 1n, blockSizeBytes: data.readUInt32BE(4) };
};

/** FFFFFFFFh where the capacity is beyond 32 bits: SBC-3 section 5.15.2. */
export const encodeReadCapacity10 = (capacity: Capacity): Buffer => {
  const data = Buffer.alloc(8);
  const last = capacity.blocks - 1n;
  data.writeUInt32BE(last > 0xffff_fffen ? 0xffffffff : Number(last), 0);
  data.writeUInt32BE(capacity.blockSizeBytes, 4);
  return data;
};

/** SBC-3 section 5.16.2. Throws DATA_MALFORMED. */
export const decodeReadCapacity16 = (data: Buffer): Capacity16 => {
  needBytes('READ CAPACITY (16)', data, 12);
  const byte = (at: number): number => data[at] ?? 0;
  return {
    blocks: data.readBigUInt64BE(0) + 1n,
    blockSizeBytes: data.readUInt32BE(8),
    protectionEnabled: (byte(12) & 0x01) !== 0,
    physicalBlockExponent: byte(13) & 0x0f,
    provisioningManaged: (byte(14) & 0x80) !== 0,
    unmappedReadsZeroes: (byte(14) & 0x40) !== 0,
    lowestAlignedBlock: ((byte(14) & 0x3f) << 8) | byte(15),
  };
};

/** All 32 bytes. */
export const encodeReadCapacity16 = (capacity: Capacity16): Buffer => {
  const data = Buffer.alloc(32);
  data.writeBigUInt64BE(BigInt.asUintN(64, capacity.blocks - 1n), 0);
  data.writeUInt32BE(capacity.blockSizeBytes, 8);
  data[12] = capacity.protectionEnabled ? 0x01 : 0;
  data[13] = capacity.physicalBlockExponent & 0x0f;
  data[14] =
    (capacity.provisioningManaged ? 0x80 : 0) |
    (capacity.unmappedReadsZeroes ? 0x40 : 0) |
    ((capacity.lowestAlignedBlock >> 8) & 0x3f);
  data[15] = capacity.lowestAlignedBlock & 0xff;
  return data;
};
