import { Numbered } from './numbered.ts';

interface Deadline {
  readonly at: number;
  readonly onLate: () => void;
}

/** When waiting is over, for any number of calls with one timer: one for each call would be the dearest thing about most of them. */
export class Deadlines {
  readonly #all = new Numbered<Deadline>();
  #timer: NodeJS.Timeout | null = null;
  #firesAt = Infinity;

  /** Calls back once, after so many milliseconds, unless it is deleted before. */
  set(call: number, ms: number, onLate: () => void): void {
    const at = performance.now() + ms;
    this.#all.add(call, { at, onLate });
    // One that is late already is looked at by the timer that runs; so the timer is moved only for an earlier one.
    if (at < this.#firesAt) this.#arm(at);
  }

  delete(call: number): void {
    // The timer stays: another call comes soon, and a timer that finds nothing late costs nothing.
    this.#all.delete(call);
  }

  /** Calls nobody back any more. */
  clear(): void {
    this.#all.clear();
    this.#disarm();
  }

  #disarm(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#firesAt = Infinity;
  }

  #arm(at: number): void {
    this.#disarm();
    this.#firesAt = at;
    this.#timer = setTimeout(() => this.#look(), Math.max(1, Math.ceil(at - performance.now())));
    // The connection keeps the process, not the waiting.
    this.#timer.unref();
  }

  #look(): void {
    this.#disarm();
    const now = performance.now();
    const late = this.#all.entries().filter(([, { at }]) => at <= now);
    for (const [call] of late) this.#all.delete(call);
    const next = Math.min(...this.#all.entries().map(([, { at }]) => at));
    if (this.#all.size > 0) this.#arm(next);
    for (const [, { onLate }] of late) onLate();
  }
}
