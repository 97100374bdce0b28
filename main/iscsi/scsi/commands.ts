import { IscsiError } from '../error.ts';
import { decodeReadCapacity10, decodeReadCapacity16, type Capacity, type Capacity16 } from './capacity.ts';
import { encodeCdb } from './cdb.ts';
import type { ScsiExecutor, ScsiOutcome } from './executor.ts';
import { decodeInquiry, type InquiryData } from './inquiry.ts';
import { malformedData } from './malformed.ts';
import { decodeModeSense10, decodeModeSense6, MODE_PAGE, type ModeParameters } from './mode-sense.ts';
import { good, nothing, run, type CommandOptions } from './outcome.ts';
import { decodeReportLuns, type LunList } from './report-luns.ts';
import { SENSE_KEY } from './sense.ts';
import { STATUS } from './status.ts';
import { decodeTargetPortGroups, type TargetPortGroup } from './target-port-groups.ts';
import { encodeUnmap, type UnmapRange } from './unmap.ts';
import {
  decodeBlockDeviceCharacteristics,
  decodeBlockLimits,
  decodeDeviceIdentification,
  decodeLogicalBlockProvisioning,
  decodeSupportedPages,
  decodeUnitSerialNumber,
  VPD_PAGE,
  type BlockDeviceCharacteristics,
  type BlockLimits,
  type Designator,
  type LogicalBlockProvisioning,
} from './vpd.ts';

/** One-byte allocation lengths end here; the VPD pages that this package reads seldom are longer. */
const ALLOCATION_LENGTH = 255;

export const testUnitReady = (
  executor: ScsiExecutor,
  lun: bigint,
  options: CommandOptions = {},
): Promise<ScsiOutcome<undefined>> => run(executor, { cdb: encodeCdb('testUnitReady'), lun }, options, nothing);

export const inquiry = (
  executor: ScsiExecutor,
  lun: bigint,
  options: CommandOptions = {},
): Promise<ScsiOutcome<InquiryData>> =>
  run(
    executor,
    { cdb: encodeCdb('inquiry', { allocationLength: ALLOCATION_LENGTH }), lun, expectedDataInBytes: ALLOCATION_LENGTH },
    options,
    decodeInquiry,
  );

const readVpd = async <T>(
  executor: ScsiExecutor,
  lun: bigint,
  pageCode: number,
  options: CommandOptions,
  decode: (data: Buffer) => T,
): Promise<ScsiOutcome<T>> => {
  const ask = <R>(allocationLength: number, decodeAs: (data: Buffer) => R): Promise<ScsiOutcome<R>> =>
    run(
      executor,
      {
        cdb: encodeCdb('inquiry', { evpd: true, pageCode, allocationLength }),
        lun,
        expectedDataInBytes: allocationLength,
      },
      options,
      decodeAs,
    );
  const first = await ask(ALLOCATION_LENGTH, (data) => data);
  if (!first.ok) return first;
  // SPC-4 section 4.2.5.6: a longer page is cut without a sign; its own length field tells.
  const lengthBytes = first.value.length >= 4 ? 4 + first.value.readUInt16BE(2) : 0;
  if (lengthBytes <= first.value.length || first.value.length < ALLOCATION_LENGTH) {
    return { ...first, value: decode(first.value) };
  }
  return ask(lengthBytes, decode);
};

export const supportedVpdPages = (
  executor: ScsiExecutor,
  lun: bigint,
  options: CommandOptions = {},
): Promise<ScsiOutcome<number[]>> => readVpd(executor, lun, VPD_PAGE.supportedPages, options, decodeSupportedPages);

export const unitSerialNumber = (
  executor: ScsiExecutor,
  lun: bigint,
  options: CommandOptions = {},
): Promise<ScsiOutcome<string>> => readVpd(executor, lun, VPD_PAGE.unitSerialNumber, options, decodeUnitSerialNumber);

export const deviceIdentification = (
  executor: ScsiExecutor,
  lun: bigint,
  options: CommandOptions = {},
): Promise<ScsiOutcome<Designator[]>> =>
  readVpd(executor, lun, VPD_PAGE.deviceIdentification, options, decodeDeviceIdentification);

export const blockLimits = (
  executor: ScsiExecutor,
  lun: bigint,
  options: CommandOptions = {},
): Promise<ScsiOutcome<BlockLimits>> => readVpd(executor, lun, VPD_PAGE.blockLimits, options, decodeBlockLimits);

