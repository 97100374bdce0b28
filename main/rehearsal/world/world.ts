import { createDraft, enablePatches, finishDraft, type Patch } from 'immer';
import { join } from 'node:path';
import { toEnvelope } from '../../../shared/errors/failure.ts';
import { failure } from '../../../shared/errors/failure.ts';
import type { Envelope } from '../../../shared/errors/failure.ts';
import { toJson } from '../../../shared/model/quantity.ts';
import type { Change } from './change.ts';
import { syncDisks } from './changes/disks.ts';
import { losePower } from './changes/restart.ts';
import { logRegrouping } from './failover/event-log.ts';
import { regroup } from './failover/regroup.ts';
import { happen } from './happen.ts';
import { LunBytes } from './lun-bytes.ts';
import { WorldRecord, type LogEntry } from './record.ts';
import { isPathAlive } from './reach.ts';
import { NotModelled, PowerLost, Refusal } from './refusal.ts';
import { buildBareServers, type BareServers } from './scenarios/bare-servers.ts';
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
  readonly scenario: ScenarioName | BareServers;
  readonly seed: number;
  /** `real` follows this machine's clock; `driven` stands still until it is advanced. */
  readonly clock: 'real' | 'driven';
  readonly now?: () => number;
}

enablePatches();

/** The moment at which a driven world begins: nothing depends on the day of the test. */
const drivenStartMs = Date.UTC(2026, 0, 5, 8, 0, 0);

/** A state that is being changed, and what the change has come to. */
interface Draft {
  readonly world: WorldState;
  /** The new state, which shares with the old one whatever was not touched, and the difference. The draft is used up then. */
  finish(): { readonly state: WorldState; readonly patches: readonly Patch[] };
}

const draftOf = (state: WorldState): Draft => {
  const world = createDraft(state);
  return {
    world,
    finish: () => {
      let patches: readonly Patch[] = [];
      return { state: finishDraft(world, (made) => (patches = made)), patches };
    },
  };
};

/**
 * Owns the state: every request is one transaction, kept on disk before it is answered. A transaction costs what it
 * touches, however large the world is: its state is immutable and changes by patches.
 */
export class World {
  readonly #record: WorldRecord;
  readonly #now: () => number;
  readonly bytes: LunBytes;
  readonly #watchers = new Set<() => void>();
  #state: WorldState;
  #used = new Set<string>();
  #jump: NodeJS.Timeout | null = null;
  #unwatchJumps: (() => void) | null = null;
  #jumpsIsolations = false;

  constructor(options: WorldOptions) {
    this.#now = options.now ?? Date.now;
    this.#record = new WorldRecord(options.folder);
    this.bytes = new LunBytes(join(options.folder, 'luns'));
    const kept = this.#record.load();
    if (kept) {
      this.#state = kept;
    } else {
      const nowMs = options.clock === 'driven' ? drivenStartMs : this.#now();
      const clock = { mode: options.clock, nowMs };
      this.#state =
        typeof options.scenario === 'string'
          ? buildScenario(options.scenario, options.seed, clock)
          : buildBareServers(options.scenario, options.seed, clock);
      this.#record.checkpoint(this.#state);
    }
  }

  get state(): WorldState {
    return this.#state;
  }

