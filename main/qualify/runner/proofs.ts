import { NotPassed } from './not-passed.ts';

/** What a case measured or counted, by name. */
export type Figures = Record<string, string | number | boolean>;

interface Proof {
  readonly askedIn: string;
  readonly answer: string;
  readonly figures: Figures;
  /** Why it did not pass, where that is final. */
  readonly failure: NotPassed | null;
}

/**
 * What a case found out for another one on its way, because it had just what that one needs: a second set-up would ask the same again. Only what is as it
 * should be is kept, as a rule. Everything else is asked again by the case that it is about, so that a failure always has steps of its own.
 */
export class Proofs {
  readonly #known = new Map<string, Proof>();
  #current = '';

  /** The case that runs now. */
  begin(id: string): void {
    this.#current = id;
  }

  /**
   * Keeps the answer for the case if `judge`, which fills its figures, does not throw {@link NotPassed}. `isFinal`: what it throws is kept as well, for a case
   * on which nothing depends and whose set-up costs new sessions.
   */
  add(id: string, answer: string, judge: (figures: Figures) => void, { isFinal = false } = {}): void {
    const figures: Figures = {};
    let failure: NotPassed | null = null;
    try {
      judge(figures);
    } catch (error) {
      if (!(error instanceof NotPassed)) throw error;
      if (!isFinal) return;
      failure = error;
    }
    this.#known.set(id, { askedIn: this.#current, answer, figures, failure });
  }

  get(id: string): Proof | undefined {
    return this.#known.get(id);
  }
}
