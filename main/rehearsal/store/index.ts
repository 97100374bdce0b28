export { endOfAll } from './answer.ts';
export type { Abortable, AbortReason, Answer } from './answer.ts';
export { identityFromSerial, uniqueIdOf } from './identity.ts';
export type { LunIdentity } from './identity.ts';
export { LogicalUnit } from './logical-unit.ts';
export type { LogicalUnitOptions, NexusEnd, UnitChange } from './logical-unit.ts';
export { createLunStore, LunStore } from './lun-store.ts';
export type { LunOptions, StoreChange } from './lun-store.ts';
export { createMemoryMedium, openFileMedium } from './medium.ts';
export type { Medium } from './medium.ts';
export { decodeTransportId, encodeTransportId, initiatorPortKey, nexusKey, sameNexus } from './nexus.ts';
export type { Nexus, TransportId } from './nexus.ts';
export { conflicts } from './reservation-conflicts.ts';
export type { Access } from './reservation-conflicts.ts';
export { inServiceActions, isReservationType, outServiceActions, reservationTypes } from './reservation-types.ts';
export type { InServiceAction, OutServiceAction, ReservationType } from './reservation-types.ts';
export {
  afterPowerLoss,
  applyReserveOut,
  findRegistration,
  isHolder,
  isRegistered,
  noReservations,
  reservationKey,
} from './reservations.ts';
export type {
  OutContext,
  OutOutcome,
  OutRequest,
  Registration,
  Reservation,
  ReservationSnapshot,
  ReservationState,
  UnitAttention,
} from './reservations.ts';
export { reserveOut } from './reserve-request.ts';
export { encodeDescriptorSense, encodeFixedSense, senseKeys, senses } from './sense.ts';
export type { Sense, SenseName } from './sense.ts';
