import { isDone, isServerChange, kindOf, partsOf, type Change } from '../../shared/changes/index.ts';
import type { Done } from '../../shared/changes/done.ts';
import type { Area } from '../../shared/changes/kind.ts';
import { becausePhrase } from '../../shared/errors/because.ts';
import { cancelled, Failure, failure, toEnvelope, type Envelope } from '../../shared/errors/failure.ts';
import { isOnSharedBus } from '../../shared/model/disk.ts';
import type { NetworkObserved, Observed } from '../../shared/plan/observed.ts';
import type { PlannedStep } from '../../shared/plan/draft.ts';
import type { CallOptions } from '../ports/call.ts';
import { pause } from '../system/pause.ts';
import { restoreOf, revertText } from './revert.ts';
import { secretsFor, type ExecutedServer, type SecretTexts } from './server.ts';

/** Where an executor writes down what it is about to do and what came of it. Each is durable when it returns. */
export interface StepRecord {
  /** The journal entry. */
  readonly id: string;
  intent(step: string): void;
  done(step: string, state: 'done' | 'alreadyDone', proof: string): void;
  failed(step: string, error: Envelope): void;
  armed(revert: ArmedChange & { readonly token: string }): void;
}

/** What the server takes back by itself at `dueAt` unless somebody confirms it. */
interface ArmedChange {
  readonly dueAt: string;
  readonly what: string;
}

export interface ExecutorOptions {
  /** Reads one area of the server anew. */
  readonly observe: (area: Area, signal: AbortSignal) => Promise<Observed>;
  readonly secrets: SecretTexts;
  readonly signal: AbortSignal;
  /** Told what a step does at this moment. */
  readonly tell?: (doing: string) => void;
  /** Seconds after which a change that may cut a connection reverts unless it is confirmed. */
  readonly revertAfterSeconds: number;
  /** The steps that go together: what is put back when a change is not confirmed is worked out from all of them. */
  readonly steps: readonly PlannedStep[];
  /** How long another server that does not answer is waited for before its promise about a shared disk is missed; left out: not at all. */
  readonly promisesMs?: number;
  /** What an executor before this one armed for the same steps: it is armed once for all of them. */
  readonly armed?: Executor['revert'];
}

/** How a step ended well. `alreadyDone`: it was found done and nothing was changed. */
export interface TakenStep {
  readonly state: 'done' | 'alreadyDone';
  /** What was read back. */
  readonly proof: string;
}

/** Codes with which a server that restarts may answer, or not. */
const awayCodes: readonly string[] = ['HOST_UNREACHABLE', 'HOST_RESTARTING', 'POWERSHELL_SESSION_DIED'];

const foundText = (satisfied: Done): string =>
  satisfied.is === 'no'
    ? satisfied.found
    : satisfied.is === 'unknown'
      ? becausePhrase(satisfied.because)
      : 'nothing to be seen';

/** More rounds than any compound change needs; it ends one that never comes to an end. */
const mostRounds = 8;

/** Does what a change says. It neither looks first whether it is done nor reads back. */
const act = async (
  server: ExecutedServer,
  change: Change,
  observe: (area: Area, fresh: boolean) => Promise<Observed>,
  secrets: SecretTexts,
  options: CallOptions,
): Promise<void> => {
  const kind = kindOf(change);
  const needed = secretsFor(change, secrets);
  const apply = async (one: Change): Promise<void> => {
    kindOf(one).keep?.(one, server.settings);
    if (isServerChange(one))
      await server.ports.apply(one, { ...options, secrets: needed, resumeCommand: server.resumeCommand });
  };
  if (!kind.parts) return apply(change);
  for (let round = 0; round < mostRounds; round += 1) {
    const observed = (await observe(kind.area, round > 0))[kind.area];
    const parts = partsOf(change, observed);
    for (const part of parts) await apply(part);
    if (kind.script !== null || parts.length === 0) return;
  }
};

/**
 * Does steps on one server, each in the same way: test, write the intent, apply, read back, write the result. It goes on from what
 * it reads, never from memory, so that a step that is done is not done twice.
 *
 * A plan of one server is a {@link Coordinator} with one node: its `take` is this executor's. A plan over many nodes is the same
 * coordinator with an executor for each; for a node that is another server, `take` is a call of the contract method `step.take`
 * there, whose core plans by itself and hands its own executor the step that it planned.
 */
export class Executor {
  readonly #server: ExecutedServer;
  readonly #record: StepRecord;
  readonly #options: ExecutorOptions;
  readonly #observed = new Map<Area, Observed>();
  #revert: (ArmedChange & { readonly id: string }) | null = null;
  #hasChanged = false;