  /** Told after each transaction that was kept; returns how to stop. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  get nowMs(): number {
    const { clock } = this.#state;
    return clock.mode === 'real' ? this.#now() : clock.nowMs;
  }

  /** Reads without changing anything. A server without power answers nothing. */
  read<T>(request: Request, look: (world: WorldState, server: ServerState, used: Set<string>) => T): Outcome<T> {
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
    const draft = draftOf(this.#state);
    if (this.#takePowerLoss(request, 'before', draft.world)) return this.#cutPower(request, draft, []);
    const change: Change = {
      world: draft.world,
      server: draft.world.servers[request.server]!,
      nowMs: this.nowMs,
      what: request.what,
      used: this.#used,
      lunWrites: [],
    };
    try {
      // The answer may hold parts of the draft, which is used up when it is finished.
      const value = toJson(apply(change)) as T;
      if (this.#takePowerLoss(request, 'after', draft.world))
        return this.#cutPower(request, draft, change.lunWrites, 'done, then ');
      this.#keep(request, draft, 'done', change.lunWrites);
      return { kind: 'done', value };
    } catch (error) {
      if (error instanceof PowerLost) return this.#cutPower(request, draft, change.lunWrites);
      if (error instanceof Refusal)
        this.#keep(request, error.keepsChanges ? draft : draftOf(this.#state), `refused: ${error.behaviourId}`, []);
      return this.#failed(error);
    }
  }

  /** A request of whoever drives the world, not of a program on a server. */
  control<T>(who: string, what: string, input: unknown, apply: (world: WorldState, nowMs: number) => T): T {
    this.settle();
    const draft = draftOf(this.#state);
    const value = toJson(apply(draft.world, this.nowMs)) as T;
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
      const draft = draftOf(this.#state);
      const { world } = draft;
      world.events = world.events.filter((event) => event.id !== due.id);
      const server = world.servers[due.server];
      if (server) happen(world, server, due, this.#used);
      this.#keep({ who: 'clock', server: due.server, what: due.kind, input: due }, draft, 'done', []);
    }
  }

  /** When the next thing is due, in milliseconds of the world's clock; null when nothing is. */
  get nextDueMs(): number | null {
    return this.#state.events.length === 0 ? null : Math.min(...this.#state.events.map((event) => event.atMs));
  }

  /**
   * What the servers themselves wait for (a start, say): no task that takes a change back, and the end of an isolation only where that was asked for.
   */
  get #awaited(): readonly number[] {
    return this.#state.events
      .filter(({ kind }) => kind !== 'taskDue' && (kind !== 'isolationEnds' || this.#jumpsIsolations))
      .map((event) => event.atMs);
  }

  /** Moves a driven clock to whatever the servers themselves wait for, however far away that is. False where nothing is waited for. */
  advanceToNext(): boolean {
    const awaited = this.#awaited;
    if (awaited.length === 0) return false;
    this.advance(Math.max(0, Math.min(...awaited) - this.nowMs));
    return true;
  }

  /**
   * From now on a driven clock jumps by itself to what the servers wait for, so many milliseconds of this machine after they begin to; a clock that
   * follows this machine goes on as it does. With `isolations` also over the time that a node is Isolated. See {@link stopJumping}.
   */
  jumpAfter(ms: number, isolations = false): void {
    this.stopJumping();
    this.#jumpsIsolations = isolations;
    const look = (): void => {
      if (this.#jump || this.#state.clock.mode !== 'driven' || this.#awaited.length === 0) return;
      this.#jump = setTimeout(() => {
        this.advanceToNext();
        this.#jump = null;
        look();
      }, ms);
    };
    this.#unwatchJumps = this.watch(look);
    look();
  }

  /** A driven clock stands still again until somebody moves it. */
  stopJumping(): void {
    this.#unwatchJumps?.();
    this.#unwatchJumps = null;
    if (this.#jump) clearTimeout(this.#jump);
    this.#jump = null;
    this.#jumpsIsolations = false;
  }

  /** Moves a driven clock, and lets everything on the way happen in its order. */
  advance(byMs: number): void {
    if (this.#state.clock.mode !== 'driven')
      throw new NotModelled('a clock that follows this machine cannot be advanced');
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

  /** Modelled behaviours that answers rested on since the last call, by their ids. */
  takeUsed(): string[] {
    const used = [...this.#used].sort();
    this.#used.clear();
    return used;
  }

  readLog(limit: number): LogEntry[] {
    return this.#record.readLog(limit);
  }

  async close(): Promise<void> {
    this.stopJumping();
    this.#watchers.clear();
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

  #takePowerLoss(request: Request, moment: 'before' | 'after', draft: WorldState): boolean {
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

  #cutPower(request: Request, draft: Draft, writes: Change['lunWrites'], before = ''): Outcome<never> {
    losePower(draft.world, draft.world.servers[request.server]!);
    this.#keep(request, draft, `${before}power lost`, writes);
    return {
      kind: 'gone',
      envelope: toEnvelope(
        failure('HOST_UNREACHABLE', { server: request.server, reason: 'it lost its power' }, { effect: 'unknown' }),
      ),
    };
  }

  #keep(request: Request, draft: Draft, outcome: string, writes: Change['lunWrites']): void {
    const made = draft.finish();
    const refreshed = refreshSessions(made.state);
    const regrouped = regroupedOf(this.#state, (refreshed ?? made).state, this.nowMs, this.#used);
    const { state } = regrouped ?? refreshed ?? made;
    this.bytes.write(state, writes);
    this.#record.append(
      {
        at: new Date(this.nowMs).toISOString(),
        who: request.who,
        server: request.server === '' ? null : request.server,
        what: request.what,
        input: request.input,
        outcome,
      },
      [...made.patches, ...(refreshed?.patches ?? []), ...(regrouped?.patches ?? [])],
    );
    this.#state = state;
    if (this.#record.wantsCheckpoint) this.#record.checkpoint(state);
    for (const watcher of this.#watchers) watcher();
  }
}

/**
 * A session is connected exactly while its path carries it; the initiator reconnects by itself. Null when nothing changes:
 * most transactions touch no path, and looking costs less than a draft of every server.
 */
const refreshSessions = (state: WorldState): ReturnType<Draft['finish']> | null => {
  const changed = Object.values(state.servers).filter((server) =>
    server.initiator.sessions.some((session) => isPathAlive(state, server, session) !== session.connected),
  );
  if (changed.length === 0) return null;
  const draft = draftOf(state);
  for (const { name } of changed) {
    const server = draft.world.servers[name]!;
    for (const session of server.initiator.sessions) session.connected = isPathAlive(draft.world, server, session);
    syncDisks(draft.world, server);
  }
  return draft.finish();
};

/** What of a server can change who is in the cluster, who has its disks, and what runs. */
const partsOf = (server: ServerState | undefined): readonly unknown[] => [
  server?.power,
  server?.services['ClusSvc'],
  server?.nics,
  server?.initiator.sessions,
];

/** Parts that are shared with the state before were not touched. */
const isTouched = (before: WorldState, after: WorldState): boolean =>
  before.cluster !== after.cluster ||
  before.machines !== after.machines ||
  before.faults !== after.faults ||
  before.targets !== after.targets ||
  before.networks !== after.networks ||
  (before.servers !== after.servers &&
    Object.keys(after.servers).some((name) => {
      const [one, other] = [before.servers[name], after.servers[name]];
      if (one === other) return false;
      const was = partsOf(one);
      return partsOf(other).some((part, at) => part !== was[at]);
    }));

/** The cluster takes account of what happened; null where nothing of it was touched, or nothing follows. */
const regroupedOf = (
  before: WorldState,
  after: WorldState,
  nowMs: number,
  used: Set<string>,
): ReturnType<Draft['finish']> | null => {
  if (!after.cluster || !isTouched(before, after)) return null;
  const draft = draftOf(after);
  const { isQuorumLost, nodes } = after.cluster;
  const members = nodes.filter(({ membership }) => membership === undefined).map(({ name }) => name);
  regroup(draft.world, nowMs, used);
  logRegrouping(draft.world, { ...(isQuorumLost === undefined ? {} : { isQuorumLost }), members }, nowMs, used);
  return draft.finish();
};