export const blockDeviceCharacteristics = (
  executor: ScsiExecutor,
  lun: bigint,
  options: CommandOptions = {},
): Promise<ScsiOutcome<BlockDeviceCharacteristics>> =>
  readVpd(executor, lun, VPD_PAGE.blockDeviceCharacteristics, options, decodeBlockDeviceCharacteristics);

export const logicalBlockProvisioning = (
  executor: ScsiExecutor,
  lun: bigint,
  options: CommandOptions = {},
): Promise<ScsiOutcome<LogicalBlockProvisioning>> =>
  readVpd(executor, lun, VPD_PAGE.logicalBlockProvisioning, options, decodeLogicalBlockProvisioning);

export const readCapacity10 = (
  executor: ScsiExecutor,
  lun: bigint,
  options: CommandOptions = {},
): Promise<ScsiOutcome<Capacity | 'tooLarge'>> =>
  run(executor, { cdb: encodeCdb('readCapacity10'), lun, expectedDataInBytes: 8 }, options, decodeReadCapacity10);

export const readCapacity16 = (
  executor: ScsiExecutor,
  lun: bigint,
  options: CommandOptions = {},
): Promise<ScsiOutcome<Capacity16>> =>
  run(
    executor,
    { cdb: encodeCdb('readCapacity16', { allocationLength: 32 }), lun, expectedDataInBytes: 32 },
    options,
    decodeReadCapacity16,
  );

/** READ CAPACITY (16), and (10) where the device does not know the former. */
export const readCapacity = async (
  executor: ScsiExecutor,
  lun: bigint,
  options: CommandOptions = {},
): Promise<ScsiOutcome<Capacity>> => {
  const long = await readCapacity16(executor, lun, options);
  if (long.ok || long.status !== STATUS.CHECK_CONDITION || long.sense?.senseKey !== SENSE_KEY.ILLEGAL_REQUEST)
    return long;
  const short = await readCapacity10(executor, lun, options);
  if (!short.ok) return short;
  if (short.value === 'tooLarge')
    throw malformedData('READ CAPACITY (10)', 'the device is too large for it and does not know (16)');
  return { ...short, value: short.value };
};

/** All LUNs that this initiator may see. Asked again with more room when they did not fit. */
export const reportLuns = async (
  executor: ScsiExecutor,
  options: CommandOptions = {},
): Promise<ScsiOutcome<LunList>> => {
  const ask = (allocationLength: number): Promise<ScsiOutcome<LunList>> =>
    run(
      executor,
      { cdb: encodeCdb('reportLuns', { allocationLength }), lun: 0n, expectedDataInBytes: allocationLength },
      options,
      decodeReportLuns,
    );
  const first = await ask(2048);
  if (!first.ok || first.value.luns.length >= first.value.total) return first;
  // 16384 LUNs is what SAM-5's single level addressing has; a device that claims more is not believed.
  return ask(8 + 8 * Math.min(first.value.total, 16384));
};

export const modeSense = async (
  executor: ScsiExecutor,
  lun: bigint,
  pageCode: number = MODE_PAGE.all,
  options: CommandOptions = {},
): Promise<ScsiOutcome<ModeParameters>> => {
  const short = await run(
    executor,
    {
      cdb: encodeCdb('modeSense6', { dbd: true, pageCode, allocationLength: ALLOCATION_LENGTH }),
      lun,
      expectedDataInBytes: ALLOCATION_LENGTH,
    },
    options,
    decodeModeSense6,
  );
  if (short.ok || short.status !== STATUS.CHECK_CONDITION || short.sense?.senseKey !== SENSE_KEY.ILLEGAL_REQUEST)
    return short;
  return run(
    executor,
    { cdb: encodeCdb('modeSense10', { dbd: true, pageCode, allocationLength: 4096 }), lun, expectedDataInBytes: 4096 },
    options,
    decodeModeSense10,
  );
};

export const reportTargetPortGroups = async (
  executor: ScsiExecutor,
  lun: bigint,
  options: CommandOptions = {},
): Promise<ScsiOutcome<TargetPortGroup[]>> =>
  run(
    executor,
    { cdb: encodeCdb('reportTargetPortGroups', { allocationLength: 4096 }), lun, expectedDataInBytes: 4096 },
    options,
    decodeTargetPortGroups,
  );

