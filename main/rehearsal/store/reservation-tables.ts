import { noReservations, type ReservationState } from './reservations.ts';

/**
 * Where a logical unit keeps its reservations: one table for the whole device, as SPC-4 clause 5.13.1 wants, or (a fault)
 * one for each target port, so that a registration made over one portal group is unknown over another. The fault may
 * come and go while there are registrations: the table is then divided, or put together again.
 */
export class ReservationTables {
  #whole: ReservationState = noReservations;
  /** By portal group tag; null while there is one table for all. */
  #byTag: Map<number, ReservationState> | null = null;
  readonly #isDivided: () => boolean;

  constructor(isDivided: () => boolean) {
    this.#isDivided = isDivided;
  }

  /** What is known at one target port. */
  at(portalGroupTag: number): ReservationState {
    const tables = this.#tables();
    if (!tables) return this.#whole;
    const known = tables.get(portalGroupTag);
    if (known) return known;
    const fresh = { ...noReservations, generation: this.#whole.generation };
    tables.set(portalGroupTag, fresh);
    return fresh;
  }

  /** Everything that is registered anywhere; of several reservations the first. */
  get all(): ReservationState {
    const tables = this.#tables();
    return tables ? joined([...tables.values()], this.#whole.generation) : this.#whole;
  }

  set(portalGroupTag: number, state: ReservationState): void {
    const tables = this.#tables();
    if (tables) tables.set(portalGroupTag, state);
    else this.#whole = state;
  }

  /** Puts one state in the place of everything. */
  replace(state: ReservationState): void {
    this.#whole = state;
    this.#byTag = null;
  }

  #tables(): Map<number, ReservationState> | null {
    if (this.#isDivided()) return (this.#byTag ??= divided(this.#whole));
    if (this.#byTag) this.replace(joined([...this.#byTag.values()], this.#whole.generation));
    return null;
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
