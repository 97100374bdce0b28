import { isHolder, isRegistered, type ReservationState } from './reservations.ts';
import { reservationTypes } from './reservation-types.ts';
import type { Nexus } from './nexus.ts';

/**
 * What a command asks of a reservation that another I_T nexus holds: the columns of "SPC commands that are allowed in
 * the presence of various reservations" (SPC-4 clause 5.13.1) and of the table of the same name in SBC-3 clause 4.17
 * come down to three kinds.
 *
 * - `always`: allowed (INQUIRY, TEST UNIT READY, READ CAPACITY, PERSISTENT RESERVE IN ...);
 * - `read`: allowed under the Write Exclusive types, conflicts under the Exclusive Access types (READ, MODE SENSE ...);
 * - `write`: conflicts under all of them, and moves data to the medium (WRITE, WRITE SAME, UNMAP);
 * - `control`: conflicts under all of them without moving any (SYNCHRONIZE CACHE, START STOP UNIT). For a target that keeps
 *   the rules it is the same as `write`; there are targets that enforce one and not the other.
 */
export type Access = 'always' | 'read' | 'write' | 'control';

/** Does a command with this access from this nexus end in RESERVATION CONFLICT? */
export const conflicts = (state: ReservationState, nexus: Nexus, access: Access): boolean => {
  if (!state.reservation || access === 'always') return false;
  if (isHolder(state, nexus)) return false;
  const type = reservationTypes[state.reservation.type];
  if (type.who === 'registrants' && isRegistered(state, nexus)) return false;
  return access !== 'read' || type.reads !== 'all';
};
