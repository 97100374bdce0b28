import {
  formatDesignator,
  formatReservationKey,
  IscsiError,
  lunFromNumber,
  pickIdentity,
  scsi,
  type ScsiOutcome,
} from '../../iscsi/index.ts';
import type { LogicalUnit } from '../../../shared/model/qualification.ts';
import type { Nexus } from './nexus.ts';
import { describeBreak } from './not-passed.ts';
import type { OwnRegistration } from './own-registrations.ts';
import { describeOutcome } from './remove-key.ts';
import type { StepLog } from './step-log.ts';

/** What answers under a number by now, beside what was described: the same, another one or none (named), or it could not be asked (why). */
type Found =
  | { readonly kind: 'same' }
  | { readonly kind: 'another'; readonly name: string }
  | { readonly kind: 'unknown'; readonly because: string };

const same: Found = { kind: 'same' };

/**
 * Whether the unit that was described still answers under its number, or another one or none, as where a LUN is mapped anew under a run. A unit that
 * tells no identity is taken for the same. The Linux kernel's target goes on answering an unmapped LUN 0, with a write-protected stand-in and the
 * peripheral qualifier 001b (SPC-4 section 6.6.2): what that one refuses is no fault of the unit that was there, so a unit that cannot be asked is
 * not taken for the same.
 */
export const findUnitAgain = async (
  nexus: Nexus,
  lun: number,
  unit: LogicalUnit | null,
  log: StepLog,
): Promise<Found> => {
  if (unit === null) return same;
  const at = lunFromNumber(lun);
  const record = async <T>(page: string, send: () => Promise<ScsiOutcome<T>>): Promise<ScsiOutcome<T>> =>
    (await log.record(nexus.label, `Reading ${page} again, because a case failed`, send)).outcome;
  try {
    const inquiry = await record('INQUIRY', () => scsi.inquiry(nexus, at));
    if (!inquiry.ok) return { kind: 'unknown', because: `INQUIRY was answered with ${describeOutcome(inquiry)}` };
    if (inquiry.value.peripheralQualifier !== 0) return { kind: 'another', name: 'no logical unit' };
    const designators = await record('VPD page 83h', () => scsi.deviceIdentification(nexus, at));
    const identity = designators.ok ? pickIdentity(designators.value) : undefined;
    if (!identity || unit.identity === null || formatDesignator(identity) === unit.identity) return same;
    return { kind: 'another', name: `another logical unit (${formatDesignator(identity)})` };
  } catch (error) {
    if (error instanceof IscsiError)
      // What came in no readable form was an answer, and says nothing else than before.
      return error.code === 'DATA_MALFORMED' ? same : { kind: 'unknown', because: describeBreak(error) };
    throw error;
  }
};

/** What answers under the number now is not ours to change, and shows nothing of the unit that was there: a key of ours is named and stays noted. */
export const describeUnreachableKey = (
  { nexus, key }: OwnRegistration,
  lun: number,
  unit: LogicalUnit | null,
): string =>
  `The key ${formatReservationKey(key)} of ${nexus.name} (ISID ${nexus.isidText}) was registered on ${unit?.identity ?? 'the logical unit'}, which does not answer under LUN ${lun} any more. Where that unit is mapped again and shows the key, "quorate iscsi reservations clear-mine" removes it.`;
