import {
  DEVICE_TYPE,
  formatDesignator,
  pickIdentity,
  scsi,
  type ScsiExecutor,
  type ScsiOutcome,
} from '../../iscsi/index.ts';
import type { LogicalUnit } from '../../../shared/model/qualification.ts';

const valueOf = <T>(outcome: ScsiOutcome<T>): T | null => (outcome.ok ? outcome.value : null);

/**
 * Reads what a logical unit says of itself; changes nothing. A page that the device does not have leaves its figures null.
 * Returns null where there is no block device at this LUN. Errors of the session are thrown.
 */
export const describeUnit = async (
  executor: ScsiExecutor,
  lun: number,
  signal?: AbortSignal,
): Promise<LogicalUnit | null> => {
  const options = signal ? { signal } : {};
  const at = scsi.lunFromNumber(lun);
  const inquiry = valueOf(await scsi.inquiry(executor, at, options));
  if (!inquiry || inquiry.peripheralQualifier !== 0 || inquiry.deviceType !== DEVICE_TYPE.block) return null;
  // A first command clears the unit attention that a new session brings; its answer is of no interest here.
  await scsi.testUnitReady(executor, at, options);
  const designators = valueOf(await scsi.deviceIdentification(executor, at, options)) ?? [];
  const serial = valueOf(await scsi.unitSerialNumber(executor, at, options));
  const long = valueOf(await scsi.readCapacity16(executor, at, options));
  const capacity = long ?? valueOf(await scsi.readCapacity(executor, at, options));
  const mode = valueOf(await scsi.modeSense(executor, at, undefined, options));
  const identity = pickIdentity(designators);
  return {
    lun,
    vendor: inquiry.vendor,
    product: inquiry.product,
    revision: inquiry.revision,
    serial: serial === null || serial.trim() === '' ? null : serial.trim(),
    identity: identity ? formatDesignator(identity) : null,
    designators: designators.filter(({ association }) => association === 'logicalUnit').map(formatDesignator),
    sizeBytes: capacity ? (capacity.blocks * BigInt(capacity.blockSizeBytes)).toString() : null,
    blockSizeBytes: capacity?.blockSizeBytes ?? null,
    physicalBlockSizeBytes: long ? long.blockSizeBytes * 2 ** long.physicalBlockExponent : null,
    isThin: long ? long.provisioningManaged : null,
    isWriteProtected: mode ? mode.writeProtected : null,
    supportsAlua: inquiry.targetPortGroupSupport !== 0,
  };
};
