/**
 * What Ctrl-C, a service manager and a closing console ask for, in stages: the own command ends and undoes what must not stay; where the
 * process then only lives for the commands of others, they are asked to do the same; only then is it ended at once.
 */
export class StopRequests {
  readonly #own = new AbortController();
  readonly #others = new AbortController();
  /** True once the own command has ended and the process lives on for those of others. */
  isForOthers = false;

  /** The own command is to stop. */
  get own(): AbortSignal {
    return this.#own.signal;
  }

  /** The commands of others are to stop as well. */
  get others(): AbortSignal {
    return this.#others.signal;
  }

  /** Asks for the next stage; false when nobody is left to be asked. */
  next(): boolean {
    const stage = this.isForOthers ? this.#others : this.#own;
    if (stage.signal.aborted) return false;
    stage.abort();
    return true;
  }
}
