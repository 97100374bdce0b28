/**
 * Values by number, for the few calls that are under way at a time. No Map: a Map that is filled and emptied all the time makes its table anew every so many calls, and
 * V8 has the old table point to the new one (for iterators). Once one has grown old, each of the following, with the calls that stand in it and all that hangs on
 * them, counts as alive until the next collection of the whole heap: short-lived calls then cost what long-lived ones cost.
 */
export class Numbered<Value> {
  readonly #numbers: number[] = [];
  readonly #values: Value[] = [];

  get size(): number {
    return this.#numbers.length;
  }

  has(number: number): boolean {
    return this.#numbers.includes(number);
  }

  get(number: number): Value | undefined {
    const at = this.#numbers.indexOf(number);
    return at < 0 ? undefined : this.#values[at];
  }

  /** Adds one; the number is in use by nobody else. */
  add(number: number, value: Value): void {
    this.#numbers.push(number);
    this.#values.push(value);
  }

  delete(number: number): void {
    const at = this.#numbers.indexOf(number);
    if (at < 0) return;
    const lastNumber = this.#numbers.pop() as number;
    const lastValue = this.#values.pop() as Value;
    if (at === this.#numbers.length) return;
    this.#numbers[at] = lastNumber;
    this.#values[at] = lastValue;
  }

  clear(): void {
    this.#numbers.length = 0;
    this.#values.length = 0;
  }

  /** Those that are held now, in no order. */
  entries(): [number, Value][] {
    return this.#numbers.map((number, at) => [number, this.#values[at] as Value]);
  }
}
