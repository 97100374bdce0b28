import { encodeCdb, encodeRead10 } from './cdb.ts';
import type { ScsiExecutor, ScsiOutcome } from './executor.ts';
import { malformedData, outOfRange } from './malformed.ts';
import { good, nothing, run, type CommandOptions } from './outcome.ts';
import { encodeUnmap, type UnmapRange } from './unmap.ts';

/** Blocks one after another. */
export interface BlockRange {
  /** Logical block address, from 0. */
  readonly firstBlock: bigint;
  /** 1 to 65535 for the 10-byte commands; up to 2^32 - 1 for the 16-byte ones. */
  readonly blocks: number;
}

/** The 10-byte commands reach 2 TiB with blocks of 512 bytes. */
const fitsTen = (range: BlockRange): boolean => range.firstBlock <= 0xffff_ffffn && range.blocks <= 0xffff;

/** How to read. */
export interface ReadOptions extends CommandOptions {
  /** FUA: from the medium, not from a cache. */
  readonly fua?: boolean;
  /** Where the data goes, at least as long as the range; left out, a buffer is made. */
  readonly into?: Buffer;
  /** Which command: by default the shortest that fits. */
  readonly form?: 10 | 16;
}

const checkRange = (range: BlockRange, blockSizeBytes: number): number => {
  const lengthBytes = range.blocks * blockSizeBytes;
  if (!Number.isInteger(range.blocks) || range.blocks < 0 || range.firstBlock < 0n || lengthBytes > 0xffffffff) {
    throw outOfRange('blocks', `${range.blocks} blocks from ${range.firstBlock.toString()} cannot be moved at once`);
  }
  return lengthBytes;
};

/** READ (10) or (16). The value is exactly as long as the range; less with status GOOD throws DATA_MALFORMED. */
export const read = (
  executor: ScsiExecutor,
  lun: bigint,
  range: BlockRange,
  blockSizeBytes: number,
  options: ReadOptions = {},
): Promise<ScsiOutcome<Buffer>> => {
  // Without `async`, which would cost two more promises and four turns of the queue of microtasks a read.
  try {
    const expectedDataInBytes = checkRange(range, blockSizeBytes);
    const cdb = encodeRead(range, options);
    const { into } = options;
    return run(
      executor,
      into === undefined ? { cdb, lun, expectedDataInBytes } : { cdb, lun, expectedDataInBytes, dataIn: into },
      options,
      (data) => {
        if (data.length !== expectedDataInBytes)
          throw malformedData('READ', `${data.length} bytes came instead of ${expectedDataInBytes}`);
        return data;
      },
    );
  } catch (error) {
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }
};

const encodeRead = (range: BlockRange, options: ReadOptions): Buffer => {
  const { firstBlock, blocks: transferLength } = range;
  const fua = options.fua === true;
  return (options.form ?? (fitsTen(range) ? 10 : 16)) === 10
    ? encodeRead10(asTen(firstBlock), transferLength, fua)
    : encodeCdb('read16', { fua, logicalBlockAddress: firstBlock, transferLength });
};

const asTen = (firstBlock: bigint): number => {
  if (firstBlock > 0xffff_ffffn) {
    throw outOfRange('firstBlock', `${firstBlock.toString()} is beyond the reach of a 10-byte command`);
  }
  return Number(firstBlock);
};

/** How to write. */
export interface WriteOptions extends CommandOptions {
  /** FUA: to the medium before the answer. */
  readonly fua?: boolean;
  /** Which command: by default the shortest that fits. */
  readonly form?: 10 | 16;
}

/**
 * WRITE (10) or (16). The data's length must be a whole number of blocks; no data is a WRITE with transfer length 0, which changes nothing and
 * still meets reservations (SBC-3, WRITE (10): "a TRANSFER LENGTH of zero specifies that no logical blocks shall be written").
 */
