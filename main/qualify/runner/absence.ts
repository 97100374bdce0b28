import { SENSE_KEY, STATUS, type ScsiOutcome } from '../../iscsi/index.ts';
import { isBusy } from './nexus.ts';

export const isConflict = (outcome: ScsiOutcome<unknown>): boolean =>
  !outcome.ok && outcome.status === STATUS.RESERVATION_CONFLICT;

/** LOGICAL UNIT NOT SUPPORTED: SPC-4 annex D. */
const notSupported = { asc: 0x25, ascq: 0x00 };

/**
 * What an answer says of the logical unit as a whole, in words that follow its name; null where it is an answer to the command.
 * Such an answer proves nothing about reservations.
 */
export const absenceOf = (outcome: ScsiOutcome<unknown>): string | null => {
  if (outcome.ok) return null;
  if (isBusy(outcome.status)) return 'is busy';
  if (outcome.status !== STATUS.CHECK_CONDITION || !outcome.sense) return null;
  const { senseKey, asc, ascq } = outcome.sense;
  if (senseKey === SENSE_KEY.NOT_READY) return 'is not ready';
  if (senseKey === SENSE_KEY.ILLEGAL_REQUEST && asc === notSupported.asc && ascq === notSupported.ascq)
    return 'is gone';
  return null;
};
