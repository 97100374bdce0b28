import { asIscsiError, IscsiError, type IscsiErrorContext, type IscsiPhase } from '../error.ts';
import { ListeningClock } from './listening-clock.ts';

/** What a conversation begins with. */
export interface ConversationOptions {
  /** For the whole conversation: 1 to 2147483647. */
  readonly timeoutMs: number;
  readonly portal: string;
  readonly target?: string;
  readonly phase: IscsiPhase;
  /** The caller's own way to end it. */
  readonly signal?: AbortSignal;
}

/**
 * One deadline for a whole conversation: time-out, the caller's signal, a closed connection and a broken protocol all end it the same way,
 * and the first of them is the error that every wait throws.
 */
export class Conversation {
  readonly #controller = new AbortController();
  readonly #clock = new ListeningClock();
  readonly #timeoutMs: number;
  #timer: NodeJS.Timeout | undefined;
  readonly #deadline: number;
  readonly #callerSignal: AbortSignal | undefined;
  readonly #onCallerAbort: () => void;
  readonly #context: IscsiErrorContext;
  #phase: IscsiPhase;
  #portal: string;
  #redirectedFrom: string | undefined;
  #waitingFor = 'connecting';

  constructor(options: ConversationOptions) {
    this.#phase = options.phase;
    this.#portal = options.portal;
    this.#context = options.target === undefined ? {} : { target: options.target };
    this.#timeoutMs = options.timeoutMs;
    this.#deadline = this.#clock.now() + options.timeoutMs;
    this.#wakeAtDeadline(options.timeoutMs);
    this.#callerSignal = options.signal;
    this.#onCallerAbort = () => this.fail(new IscsiError('ABORTED', { cause: options.signal?.reason }));
    if (options.signal?.aborted === true) this.#onCallerAbort();
    else options.signal?.addEventListener('abort', this.#onCallerAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The caller's own, which may end what is done after the conversation's end as well. */
  get callerSignal(): AbortSignal | undefined {
    return this.#callerSignal;
  }

  /** What is left of its time, 0 when nothing is. */
  get remainingMs(): number {
    return Math.max(0, this.#deadline - this.#clock.now());
  }

  /** What an error will say that was waited for. */
  waitFor(what: string, phase: IscsiPhase = this.#phase): void {
    this.#waitingFor = what;
    this.#phase = phase;
  }

  get waitingFor(): string {
    return this.#waitingFor;
  }

  /** After a redirect the conversation goes on with another portal. */
  moveTo(portal: string): void {
    this.#redirectedFrom = this.#portal;
    this.#portal = portal;
  }

  get context(): IscsiErrorContext {
    return {
      ...this.#context,
      portal: this.#portal,
      phase: this.#phase,
      ...(this.#redirectedFrom === undefined ? {} : { redirectedFrom: this.#redirectedFrom }),
    };
  }

  /** The error as this conversation's, with its place. */
  explain(error: unknown): IscsiError {
    return asIscsiError(error, this.context);
  }

  /** Ends the conversation; only the first error counts. */
  fail(error: IscsiError): void {
    if (!this.#controller.signal.aborted) this.#controller.abort(this.explain(error));
    this.end();
  }

  throwIfOver(): void {
    this.#controller.signal.throwIfAborted();
  }

  /** A promise that ends with the conversation at the latest. `start` may return a function that undoes it. */
  wait<T>(start: (resolve: (value: T) => void, reject: (error: unknown) => void) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const { signal } = this.#controller;
      if (signal.aborted) {
        reject(signal.reason as IscsiError);
        return;
      }
      const onAbort = (): void => reject(signal.reason as IscsiError);
      signal.addEventListener('abort', onAbort, { once: true });
      start(
        (value) => {
          signal.removeEventListener('abort', onAbort);
          resolve(value);
        },
        (error) => {
          signal.removeEventListener('abort', onAbort);
          reject(this.explain(error));
        },
      );
    });
  }

  #wakeAtDeadline(delayMs: number): void {
    this.#timer = setTimeout(() => {
      const leftMs = this.#deadline - this.#clock.wakeFor(this.#deadline);
      if (leftMs > 0) return this.#wakeAtDeadline(leftMs);
      const detail = { timeoutMs: this.#timeoutMs, waitingFor: this.#waitingFor };
      this.fail(new IscsiError('TIMED_OUT', { detail }));
    }, delayMs);
  }

  /** It is over and went well: no timer and no listener stays. */
  end(): void {
    clearTimeout(this.#timer);
    this.#callerSignal?.removeEventListener('abort', this.#onCallerAbort);
  }
}
