import { IscsiError, type ScsiOutcome } from '../../iscsi/index.ts';
import type { QualificationStep } from '../../../shared/model/qualification.ts';
import { describeBreak } from './not-passed.ts';
import { describeOutcome } from './remove-key.ts';

type Label = QualificationStep['initiator'];

/** The record of everything that was done to the logical unit, clean-up included, in the order in which it was answered. */
export class StepLog {
  #steps: QualificationStep[] = [];
  readonly #now: () => Date;
  readonly #onStep: (step: QualificationStep) => void;

  constructor(now: () => Date, onStep: (step: QualificationStep) => void) {
    this.#now = now;
    this.#onStep = onStep;
  }

  /** The steps since the last call. */
  take(): QualificationStep[] {
    const steps = this.#steps;
    this.#steps = [];
    return steps;
  }

  note(
    text: string,
    answer: string | null = null,
    asExpected: boolean | null = null,
    { initiator = null, tookMs = null }: { initiator?: Label; tookMs?: number | null } = {},
  ): void {
    const step = { at: this.#now().toISOString(), initiator, text, answer, asExpected, tookMs };
    this.#steps.push(step);
    this.#onStep(step);
  }

  /** Sends something as one of the initiators and records what came back; also when nothing did. */
  async record<T>(
    initiator: Label,
    text: string,
    send: () => Promise<ScsiOutcome<T>>,
    judge?: (outcome: ScsiOutcome<T>) => boolean,
  ): Promise<{ readonly outcome: ScsiOutcome<T>; readonly tookMs: number }> {
    const begun = performance.now();
    const took = (): number => Math.round((performance.now() - begun) * 100) / 100;
    try {
      const outcome = await send();
      const tookMs = took();
      this.note(text, describeOutcome(outcome), judge ? judge(outcome) : null, { initiator, tookMs });
      return { outcome, tookMs };
    } catch (error) {
      if (error instanceof IscsiError)
        this.note(text, `no answer: ${describeBreak(error)}`, false, { initiator, tookMs: took() });
      throw error;
    }
  }
}
