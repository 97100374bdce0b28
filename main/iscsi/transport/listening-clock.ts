/** A timer that fires this much too late was held up by more than other work of the event loop. */
const LATE_MS = 50;
/** What it then has to read what came meanwhile, and to hear what is still on its way: as long as it was late, and this at most. */
const MOST_TO_READ_MS = 1000;
/** So often in a row; a process that is always late would otherwise never give anything up. */
const MOST_IN_A_ROW = 3;

/**
 * The clock of deadlines for an answer. What passes while this process stands still (a suspended machine, a saved or migrated virtual machine,
 * an event loop that somebody blocks) is not the other side's silence: its answer may be waiting in the socket, and Node fires the timers that
 * are due before it reads (nodejs.org, "The Node.js event loop": timers come before poll). So that time is not counted.
 */
export class ListeningClock {
  readonly #readTime: () => number;
  #stoodStillMs = 0;
  #lateInARow = 0;

  constructor(readTime = (): number => performance.now()) {
    this.#readTime = readTime;
  }

  /** In milliseconds, as `performance.now()` without what was not counted. */
  now(): number {
    return this.#readTime() - this.#stoodStillMs;
  }

  /** A timer that was to fire at `due` of this clock has fired. Returns {@link now}, as it is after that: before `due` when time is left to read. */
  wakeFor(due: number): number {
    const lateMs = this.now() - due;
    if (lateMs <= LATE_MS) this.#lateInARow = 0;
    else if (this.#lateInARow++ < MOST_IN_A_ROW) this.#stoodStillMs += lateMs + Math.min(lateMs, MOST_TO_READ_MS);
    return this.now();
  }
}
