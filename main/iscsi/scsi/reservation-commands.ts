import { encodeCdb } from './cdb.ts';
import type { ScsiExecutor, ScsiOutcome } from './executor.ts';
import { malformedData } from './malformed.ts';
import { good, nothing, placed, run, type CommandOptions } from './outcome.ts';
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

/**
 * READ KEYS: every key that is registered. Asked again with more room when they did not fit. The command has room for 8190; where there are more it
 * rejects with DATA_MALFORMED, because a stranger's key that is not seen may be taken for none.
 */
export const readKeys = async (
  executor: ScsiExecutor,
  lun: bigint,
  options: CommandOptions = {},
): Promise<ScsiOutcome<ReservationKeys>> => {
  const first = await reserveIn(executor, lun, 'readKeys', ALLOCATION_LENGTH, options, decodeReadKeys);
  if (!first.ok || first.value.keys.length >= first.value.total) return first;
  const second = await reserveIn(executor, lun, 'readKeys', MAX_ALLOCATION_LENGTH, options, decodeReadKeys);
  if (!second.ok || second.value.keys.length >= second.value.total) return second;
  const { keys, total } = second.value;
  throw placed(executor, lun, malformedData('READ KEYS', `${total} keys are announced and ${keys.length} came`));
};

/** READ RESERVATION: who holds the device. Rejects with DATA_MALFORMED. */
export const readReservation = (
  executor: ScsiExecutor,
  lun: bigint,
  options: CommandOptions = {},
): Promise<ScsiOutcome<ReservationState>> =>
  reserveIn(executor, lun, 'readReservation', ALLOCATION_LENGTH, options, decodeReadReservation);

/** REPORT CAPABILITIES. Rejects with DATA_MALFORMED. */
export const reportCapabilities = (
  executor: ScsiExecutor,
  lun: bigint,
  options: CommandOptions = {},
): Promise<ScsiOutcome<ReservationCapabilities>> =>
  reserveIn(executor, lun, 'reportCapabilities', ALLOCATION_LENGTH, options, decodeReportCapabilities);

/** A registration of READ FULL STATUS needs no more: 24 bytes, and the longest TransportID of iSCSI, 4 bytes, a name of 223, ",i,0x", 12 digits. */
const MAX_REGISTRATION_BYTES = 268;
const FULL_STATUS_ALLOCATION_LENGTH = 65_000;
/** So many registrations fit for certain: 242. */
export const MAX_FULL_STATUS_REGISTRATIONS = Math.floor((FULL_STATUS_ALLOCATION_LENGTH - 8) / MAX_REGISTRATION_BYTES);

/** What READ FULL STATUS was asked after. */
export interface Owners extends FullStatus {
  /** Every key that is registered: READ KEYS, a moment before. */
  readonly keys: readonly bigint[];
  /** Why READ FULL STATUS was not sent: there were too many registrations. `registrations` is empty then. */
  readonly notAsked: 'tooMany' | undefined;
  /** Keys that READ KEYS shows and READ FULL STATUS does not. */
  readonly missing: readonly bigint[];
}

/**
 * READ FULL STATUS: every registration with its port. READ KEYS goes first, and where there are more registrations than fit for certain nothing is asked: a
 * look must never harm a target, and some write the answer beyond the room that they were given. Rejects with DATA_MALFORMED. `keys` where they
 * were read a moment ago.
 */
export const readFullStatus = async (
  executor: ScsiExecutor,
  lun: bigint,
  options: CommandOptions & { readonly keys?: ReservationKeys } = {},
): Promise<ScsiOutcome<Owners>> => {
  const { keys: known, ...more } = options;
  const read = known === undefined ? await readKeys(executor, lun, more) : good(known);
  if (!read.ok) return read;
  const { keys, generation } = read.value;
  if (keys.length > MAX_FULL_STATUS_REGISTRATIONS)
    return good({ generation, registrations: [], complete: false, keys, notAsked: 'tooMany', missing: keys });
  return reserveIn(executor, lun, 'readFullStatus', FULL_STATUS_ALLOCATION_LENGTH, more, (data) => {
    const status = decodeReadFullStatus(data);
    return { ...status, keys, notAsked: undefined, missing: missingOf(keys, status) };
  });
};

/** A key may be registered more than once, and is missing as often as it is shown less. */
const missingOf = (keys: readonly bigint[], { registrations }: FullStatus): bigint[] => {
  const shown = registrations.map(({ key }) => key);
  return keys.filter((key) => {
    const at = shown.indexOf(key);
    if (at >= 0) shown.splice(at, 1);
    return at < 0;
  });
};

/**
 * What can be asked for, action by action: SPC-4 section 6.16.2. Reservation and preemption name a type and mean it; SPEC_I_PT and ALL_TG_PT
 * (6.16.3) go with registrations only.
 */
export type PersistentReserveOut =
  | (Keys & Registering & { readonly action: 'register'; readonly initiatorPorts?: PrOutParameters['initiatorPorts'] })
  | (Keys & Registering & { readonly action: 'registerAndIgnoreExistingKey'; readonly initiatorPorts?: undefined })
  | (Keys &
      Reserving & {
        readonly action: 'reserve' | 'release' | 'preempt' | 'preemptAndAbort' | 'replaceLostReservation';
      })
  | (Keys & NotRegistering & { readonly action: 'clear'; readonly type?: undefined });

/** The keys of `PrOutParameters`; left out, 0. */
type Keys = Partial<Pick<PrOutParameters, 'key' | 'serviceActionKey'>>;

interface Registering extends Partial<Pick<PrOutParameters, 'persistThroughPowerLoss' | 'allTargetPorts'>> {
  readonly type?: undefined;
}

interface NotRegistering {
  readonly persistThroughPowerLoss?: undefined;
  readonly allTargetPorts?: undefined;
  readonly initiatorPorts?: undefined;
}

interface Reserving extends NotRegistering {
  readonly type: ReservationType;
}

const parametersOf = (request: PersistentReserveOut): Partial<PrOutParameters> => ({
  key: request.key ?? 0n,
  serviceActionKey: request.serviceActionKey ?? 0n,
  persistThroughPowerLoss: request.persistThroughPowerLoss === true,
  allTargetPorts: request.allTargetPorts === true,
  initiatorPorts: request.initiatorPorts ?? [],
});

/** PERSISTENT RESERVE OUT. RESERVATION CONFLICT is a status like any other. Rejects with OPTION_OUT_OF_RANGE for a key that is no 64 bits. */
export const persistentReserveOut = async (
  executor: ScsiExecutor,
  lun: bigint,
  request: PersistentReserveOut,
  options: CommandOptions = {},
): Promise<ScsiOutcome<undefined>> => {
  const dataOut = encodePrOutParameters(parametersOf(request));
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

/** PERSISTENT RESERVE OUT with REGISTER AND MOVE: SPC-4 section 6.16.4. Rejects with OPTION_OUT_OF_RANGE for a key that is no 64 bits. */
export const registerAndMove = async (
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
