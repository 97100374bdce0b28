import { nexusKey, type Nexus } from './nexus.ts';
import { senses, type Sense, type SenseName } from './sense.ts';

/** A real device keeps few; a storm must not grow without end. */
const mostPerNexus = 16;

/**
 * The conditions that are reported before a RESERVATION CONFLICT: those after which the initiator cannot rely on anything
 * that it knew (SAM-5 clause 5.3.3). All others are reported after it.
 */
const beforeConflict: ReadonlySet<SenseName> = new Set(['powerOn', 'busDeviceReset', 'nexusLoss']);

/** Unit attention conditions of one logical unit, a queue per I_T nexus (SAM-5 clause 5.14). */
export class UnitAttentions {
  readonly #byNexus = new Map<string, SenseName[]>();

  /** Establishes a condition; one that is already pending is not queued twice. */
  establish(nexus: Nexus, sense: SenseName): void {
    const key = nexusKey(nexus);
    const queue = this.#byNexus.get(key) ?? [];
    if (queue.includes(sense) || queue.length >= mostPerNexus) return;
    this.#byNexus.set(key, [...queue, sense]);
  }

  /** Reports and clears the oldest condition of this nexus; null when there is none. */
  take(nexus: Nexus): Sense | null {
    const key = nexusKey(nexus);
    const [first, ...rest] = this.#byNexus.get(key) ?? [];
    if (first === undefined) return null;
    if (rest.length === 0) this.#byNexus.delete(key);
    else this.#byNexus.set(key, rest);
    return senses[first];
  }

  /** Like {@link take}, of the conditions only that go before a RESERVATION CONFLICT. */
  takeBeforeConflict(nexus: Nexus): Sense | null {
    const found = this.pending(nexus).find((one) => beforeConflict.has(one));
    if (found === undefined) return null;
    this.clear(nexus, found);
    return senses[found];
  }

  pending(nexus: Nexus): readonly SenseName[] {
    return this.#byNexus.get(nexusKey(nexus)) ?? [];
  }

  /** Clears every pending condition of one name for one nexus (REPORT LUNS clears REPORTED LUNS DATA HAS CHANGED). */
  clear(nexus: Nexus, sense: SenseName): void {
    const key = nexusKey(nexus);
    const rest = this.pending(nexus).filter((one) => one !== sense);
    if (rest.length === 0) this.#byNexus.delete(key);
    else this.#byNexus.set(key, rest);
  }

  /** Forgets a nexus: its conditions end with it. */
  forget(nexus: Nexus): void {
    this.#byNexus.delete(nexusKey(nexus));
  }
}
