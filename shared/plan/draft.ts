import * as z from 'zod';
import { explain, type DetailOf } from '../errors/failure.ts';
import type { FailureCode } from '../messages/index.ts';
import { changeSchema, kindOf, undoOf, type Change } from '../changes/index.ts';
import type { Area, ObservedOf } from '../changes/kind.ts';
import { isTyped } from './answers.ts';
import {
  noAnswers,
  planStepSchema,
  questionId,
  type FollowUp,
  type PlanAnswers,
  type PlanQuestion,
  type PlanUnknown,
  type PlanWarning,
  type QuestionKind,
  type Refusal,
} from './plan.ts';

/** A step with what it does; the journal keeps it in this form. */
export const plannedStepSchema = planStepSchema.extend({
  change: changeSchema,
  /** What takes it back, in order; null where nothing does. */
  undoChanges: z.array(changeSchema).nullable(),
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
  readonly followUp: FollowUp | null;
}

export interface StepInput {
  readonly change: Change;
  readonly title: string;
  readonly why: string;
  readonly manual: string;
  readonly undo?: { readonly text: string; readonly changes: readonly Change[] };
  readonly destructive?: boolean;
  readonly cutsConnection?: boolean;
  readonly restart?: 'after' | 'now';
  /** The ids that {@link DraftBuilder.ask} answers with. */
  readonly questions?: readonly string[];
  readonly locks?: readonly string[];
  /** What tells this step from others that do the same: a NIC, a disk, an address. */
  readonly subject?: readonly (string | number | null)[];
}

/**
 * Collects the plan of one node. A step requires the step before it: an administrator's list is done from top to bottom. A
 * plan over many nodes is made of such plans (`requires` may name steps of others).
 */
export class DraftBuilder {
  readonly node: string;
  readonly #title: string;
  readonly #steps: PlannedStep[] = [];
  readonly #refusals: Refusal[] = [];
  readonly #unknowns: PlanUnknown[] = [];
  readonly #warnings: PlanWarning[] = [];
  readonly #questions: PlanQuestion[] = [];
  readonly #answers: PlanAnswers;
  readonly #expected: PlannedStep[] = [];
  #followUp: FollowUp | null = null;

  constructor(node: string, title: string, answers: PlanAnswers = noAnswers) {
    this.node = node;
    this.#title = title;
    this.#answers = answers;
  }

  step(input: StepInput): void {
    const last = this.#steps.at(-1);
    const subject = (input.subject ?? []).map((part) => String(part ?? 'any'));
    const name = `${this.node}/${[input.change.do, ...subject].join(':')}`;
    const before = this.#steps.filter(({ id }) => id === name || id.startsWith(`${name}#`)).length;
    this.#steps.push({
      // The same thing may be done twice when a change is taken back.
      id: before === 0 ? name : `${name}#${before + 1}`,
      node: this.node,
      title: input.title,
      why: input.why,
      requires: last ? [last.id] : [],
      locks: [...(input.locks ?? [])],
      certainty: 'planned',
      questions: [...(input.questions ?? [])],
      destructive: input.destructive ?? false,
      cutsConnection: input.cutsConnection ?? false,
      restart: input.restart ?? 'none',
      undo: input.undo?.text ?? null,
      manual: input.manual,
      script: null,
      change: input.change,
      undoChanges: input.undo ? [...input.undo.changes] : null,
    });
  }

  /** Adds a change with all that its kind says of it; `observed` is the server as it is just before it. */
  change<A extends Area>(
    change: Change,
    observed: ObservedOf<A>,
    own: {
      readonly title?: string;
      readonly why?: string;
      readonly undoText?: string;
      readonly because?: string | undefined;
      readonly questions?: readonly string[];
    } = {},
  ): void {
    const kind = kindOf(change);
    const { why, manual, ...words } = kind.words(change, observed);
    const { title = words.title } = own;
    const undo = undoOf(change, observed);
    const questions = own.questions ?? [];
    const restart = typeof kind.restart === 'function' ? kind.restart(change) : (kind.restart ?? 'none');
    this.step({
      change,
      title,
      why: [own.why ?? why, own.because].filter((text) => text !== undefined).join(' '),
      manual,
      ...(undo ? { undo: { text: own.undoText ?? undo.text, changes: undo.changes } } : {}),
      destructive: kind.isDestructive ?? false,
      cutsConnection:
        restart === 'now' ||
        // A planner of NICs asks where a connection is; what is planned as it was listed cannot tell.
        (kind.area !== 'network' && (kind.cuts?.(change) ?? false)) ||
        this.#questions.some(({ id, kind: asked }) => asked === 'cutConnection' && questions.includes(id)),
      ...(restart === 'none' ? {} : { restart }),
      questions,
      locks: kind.locks?.(change) ?? [],
      subject: kind.subject(change),
    });
  }

  /** Says why the change is not made; everything that is wrong is said at once. */
  refuse<Code extends FailureCode>(code: Code, detail: DetailOf<Code>): void {
    // Nothing was thrown, and an error that nobody throws costs its stack: a plan for many servers refuses a thousand things that are only expected.
    const { what, next } = explain({ code, detail, retry: 'never', effect: 'none', cause: null });
    if (this.#refusals.some((refusal) => refusal.what === what)) return;
    this.#refusals.push({ code, detail, what, next });
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

  /** Asks the user, once for each subject; answers with the question's id, which the steps that need it name. */
  ask(question: Pick<PlanQuestion, 'kind' | 'subject' | 'text' | 'expected'>): string {
    const id = questionId(this.node, question.kind, question.subject);
    const answer = this.#answers[id];
    const answered = !isTyped(question)
      ? answer === true
      : typeof answer === 'string' &&
        answer.trim() !== '' &&
        (question.expected === null || isSameWords(answer, question.expected));
    if (!this.#questions.some((other) => other.id === id))
      this.#questions.push({ id, node: this.node, ...question, answered });
    return id;
  }

  /** What was typed for a question, whether it is asked or not; undefined where nothing was. */
  typed(kind: QuestionKind, subject: string): string | undefined {
    const answer = this.#answers[questionId(this.node, kind, subject)];
    return typeof answer === 'string' ? answer : undefined;
  }

  /**
   * Says what the rest of the plan waits for; the first thing said counts. `expected` is a plan of the rest as far as it can be told
   * now: its steps come after all that is planned, and are planned again before they run.
   */
  followUp(waitsFor: FollowUp['waitsFor'], text: string, expected?: Draft): void {
    this.#followUp ??= { waitsFor, text };
    this.#expected.push(...(expected?.steps ?? []));
  }

  /** The id of the step that was added last. */
  get lastId(): string | undefined {
    return this.#steps.at(-1)?.id;
  }

  /** Is this very change planned already? */
  has(change: Change): boolean {
    const wanted = JSON.stringify(change);
    return this.#steps.some((step) => JSON.stringify(step.change) === wanted);
  }

  get hasSteps(): boolean {
    return this.#steps.length > 0;
  }

  get isStopped(): boolean {
    return this.#refusals.length > 0 || this.#unknowns.length > 0;
  }

  build(): Draft {
    const steps = [...this.#steps];
    for (const step of this.#expected)
      if (!steps.some(({ id }) => id === step.id))
        steps.push({ ...step, requires: [steps.at(-1)?.id ?? []].flat(), certainty: 'expected', questions: [] });
    return {
      node: this.node,
      // One step says best itself what the change is.
      title: steps.length === 1 ? steps[0]!.title : this.#title,
      steps,
      refusals: this.#refusals,
      unknowns: this.#unknowns,
      warnings: this.#warnings,
      // A question belongs to a step; without the step nobody has to answer it.
      questions: this.#questions.filter(({ id }) => this.#steps.some((step) => step.questions.includes(id))),
      followUp: this.#followUp,
    };
  }
}

/** Case, spacing and a full stop do not count. */
export const isSameWords = (typed: string, wanted: string): boolean => {
  const plain = (text: string): string => text.trim().replace(/\.$/, '').replace(/\s+/g, ' ').toLowerCase();
  return plain(typed) === plain(wanted);
};
