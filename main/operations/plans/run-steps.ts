import type { StepResult } from '../../../shared/contract/apply.ts';
import type { Progress } from '../../../shared/contract/define.ts';
import { cancelled, Failure, toEnvelope, type Effect } from '../../../shared/errors/failure.ts';
import { kindOf } from '../../../shared/changes/index.ts';
import type { PlannedStep } from '../../../shared/plan/draft.ts';
import { Coordinator } from '../../coordination/coordinator.ts';
import { Executor, type StepRecord } from '../../coordination/executor.ts';
import type { SecretTexts } from '../../coordination/server.ts';
import type { OpenEntry } from '../../journal/journal.ts';
import { observeArea } from '../areas/index.ts';
import { aftermathOf } from './aftermath.ts';
import type { Server } from './server.ts';

export interface RunOptions {
  /** Who asks, for the journal: `ui`, `cli`, `peer:ID`. */
  readonly by: string;
  readonly secrets: SecretTexts;
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
  readonly revertAfterSeconds: number;
}

/** Where a run is written down: a plan in its own entry, an undo in the entry of what it takes back. */
export interface RunRecord extends StepRecord {
  end(state: 'failed' | 'cancelled'): void;
}

/** Writes a run as the entry's own. */
export const recordIn = (entry: OpenEntry): RunRecord => ({
  id: entry.id,
  intent: (step) => entry.write('intent', { step }),
  done: (step, state, proof) => entry.write('result', { step, state, proof }),
  failed: (step, error) => entry.write('failed', { step, error }),
  armed: (revert) => entry.write('armed', revert),
  end: (state) => entry.write('end', { state }),
});

export interface RunResult {
  readonly steps: readonly StepResult[];
  readonly revert: { readonly id: string; readonly dueAt: string; readonly what: string } | null;
  readonly needsRestart: boolean;
}

/** Runs the steps of a plan of one server and tells how each stands: a coordinator with one node. */
export class StepRunner {
  readonly #server: Server;
  readonly #record: RunRecord;
  readonly #options: RunOptions;
  readonly #results: StepResult[];
  readonly #steps: readonly PlannedStep[];
  readonly #executor: Executor;

  /** Steps that are only expected are not run; `before` are steps of the same change that were run earlier. */
  constructor(
    server: Server,
    record: RunRecord,
    steps: readonly PlannedStep[],
    options: RunOptions,
    before: readonly StepResult[] = [],
  ) {
    this.#server = server;
    this.#record = record;
    this.#steps = steps.filter(({ certainty }) => certainty === 'planned');
    this.#options = options;
    this.#results = [
      ...before,
      ...this.#steps.map(({ id, title }): StepResult => ({
        id,
        title,
        state: 'waiting',
        proof: null,
        error: null,
        at: null,
      })),
    ];
    this.#executor = new Executor(server, record, {
      observe: (area, signal) => observeArea(server, area, signal),
      secrets: options.secrets,
      signal: options.signal,
      revertAfterSeconds: options.revertAfterSeconds,
      steps: this.#steps,
    });
  }

  /** Throws the failure of the step that failed, with `effect` saying what the whole run changed. */
  async run(): Promise<RunResult> {
    let current: PlannedStep | undefined;
    const coordinator = new Coordinator(
      this.#steps,
      async (step) => {
        current = step;
        await this.#take(step);
      },
      this.#options.signal,
    );
    try {
      await coordinator.run();
      // What was promised for these steps goes back before anybody is told that they are done.
      await this.#server.singleWriter?.finish();
    } catch (error) {
      // The failure of the step is what is told; a promise that cannot go back now goes with the next step, or by hand.
      await this.#server.singleWriter?.finish().catch(() => undefined);
      const failed = error instanceof Failure ? error : null;
      const next = this.#steps.find(({ id }) => this.#resultOf(id).state === 'waiting');
      const stopped = current && ['failed', 'unknown'].includes(this.#resultOf(current.id).state) ? current : next;
      this.#record.end(failed?.code === 'CANCELLED' ? 'cancelled' : 'failed');
      if (!failed || !stopped) throw error;
      const isBetween = stopped === next && failed.code === 'CANCELLED';
      throw this.#annotate(
        isBetween ? cancelled(stopped.title, this.#executor.hasChanged ? 'partial' : 'none') : failed,
        stopped,
        await this.#aftermath(),
      );
    }
    return { steps: this.#results, revert: this.#executor.revert, needsRestart: await this.#needsRestart() };
  }

  async #take(step: PlannedStep): Promise<void> {
    this.#set(step.id, { state: 'running' });
    try {
      this.#set(step.id, await this.#executor.take(step));
    } catch (error) {
      const thrown = error as Failure;
      this.#set(step.id, { state: thrown.effect === 'unknown' ? 'unknown' : 'failed', error: toEnvelope(thrown) });
      throw thrown;
    }
  }

  /** A restart is due when a step that is in force only after one was done and no restart followed it. */
  async #needsRestart(): Promise<boolean> {
    let due = false;
    for (const step of this.#steps) {
      if (step.restart === 'now') due = false;
      if (step.restart !== 'after' || this.#resultOf(step.id).state === 'waiting') continue;
      const { area, isInForce } = kindOf(step.change);
      const observed = isInForce ? (await this.#executor.observe(area))[area] : undefined;
      due = !(isInForce && observed && isInForce(observed));
    }
    return due;
  }

  #resultOf(id: string): StepResult {
    return this.#results.findLast((result) => result.id === id)!;
  }

  #set(id: string, change: Partial<StepResult>): void {
    const index = this.#results.findLastIndex((result) => result.id === id);
    this.#results[index] = { ...this.#results[index]!, ...change, at: this.#server.now().toISOString() };
    const done = this.#results.filter((result) => ['done', 'alreadyDone'].includes(result.state)).length;
    this.#options.progress({
      doing: this.#results[index].title,
      done,
      total: this.#results.length,
      leftMs: null,
      data: { steps: this.#results.map((result) => ({ ...result })), revert: this.#executor.revert },
    });
  }

  #aftermath(): Promise<string | null> {
    const steps = this.#steps.map(({ id, change }) => ({ change, state: this.#resultOf(id).state }));
    return aftermathOf(this.#server, steps, { journal: this.#record.id }, this.#executor.revert?.dueAt ?? null);
  }

  #annotate(error: Failure, step: PlannedStep, aftermath: string | null): Failure {
    const effect: Effect =
      error.effect === 'none'
        ? this.#executor.hasChanged
          ? 'partial'
          : 'none'
        : error.effect === 'complete'
          ? 'partial'
          : error.effect;
    const { revert } = this.#executor;
    return new Failure(
      error.code,
      {
        ...error.detail,
        step: step.title,
        journal: this.#record.id,
        ...(revert ? { revertsAt: revert.dueAt } : {}),
        ...(aftermath === null ? {} : { aftermath }),
      },
      { effect, retry: error.retry, ...(error.cause === undefined ? {} : { cause: error.cause }) },
    );
  }
}
