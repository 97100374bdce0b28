import { encodeCdb } from './cdb.ts';
import type { ScsiExecutor, ScsiOutcome } from './executor.ts';
import { nothing, run, type CommandOptions } from './outcome.ts';
import {
  decodeReadFullStatus,
  decodeReadKeys,
  decodeReadReservation,
  decodeReportCapabilities,
  encodePrOutParameters,
  encodeRegisterAndMove,
  PR_IN,
  PR_OUT,
  reservationTypeCode,
  SCOPE_LOGICAL_UNIT,
  type FullStatus,
  type PrInAction,
  type PrOutAction,
  type PrOutParameters,
  type RegisterAndMoveParameters,
  type ReservationCapabilities,
  type ReservationKeys,
  type ReservationState,
  type ReservationType,
} from './persistent-reservations.ts';

/** Room for 1023 keys; more are asked for again. */
const ALLOCATION_LENGTH = 8192;
/** The field has sixteen bits: SPC-4 section 6.15.1. */
const MAX_ALLOCATION_LENGTH = 0xffff;

const reserveIn = <T>(
  executor: ScsiExecutor,
  lun: bigint,
  action: PrInAction,
  allocationLength: number,
  options: CommandOptions,
  decode: (data: Buffer) => T,
): Promise<ScsiOutcome<T>> =>
  run(
    executor,
    {
      cdb: encodeCdb('persistentReserveIn', { serviceAction: PR_IN[action], allocationLength }),
      lun,
      expectedDataInBytes: allocationLength,
    },
    options,
    decode,
  );

export const readKeys = async (
  executor: ScsiExecutor,
  lun: bigint,
  options: CommandOptions = {},
): Promise<ScsiOutcome<ReservationKeys>> => {
  const first = await reserveIn(executor, lun, 'readKeys', ALLOCATION_LENGTH, options, decodeReadKeys);
  if (!first.ok || first.value.keys.length >= first.value.total) return first;
  return reserveIn(executor, lun, 'readKeys', MAX_ALLOCATION_LENGTH, options, decodeReadKeys);
};

export const readReservation = (
  executor: ScsiExecutor,
  lun: bigint,
  options: CommandOptions = {},
): Promise<ScsiOutcome<ReservationState>> =>
  reserveIn(executor, lun, 'readReservation', ALLOCATION_LENGTH, options, decodeReadReservation);

export const reportCapabilities = (
  executor: ScsiExecutor,
  lun: bigint,
  options: CommandOptions = {},
): Promise<ScsiOutcome<ReservationCapabilities>> =>
  reserveIn(executor, lun, 'reportCapabilities', ALLOCATION_LENGTH, options, decodeReportCapabilities);

export const readFullStatus = async (
  executor: ScsiExecutor,
  lun: bigint,
  options: CommandOptions = {},
): Promise<ScsiOutcome<FullStatus>> => {
  const first = await reserveIn(executor, lun, 'readFullStatus', ALLOCATION_LENGTH, options, decodeReadFullStatus);
  if (!first.ok || first.value.complete) return first;
  return reserveIn(executor, lun, 'readFullStatus', MAX_ALLOCATION_LENGTH, options, decodeReadFullStatus);
};

export interface PersistentReserveOut extends Partial<PrOutParameters> {
  readonly action: Exclude<PrOutAction, 'registerAndMove'>;
  /** Needed by reserve, release, preempt, preempt and abort: SPC-4 section 6.16.2, table 214. */
  readonly type?: ReservationType;
}

/** PERSISTENT RESERVE OUT. RESERVATION CONFLICT is a status like any other. */
export const persistentReserveOut = (
  executor: ScsiExecutor,
  lun: bigint,
  request: PersistentReserveOut,
  options: CommandOptions = {},
): Promise<ScsiOutcome<undefined>> => {
  const dataOut = encodePrOutParameters(request);
  return run(
    executor,
    {
      cdb: encodeCdb('persistentReserveOut', {
        serviceAction: PR_OUT[request.action],
        scope: SCOPE_LOGICAL_UNIT,
        type: request.type === undefined ? 0 : reservationTypeCode(request.type),
        parameterListLength: dataOut.length,
      }),
      lun,
      dataOut,
    },
    options,
    nothing,
  );
};

/** PERSISTENT RESERVE OUT with REGISTER AND MOVE: SPC-4 section 6.16.4. */
export const registerAndMove = (
  executor: ScsiExecutor,
  lun: bigint,
  type: ReservationType,
  parameters: RegisterAndMoveParameters,
  options: CommandOptions = {},
): Promise<ScsiOutcome<undefined>> => {
  const dataOut = encodeRegisterAndMove(parameters);
  return run(
    executor,
    {
      cdb: encodeCdb('persistentReserveOut', {
        serviceAction: PR_OUT.registerAndMove,
        scope: SCOPE_LOGICAL_UNIT,
        type: reservationTypeCode(type),
        parameterListLength: dataOut.length,
      }),
      lun,
      dataOut,
    },
    options,
    nothing,
  );
};
