import {
  encodeTransportId,
  inServiceActions,
  isHolder,
  reservationKey,
  senses,
  type LogicalUnit,
  type ReservationState,
} from '../../store/index.ts';
import { checkResult, dataResult, invalidField, type CommandResult } from './result.ts';
import type { CommandContext } from './context.ts';

const withHeader = (state: ReservationState, body: Buffer): Buffer => {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(state.generation, 0);
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
};

/** READ KEYS: every registration's key, so the same key may stand there several times. */
const readKeys = (state: ReservationState): Buffer => {
  const body = Buffer.alloc(8 * state.registrations.length);
  state.registrations.forEach((one, index) => body.writeBigUInt64BE(one.key, 8 * index));
  return withHeader(state, body);
};

const readReservation = (state: ReservationState): Buffer => {
  const { reservation } = state;
  if (!reservation) return withHeader(state, Buffer.alloc(0));
  const body = Buffer.alloc(16);
  body.writeBigUInt64BE(reservationKey(state), 0);
  body.writeUInt8(reservation.type, 13); // SCOPE 0h (LU_SCOPE) and TYPE
  return withHeader(state, body);
};

/** The bits of PERSISTENT RESERVATION TYPE MASK (SPC-4, "REPORT CAPABILITIES service action"). */
const typeBits: Readonly<Record<number, number>> = { 1: 0x0200, 3: 0x0800, 5: 0x2000, 6: 0x4000, 7: 0x8000, 8: 0x0001 };

const reportCapabilities = (unit: LogicalUnit, state: ReservationState): Buffer => {
  const data = Buffer.alloc(8);
  data.writeUInt16BE(data.length, 0);
  data.writeUInt8(0x0c | (unit.faults.has('aptpl-refused') ? 0 : 0x01), 2); // SIP_C, ATP_C, PTPL_C; CRH is zero
  data.writeUInt8(0x80 | (state.persistsThroughPowerLoss ? 0x01 : 0x00), 3); // TMV, PTPL_A
  data.writeUInt16BE(
    unit.supportedTypes().reduce((mask, type) => mask | (typeBits[type] ?? 0), 0),
    4,
  );
  return data;
};

const readFullStatus = (state: ReservationState): Buffer => {
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
  return withHeader(state, Buffer.concat(descriptors));
};

/** PERSISTENT RESERVE IN (SPC-4 clause 6.15). */
export const persistentReserveIn = ({ unit, nexus, cdb }: CommandContext): CommandResult => {
  if (unit.faults.has('no-reservations')) return checkResult(senses.invalidOperationCode);
  const state = unit.reservationsAt(nexus.portalGroupTag);
  const allocationLength = cdb.readUInt16BE(7);
  switch (cdb.readUInt8(1) & 0x1f) {
    case inServiceActions.readKeys:
      return dataResult(readKeys(state), allocationLength);
    case inServiceActions.readReservation:
      return dataResult(readReservation(state), allocationLength);
    case inServiceActions.reportCapabilities:
      return dataResult(reportCapabilities(unit, state), allocationLength);
    case inServiceActions.readFullStatus:
      return dataResult(readFullStatus(state), allocationLength);
    default:
      return invalidField;
  }
};