export interface BlockRange {
  readonly firstBlock: bigint;
  /** 1 to 65535 for the 10-byte commands; up to 2^32 - 1 for the 16-byte ones. */
  readonly blocks: number;
}

/** The 10-byte commands reach 2 TiB with blocks of 512 bytes. */
const fitsTen = (range: BlockRange): boolean => range.firstBlock <= 0xffff_ffffn && range.blocks <= 0xffff;

export interface ReadOptions extends CommandOptions {
  readonly fua?: boolean;
  /** Where the data goes, at least as long as the range; left out, a buffer is made. */
  readonly into?: Buffer;
  /** Which command: by default the shortest that fits. */
  readonly form?: 10 | 16;
}

const checkRange = (range: BlockRange, blockSizeBytes: number): number => {
  const lengthBytes = range.blocks * blockSizeBytes;
  if (!Number.isInteger(range.blocks) || range.blocks < 0 || range.firstBlock < 0n || lengthBytes > 0xffffffff) {
    throw new IscsiError('OPTION_OUT_OF_RANGE', {
      phase: 'input',
      detail: {
        option: 'blocks',
        reason: `${range.blocks} blocks from ${range.firstBlock.toString()} can not be moved at once`,
      },
    });
  }
  return lengthBytes;
};

/** READ (10) or (16). The value is exactly as long as the range; less with status GOOD throws DATA_MALFORMED. */
export const read = async (
  executor: ScsiExecutor,
  lun: bigint,
  range: BlockRange,
  blockSizeBytes: number,
  options: ReadOptions = {},
): Promise<ScsiOutcome<Buffer>> => {
  const lengthBytes = checkRange(range, blockSizeBytes);
  const fua = options.fua === true;
  const cdb =
    (options.form ?? (fitsTen(range) ? 10 : 16)) === 10
      ? encodeCdb('read10', { fua, logicalBlockAddress: asTen(range.firstBlock), transferLength: range.blocks })
      : encodeCdb('read16', { fua, logicalBlockAddress: range.firstBlock, transferLength: range.blocks });
  return run(
    executor,
    { cdb, lun, expectedDataInBytes: lengthBytes, ...(options.into === undefined ? {} : { dataIn: options.into }) },
    options,
    (data) => {
      if (data.length !== lengthBytes)
        throw malformedData('READ', `${data.length} bytes came instead of ${lengthBytes}`);
      return data;
    },
  );
};

const asTen = (firstBlock: bigint): number => {
  if (firstBlock > 0xffff_ffffn) {
    throw new IscsiError('OPTION_OUT_OF_RANGE', {
      phase: 'input',
      detail: { option: 'firstBlock', reason: `${firstBlock.toString()} is beyond the reach of a 10-byte command` },
    });
  }
  return Number(firstBlock);
};

export interface WriteOptions extends CommandOptions {
  readonly fua?: boolean;
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
  return run(executor, { cdb, lun, ...(data.length === 0 ? {} : { dataOut: data }) }, options, nothing);
};

/** SYNCHRONIZE CACHE (10) of everything: changes no data and conflicts with a foreign write reservation like a write. */
export const synchronizeCache = (
  executor: ScsiExecutor,
  lun: bigint,
  options: CommandOptions = {},
): Promise<ScsiOutcome<undefined>> => run(executor, { cdb: encodeCdb('synchronizeCache10'), lun }, options, nothing);

/** UNMAP. The data in the ranges is lost. */
export const unmap = (
  executor: ScsiExecutor,
  lun: bigint,
  ranges: readonly UnmapRange[],
  options: CommandOptions = {},
): Promise<ScsiOutcome<undefined>> => {
  if (ranges.length === 0) return Promise.resolve(good(undefined));
  const dataOut = encodeUnmap(ranges);
  return run(
    executor,
    { cdb: encodeCdb('unmap', { parameterListLength: dataOut.length }), lun, dataOut },
    options,
    nothing,
  );
};

/** WRITE SAME (16) of one block's bytes over a range; with `unmap` the device may unmap it instead. The data in the range is lost. */
export const writeSame = (
  executor: ScsiExecutor,
  lun: bigint,
  range: BlockRange,
  block: Buffer,
  options: CommandOptions & { readonly unmap?: boolean } = {},
): Promise<ScsiOutcome<undefined>> =>
  run(
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
