import type { StepResult } from '../../../shared/contract/apply.ts';
import type { Progress } from '../../../shared/contract/define.ts';
import { cancelled, Failure, failure, toEnvelope, type Effect, type Envelope } from '../../../shared/errors/failure.ts';
import { isDone, kindOf, type Change } from '../../../shared/changes/index.ts';
import type { Done } from '../../../shared/changes/done.ts';
import type { Area } from '../../../shared/changes/kind.ts';
import type { PlannedStep } from '../../../shared/plan/draft.ts';
import type { Observed } from '../../../shared/plan/observed.ts';
import type { OpenEntry } from '../../journal/journal.ts';
import { restoreOf, revertText } from '../network/revert.ts';
import { act } from './act.ts';
import { observeArea, observeNetwork } from './observe.ts';
import { pause } from '../../system/pause.ts';
import type { SecretTexts, Server } from './server.ts';

export interface RunOptions {
  readonly secrets: SecretTexts;
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
  readonly revertAfterSeconds: number;
}

/** Where a run is written down: a plan in its own entry, an undo in the entry of what it takes back. */
export interface RunRecord {
  /** The journal entry. */
  readonly id: string;
  intent(step: string): void;
  done(step: string, state: 'done' | 'alreadyDone', proof: string): void;
  failed(step: string, error: Envelope): void;
  armed(revert: { readonly token: string; readonly dueAt: string; readonly what: string }): void;
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

/** Codes with which a server that restarts may answer, or not. */
const awayCodes: readonly string[] = ['HOST_UNREACHABLE', 'HOST_RESTARTING', 'POWERSHELL_SESSION_DIED'];

const foundText = (satisfied: Done): string =>
  satisfied.is === 'no' ? satisfied.found : satisfied.is === 'unknown' ? satisfied.because : 'nothing to be seen';

/** Runs the steps of one plan: test, intent, act, read back, result. It goes on from what it reads, not from memory. */
export class StepRunner {
  readonly #server: Server;
  readonly #record: RunRecord;
  readonly #options: RunOptions;
  readonly #results: StepResult[];
  readonly #steps: readonly PlannedStep[];
  readonly #observed = new Map<Area, Observed>();
  #revert: RunResult['revert'] = null;
  #changed = false;

  constructor(server: Server, record: RunRecord, steps: readonly PlannedStep[], options: RunOptions) {
    this.#server = server;
    this.#record = record;
    this.#steps = steps;
    this.#options = options;
    this.#results = steps.map(({ id, title }) => ({ id, title, state: 'waiting', proof: null, error: null, at: null }));
  }

  /** Throws the failure of the step that failed, with `effect` saying what the whole run changed. */
  async run(): Promise<RunResult> {
    const { signal } = this.#options;
    for (const [index, step] of this.#steps.entries()) {
      if (signal.aborted) {
        this.#record.end('cancelled');
        throw this.#annotate(cancelled(step.title, this.#changed ? 'partial' : 'none'), step);
      }
      try {
        await this.#runStep(index, step);
      } catch (error) {
        const thrown =
          error instanceof Failure ? error : new Failure('INTERNAL_BUG', toEnvelope(error).detail, { cause: error });
        const total = this.#annotate(thrown, step);
        this.#set(index, { state: thrown.effect === 'unknown' ? 'unknown' : 'failed', error: toEnvelope(thrown) });
        this.#record.failed(step.id, toEnvelope(thrown));
        this.#record.end(thrown.code === 'CANCELLED' ? 'cancelled' : 'failed');
        throw total;
      }
    }
    return { steps: this.#results, revert: this.#revert, needsRestart: await this.#needsRestart() };
  }

  /** One step: tested first, so that what is done already is not done twice. */
  async #runStep(index: number, step: PlannedStep): Promise<void> {
    const { action } = step;
    this.#set(index, { state: 'running' });
    const before = await this.#test(action);
    if (before.is === 'yes') {
      this.#record.done(step.id, 'alreadyDone', before.proof);
      this.#set(index, { state: 'alreadyDone', proof: before.proof });
      return;
    }
    if (before.is === 'unknown')
      throw failure(
        'PLAN_STOPPED_UNKNOWN',
        {
          server: step.node,
          what: `whether "${step.title}" is done`,
          because: before.because,
          next: 'Read the server again; what is done already is not done twice.',
        },
        { effect: 'none' },
      );
    this.#lookOnceMore(action);
    if (step.cutsConnection && kindOf(action).area === 'network') await this.#armRevert();
    this.#record.intent(step.id);
    let proof: string;
    try {
      await act(this.#server, action, (area, fresh) => this.#observe(area, fresh), this.#options.secrets, {
        signal: this.#options.signal,
      });
      this.#observed.clear();
      proof = await this.#verify(step);
    } catch (error) {
      this.#observed.clear();
      const done = await this.#doneAfterAll(action, error);
      if (done === null) throw error;
      proof = done;
    }
    this.#changed = true;
    this.#record.done(step.id, 'done', proof);
    this.#set(index, { state: 'done', proof });
  }

  async #test(action: Change): Promise<Done> {
    return isDone(action, await this.#observe(kindOf(action).area));
  }

  async #observe(area: Area, fresh = false): Promise<Observed> {
    const known = this.#observed.get(area);
    if (known && !fresh) return known;
    const observed = await observeArea(this.#server, area, this.#options.signal);
    this.#observed.set(area, observed);
    return observed;
  }

