import type { Nexus } from './nexus.ts';
import type { ReservationHome } from './reservation-home.ts';
import { noReservations, type ReservationState } from './reservations.ts';

/**
 * Where a logical unit keeps its reservations: one table for the whole device, as SPC-4 clause 5.13.1 wants, or (a fault)
 * one for each target port, so that a registration made over one portal group is unknown over another. The fault may
 * come and go while there are registrations: the table is then divided, or put together again.
 */
export class ReservationTables {
  readonly #home: ReservationHome;
  /** By portal group tag, and of what they are the parts; null while there is one table for all. */
  #parts: { readonly byTag: Map<number, ReservationState>; of: ReservationState } | null = null;
  readonly #isDivided: () => boolean;

  constructor(home: ReservationHome, isDivided: () => boolean) {
    this.#home = home;
    this.#isDivided = isDivided;
  }

  /** What is known at one target port. */
  at(portalGroupTag: number): ReservationState {
    const parts = this.#divided();
    if (!parts) return this.#home.read();
    const known = parts.byTag.get(portalGroupTag);
    if (known) return known;
    const fresh = { ...noReservations, generation: parts.of.generation };
    parts.byTag.set(portalGroupTag, fresh);
    return fresh;
  }

  /** Everything that is registered anywhere; of several reservations the first. */
  get all(): ReservationState {
    return this.#home.read();
  }

  set(by: Nexus, state: ReservationState): void {
    const parts = this.#divided();
    if (!parts) return this.#home.write(state, by);
    parts.byTag.set(by.portalGroupTag, state);
    this.#home.write(joined([...parts.byTag.values()], parts.of.generation), by);
    parts.of = this.#home.read();
    return undefined;
  }

  /** Puts one state in the place of everything. */
  replace(state: ReservationState): void {
    this.#parts = null;
    this.#home.write(state, null);
  }

  #divided(): { readonly byTag: Map<number, ReservationState>; of: ReservationState } | null {
    const whole = this.#home.read();
    // Somebody else may have changed the whole: then the parts are no longer its parts.
    if (!this.#isDivided()) this.#parts = null;
    else if (this.#parts?.of !== whole) this.#parts = { byTag: divided(whole), of: whole };
    return this.#parts;
  }
}

const divided = (whole: ReservationState): Map<number, ReservationState> => {
  const tags = new Set(whole.registrations.map((one) => one.nexus.portalGroupTag));
  return new Map([...tags].map((tag) => [tag, partOf(whole, tag)]));
};

const partOf = (whole: ReservationState, tag: number): ReservationState => {
  const registrations = whole.registrations.filter((one) => one.nexus.portalGroupTag === tag);
  const holder = whole.reservation?.holder;
  const isHere = holder ? holder.portalGroupTag === tag : registrations.length > 0;
  return { ...whole, registrations, reservation: isHere ? whole.reservation : null };
};

const joined = (parts: readonly ReservationState[], generation: number): ReservationState => ({
  generation: Math.max(generation, ...parts.map((one) => one.generation)),
  registrations: parts.flatMap((one) => one.registrations),
  reservation: parts.find((one) => one.reservation !== null)?.reservation ?? null,
  persistsThroughPowerLoss: parts.some((one) => one.persistsThroughPowerLoss),
});
