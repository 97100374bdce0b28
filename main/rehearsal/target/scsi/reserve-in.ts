import {
  encodeTransportId,
  inServiceActions,
  isHolder,
  reservationKey,
  senses,
  type LogicalUnit,
} from '../../store/index.ts';
import { checkResult, conflictResult, dataResult, invalidField, type CommandResult } from './result.ts';
import type { CommandContext } from './context.ts';

const withHeader = (unit: LogicalUnit, body: Buffer): Buffer => {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(unit.reservations.generation, 0);
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
};

/** READ KEYS: every registration's key, so the same key may stand there several times. */
const readKeys = (unit: LogicalUnit): Buffer => {
  const body = Buffer.alloc(8 * unit.reservations.registrations.length);
  unit.reservations.registrations.forEach((one, index) => body.writeBigUInt64BE(one.key, 8 * index));
  return withHeader(unit, body);
};

const readReservation = (unit: LogicalUnit): Buffer => {
  const { reservation } = unit.reservations;
  if (!reservation) return withHeader(unit, Buffer.alloc(0));
  const body = Buffer.alloc(16);
  body.writeBigUInt64BE(reservationKey(unit.reservations), 0);
  body.writeUInt8(reservation.type, 13); // SCOPE 0h (LU_SCOPE) and TYPE
  return withHeader(unit, body);
};

/** The bits of PERSISTENT RESERVATION TYPE MASK (SPC-4, "REPORT CAPABILITIES service action"). */
const typeBits: Readonly<Record<number, number>> = { 1: 0x0200, 3: 0x0800, 5: 0x2000, 6: 0x4000, 7: 0x8000, 8: 0x0001 };

const reportCapabilities = (unit: LogicalUnit): Buffer => {
  const data = Buffer.alloc(8);
  data.writeUInt16BE(data.length, 0);
  data.writeUInt8(0x0c | (unit.faults.has('aptpl-refused') ? 0 : 0x01), 2); // SIP_C, ATP_C, PTPL_C; CRH is zero
  data.writeUInt8(0x80 | (unit.reservations.persistsThroughPowerLoss ? 0x01 : 0x00), 3); // TMV, PTPL_A
  data.writeUInt16BE(
    unit.supportedTypes().reduce((mask, type) => mask | (typeBits[type] ?? 0), 0),
    4,
  );
  return data;
};

const readFullStatus = (unit: LogicalUnit): Buffer => {
  const state = unit.reservations;
  const descriptors = state.registrations.map((one) => {
    const transportId = encodeTransportId(one.nexus);
    const head = Buffer.alloc(24);
    const holds = isHolder(state, one.nexus);
    head.writeBigUInt64BE(one.key, 0);
    head.writeUInt8((one.allTargetPorts ? 0x02 : 0x00) | (holds ? 0x01 : 0x00), 12); // ALL_TG_PT, R_HOLDER
    head.writeUInt8(holds ? (state.reservation?.type ?? 0) : 0, 13);
    head.writeUInt16BE(one.nexus.portalGroupTag, 18); // RELATIVE TARGET PORT IDENTIFIER
    head.writeUInt32BE(transportId.length, 20);
    return Buffer.concat([head, transportId]);
  });
  return withHeader(unit, Buffer.concat(descriptors));
};

/** PERSISTENT RESERVE IN (SPC-4 clause 6.15). */
export const persistentReserveIn = ({ unit, cdb }: CommandContext): CommandResult => {
  if (unit.faults.has('no-reservations')) return checkResult(senses.invalidOperationCode);
  if (unit.legacyHolder) return conflictResult; // SPC-2: while a RESERVE is in force, for everybody
  const allocationLength = cdb.readUInt16BE(7);
  switch (cdb.readUInt8(1) & 0x1f) {
    case inServiceActions.readKeys:
      return dataResult(readKeys(unit), allocationLength);
    case inServiceActions.readReservation:
      return dataResult(readReservation(unit), allocationLength);
    case inServiceActions.reportCapabilities:
      return dataResult(reportCapabilities(unit), allocationLength);
    case inServiceActions.readFullStatus:
      return dataResult(readFullStatus(unit), allocationLength);
    default:
      return invalidField;
  }
};
