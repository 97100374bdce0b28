import { cancelled, Failure, failure } from '../../shared/errors/failure.ts';
import type { Certainty } from '../../shared/plan/plan.ts';

/** What the coordinator has to know of a step: where it runs, what comes before it and what it shares with others. */
export interface CoordinatedStep {
  readonly id: string;
  readonly node: string;
  readonly title: string;
  /** Steps that have to be done before, by id; those that are not in the graph count as done. */
  readonly requires: readonly string[];
  /** Names of shared things; two steps that name the same one never run together, on whatever nodes. */
  readonly locks: readonly string[];
  /** An `expected` step never starts: it has to be planned again from the truth, in a coordinator of its own. */
  readonly certainty: Certainty;
}

/** Runs one step on its node and settles when its effect was read back. It throws what went wrong there. */
export type Take<Step extends CoordinatedStep> = (step: Step) => Promise<void>;

/**
 * Runs the steps of a plan over all its nodes: a step starts when all that it requires is done, its node is free and nobody
 * holds what it locks. A server does one thing at a time. It knows plans and nothing of Windows.
 *
 * The first failure lets what runs come to its end and starts nothing more. Pausing does the same and can be taken back.
 *
 * A formation over many nodes, in rounds until nothing is left: every node plans, the plans become one graph (`requires` may name
 * steps of other nodes), one coordinator runs what is `planned` in it, and answers with what is only `expected`. Then everything
 * is planned again.
 */
export class Coordinator<Step extends CoordinatedStep> {
  readonly #waiting: Step[];
  readonly #take: Take<Step>;
  readonly #signal: AbortSignal;
  readonly #done = new Set<string>();
  readonly #known: ReadonlySet<string>;
  readonly #running = new Map<string, Step>();
  #isPaused = false;
  #failed: { readonly error: unknown } | null = null;
  #settle: () => void = () => undefined;

  /** Throws INTERNAL_BUG for two steps of one id, or steps that require each other: such a plan would never end. */
  constructor(steps: readonly Step[], take: Take<Step>, signal: AbortSignal) {
    this.#waiting = [...steps];
    this.#take = take;
    this.#signal = signal;
    this.#known = new Set(steps.map(({ id }) => id));
    if (this.#known.size !== steps.length)
      throw failure('INTERNAL_BUG', { message: 'two steps of a plan have one id' });
    const circle = findCircle(steps);
    if (circle) throw failure('INTERNAL_BUG', { message: `steps require each other: ${circle.join(', ')}` });
  }

  /** What runs at the moment. */
  get running(): readonly Step[] {
    return [...this.#running.values()];
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Starts nothing more until {@link resume}; what runs comes to its end. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#settle();
  }

  /**
   * Settles when every step is done that can be, with those that wait for an expected one: none when the plan is done. Throws
   * the first failure, or CANCELLED, after everything that ran has ended.
   */
  async run(): Promise<readonly Step[]> {
    const wake = (): void => this.#settle();
    this.#signal.addEventListener('abort', wake);
    try {
      while (this.#waiting.length > 0 || this.#running.size > 0) {
        const changed = new Promise<void>((resolve) => {
          this.#settle = resolve;
        });
        const isStopping = this.#failed !== null || this.#signal.aborted;
        if (!isStopping && !this.#isPaused) this.#startReady();
        if (this.#running.size === 0 && (isStopping || !this.#isPaused)) break;
        await changed;
      }
    } finally {
      this.#signal.removeEventListener('abort', wake);
    }
    if (this.#failed) throw this.#failed.error;
    const next = this.#waiting.find(({ certainty }) => certainty === 'planned');
    if (next && this.#signal.aborted) throw cancelled(next.title, this.#done.size > 0 ? 'partial' : 'none');
    return this.#waiting;
  }

  #startReady(): void {
    for (const step of [...this.#waiting]) {
      if (!this.#isReady(step)) continue;
      this.#waiting.splice(this.#waiting.indexOf(step), 1);
      this.#running.set(step.id, step);
      void this.#runOne(step);
    }
  }

  #isReady(step: Step): boolean {
    if (step.certainty === 'expected') return false;
    if (!step.requires.every((id) => this.#done.has(id) || !this.#known.has(id))) return false;
    return [...this.#running.values()].every(
      (other) => other.node !== step.node && !other.locks.some((lock) => step.locks.includes(lock)),
    );
  }

  async #runOne(step: Step): Promise<void> {
    try {
      await this.#take(step);
      this.#done.add(step.id);
    } catch (error) {
      // Only the first one is told; a later one is in the journal of its own step.
      this.#failed ??= { error };
      if (!(error instanceof Failure)) this.#failed = { error };
    } finally {
      this.#running.delete(step.id);
      this.#settle();
    }
  }
}

/** Steps that wait for each other, by id; null where there are none. */
const findCircle = (steps: readonly CoordinatedStep[]): readonly string[] | null => {
  let left = [...steps];
  for (;;) {
    const ids = new Set(left.map(({ id }) => id));
    const next = left.filter(({ requires }) => requires.some((id) => ids.has(id)));
    if (next.length === left.length) return left.length === 0 ? null : left.map(({ id }) => id);
    left = next;
  }
};
