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
import type { OwnRegistration } from './own-registrations.ts';
import type { StepLog } from './step-log.ts';

/**
 * What answers under the number by now where it is not the unit that was described: another one, or none, as where a LUN is mapped anew under a run.
 * Null where it is the same, or no answer says otherwise. The Linux kernel's target goes on answering an unmapped LUN 0, with a write-protected
 * stand-in and the peripheral qualifier 001b (SPC-4 section 6.6.2).
 */
export const nameAnotherUnit = async (
  nexus: Nexus,
  lun: number,
  unit: LogicalUnit | null,
  log: StepLog,
): Promise<string | null> => {
  if (unit === null) return null;
  const at = lunFromNumber(lun);
  const record = async <T>(page: string, send: () => Promise<ScsiOutcome<T>>): Promise<ScsiOutcome<T>> =>
    (await log.record(nexus.label, `Reading ${page} again, because a case failed`, send)).outcome;
  try {
    const inquiry = await record('INQUIRY', () => scsi.inquiry(nexus, at));
    if (!inquiry.ok) return null;
    if (inquiry.value.peripheralQualifier !== 0) return 'no logical unit';
    const designators = await record('VPD page 83h', () => scsi.deviceIdentification(nexus, at));
    const identity = designators.ok ? pickIdentity(designators.value) : undefined;
    if (!identity || unit.identity === null || formatDesignator(identity) === unit.identity) return null;
    return `another logical unit (${formatDesignator(identity)})`;
  } catch (error) {
    if (error instanceof IscsiError) return null;
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
