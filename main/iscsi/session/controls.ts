import type { IscsiError } from '../error.ts';
import type { Pdu } from '../pdu/codec.ts';
import type { ListeningClock } from '../transport/listening-clock.ts';

interface Waiting {
  readonly resolve: (pdu: Pdu) => void;
  readonly reject: (error: IscsiError) => void;
  readonly deadline: number;
  readonly onSilence: () => void;
}

/** Requests that are no SCSI commands and wait for their answer: pings, task management, logout. Their tags have bit 31 set. */
export class Controls {
  readonly #waiting = new Map<number, Waiting>();
  readonly #clock: ListeningClock;
  readonly #wakeBy: (deadline: number) => void;
  #counter = 0;

  constructor(clock: ListeningClock, wakeBy: (deadline: number) => void) {
    this.#clock = clock;
    this.#wakeBy = wakeBy;
  }

  nextTag(): number {
    // Never FFFFFFFFh, the reserved tag: RFC 7143 section 11.2.1.8.
    this.#counter = (this.#counter + 1) % 0x7ffffff0;
    return 0x80000000 + this.#counter;
  }

  /** The answer to a request with this tag. `onSilence` must end the session, which rejects what waits. */
  wait(tag: number, timeoutMs: number, onSilence: () => void): Promise<Pdu> {
    return new Promise((resolve, reject) => {
      const deadline = this.#clock.now() + timeoutMs;
      this.#waiting.set(tag, { resolve, reject, deadline, onSilence });
      this.#wakeBy(deadline);
    });
  }

  /** False when nobody waits for it. */
  answer(tag: number, pdu: Pdu): boolean {
    const waiting = this.#waiting.get(tag);
    if (waiting === undefined) return false;
    this.#waiting.delete(tag);
    waiting.resolve(pdu);
    return true;
  }

  reject(tag: number, error: IscsiError): void {
    const waiting = this.#waiting.get(tag);
    this.#waiting.delete(tag);
    waiting?.reject(error);
  }

  rejectAll(makeError: () => IscsiError): void {
    if (this.#waiting.size === 0) return;
    const error = makeError();
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const waiting of all) waiting.reject(error);
  }

  /** Ends those whose time is over; returns when the next one's is. */
  expire(now: number): number {
    let next = Infinity;
    for (const waiting of [...this.#waiting.values()]) {
      if (waiting.deadline <= now) waiting.onSilence();
      else next = Math.min(next, waiting.deadline);
    }
    return next;
  }
}