export const write = async (
  executor: ScsiExecutor,
  lun: bigint,
  firstBlock: bigint,
  data: Buffer,
  blockSizeBytes: number,
  options: WriteOptions = {},
): Promise<ScsiOutcome<undefined>> => {
  const range = { firstBlock, blocks: data.length / blockSizeBytes };
  checkRange(range, blockSizeBytes);
  const fua = options.fua === true;
  const cdb =
    (options.form ?? (fitsTen(range) ? 10 : 16)) === 10
      ? encodeCdb('write10', { fua, logicalBlockAddress: asTen(firstBlock), transferLength: range.blocks })
      : encodeCdb('write16', { fua, logicalBlockAddress: firstBlock, transferLength: range.blocks });
  return run(executor, { cdb, lun, dataOut: data }, options, nothing);
};

/**
 * VERIFY (10) with BYTCHK 1: the device compares `data`, a whole number of blocks, with the medium and writes nothing. MISCOMPARE says that they differ.
 * SBC-3, table of commands allowed in the presence of reservations, allows it under Write Exclusive; a device that judges commands by the
 * direction of their data refuses it.
 */
export const verify = async (
  executor: ScsiExecutor,
  lun: bigint,
  firstBlock: bigint,
  data: Buffer,
  blockSizeBytes: number,
  options: CommandOptions = {},
): Promise<ScsiOutcome<undefined>> => {
  const range = { firstBlock, blocks: data.length / blockSizeBytes };
  checkRange(range, blockSizeBytes);
  const cdb = encodeCdb('verify10', {
    byteCheck: 1,
    logicalBlockAddress: asTen(firstBlock),
    verificationLength: range.blocks,
  });
  return run(executor, { cdb, lun, dataOut: data }, options, nothing);
};

/** SYNCHRONIZE CACHE (10) of everything: changes no data and conflicts with a foreign write reservation like a write. */
export const synchronizeCache = (
  executor: ScsiExecutor,
  lun: bigint,
  options: CommandOptions = {},
): Promise<ScsiOutcome<undefined>> => run(executor, { cdb: encodeCdb('synchronizeCache10'), lun }, options, nothing);

/**
 * UNMAP. The data in the ranges is lost. At most 4095 ranges, each within 64 bits of address and 32 bits of length: OPTION_OUT_OF_RANGE else. No range:
 * nothing is sent, and that is GOOD.
 */
export const unmap = async (
  executor: ScsiExecutor,
  lun: bigint,
  ranges: readonly UnmapRange[],
  options: CommandOptions = {},
): Promise<ScsiOutcome<undefined>> => {
  if (ranges.length === 0) return good(undefined);
  const dataOut = encodeUnmap(ranges);
  return run(
    executor,
    { cdb: encodeCdb('unmap', { parameterListLength: dataOut.length }), lun, dataOut },
    options,
    nothing,
  );
};

/**
 * WRITE SAME (16) of one block's bytes over a range of 1 to 2^32 - 1 blocks; with `unmap` the device may unmap it instead. The data in the range is
 * lost. A range of no blocks is refused with OPTION_OUT_OF_RANGE, because the command takes 0 for "to the end of the medium" (SBC-3, WRITE SAME (10):
 * NUMBER OF LOGICAL BLOCKS).
 */
export const writeSame = async (
  executor: ScsiExecutor,
  lun: bigint,
  range: BlockRange,
  block: Buffer,
  options: CommandOptions & { readonly unmap?: boolean } = {},
): Promise<ScsiOutcome<undefined>> => {
  if (!Number.isInteger(range.blocks) || range.blocks < 1) {
    throw outOfRange(
      'blocks',
      `${range.blocks} blocks cannot be written, and 0 would mean all to the end of the medium`,
    );
  }
  if (block.length === 0) throw outOfRange('block', 'it is empty');
  return run(
    executor,
    {
      cdb: encodeCdb('writeSame16', {
        unmap: options.unmap === true,
        logicalBlockAddress: range.firstBlock,
        numberOfLogicalBlocks: range.blocks,
      }),
      lun,
      dataOut: block,
    },
    options,
    nothing,
  );
};
