/** So often it is looked whether this process still runs. */
const beatMs = 20;
/** A beat that comes this much too late was held up by more than other work of the event loop. */
const lateMs = 50;

/**
 * What this process does not see of the time: a suspended machine, a virtual machine that is saved or moved, processors that somebody else has. An answer that
 * waited in the socket meanwhile was not late.
 */
export class Standstill {
  readonly #timer: NodeJS.Timeout;
  #last = performance.now();
  #totalMs = 0;

  constructor() {
    this.#timer = setInterval(() => this.#look(), beatMs);
  }

  #look(): void {
    const now = performance.now();
    const late = now - this.#last - beatMs;
    if (late > lateMs) this.#totalMs += late;
    this.#last = now;
  }

  /** How long it stood still since it was made, in milliseconds; also what the event loop has not got to yet. */
  totalMs(): number {
    this.#look();
    return this.#totalMs;
  }

  end(): void {
    clearInterval(this.#timer);
  }
}
