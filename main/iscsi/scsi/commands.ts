import { decodeReadCapacity10, decodeReadCapacity16, type Capacity, type Capacity16 } from './capacity.ts';
import { encodeCdb } from './cdb.ts';
import type { ScsiExecutor, ScsiOutcome } from './executor.ts';
import { decodeInquiry, type InquiryData } from './inquiry.ts';
import { malformedData } from './malformed.ts';
import { decodeModeSense10, decodeModeSense6, MODE_PAGE, type ModeParameters } from './mode-sense.ts';
import { nothing, placed, run, type CommandOptions } from './outcome.ts';
import { decodeReportLuns, type LunList } from './report-luns.ts';
import { SENSE_KEY } from './sense.ts';
import { STATUS } from './status.ts';
import { decodeTargetPortGroups, type TargetPortGroup } from './target-port-groups.ts';
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

/** TEST UNIT READY: GOOD, or why not in status and sense. After a login it is asked until no unit attention comes. */
export const testUnitReady = (
  executor: ScsiExecutor,
  lun: bigint,
  options: CommandOptions = {},
): Promise<ScsiOutcome<undefined>> => run(executor, { cdb: encodeCdb('testUnitReady'), lun }, options, nothing);

/** Standard INQUIRY data. Rejects with DATA_MALFORMED when less than 36 bytes come. */
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
    try {
      return { ...first, value: decode(first.value) };
    } catch (error) {
      throw placed(executor, lun, error);
    }
  }
  return ask(lengthBytes, decode);
};

/** The codes of the VPD pages that the device has (VPD 00h). Rejects with DATA_MALFORMED. */
export const supportedVpdPages = (
  executor: ScsiExecutor,
  lun: bigint,
  options: CommandOptions = {},
): Promise<ScsiOutcome<number[]>> => readVpd(executor, lun, VPD_PAGE.supportedPages, options, decodeSupportedPages);

/** VPD 80h. Rejects with DATA_MALFORMED. */
export const unitSerialNumber = (
  executor: ScsiExecutor,
  lun: bigint,
  options: CommandOptions = {},
): Promise<ScsiOutcome<string>> => readVpd(executor, lun, VPD_PAGE.unitSerialNumber, options, decodeUnitSerialNumber);

/** VPD 83h; see `pickIdentity`. Rejects with DATA_MALFORMED. */
export const deviceIdentification = (
  executor: ScsiExecutor,
  lun: bigint,
  options: CommandOptions = {},
): Promise<ScsiOutcome<Designator[]>> =>
  readVpd(executor, lun, VPD_PAGE.deviceIdentification, options, decodeDeviceIdentification);

/** VPD B0h. Rejects with DATA_MALFORMED. */
export const blockLimits = (
  executor: ScsiExecutor,
  lun: bigint,
  options: CommandOptions = {},
): Promise<ScsiOutcome<BlockLimits>> => readVpd(executor, lun, VPD_PAGE.blockLimits, options, decodeBlockLimits);

/** VPD B1h. Rejects with DATA_MALFORMED. */
export const blockDeviceCharacteristics = (
  executor: ScsiExecutor,
  lun: bigint,
  options: CommandOptions = {},
): Promise<ScsiOutcome<BlockDeviceCharacteristics>> =>
  readVpd(executor, lun, VPD_PAGE.blockDeviceCharacteristics, options, decodeBlockDeviceCharacteristics);

/** VPD B2h. Rejects with DATA_MALFORMED. */
export const logicalBlockProvisioning = (
  executor: ScsiExecutor,
  lun: bigint,
  options: CommandOptions = {},
): Promise<ScsiOutcome<LogicalBlockProvisioning>> =>
  readVpd(executor, lun, VPD_PAGE.logicalBlockProvisioning, options, decodeLogicalBlockProvisioning);

/** READ CAPACITY (10); `tooLarge`: ask with (16). Rejects with DATA_MALFORMED. */
export const readCapacity10 = (
  executor: ScsiExecutor,
  lun: bigint,
  options: CommandOptions = {},
): Promise<ScsiOutcome<Capacity | 'tooLarge'>> =>
  run(executor, { cdb: encodeCdb('readCapacity10'), lun, expectedDataInBytes: 8 }, options, decodeReadCapacity10);

/** READ CAPACITY (16). Rejects with DATA_MALFORMED. */
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

/** READ CAPACITY (16), and (10) where the device does not know the former. Rejects with DATA_MALFORMED. */
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
    throw placed(
      executor,
      lun,
      malformedData('READ CAPACITY (10)', 'the device is too large for it and does not know (16)'),
    );
  return { ...short, value: short.value };
};

/** Lists are asked for again with the length that they announce, up to here: a device that claims more is not believed. */
const MAX_LIST_BYTES = 1024 * 1024;

/**
 * All LUNs that this initiator may see. Asked again with more room when they did not fit, up to 131071 of them; beyond that `total` is
 * more than the `luns` that came. Rejects with DATA_MALFORMED.
 */
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
  return ask(Math.min(8 + 8 * first.value.total, MAX_LIST_BYTES));
};

/** MODE SENSE (6), and (10) where the device does not know the former; by default all pages. Rejects with DATA_MALFORMED. */
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

/**
 * REPORT TARGET PORT GROUPS. Asked again with more room when the groups did not fit, up to 1 MiB. Rejects with DATA_MALFORMED, also when there is
 * more than that.
 */
export const reportTargetPortGroups = async (
  executor: ScsiExecutor,
  lun: bigint,
  options: CommandOptions = {},
): Promise<ScsiOutcome<TargetPortGroup[]>> => {
  const ask = <R>(allocationLength: number, decodeAs: (data: Buffer) => R): Promise<ScsiOutcome<R>> =>
    run(
      executor,
      {
        cdb: encodeCdb('reportTargetPortGroups', { allocationLength }),
        lun,
        expectedDataInBytes: allocationLength,
      },
      options,
      decodeAs,
    );
  const room = 4096;
  const first = await ask(room, (data) => {
    // SPC-4 section 6.37: RETURN DATA LENGTH counts what there is, and not what fitted.
    const lengthBytes = data.length >= 4 ? 4 + data.readUInt32BE(0) : 0;
    if (lengthBytes <= room) return decodeTargetPortGroups(data);
    if (lengthBytes <= MAX_LIST_BYTES) return lengthBytes;
    throw malformedData('REPORT TARGET PORT GROUPS', `${lengthBytes} bytes are announced`);
  });
  if (!first.ok) return first;
  const { value } = first;
  return typeof value === 'number' ? ask(value, decodeTargetPortGroups) : { ...first, value };
};
