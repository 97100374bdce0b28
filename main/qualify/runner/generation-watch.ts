import type { PersistentReserveOut, ReservationKeys, ScsiOutcome } from '../../iscsi/index.ts';

/** SPC-4 section 5.13.5: the service actions after which PRGENERATION is one more. RESERVE and RELEASE do not count. */
const counted: ReadonlySet<PersistentReserveOut['action']> = new Set([
  'register',
  'registerAndIgnoreExistingKey',
  'clear',
  'preempt',
  'preemptAndAbort',
]);

/**
 * Notices that somebody else changed registrations, also when what they did is over already: every change counts
 * PRGENERATION up, and own changes are known. Believed only of a device whose counter was seen to count right.
 */
export class GenerationWatch {
  #own = 0;
  #last: number | null = null;
  #isRight: boolean | null = null;
  #foreignChanges = 0;

  /** An own command was answered, or nobody knows whether it was carried out (null). */
  count(action: PersistentReserveOut['action'], outcome: ScsiOutcome<unknown> | null): void {
    if (!outcome) this.#last = null;
    else if (outcome.ok && counted.has(action)) this.#own += 1;
  }

  /** A look while no own command is under way. */
  look({ generation }: ReservationKeys): void {
    if (this.#last !== null && (this.#own > 0 || this.#isRight !== null)) {
      // A 32-bit counter that wraps: SPC-4 section 6.15.2.
      const more = (generation - this.#last - this.#own) | 0;
      this.#isRight ??= more === 0;
      if (this.#isRight && more > 0) this.#foreignChanges += more;
    }
    this.#last = generation;
    this.#own = 0;
  }

  /** How many changes since the last call were somebody else's. */
  takeForeignChanges(): number {
    const changes = this.#foreignChanges;
    this.#foreignChanges = 0;
    return changes;
  }
}
