/** A moment by which something has to be over, for any number of conversations together. */
export class Deadline {
  readonly #at: number;
  #signal: AbortSignal | undefined;

  constructor(afterMs: number) {
    this.#at = performance.now() + afterMs;
  }

  get isOver(): boolean {
    return performance.now() >= this.#at;
  }

  /** What is left, at least a millisecond: what takes a time-out takes no 0. */
  leftMs(): number {
    return Math.max(1, Math.ceil(this.#at - performance.now()));
  }

  signal(): AbortSignal {
    return (this.#signal ??= AbortSignal.timeout(this.leftMs()));
  }
}