  constructor(server: ExecutedServer, record: StepRecord, options: ExecutorOptions) {
    this.#server = server;
    this.#record = record;
    this.#options = options;
    this.#revert = options.armed ?? null;
  }

  /** What the server takes back by itself; null while no step that may cut a connection was begun. */
  get revert(): (ArmedChange & { readonly id: string }) | null {
    return this.#revert;
  }

  /** True once a step changed something. */
  get hasChanged(): boolean {
    return this.#hasChanged;
  }

  /**
   * Takes one step to its proof. Throws what went wrong, after it was written down: PLAN_STOPPED_UNKNOWN where it cannot be told
   * whether it is done already, PLAN_NOT_VERIFIED where what was accepted does not show, and whatever the change throws.
   */
  async take(step: PlannedStep): Promise<TakenStep> {
    try {
      return await this.#take(step);
    } catch (error) {
      const thrown =
        error instanceof Failure ? error : new Failure('INTERNAL_BUG', toEnvelope(error).detail, { cause: error });
      this.#record.failed(step.id, toEnvelope(thrown));
      throw thrown;
    }
  }

  async #take(step: PlannedStep): Promise<TakenStep> {
    const { change } = step;
    if (step.certainty === 'expected')
      throw failure('INTERNAL_BUG', { message: `the step ${step.id} is only expected and was not planned again` });
    const found = await this.#foundDone(step);
    if (found) return found;
    this.#lookOnceMore(change);
    if (step.cutsConnection && kindOf(change).putsBack) await this.#armRevert();
    if (await this.#holdDisk(change)) {
      const meanwhile = await this.#foundDone(step);
      if (meanwhile) return meanwhile;
      this.#lookOnceMore(change);
    }
    this.#record.intent(step.id);
    let proof: string;
    try {
      this.#options.tell?.('Changing the server');
      await act(this.#server, change, (area, fresh) => this.observe(area, fresh), this.#options.secrets, {
        signal: this.#options.signal,
      });
      this.#observed.clear();
      this.#options.tell?.('Reading back what was changed');
      proof = await this.#verify(step);
    } catch (error) {
      this.#observed.clear();
      const done = await this.#doneAfterAll(change, error);
      if (done === null) throw await this.#withoutTrace(change, error);
      proof = done;
    }
    this.#hasChanged = true;
    this.#record.done(step.id, 'done', proof);
    return { state: 'done', proof };
  }

  /** Null where the step is still to be done. Throws PLAN_STOPPED_UNKNOWN. */
  async #foundDone(step: PlannedStep): Promise<TakenStep | null> {
    this.#options.tell?.('Looking whether it is done');
    const before = await this.#test(step.change);
    if (before.is === 'yes') {
      this.#record.done(step.id, 'alreadyDone', before.proof);
      return { state: 'alreadyDone', proof: before.proof };
    }
    if (before.is === 'unknown')
      throw failure(
        'PLAN_STOPPED_UNKNOWN',
        {
          server: step.node,
          what: `whether "${step.title}" is done`,
          because: becausePhrase(before.because),
          next: 'Fix that, then start again: steps that are done are not repeated.',
        },
        { effect: 'none' },
      );
    return null;
  }

  /** The server as it was last read since anything was changed; `fresh` reads it in any case. */
  async observe(area: Area, fresh = false): Promise<Observed> {
    const known = this.#observed.get(area);
    if (known && !fresh) return known;
    const observed = await this.#options.observe(area, this.#options.signal);
    this.#observed.set(area, observed);
    return observed;
  }

  async #test(change: Change): Promise<Done> {
    return isDone(change, await this.observe(kindOf(change).area));
  }

  /** The last look before something is written to a disk, whatever was planned. */
  #lookOnceMore(change: Change): void {
    const { objection: find, area } = kindOf(change);
    const observed = this.#observed.get(area)?.[area];
    const objection = observed && find?.(change, observed);
    if (objection) throw failure('DISK_CHANGED', { ...objection });
  }

  /**
   * Nothing is written to a shared disk without the promises of the other servers, nor against one of our own. True where one was waited for: what
   * was read before is forgotten then, because the disk may have changed.
   */
  async #holdDisk(change: Change): Promise<boolean> {
    const { singleWriter, patience } = this.#server;
    if (!singleWriter || kindOf(change).area !== 'storage') return false;
    const id = 'disk' in change ? change.disk : null;
    const disk = this.#observed.get('storage')?.storage?.disks.find(({ uniqueId }) => uniqueId === id);
    const named = disk &&
      id !== null && {
        disk: id,
        serial: disk.serialNumber?.trim() ?? null,
        isShared: isOnSharedBus(disk),
      };
    const { signal, promisesMs, tell = () => undefined } = this.#options;
    const waiting = promisesMs === undefined ? null : { signal, limitMs: promisesMs, pollMs: patience.pollMs, tell };
    const hasWaited = await singleWriter.beforeChange(change, named || null, waiting);
    if (hasWaited) this.#observed.clear();
    return hasWaited;
  }

  /** Before the first step that may cut a connection, the server is told to take everything back by itself. */
  async #armRevert(): Promise<void> {
    if (this.#revert) return;
    const { revertAfterSeconds, signal, steps } = this.#options;
    const observed = (await this.observe('network')).network as NetworkObserved;
    const restore = restoreOf(steps, observed);
    // A switch that the host has no NIC on: no address is to be left that could be given back.
    if (restore.length === 0) return;
    const what = revertText(restore, observed);
    const token = this.#record.id;
    const dueAt = new Date(this.#server.now().getTime() + revertAfterSeconds * 1000).toISOString();
    this.#record.armed({ token, dueAt, what });
    await this.#server.ports.nics.armRevert({ token, afterSeconds: revertAfterSeconds, restore }, { signal });
    const armed = (await this.#server.ports.nics.readReverts({ signal })).find((revert) => revert.token === token);
    if (!armed)
      throw failure(
        'PLAN_NOT_VERIFIED',
        { title: 'Revert the change by itself', found: 'no such task is there' },
        { effect: 'none' },
      );
    this.#revert = { id: token, dueAt: armed.dueAt, what };
  }

  /** Reads back until the effect shows or the time is up. */
  async #verify(step: PlannedStep): Promise<string> {
    const { patience, now } = this.#server;
    const isRestart = step.restart === 'now';
    const limitMs = isRestart ? patience.restartMs : patience.verifyMs;
    const started = performance.now();
    let last: Done;
    for (;;) {
      this.#observed.clear();
      try {
        last = await this.#test(step.change);
      } catch (error) {
        if (!(error instanceof Failure) || !awayCodes.includes(error.code)) throw error;
        if (!isRestart && !step.cutsConnection) throw error;
        last = { is: 'unknown', because: error.message };
      }
      if (last.is === 'yes') return last.proof;
      if (last.is === 'noTrace') return last.text;
      if (last.is === 'no' && last.failure)
        throw new Failure(last.failure.code, last.failure.detail, { effect: 'complete' });
      if (performance.now() - started > limitMs) break;
      if (this.#options.signal.aborted) throw cancelled(step.title, 'unknown');
      await pause(patience.pollMs, this.#options.signal);
    }
    if (isRestart)
      throw failure('HOST_RESTART_NOT_RETURNED', { server: step.node, seconds: Math.round(limitMs / 1000) });
    const notShown = kindOf(step.change).notShown?.(step.change, foundText(last));
    if (notShown) throw new Failure(notShown.code, notShown.detail);
    throw failure(
      'PLAN_NOT_VERIFIED',
      { title: step.title, found: foundText(last), at: now().toISOString() },
      { effect: last.is === 'no' ? 'complete' : 'unknown' },
    );
  }

  /** A failure that could have left something, where reading the server shows that it did not: then nothing was changed. */
  async #withoutTrace(change: Change, error: unknown): Promise<unknown> {
    const { leavesNothing, area } = kindOf(change);
    if (!leavesNothing || !(error instanceof Failure) || error.effect === 'none') return error;
    try {
      const observed = (await this.observe(area))[area];
      if (observed && leavesNothing(change, observed))
        return new Failure(error.code, error.detail, { effect: 'none', retry: error.retry, cause: error.cause });
    } catch {
      // Nothing can be read: what failed first is what is reported.
    }
    return error;
  }

  /** A call may fail although its effect is there (a session that exists, a connection that was cut meanwhile). */
  async #doneAfterAll(change: Change, error: unknown): Promise<string | null> {
    if (!(error instanceof Failure) || error.code === 'CANCELLED' || error.effect === 'none') return null;
    // What Windows made and warned of is there, and that proves nothing: the warning is the outcome.
    if (kindOf(change).warnings?.some((code) => code === error.code)) return null;
    try {
      const after = await this.#test(change);
      return after.is === 'yes' ? after.proof : null;
    } catch {
      // Nothing can be read: what failed first is what is reported.
      return null;
    }
  }
}
