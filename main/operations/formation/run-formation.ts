import type { FormationDirection, FormationResult, FormationStepResult } from '../../../shared/contract/formation.ts';
import type { Progress } from '../../../shared/contract/define.ts';
import { cancelled, Failure, failure, toEnvelope } from '../../../shared/errors/failure.ts';
import type { ClusterFile } from '../../../shared/model/cluster-file.ts';
import type { MadeDisks } from '../../../shared/model/cluster-file-storage-host.ts';
import type { AbsentServer, FormationPlan, FormationStep, ServerPlan } from '../../../shared/model/formation.ts';
import { planFormation, whyNotSkippable } from '../../../shared/plan/formation/plan-formation.ts';
import { undoPhases } from '../../../shared/plan/formation/plan-undo.ts';
import type { PlanQuestion } from '../../../shared/plan/plan.ts';
import { pause } from '../../system/pause.ts';
import { Coordinator } from '../../coordination/coordinator.ts';
import { defaultPatience } from '../../coordination/server.ts';
import { failedTogether } from './failed-together.ts';
import { leaveServers, withAftermath, type EndState } from './leave-servers.ts';
import { firstStop } from './first-stop.ts';
import { commandFor } from './settled.ts';
import { isTold, lookAtAll, type FormationServer } from './ask-servers.ts';
import { awaiting, defaultLostMs, isAway, isLost } from './lost-server.ts';

export interface RunFormationOptions {
  readonly id: string;
  readonly file: ClusterFile;
  readonly direction: FormationDirection;
  readonly servers: readonly FormationServer[];
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
  readonly now: () => Date;
  /** Proofs by other means that a question is answered: what the peers promised of a shared disk. */
  readonly isSettled: (question: PlanQuestion, plans: readonly ServerPlan[]) => boolean;
  /** Told what each plan asks; true: it gave answers of its own, and is planned again with them. */
  readonly recall?: (questions: readonly PlanQuestion[]) => boolean;
  /** Throws where a plan cannot be begun: a secret that its steps need was not given. */
  readonly assertGiven?: (plan: FormationPlan) => void;
  /** How often a server is asked that is waited for, or a person there, in milliseconds. */
  readonly pollMs?: number | undefined;
  /** How long a server is waited for whose connection broke and that was not to restart, in milliseconds. */
  readonly lostMs?: number;
  /** Steps that a person left out, with a reason. */
  readonly skips?: () => ReadonlySet<string>;
  /** Told how the servers saw themselves, before the first step and whenever it ends. */
  readonly onSeen?: (when: 'before' | 'after', servers: FormationPlan['servers']) => void;
  /** Told of every step that begins or ends. */
  readonly onStep?: (result: FormationStepResult) => void;
  /** Told before a step is ordered; the rehearsal sets its faults then. */
  readonly beforeStep?: (step: FormationStep) => Promise<void>;
}

/** The plans of all servers as one graph, the one way or the other. */
export const graphOf = (
  direction: FormationDirection,
  file: ClusterFile,
  plans: readonly ServerPlan[],
  absent: readonly AbsentServer[],
  skips?: ReadonlySet<string>,
): FormationPlan => planFormation(file, plans, absent, skips, direction === 'undo' ? undoPhases : undefined);

/** The servers have changed under a round: what is left is planned anew. */
class AnotherRound extends Error {}

/** A server that goes is gone before its last answer is missed: one that still answers after this is not restarting. */
const graceMs = 5_000;

/** Rounds that a formation takes are few; this ends one that never comes to an end. */
const mostRounds = 200;

/**
 * Forms a cluster in rounds: every server plans by itself, the plans become one graph, a coordinator has taken what is planned in
 * it, and everything is planned again from the truth, until nothing is left. So it does not matter what ended an earlier run:
 * what is done is found done.
 */
export class FormationRun {
  readonly #options: RunFormationOptions;
  readonly #results = new Map<string, FormationStepResult>();
  #plan: FormationPlan | null = null;
  #made: MadeDisks = {};
  #coordinator: Coordinator<FormationStep> | null = null;
  #isPaused = false;
  #doing: string | null = null;
  readonly #awaited = new Set<string>();
  /** Servers that were waited for in vain: they are not waited for again in each round, while the others go on. */
  readonly #gone = new Set<string>();
  /** Servers from which a drill took the power: Quorate is started there again by a logon, or by its task, as after a restart. */
  readonly #cutOff = new Set<string>();
  #wake: () => void = () => undefined;

