import type { ApplyResult, StepResult } from '../../../shared/contract/apply.ts';
import { cancelled, Failure, failure, toEnvelope } from '../../../shared/errors/failure.ts';
import { isDone, kindOf, type Change } from '../../../shared/changes/index.ts';
import type { Area } from '../../../shared/changes/kind.ts';
import type { PlannedStep } from '../../../shared/plan/draft.ts';
import type { Observed } from '../../../shared/plan/observed.ts';
import type { PlanAnswers } from '../../../shared/plan/plan.ts';
import { touchedSteps } from '../../journal/entry.ts';
import type { OpenEntry } from '../../journal/journal.ts';
import { restoreOf, revertText } from '../network/revert.ts';
import { act } from './act.ts';
import { assertSecrets, inLane } from './apply-plan.ts';
import { assertOpen } from './finish-change.ts';
import { undoLimitsOf } from './journal-view.ts';
import { observeArea, observeNetwork } from './observe.ts';
import type { RunOptions } from './run-steps.ts';
import { pause } from '../../system/pause.ts';
import type { Server } from './server.ts';

/** Undoing may cut a connection or bring a shared disk online as doing may: the same questions are asked. */
const assertAnswered = (steps: readonly PlannedStep[], answers: PlanAnswers): void => {
  for (const step of steps) {
    const brings = (step.undoActions ?? []).some((action) => action.do === 'disk.setOnline' && action.online);
    for (const { kind, subject } of step.asks) {
      if (kind === 'cutConnection' && !answers.cutConnections.includes(subject))
        throw failure('PLAN_QUESTION_OPEN', {
          question: `Take "${step.title}" back over a connection that it may cut?`,
        });
      if (kind === 'sharedDisk' && brings && answers.sharedDisks[subject] === undefined)
        throw failure('DISK_SHARED_NOT_CONFIRMED', { disk: subject });
    }
  }
};

class Undoing {
  readonly #server: Server;
  readonly #options: RunOptions;
  readonly #observed = new Map<Area, Observed>();
  revert: ApplyResult['revert'] = null;

  constructor(server: Server, options: RunOptions) {
    this.#server = server;
    this.#options = options;
  }

  async #test(action: Change): Promise<ReturnType<typeof isDone>> {
    return isDone(action, await this.#observe(kindOf(action).area));
  }

  async #observe(area: Area, fresh = false): Promise<Observed> {
    const known = this.#observed.get(area);
    if (known && !fresh) return known;
    const observed = await observeArea(this.#server, area, this.#options.signal);
    this.#observed.set(area, observed);
    return observed;
  }

  /** Does one action unless its effect is there; returns what was read back. */
  async perform(action: Change): Promise<string> {
    const before = await this.#test(action);
    if (before.is === 'yes') return before.proof;
    await act(this.#server, action, (area, fresh) => this.#observe(area, fresh), this.#options.secrets, {
      signal: this.#options.signal,
    });
    const { patience } = this.#server;
    const started = performance.now();
    for (;;) {
      this.#observed.clear();
      const after = await this.#test(action);
      if (after.is === 'yes') return after.proof;
      if (after.is === 'noTrace') return after.text;
      if (performance.now() - started > patience.verifyMs)
        throw failure('PLAN_NOT_VERIFIED', {
          title: 'Take it back',
          found: after.is === 'no' ? after.found : after.because,
        });
      await pause(patience.pollMs, this.#options.signal);
    }
  }

  async arm(record: OpenEntry, steps: readonly PlannedStep[]): Promise<void> {
    const { signal, revertAfterSeconds } = this.#options;
    const observed = await observeNetwork(this.#server, signal);
    const restore = restoreOf(steps, observed);
    if (restore.length === 0) return;
    const what = revertText(restore, observed);
    const dueAt = new Date(this.#server.now().getTime() + revertAfterSeconds * 1000).toISOString();
    record.write('armed', { token: record.id, dueAt, what });
    await this.#server.ports.nics.armRevert(
      { token: record.id, afterSeconds: revertAfterSeconds, restore },
      { signal },
    );
    this.revert = { id: record.id, dueAt, what };
  }
}

/**
 * Takes back what a change did, last step first; what was found done before the change stays. Steps that can not be taken
 * back are left and named. Throws JOURNAL_CAN_NOT_UNDO, JOURNAL_ENTRY_NOT_OPEN.
 */
export const undoChange = (
  server: Server,
  id: string,
  answers: PlanAnswers,
  options: RunOptions,
): Promise<ApplyResult> =>
  inLane(server, `journal ${id}`, async () => {
    const before = server.journal.read(id);
    assertOpen(before, 'take back');
    const touched = touchedSteps(before)
      .map(({ step }) => step)
      .filter((step) => step.undoActions !== null)
      .reverse();
    assertAnswered(touched, answers);
    assertSecrets(
      touched.flatMap((step) => step.undoActions ?? []),
      options.secrets,
    );
    const results: StepResult[] = touched.map((step) => ({
      id: step.id,
      title: step.title,
      state: 'waiting',
      proof: null,
      error: null,
      at: null,
    }));
    const record = server.journal.continue(id);
    const undoing = new Undoing(server, options);
    try {
      record.write('undoBegin', { pid: process.pid });
      const cutting = touched.filter((step) => step.cutsConnection && kindOf(step.action).area === 'network');
      if (cutting.length > 0) await undoing.arm(record, touched);
      for (const [index, step] of touched.entries()) {
        if (options.signal.aborted) {
          record.write('end', { state: 'cancelled' });
          throw cancelled(`Taking back ${before.begin.title}`, index > 0 ? 'partial' : 'none');
        }
        options.progress({
          doing: `Taking back: ${step.title}`,
          done: index,
          total: touched.length,
          leftMs: null,
          data: { steps: results.map((result) => ({ ...result })), revert: undoing.revert },
        });
        record.write('undoIntent', { step: step.id });
        try {
          let proof = '';
          for (const action of step.undoActions ?? []) proof = await undoing.perform(action);
          record.write('undoResult', { step: step.id, proof });
          results[index] = { ...results[index]!, state: 'undone', proof, at: server.now().toISOString() };
        } catch (error) {
          record.write('failed', { step: step.id, error: toEnvelope(error) });
          record.write('end', { state: 'failed' });
          if (!(error instanceof Failure)) throw error;
          throw new Failure(
            error.code,
            { ...error.detail, step: step.title, journal: id },
            { effect: index > 0 && error.effect === 'none' ? 'partial' : error.effect, retry: error.retry },
          );
        }
      }
      record.write('end', { state: 'undone' });
      return {
        outcome: undoing.revert ? 'confirmationNeeded' : touched.length === 0 ? 'nothingToChange' : 'changed',
        journal: id,
        node: before.begin.node,
        steps: results,
        revert: undoing.revert,
        more: undoLimitsOf(before),
      };
    } finally {
      record.close();
    }
  });
