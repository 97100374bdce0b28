import * as z from 'zod';
import { explain, failure, toEnvelope, type DetailOf } from '../errors/failure.ts';
import type { FailureCode } from '../messages/index.ts';
import { changeSchema, kindOf, undoOf, type Change } from '../changes/index.ts';
import type { Area, ObservedOf } from '../changes/kind.ts';
import {
  planQuestionSchema,
  planStepSchema,
  type PlanQuestion,
  type PlanUnknown,
  type PlanWarning,
  type Refusal,
} from './plan.ts';

/** A step with what it does; the journal keeps it in this form. */
export const plannedStepSchema = planStepSchema.extend({
  action: changeSchema,
  /** What takes it back, in order; null where nothing does. */
  undoActions: z.array(changeSchema).nullable(),
  /** The questions that had to be answered for this step, and have to be again before it is done later. */
  asks: z.array(planQuestionSchema.pick({ kind: true, subject: true })),
});
export type PlannedStep = z.infer<typeof plannedStepSchema>;

/** A plan before it has a number and scripts: what a planner returns. */
export interface Draft {
  readonly node: string;
  readonly title: string;
  readonly steps: readonly PlannedStep[];
  readonly refusals: readonly Refusal[];
  readonly unknowns: readonly PlanUnknown[];
  readonly warnings: readonly PlanWarning[];
  readonly questions: readonly PlanQuestion[];
  readonly more: string | null;
}

export interface StepInput {
  readonly action: Change;
  readonly title: string;
  readonly why: string;
  readonly manual: string;
  readonly undo?: { readonly text: string; readonly actions: readonly Change[] };
  readonly destructive?: boolean;
  readonly cutsConnection?: boolean;
  readonly restart?: 'after' | 'now';
  readonly asks?: PlannedStep['asks'];
  /** What tells this step from others that do the same: a NIC, a disk, an address. */
  readonly subject?: readonly (string | number | null)[];
}

/** Collects a plan. A step requires the step before it: an administrator's list is done from top to bottom. */
export class DraftBuilder {
  readonly node: string;
  readonly #title: string;
  readonly #steps: PlannedStep[] = [];
  readonly #refusals: Refusal[] = [];
  readonly #unknowns: PlanUnknown[] = [];
  readonly #warnings: PlanWarning[] = [];
  readonly #questions: PlanQuestion[] = [];
  #more: string | null = null;

  constructor(node: string, title: string) {
    this.node = node;
    this.#title = title;
  }

  step(input: StepInput): void {
    const last = this.#steps.at(-1);
    const name = [input.action.do, ...(input.subject ?? []).map((part) => String(part ?? 'any'))].join(':');
    const before = this.#steps.filter(({ id }) => id === name || id.startsWith(`${name}#`)).length;
    this.#steps.push({
      // The same thing may be done twice when a change is taken back.
      id: before === 0 ? name : `${name}#${before + 1}`,
      node: this.node,
      title: input.title,
      why: input.why,
      requires: last ? [last.id] : [],
      destructive: input.destructive ?? false,
      cutsConnection: input.cutsConnection ?? false,
      restart: input.restart ?? 'none',
      undo: input.undo?.text ?? null,
      manual: input.manual,
      script: null,
      action: input.action,
      undoActions: input.undo ? [...input.undo.actions] : null,
      asks: [...(input.asks ?? [])],
    });
  }

  /** Adds a change with all that its kind says of it; `observed` is the server as it is just before it. */
  change<A extends Area>(
    change: Change,
    observed: ObservedOf<A>,
    own: {
      readonly why?: string;
      readonly undoText?: string;
      readonly because?: string | undefined;
      readonly asks?: PlannedStep['asks'];
    } = {},
  ): void {
    const kind = kindOf(change);
    const { title, why, manual } = kind.words(change, observed);
    const undo = undoOf(change, observed);
    const asks = own.asks ?? [];
    this.step({
      action: change,
      title,
      why: [own.why ?? why, own.because].filter((text) => text !== undefined).join(' '),
      manual,
      ...(undo ? { undo: { text: own.undoText ?? undo.text, actions: undo.changes } } : {}),
      destructive: kind.isDestructive ?? false,
      cutsConnection: kind.restart === 'now' || asks.some((ask) => ask.kind === 'cutConnection'),
      ...(kind.restart ? { restart: kind.restart } : {}),
      asks,
      subject: kind.subject(change),
    });
  }

  /** Says why the change is not made; everything that is wrong is said at once. */
  refuse<Code extends FailureCode>(code: Code, detail: DetailOf<Code>): void {
    const envelope = toEnvelope(failure(code, detail));
    const { what, next } = explain(envelope);
    if (this.#refusals.some((refusal) => refusal.what === what)) return;
    this.#refusals.push({ code, detail: envelope.detail, what, next });
  }

  unknown(what: string, because: string, next = 'Read the server again; the log says what was answered.'): void {
    if (this.#unknowns.some((entry) => entry.what === what)) return;
    this.#unknowns.push({ what, because, next });
  }

  /** Takes over what stops another plan, without its steps. */
  stopLike(other: Draft): void {
    for (const refusal of other.refusals)
      if (!this.#refusals.some((one) => one.what === refusal.what)) this.#refusals.push(refusal);
    for (const entry of other.unknowns) this.unknown(entry.what, entry.because, entry.next);
  }

  warn(text: string, source: string | null = null): void {
    if (!this.#warnings.some((warning) => warning.text === text)) this.#warnings.push({ text, source });
  }

  ask(question: PlanQuestion): void {
    const same = (other: PlanQuestion): boolean => other.kind === question.kind && other.subject === question.subject;
    if (!this.#questions.some(same)) this.#questions.push(question);
  }

  more(text: string): void {
    this.#more ??= text;
  }

  /** The id of the step that was added last. */
  get lastId(): string | undefined {
    return this.#steps.at(-1)?.id;
  }

  get hasSteps(): boolean {
    return this.#steps.length > 0;
  }

  get isStopped(): boolean {
    return this.#refusals.length > 0 || this.#unknowns.length > 0;
  }

  build(): Draft {
    return {
      node: this.node,
      // One step says best itself what the change is.
      title: this.#steps.length === 1 ? this.#steps[0]!.title : this.#title,
      steps: this.#steps,
      refusals: this.#refusals,
      unknowns: this.#unknowns,
      warnings: this.#warnings,
      // A question belongs to a step; without the step nobody has to answer it.
      questions: this.#questions.filter((question) =>
        this.#steps.some((step) =>
          step.asks.some((ask) => ask.kind === question.kind && ask.subject === question.subject),
        ),
      ),
      more: this.#more,
    };
  }
}

/** Case, spacing and a full stop do not count. */
export const isSameWords = (typed: string, wanted: string): boolean => {
  const plain = (text: string): string => text.trim().replace(/\.$/, '').replace(/\s+/g, ' ').toLowerCase();
  return plain(typed) === plain(wanted);
};