  /** The last look before something is written to a disk, whatever was planned. */
  #lookOnceMore(action: Change): void {
    const { objection: find, area } = kindOf(action);
    const observed = this.#observed.get(area)?.[area];
    const objection = observed && find?.(action, observed);
    if (objection) throw failure('DISK_HAS_CONTENT', { ...objection }, { effect: 'none' });
  }

  /** Before the first step that may cut a connection, the server is told to take everything back by itself. */
  async #armRevert(): Promise<void> {
    if (this.#revert) return;
    const { revertAfterSeconds, signal } = this.#options;
    const observed = this.#observed.get('network')?.network ?? (await observeNetwork(this.#server, signal));
    const restore = restoreOf(this.#steps, observed);
    const what = revertText(restore, observed);
    const token = this.#record.id;
    const dueAt = new Date(this.#server.now().getTime() + revertAfterSeconds * 1000).toISOString();
    this.#record.armed({ token, dueAt, what });
    await this.#server.ports.nics.armRevert({ token, afterSeconds: revertAfterSeconds, restore }, { signal });
    const armed = (await this.#server.ports.nics.readReverts({ signal })).find((revert) => revert.token === token);
    if (!armed)
      throw failure(
        'PLAN_NOT_VERIFIED',
        { title: 'Take the change back by itself', found: 'no such task is there' },
        { effect: 'none' },
      );
    this.#revert = { id: token, dueAt: armed.dueAt, what };
  }

  /** Reads back until the effect shows or the time is up. */
  async #verify(step: PlannedStep): Promise<string> {
    const { patience, now } = this.#server;
    const isRestart = step.action.do === 'host.restart';
    const limitMs = isRestart ? patience.restartMs : patience.verifyMs;
    const started = performance.now();
    let last: Done;
    for (;;) {
      this.#observed.clear();
      try {
        last = await this.#test(step.action);
      } catch (error) {
        if (!(error instanceof Failure) || !awayCodes.includes(error.code)) throw error;
        if (!isRestart && !step.cutsConnection) throw error;
        last = { is: 'unknown', because: error.message };
      }
      if (last.is === 'yes') return last.proof;
      if (last.is === 'noTrace') return last.text;
      if (last.is === 'no' && last.refused === 'NIC_ADDRESS_DUPLICATE' && step.action.do === 'nic.addAddress')
        throw failure(
          'NIC_ADDRESS_DUPLICATE',
          { address: step.action.address, nic: step.title },
          { effect: 'complete' },
        );
      if (performance.now() - started > limitMs) break;
      if (this.#options.signal.aborted) throw cancelled(step.title, 'unknown');
      await pause(patience.pollMs, this.#options.signal);
    }
    if (isRestart)
      throw failure('HOST_RESTART_NOT_RETURNED', { server: step.node, seconds: Math.round(limitMs / 1000) });
    if (step.action.do === 'initiator.logOn') {
      const { path } = step.action;
      throw failure('INITIATOR_PATH_NOT_PROVEN', {
        source: path.initiatorPortalAddress,
        portal: path.targetPortalAddress,
        target: path.targetNodeAddress,
        problem: foundText(last),
      });
    }
    throw failure(
      'PLAN_NOT_VERIFIED',
      { title: step.title, found: foundText(last), at: now().toISOString() },
      { effect: last.is === 'no' ? 'complete' : 'unknown' },
    );
  }

  /** A call may fail although its effect is there (a session that exists, a connection that was cut meanwhile). */
  async #doneAfterAll(action: Change, error: unknown): Promise<string | null> {
    if (!(error instanceof Failure) || error.code === 'CANCELLED' || error.effect === 'none') return null;
    try {
      const after = await this.#test(action);
      return after.is === 'yes' ? after.proof : null;
    } catch {
      // Nothing can be read: what failed first is what is reported.
      return null;
    }
  }

  /** A restart is due when a step that is in force only after one was done and no restart followed it. */
  async #needsRestart(): Promise<boolean> {
    let due = false;
    for (const [index, step] of this.#steps.entries()) {
      if (step.restart === 'now') due = false;
      if (step.restart !== 'after' || this.#results[index]?.state === 'waiting') continue;
      const { area, isInForce } = kindOf(step.action);
      const observed = isInForce ? (await this.#observe(area))[area] : undefined;
      due = !(isInForce && observed && isInForce(observed));
    }
    return due;
  }

  #set(index: number, change: Partial<StepResult>): void {
    this.#results[index] = { ...this.#results[index]!, ...change, at: this.#server.now().toISOString() };
    const done = this.#results.filter((result) => ['done', 'alreadyDone'].includes(result.state)).length;
    this.#options.progress({
      doing: this.#results[index].title,
      done,
      total: this.#results.length,
      leftMs: null,
      data: { steps: this.#results.map((result) => ({ ...result })), revert: this.#revert },
    });
  }

  #annotate(error: Failure, step: PlannedStep): Failure {
    const effect: Effect =
      error.effect === 'none'
        ? this.#changed
          ? 'partial'
          : 'none'
        : error.effect === 'complete'
          ? 'partial'
          : error.effect;
    return new Failure(
      error.code,
      {
        ...error.detail,
        step: step.title,
        journal: this.#record.id,
        ...(this.#revert ? { revertsAt: this.#revert.dueAt } : {}),
      },
      { effect, retry: error.retry, ...(error.cause === undefined ? {} : { cause: error.cause }) },
    );
  }
}
