import type { Nexus } from './nexus.ts';
import { noReservations, type ReservationState } from './reservations.ts';

/**
 * Where the reservations of a logical unit are: a device of its own keeps them itself, one that stands for a LUN of simulated servers
 * reads and writes what those servers run into. There is no second copy that could differ.
 */
export interface ReservationHome {
  /** The same object for as long as nothing changed. */
  read(): ReservationState;
  /** @param by whose command it was; null where it was nobody's */
  write(state: ReservationState, by: Nexus | null): void;
}

export const ownReservations = (): ReservationHome => {
  let own = noReservations;
  return {
    read: () => own,
    write: (state) => {
      own = state;
    },
  };
};
