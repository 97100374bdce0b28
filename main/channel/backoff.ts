/** When to try again: each time twice as late, up to a limit, with a share of chance so that many do not come at once. */
export interface BackOffOptions {
  readonly firstMs: number;
  readonly mostMs: number;
  /** Between 0 and 1. */
  readonly random?: () => number;
}

export class BackOff {
  readonly #options: BackOffOptions;
  #next: number;

  constructor(options: BackOffOptions) {
    this.#options = options;
    this.#next = options.firstMs;
  }

  /** How long one with this limit waits at most, in milliseconds. */
  static longest(mostMs: number): number {
    return mostMs * 1.25;
  }

  /** How long to wait now, in milliseconds: the due time give or take a quarter. */
  next(): number {
    const due = this.#next;
    this.#next = Math.min(this.#options.mostMs, due * 2);
    const random = this.#options.random ?? Math.random;
    return due * (0.75 + random() / 2);
  }

  /** It worked, or something changed: the next wait is the first again. */
  reset(): void {
    this.#next = this.#options.firstMs;
  }
}
