import {
  DEVICE_TYPE,
  formatDesignator,
  IscsiError,
  pickIdentity,
  scsi,
  SENSE_KEY,
  type ScsiExecutor,
  type ScsiOutcome,
} from '../../iscsi/index.ts';
import type { LogicalUnit, UnitFact } from '../../../shared/model/qualification.ts';
import { absenceOf, isConflict, pathStateOf } from './absence.ts';

const mostUnitAttentions = 8;

const isUnitAttention = (outcome: ScsiOutcome<unknown>): boolean =>
  !outcome.ok && outcome.sense?.senseKey === SENSE_KEY.UNIT_ATTENTION;

/** Whether the unit is ready is not known where TEST UNIT READY is not answered. */
const nullWhenUnanswered = (error: unknown): null => {
  if (error instanceof IscsiError && error.code === 'COMMAND_TIMED_OUT') return null;
  throw error;
};

export interface Description {
  /** Null where there is no block device at this LUN. */
  readonly unit: LogicalUnit | null;
  /** The first answer that is not about the page or field that was asked for: a conflict, or a device that is not there. */
  readonly refusal: ScsiOutcome<unknown> | null;
  /** What it said wrongly, as sentences without a full stop: that fact is missing, and nothing else. */
  readonly problems: readonly string[];
  /** The first of these for each fact. */
  readonly wrong: ReadonlyMap<UnitFact, string>;
  /** The first question that stayed unanswered, as a sentence; then a figure that is missing says nothing about the device. */
  readonly unanswered: string | null;
  /** In which state of asymmetric access (ALUA) this path is, in words that follow its name; null where it is active. */
  readonly pathState: string | null;
}

/** What a device sent in place of an answer, in words; any other error is not about this unit alone, and is thrown. */
export const describeWrongAnswer = (error: unknown): string => {
  // A question that is not answered hides nothing else.
  if (error instanceof IscsiError && error.code === 'COMMAND_TIMED_OUT')
    return `${String(error.detail['command'])} was not answered within ${String(error.detail['timeoutMs'])} ms`;
  if (error instanceof IscsiError && error.code === 'DATA_MALFORMED')
    return `${String(error.detail['what'])} is malformed: ${String(error.detail['reason'])}`;
  throw error;
};

/** Reads what a logical unit says of itself; changes nothing. A page that the device does not have, or has wrongly, leaves its figures null. */
export const examineUnit = async (executor: ScsiExecutor, lun: number, signal?: AbortSignal): Promise<Description> => {
  const options = signal ? { signal } : {};
  const at = scsi.lunFromNumber(lun);
  const problems: string[] = [];
  const wrong = new Map<UnitFact, string>();
  let unanswered: string | null = null;
  let refusal: ScsiOutcome<unknown> | null = null;
  const valueOf = <T>(outcome: ScsiOutcome<T>): T | null => {
    if (outcome.ok) return outcome.value;
    if (isConflict(outcome) || absenceOf(outcome) !== null || pathStateOf(outcome) !== null) refusal ??= outcome;
    return null;
  };
  const read = async <T>(fact: UnitFact, asked: Promise<ScsiOutcome<T>>): Promise<T | null> => {
    try {
      return valueOf(await asked);
    } catch (error) {
      const problem = describeWrongAnswer(error);
      problems.push(problem);
      if (!wrong.has(fact)) wrong.set(fact, problem);
      if (error instanceof IscsiError && error.code === 'COMMAND_TIMED_OUT') unanswered ??= problem;
      return null;
    }
  };
  // A new session brings unit attentions, one an answer, and never to INQUIRY; whether the unit is ready is of no interest here.
  const [inquiry, ready] = await Promise.all([
    read('inquiry', scsi.inquiry(executor, at, options)),
    scsi.testUnitReady(executor, at, options).catch(nullWhenUnanswered),
  ]);
  const isNone = inquiry ? inquiry.peripheralQualifier !== 0 || inquiry.deviceType !== DEVICE_TYPE.block : true;
  // INQUIRY data that is too short does not say what the device is; whether it has a capacity does.
  if (isNone && problems.length === 0) return { unit: null, refusal, problems, wrong, unanswered, pathState: null };
  let told = ready;
  for (let attempt = 1; attempt < mostUnitAttentions && told !== null && isUnitAttention(told); attempt += 1)
    told = await scsi.testUnitReady(executor, at, options).catch(nullWhenUnanswered);
  const [page83, serial, long, mode] = await Promise.all([
    read('identity', scsi.deviceIdentification(executor, at, options)),
    read('serial', scsi.unitSerialNumber(executor, at, options)),
    read('size', scsi.readCapacity16(executor, at, options)),
    read('writeProtection', scsi.modeSense(executor, at, undefined, options)),
  ]);
  const short = long ? null : await read('size', scsi.readCapacity10(executor, at, options));
  const capacity = long ?? (short === 'tooLarge' ? null : short);
  if (!inquiry && !capacity) return { unit: null, refusal, problems, wrong, unanswered, pathState: null };
  const designators = page83 ?? [];
  const identity = pickIdentity(designators);
  // A size that READ CAPACITY (10) told is known, whatever READ CAPACITY (16) said.
  const unread = [...wrong.keys()].filter((fact) => fact !== 'size' || capacity === null);
  const unit = {
    lun,
    vendor: inquiry?.vendor ?? '',
    product: inquiry?.product ?? '',
    revision: inquiry?.revision ?? '',
    serial: serial === null || serial.trim() === '' ? null : serial.trim(),
    identity: identity ? formatDesignator(identity) : null,
    designators: designators.filter(({ association }) => association === 'logicalUnit').map(formatDesignator),
    sizeBytes: capacity ? (capacity.blocks * BigInt(capacity.blockSizeBytes)).toString() : null,
    blockSizeBytes: capacity?.blockSizeBytes ?? null,
    physicalBlockSizeBytes: long ? long.blockSizeBytes * 2 ** long.physicalBlockExponent : null,
    isThin: long ? long.provisioningManaged : null,
    isWriteProtected: mode ? mode.writeProtected : null,
    supportsAlua: inquiry ? inquiry.targetPortGroupSupport !== 0 : null,
    ...(unread.length === 0 ? {} : { unread }),
  };
  return { unit, refusal, problems, wrong, unanswered, pathState: told === null ? null : pathStateOf(told) };
};

/** The description alone; null where there is no block device at this LUN. Errors of the session are thrown. */
export const describeUnit = async (
  executor: ScsiExecutor,
  lun: number,
  signal?: AbortSignal,
): Promise<LogicalUnit | null> => (await examineUnit(executor, lun, signal)).unit;
