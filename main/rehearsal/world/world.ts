import { join } from 'node:path';
import { toEnvelope } from '../../../shared/errors/failure.ts';
import { failure } from '../../../shared/errors/failure.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import type { BehaviourId } from './behaviours/index.ts';
import type { Change } from './change.ts';
import { applyRestore } from './changes/nics.ts';
import { syncDisks } from './changes/disks.ts';
import { boot, losePower } from './changes/restart.ts';
import { LunBytes } from './lun-bytes.ts';
import { diffParts, partsOf, WorldRecord, type LogEntry } from './record.ts';
import { isPathAlive } from './reach.ts';
import { NotModelled, PowerLost, Refusal } from './refusal.ts';
import { buildScenario, type ScenarioName } from './scenarios/index.ts';
import type { FaultState, ServerState, WorldState } from './state.ts';

/** How a request ended, for its client. */
export type Outcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'gone'; readonly envelope: Envelope }
  | { readonly kind: 'bug'; readonly message: string };

export interface Request {
  /** The client's name for itself. */
  readonly who: string;
  readonly server: string;
  /** The cmdlet, or the port method. */
  readonly what: string;
  /** For the log; without secrets. */
  readonly input: unknown;
}

export interface WorldOptions {
  /** The folder that keeps the world. */
  readonly folder: string;
  /** Used when the folder is empty. */
  readonly scenario: ScenarioName;
  readonly seed: number;
  /** `real` follows this machine's clock; `driven` stands still until it is advanced. */
  readonly clock: 'real' | 'driven';
  readonly now?: () => number;
}

/** The moment at which a driven world begins: nothing depends on the day of the test. */
const drivenStartMs = Date.UTC(2026, 0, 5, 8, 0, 0);

/** Owns the state: every request is one transaction, kept on disk before it is answered. */
export class World {
  readonly #record: WorldRecord;
  readonly #now: () => number;
  readonly bytes: LunBytes;
  /** Called after each transaction that was kept. */
  onKept: (() => void) | null = null;
  #state: WorldState;
  #parts: Map<string, string>;
  #used = new Set<BehaviourId>();

  constructor(options: WorldOptions) {
    this.#now = options.now ?? Date.now;
    this.#record = new WorldRecord(options.folder);
    this.bytes = new LunBytes(join(options.folder, 'luns'));
    const kept = this.#record.load();
    if (kept) {
      this.#state = kept;
    } else {
      const nowMs = options.clock === 'driven' ? drivenStartMs : this.#now();
      this.#state = buildScenario(options.scenario, options.seed, { mode: options.clock, nowMs });
      this.#record.checkpoint(this.#state);
    }
    this.#parts = partsOf(this.#state);
  }

  get state(): WorldState {
    return this.#state;
  }

  get nowMs(): number {
    const { clock } = this.#state;
    return clock.mode === 'real' ? this.#now() : clock.nowMs;
  }

