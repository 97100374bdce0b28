import { SENSE_KEY, STATUS, type ScsiOutcome } from '../../iscsi/index.ts';
import { isBusy } from './nexus.ts';

export const isConflict = (outcome: ScsiOutcome<unknown>): boolean =>
  !outcome.ok && outcome.status === STATUS.RESERVATION_CONFLICT;

/**
 * The device did not carry the command out: it said RESERVATION CONFLICT, or failed it for another reason than that it does not know it. Some devices answer
 * an initiator that is not registered with NOT READY where nothing is held.
 */
export const isRefused = (outcome: ScsiOutcome<unknown>): boolean =>
  isConflict(outcome) || (!outcome.ok && outcome.sense !== undefined && !notCarriedOutFor.has(outcome.sense.senseKey));

const notCarriedOutFor: ReadonlySet<number> = new Set([SENSE_KEY.ILLEGAL_REQUEST, SENSE_KEY.UNIT_ATTENTION]);

/** LOGICAL UNIT NOT SUPPORTED: SPC-4 annex D. */
const notSupported = { asc: 0x25, ascq: 0x00 };

/** LOGICAL UNIT NOT ACCESSIBLE of SPC-4 section 5.15.2: 04h with these says something of the target port group, not of the logical unit. */
const pathStates: Readonly<Record<number, string>> = {
  0x0a: 'is in transition between two states of asymmetric access (ALUA)',
  0x0b: 'is in standby (ALUA)',
  0x0c: 'is unavailable (ALUA)',
};

/** In which state of asymmetric access the path is that answered so, in words that follow its name; null where it is an answer of another kind. */
export const pathStateOf = (outcome: ScsiOutcome<unknown>): string | null => {
  if (outcome.ok || outcome.status !== STATUS.CHECK_CONDITION || !outcome.sense) return null;
  const { senseKey, asc, ascq } = outcome.sense;
  return senseKey === SENSE_KEY.NOT_READY && asc === 0x04 ? (pathStates[ascq] ?? null) : null;
};

/** NOT READY may be all that a device has to say about a command that it refuses: TEST UNIT READY tells. */
export const isNotReady = (outcome: ScsiOutcome<unknown>): boolean =>
  !outcome.ok &&
  outcome.status === STATUS.CHECK_CONDITION &&
  outcome.sense?.senseKey === SENSE_KEY.NOT_READY &&
  pathStateOf(outcome) === null;

/**
 * What an answer says of the logical unit as a whole, in words that follow its name; null where it is an answer to the command.
 * Such an answer proves nothing about reservations.
 */
export const absenceOf = (outcome: ScsiOutcome<unknown>): string | null => {
  if (outcome.ok) return null;
  if (isBusy(outcome.status)) return 'is busy';
  if (outcome.status !== STATUS.CHECK_CONDITION || !outcome.sense) return null;
  const { senseKey, asc, ascq } = outcome.sense;
  if (isNotReady(outcome)) return 'is not ready';
  if (senseKey === SENSE_KEY.ILLEGAL_REQUEST && asc === notSupported.asc && ascq === notSupported.ascq)
    return 'is gone';
  return null;
};