  constructor(options: RunFormationOptions) {
    this.#options = options;
  }

  get plan(): FormationPlan | null {
    return this.#plan;
  }

  get results(): readonly FormationStepResult[] {
    return [...this.#results.values()];
  }

  /** What is done or waited for at this moment; null before anything was. */
  get doing(): string | null {
    return this.#doing;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** The PowerShell of a step that its server still plans; null where it plans none of it. */
  async script(id: string, signal: AbortSignal): Promise<string | null> {
    const node = this.#results.get(id)?.node;
    const server = this.#options.servers.find(({ name }) => name === node);
    const plan = await server?.lookWithScripts?.(signal, this.#made);
    return plan?.phases.flatMap(({ steps }) => steps).find((step) => step.id === id)?.script ?? null;
  }

  /** Starts nothing more until {@link resume}; what runs comes to its end. */
  pause(): void {
    this.#isPaused = true;
    this.#coordinator?.pause();
    this.#tell('Paused');
  }

  resume(): void {
    this.#isPaused = false;
    this.#coordinator?.resume();
    this.#wake();
  }

  /** Throws FORM_STOPPED, FORM_QUESTION_OPEN, FORM_NO_PROGRESS, CANCELLED and what a step throws. */
  async run(): Promise<FormationResult> {
    const { servers } = this.#options;
    const leave = (state: EndState): Promise<string | null> => {
      if (this.#plan && this.#results.size > 0) this.#options.onSeen?.('after', this.#plan.servers);
      return leaveServers(servers, state);
    };
    try {
      const result = await this.#rounds();
      await leave('done');
      return result;
    } catch (error) {
      const isCancelled = error instanceof Failure && error.code === 'CANCELLED';
      throw withAftermath(error, await leave(isCancelled ? 'cancelled' : 'failed'));
    }
  }

  async #rounds(): Promise<FormationResult> {
    const { id, file, direction, servers, signal } = this.#options;
    for (let round = 0; round < mostRounds; round += 1) {
      await this.#whilePaused();
      if (signal.aborted) throw cancelled('The formation', this.#results.size > 0 ? 'partial' : 'none');
      this.#tell('Asking every server what it plans');
      const asked = servers.map((server) => ({
        ...server,
        look: (within: AbortSignal, known: MadeDisks) => this.#patiently(server.name, () => server.look(within, known)),
      }));
      const { plans, absent, made } = await lookAtAll(file, asked, this.#made, signal);
      this.#made = made;
      const plan = graphOf(direction, file, plans, absent, this.#options.skips?.());
      this.#plan = plan;
      if (round === 0) this.#options.onSeen?.('before', plan.servers);
      this.#note(plan);
      if (this.#options.recall?.(plan.questions)) continue;
      const planned = plan.steps.filter(({ certainty }) => certainty === 'planned');
      if (planned.length === 0) {
        if (plan.stops.length > 0) throw firstStop(plan);
        const [stuck] = plan.steps;
        if (stuck) throw failure('FORM_NO_PROGRESS', { count: plan.steps.length, step: stuck.title });
        return {
          outcome: round === 0 ? 'nothingToChange' : direction === 'undo' ? 'undone' : 'formed',
          formation: id,
          cluster: file.cluster.name,
          steps: [...this.#results.values()],
          rounds: round,
        };
      }
      this.#options.assertGiven?.(plan);
      this.#assertAnswered(plan, plans);
      await this.#agreed(planned);
      await this.#takeAll(plan.steps);
    }
    throw failure('FORM_NO_PROGRESS', { count: this.#results.size, step: this.#plan?.steps[0]?.title ?? '' });
  }

  async #takeAll(steps: readonly FormationStep[]): Promise<void> {
    const { signal } = this.#options;
    const byName = new Map(this.#options.servers.map((server) => [server.name, server]));
    const failed: unknown[] = [];
    const take = async (step: FormationStep): Promise<void> => {
      try {
        await this.#take(step, byName);
      } catch (error) {
        if (!(error instanceof AnotherRound)) failed.push(error);
        throw error;
      }
    };
    const coordinator = new Coordinator(steps, take, signal);
    this.#coordinator = coordinator;
    if (this.#isPaused) coordinator.pause();
    try {
      await coordinator.run();
    } catch (error) {
      // What failed beside a server that was waited for is not tried again without a word.
      if (!(error instanceof AnotherRound)) throw failedTogether(error, failed);
      if (failed.length > 0) throw failedTogether(failed[0], failed);
    } finally {
      this.#coordinator = null;
    }
  }

  async #take(step: FormationStep, servers: ReadonlyMap<string, FormationServer>): Promise<void> {
    const { now, signal, beforeStep, skips } = this.#options;
    // It was left out after this round was planned.
    if (skips?.().has(step.id)) return this.#set(step, { state: 'skipped' });
    await beforeStep?.(step);
    if (step.check === 'drill.loseHost' && step.subject !== null) this.#cutOff.add(step.subject);
    this.#set(step, { state: 'running', startedAt: now().toISOString() });
    try {
      const taken = await servers.get(step.node)!.take(step, signal, (progress) => this.#hear(step, progress));
      this.#set(step, { state: taken.state, proof: taken.proof, endedAt: now().toISOString() });
    } catch (error) {
      let failed: unknown = error;
      if (isAway(error, step, signal) || isLost(error, signal)) {
        failed = await this.#awaitBack(step, servers.get(step.node)!, error);
        if (failed === null) throw new AnotherRound();
      }
      this.#set(step, { state: 'failed', error: toEnvelope(failed), endedAt: now().toISOString() });
      if (failed instanceof Failure) throw this.#annotate(failed, step);
      throw error;
    }
  }

  /**
   * Waits for a server whose own Quorate went with the restart that it was told to do, or to which the connection broke. It plans anew when it
   * is back, and whether the step is done, its plan says: what leaves no trace, and what a drill still has to look at, is planned again. Answers
   * null then, and what is wrong where it does not come back in time, or a person there cancelled the step.
   */
  async #awaitBack(step: FormationStep, server: FormationServer, lost: Failure): Promise<Failure | null> {
    const { signal, now, file, pollMs = defaultPatience.pollMs, lostMs = defaultLostMs } = this.#options;
    // Once for each step: what is lost a second time is told.
    if (this.#awaited.has(step.id)) return lost;
    this.#awaited.add(step.id);
    const isRestart: boolean = isAway(lost, step, signal);
    const limitMs = isRestart ? file.restartWaitSeconds * 1000 : lostMs;
    let started = performance.now();
    let answersSince: number | null = null;
    let wasGone = false;
    this.#hear(step, { doing: awaiting(step.node), done: null, total: null, leftMs: null });
    for (;;) {
      try {
        const { phases } = await server.look(signal, this.#made);
        // What cannot be read yet says nothing of the step.
        const isLeft = phases.some(
          ({ phase, state, steps }) =>
            steps.some(({ id }) => id === step.id) || (phase === step.phase && state === 'stopped'),
        );
        answersSince ??= performance.now();
        const isStaying = performance.now() - answersSince > graceMs;
        // A restart that is still planned has not happened yet, while a drill goes on after its own; who ends in order answers until it goes.
        const mayGo = isRestart ? isLeft && step.check === null : lost.code === 'CANCELLED' && !wasGone;
        if (!mayGo || isStaying) {
          // It was never away, and somebody there cancelled the step.
          if (mayGo && lost.code === 'CANCELLED') return lost;
          // An order to restart that never arrived is given once more: whether it did, the time of the last start says before that.
          const endedAt = now().toISOString();
          if (isLeft || step.check !== null) this.#set(step, { state: 'waiting' });
          else this.#set(step, { state: 'done', proof: `${step.node} answers again`, endedAt });
          return null;
        }
      } catch (error) {
        if (!isTold(error, signal)) throw error;
        wasGone ||= isLost(error, signal);
        // What it answered before it went says nothing of how long it is back.
        answersSince = null;
        // It is there, and still at what it was told before the connection broke.
        if (error.code === 'PLAN_BUSY') started = performance.now();
      }
      if (signal.aborted) throw cancelled(step.title, 'unknown');
      if (performance.now() - started > limitMs)
        return failure(isRestart ? 'FORM_SERVER_NOT_BACK' : 'FORM_SERVER_LOST', {
          server: step.node,
          seconds: Math.round(limitMs / 1000),
          reason: lost.code === 'CANCELLED' ? `Quorate on ${step.node} ended.` : lost.message,
        });
      await pause(pollMs, signal);
    }
  }

  /** Asks again where the connection to a server broke: questions do nothing. */
  async #patiently<T>(server: string, ask: () => Promise<T>): Promise<T> {
    const { signal, file, pollMs = defaultPatience.pollMs, lostMs = defaultLostMs } = this.#options;
    const limitMs = this.#cutOff.has(server) ? file.restartWaitSeconds * 1000 : lostMs;
    const started = performance.now();
    for (;;) {
      try {
        const answer = await ask();
        this.#gone.delete(server);
        this.#cutOff.delete(server);
        return answer;
      } catch (error) {
        if (!isLost(error, signal) || this.#gone.has(server)) throw error;
        if (performance.now() - started > limitMs) this.#gone.add(server);
        else this.#tell(awaiting(server));
      }
      await pause(pollMs, signal);
    }
  }

  /** What a step that runs says of itself. Of what came too late, the step being over, nothing is told. */
  #hear(step: FormationStep, { doing, done, total }: Progress): void {
    const text = done === null || total === null ? doing : `${doing} (${done} of ${total})`;
    const result = this.#results.get(step.id);
    if (result?.state !== 'running' || result.doing === text) return;
    this.#set(step, { doing: text }, true);
    this.#tell(`${step.node}: ${step.title}: ${text}`, [this.#results.get(step.id)!]);
  }

  #annotate(error: Failure, step: FormationStep): Failure {
    return new Failure(
      error.code,
      // Of whom the failure itself speaks may be another server than the one whose step it is.
      { server: step.node, node: step.node, ...error.detail, step: step.title, inStep: `${step.node}: ${step.title}` },
      { effect: error.effect === 'none' ? 'partial' : error.effect, retry: error.retry, cause: error.cause },
    );
  }

  #assertAnswered(plan: FormationPlan, plans: readonly ServerPlan[]): void {
    const open = plan.questions.find((question) => !question.answered && !this.#options.isSettled(question, plans));
    if (open) throw failure('FORM_QUESTION_OPEN', { question: open.text, id: open.id, command: commandFor(open) });
  }

  /** Waits until a person at every server that has something to do agreed to it. Throws FORM_CONSENT_REFUSED, CANCELLED. */
  async #agreed(planned: readonly FormationStep[]): Promise<void> {
    const { servers, signal, pollMs = defaultPatience.pollMs } = this.#options;
    const busy = new Set(planned.map(({ node }) => node));
    for (const server of servers) {
      const { name } = server;
      if (!server.consent || !busy.has(name)) continue;
      for (;;) {
        const answer = await this.#patiently(name, () => server.consent!(signal));
        if (answer === 'given') break;
        if (answer === 'refused') throw failure('FORM_CONSENT_REFUSED', { server: name, coordinator: 'this server' });
        if (signal.aborted) throw cancelled('The formation', this.#results.size > 0 ? 'partial' : 'none');
        this.#tell(`Waiting until a person at ${name} agrees ("quorate form consent" there)`);
        await pause(pollMs, signal);
      }
    }
  }

  /** What is planned now is waiting; what was only expected and never came is no part of the record. */
  #note(plan: FormationPlan): void {
    for (const [id, result] of this.#results) if (result.state === 'waiting') this.#results.delete(id);
    for (const step of plan.steps) if (!this.#results.has(step.id)) this.#set(step, {}, true);
  }

  #set(step: FormationStep, change: Partial<FormationStepResult>, isQuiet = false): void {
    const { id, node, stage, title, why, expectedMs } = step;
    const before = this.#results.get(id) ?? {
      id,
      node,
      stage,
      title,
      state: 'waiting' as const,
      proof: null,
      error: null,
      why,
      doing: null,
      expectedMs,
      canSkip: whyNotSkippable(step) === null,
      startedAt: null,
      endedAt: null,
    };
    // Only what runs does something.
    const doing = change.state === undefined ? before.doing : null;
    this.#results.set(id, { ...before, title, doing, ...change });
    if (!isQuiet) this.#options.onStep?.(this.#results.get(id)!);
    if (!isQuiet) this.#tell(`${node}: ${title}`, [this.#results.get(id)!]);
  }

  async #whilePaused(): Promise<void> {
    const { signal } = this.#options;
    while (this.#isPaused && !signal.aborted)
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          signal.removeEventListener('abort', wake);
          resolve();
        };
        this.#wake = wake;
        signal.addEventListener('abort', wake, { once: true });
      });
  }

  #tell(doing: string, changed: readonly FormationStepResult[] = []): void {
    const results = [...this.#results.values()];
    const done = results.filter(({ state }) => state === 'done' || state === 'alreadyDone').length;
    this.#doing = doing;
    this.#options.progress({ doing, done, total: results.length, leftMs: null, data: { changed } });
  }
}