  /** Reads without changing anything. A server without power answers nothing. */
  read<T>(request: Request, look: (world: WorldState, server: ServerState, used: Set<BehaviourId>) => T): Outcome<T> {
    this.settle();
    const gone = this.#whyGone(request.server);
    if (gone) return { kind: 'gone', envelope: gone };
    try {
      return { kind: 'done', value: look(this.#state, this.#server(request.server), this.#used) };
    } catch (error) {
      return this.#failed(error);
    }
  }

  /** One transaction: all of it, or nothing; after a loss of power what was done until then. */
  change<T>(request: Request, apply: (change: Change) => T): Outcome<T> {
    this.settle();
    const gone = this.#whyGone(request.server);
    if (gone) return { kind: 'gone', envelope: gone };
    if (this.#takePowerLoss(request, 'before')) return this.#cutPower(request, structuredClone(this.#state), []);
    const draft = structuredClone(this.#state);
    const change: Change = {
      world: draft,
      server: draft.servers[request.server]!,
      nowMs: this.nowMs,
      what: request.what,
      used: this.#used,
      lunWrites: [],
    };
    try {
      const value = apply(change);
      if (this.#takePowerLoss(request, 'after', draft)) return this.#cutPower(request, draft, change.lunWrites);
      this.#keep(request, draft, 'done', change.lunWrites);
      return { kind: 'done', value };
    } catch (error) {
      if (error instanceof PowerLost) return this.#cutPower(request, draft, change.lunWrites);
      if (error instanceof Refusal) {
        this.#keep(request, error.keepsChanges ? draft : this.#state, `refused: ${error.behaviourId}`, []);
      }
      return this.#failed(error);
    }
  }

  /** A request of whoever drives the world, not of a program on a server. */
  control<T>(who: string, what: string, input: unknown, apply: (world: WorldState, nowMs: number) => T): T {
    this.settle();
    const draft = structuredClone(this.#state);
    const value = apply(draft, this.nowMs);
    this.#keep({ who, server: '', what, input }, draft, 'done', []);
    return value;
  }

  /** Lets happen whatever is due by now. */
  settle(): void {
    const nowMs = this.nowMs;
    for (;;) {
      const due = this.#state.events
        .filter((event) => event.atMs <= nowMs)
        .sort((one, other) => one.atMs - other.atMs)[0];
      if (!due) return;
      const draft = structuredClone(this.#state);
      draft.events = draft.events.filter((event) => event.id !== due.id);
      const server = draft.servers[due.server];
      if (server) happen(draft, server, due);
      this.#keep({ who: 'clock', server: due.server, what: due.kind, input: due }, draft, 'done', []);
    }
  }

  /** When the next thing is due, in milliseconds of the world's clock; null when nothing is. */
  get nextDueMs(): number | null {
    return this.#state.events.length === 0 ? null : Math.min(...this.#state.events.map((event) => event.atMs));
  }

  /** Moves a driven clock, and lets everything on the way happen in its order. */
  advance(byMs: number): void {
    if (this.#state.clock.mode !== 'driven')
      throw new NotModelled('a clock that follows this machine can not be advanced');
    const target = this.#state.clock.nowMs + byMs;
    for (;;) {
      const next = this.nextDueMs;
      const stop = next !== null && next <= target ? Math.max(next, this.#state.clock.nowMs) : target;
      this.control('clock', 'advance', { toMs: stop }, (world) => {
        world.clock.nowMs = stop;
      });
      this.settle();
      if (stop >= target) return;
    }
  }

  /** Modelled behaviours that answers rested on since the last call. */
  takeUsed(): BehaviourId[] {
    const used = [...this.#used].sort();
    this.#used.clear();
    return used;
  }

  readLog(limit: number): LogEntry[] {
    return this.#record.readLog(limit);
  }

  async close(): Promise<void> {
    await this.bytes.close();
    this.#record.checkpoint(this.#state);
    this.#record.close();
  }

  #server(name: string): ServerState {
    const server = this.#state.servers[name];
    if (!server) throw new NotModelled(`there is no server ${name} in this world`);
    return server;
  }

  #whyGone(name: string): Envelope | null {
    const server = this.#server(name);
    if (server.power === 'on') return null;
    return toEnvelope(
      server.power === 'restarting'
        ? failure('HOST_RESTARTING', { server: name })
        : failure('HOST_UNREACHABLE', { server: name, reason: 'it is switched off' }, { effect: 'none' }),
    );
  }

  #failed(error: unknown): Outcome<never> {
    if (error instanceof Refusal) {
      this.#used.add(error.behaviourId);
      return { kind: 'refused', refusal: error };
    }
    if (error instanceof NotModelled) return { kind: 'bug', message: error.message };
    throw error;
  }

  #takePowerLoss(request: Request, moment: 'before' | 'after', draft: WorldState = this.#state): boolean {
    const fault = this.#state.faults.find(
      (candidate): candidate is Extract<FaultState, { kind: 'powerLoss' }> =>
        candidate.kind === 'powerLoss' &&
        candidate.server === request.server &&
        candidate.on === request.what &&
        candidate.moment === moment,
    );
    if (!fault) return false;
    draft.faults = draft.faults.filter((candidate) => candidate.id !== fault.id);
    return true;
  }

  #cutPower(request: Request, draft: WorldState, writes: Change['lunWrites']): Outcome<never> {
    losePower(draft, draft.servers[request.server]!);
    this.#keep(request, draft, 'power lost', writes);
    return {
      kind: 'gone',
      envelope: toEnvelope(
        failure('HOST_UNREACHABLE', { server: request.server, reason: 'it lost its power' }, { effect: 'unknown' }),
      ),
    };
  }

  #keep(request: Request, draft: WorldState, outcome: string, writes: Change['lunWrites']): void {
    if (draft !== this.#state) refreshSessions(draft);
    const parts = draft === this.#state ? this.#parts : partsOf(draft);
    const changes = diffParts(this.#parts, parts);
    this.bytes.write(draft, writes);
    this.#record.append(
      {
        at: new Date(this.nowMs).toISOString(),
        who: request.who,
        server: request.server === '' ? null : request.server,
        what: request.what,
        input: request.input,
        outcome,
      },
      changes,
    );
    this.#state = draft;
    this.#parts = parts;
    if (this.#record.wantsCheckpoint) this.#record.checkpoint(draft);
    this.onKept?.();
  }
}

/** A session is connected exactly while its path carries it; the initiator reconnects by itself. */
const refreshSessions = (world: WorldState): void => {
  for (const server of Object.values(world.servers)) {
    let changed = false;
    for (const session of server.initiator.sessions) {
      const alive = isPathAlive(world, server, session);
      changed ||= alive !== session.connected;
      session.connected = alive;
    }
    if (changed) syncDisks(world, server);
  }
};

const happen = (world: WorldState, server: ServerState, event: WorldState['events'][number]): void => {
  if (event.kind === 'booted') {
    if (server.power === 'restarting') boot(world, server, event.atMs);
    return;
  }
  const task = server.tasks.find((one) => `${one.path}${one.name}` === event.task);
  // Windows' task scheduler runs a task that it missed only when the task says so; this product's tasks do.
  if (!task || server.power === 'off') return;
  if (server.power === 'restarting') {
    world.events.push({ ...event, atMs: event.atMs + 1000 });
    return;
  }
  task.lastRunMs = event.atMs;
  if (task.restore) {
    applyRestore(world, server, task.restore);
    server.tasks = server.tasks.filter((one) => one !== task);
  }
};
