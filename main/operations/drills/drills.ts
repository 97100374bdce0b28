import { clusterRead, machinesRead } from '../../../shared/contract/listed.ts';
import type { ParsedInputOf, Progress } from '../../../shared/contract/define.ts';
import {
  drillAsk,
  drillBegin,
  drillEnd,
  drillLook,
  type drillPlan,
  type drillRun,
  type DrillPlan,
  type DrillRecord,
} from '../../../shared/contract/drill.ts';
import { formationAgreed } from '../../../shared/contract/formation.ts';
import { cancelled, Failure, failure } from '../../../shared/errors/failure.ts';
import { keyOf } from '../../../shared/availability/parse-state.ts';
import { elementName } from '../../../shared/availability/words.ts';
import type { Epoch } from '../../../shared/model/caller.ts';
import { parseServerRef, printServerRef } from '../../../shared/model/server-ref.ts';
import { zonedTime } from '../../../shared/model/time.ts';
import type { Journal, OpenEntry } from '../../journal/journal.ts';
import { knownAnswer, type PeerPort } from '../../ports/peer-port.ts';
import { isProcessAlive } from '../../system/processes.ts';
import { stateOfServers, type ReadServer, type ReadState } from '../availability/observed-state.ts';
import type { AskCore } from '../formation/qualify-lun.ts';
import { agreedAtPeers } from './agreed-at-peers.ts';
import type { DrillHistory } from './history.ts';
import { planDrill, type DrillTask } from './plan-drill.ts';
import { recoverDrill } from './recover-drill.ts';
import { runDrill } from './run-drill.ts';

/** How often the observer looks, in milliseconds: a reading of the cluster costs about that much on a real server. */
const lookEveryMs = 500;

export interface DrillsTools {
  readonly history: DrillHistory;
  /** Calls a method of this core, which hands what only reads to the peer that it is about. */
  readonly ask: AskCore;
  readonly peers: PeerPort;
  /** Why peers take no orders from this console, as a sentence; null: they do. */
  readonly whyNoOrders: () => Promise<string | null>;
  /** The epoch in which this console orders. Throws COORDINATOR_NONE, COORDINATOR_MEMBER_SILENT. */
  readonly orderEpoch: (signal: AbortSignal, progress: (progress: Progress) => void) => Promise<Epoch | null>;
  readonly openJournal: () => Promise<Journal>;
  /** This server as the journal names it. */
  readonly me: { readonly server: string; readonly node: string };
}

/** What a call of one of the methods brings. */
export interface DrillCall {
  readonly read: ReadServer;
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
  readonly by: string;
}

interface Planned extends DrillTask {
  readonly read: ReadState;
}

const peerIn = (server: string): string | null => {
  const ref = parseServerRef(server);
  return ref?.kind === 'peer' ? ref.id : null;
};

/**
 * Drills that are begun at this console. What is done to a server its own core does, with its own journal and guard: near by a call of
 * this core, far as an order in this console's epoch.
 */
export class Drills {
  readonly #tools: DrillsTools;
  #running: { readonly element: string; readonly since: string } | null = null;
  #recovering: Promise<unknown> | null = null;

  constructor(tools: DrillsTools) {
    this.#tools = tools;
  }

  async plan(input: ParsedInputOf<typeof drillPlan>, call: DrillCall): Promise<DrillPlan> {
    await this.#recover();
    return (await this.#plan(input, call)).plan;
  }

  async list(): Promise<DrillRecord[]> {
    await this.#recover();
    return this.#tools.history.read();
  }

  /** Throws PLAN_BUSY, DRILL_PLAN_CHANGED, DRILL_REFUSED, FORM_CONSENT_REFUSED, COORDINATOR_*. */
  async run(input: ParsedInputOf<typeof drillRun>, call: DrillCall): Promise<DrillRecord> {
    if (this.#running !== null)
      throw failure('PLAN_BUSY', {
        server: 'this cluster',
        title: `Drill: ${elementName(this.#running.element)}`,
        since: zonedTime(this.#running.since),
      });
    await this.#recover();
    this.#running = { element: input.element, since: new Date().toISOString() };
    let entry: OpenEntry | null = null;
    let end: 'done' | 'failed' = 'failed';
    try {
      const task = await this.#asShown(input, call);
      const epoch = await this.#agreed(task, input, call);
      if (epoch) entry = await this.#journal(task, epoch, call.by);
      const record = await this.#carryOut(task, epoch, entry?.id ?? null, call);
      if (record.isBack) end = 'done';
      return record;
    } finally {
      this.#running = null;
      entry?.write('end', { state: end });
      entry?.close();
    }
  }

  async #carryOut(task: Planned, epoch: Epoch | null, parent: string | null, call: DrillCall): Promise<DrillRecord> {
    const { history, ask } = this.#tools;
    const { signal, progress, by } = call;
    const order = orderOf(task);
    const record = await runDrill(task, {
      look: (server, within) => this.#look(server, within),
      begin: async (server, act, title, guardSeconds, within) => {
        const peer = peerIn(server);
        const asked = { server: 'local', act, title, guardSeconds } as const;
        const begun = peer
          ? await this.#order(peer, 'drill.begin', { ...asked, order, parent }, epoch, within)
          : await ask('drill.begin', { ...asked, server }, within);
        return (peer ? await knownAnswer(this.#tools.peers, peer, drillBegin, begun) : drillBegin.output.parse(begun))
          .journal;
      },
      end: (server, journal) => this.#end(server, journal, epoch),
      keep: (drill) => history.begin({ ...drill, pid: process.pid }),
      now: () => new Date(),
      progress,
      signal,
      by,
      isRehearsal: task.read.source.kind === 'rehearsal',
      everyMs: lookEveryMs,
    });
    history.add(record);
    return record;
  }

  /** The plan that a person read, or none. */
  async #asShown(input: ParsedInputOf<typeof drillRun>, call: DrillCall): Promise<Planned> {
    const task = await this.#plan(input, call);
    if (task.plan.id !== input.plan) throw failure('DRILL_PLAN_CHANGED', { element: task.plan.element });
    return task;
  }

  /** Null where no peer is ordered anything. What is planned is looked at again where people took their time to agree. */
  async #agreed(task: Planned, input: ParsedInputOf<typeof drillRun>, call: DrillCall): Promise<Epoch | null> {
    const { orderEpoch, peers } = this.#tools;
    const { signal, progress } = call;
    const far = task.acts.flatMap(({ server, node, act }) => {
      const peer = peerIn(server);
      return peer === null ? [] : [{ peer, node, act }];
    });
    if (far.length === 0 || task.plan.refusals.length > 0) return null;
    const epoch = await orderEpoch(signal, progress);
    const order = orderOf(task);
    const hasWaited = await agreedAtPeers(far, {
      ask: async ({ peer, act }) =>
        knownAnswer(
          peers,
          peer,
          drillAsk,
          await this.#order(peer, drillAsk.name, { server: 'local', act, order }, epoch, signal),
        ),
      answer: async (peer, formation) =>
        knownAnswer(
          peers,
          peer,
          formationAgreed,
          await peers.call(peer, formationAgreed.name, { formation }, { signal }),
        ),
      progress,
      signal,
    });
    if (signal.aborted) throw cancelled('The drill', 'none');
    if (hasWaited) await this.#asShown(input, call);
    return epoch;
  }

  #order(peer: string, method: string, input: unknown, epoch: Epoch | null, signal?: AbortSignal): Promise<unknown> {
    const { peers } = this.#tools;
    return peers.call(peer, method, input, { ...(signal ? { signal } : {}), ...(epoch ? { epoch } : {}) });
  }

  async #end(server: string, journal: string | null, epoch: Epoch | null): Promise<boolean> {
    const peer = peerIn(server);
    const ended = peer
      ? await this.#order(peer, 'drill.end', { server: 'local', journal }, epoch)
      : await this.#tools.ask('drill.end', { server, journal }, new AbortController().signal);
    return (peer ? await knownAnswer(this.#tools.peers, peer, drillEnd, ended) : drillEnd.output.parse(ended)).isBack;
  }

  async #plan(
    { servers, element, holdSeconds }: ParsedInputOf<typeof drillPlan>,
    { read: readServer, signal }: DrillCall,
  ): Promise<Planned> {
    const { history, ask, whyNoOrders } = this.#tools;
    const nodes: { node: string; server: string }[] = [];
    const read = await stateOfServers(servers, async (ref) => {
      const one = await readServer(ref);
      nodes.push({ node: one.network.server.computerName, server: printServerRef(ref) });
      return one;
    });
    const look = async (server: string, act: DrillTask['acts'][number]['act']) => {
      try {
        return { ok: true, ...drillLook.output.parse(await ask('drill.look', { server, act }, signal)) } as const;
      } catch (error) {
        if (!(error instanceof Failure) || error.code === 'CANCELLED') throw error;
        const { because } = error.detail;
        return { ok: false, because: typeof because === 'string' ? because : error.message } as const;
      }
    };
    const orders = servers.some(({ kind }) => kind === 'peer') ? await whyNoOrders() : null;
    const task = await planDrill(read, nodes, { element, holdSeconds }, history.read(), look, orders);
    return { ...task, read };
  }

  async #look(server: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const { ask } = this.#tools;
    const [machines, cluster] = await Promise.all([
      ask('vm.list', { server }, signal).then((answer) => machinesRead.output.parse(answer)),
      ask('cluster.read', { server }, signal).then((answer) => clusterRead.output.parse(answer)),
    ]);
    const up = new Set(
      (cluster.state.cluster?.nodes ?? [])
        .filter(({ state }) => state === 'up' || state === 'paused')
        .map(({ name }) => keyOf(name)),
    );
    // What is only said to run on a node that is gone does not run.
    return new Map(
      machines.state.machines
        .filter(({ state, host }) => state === 'running' && up.has(keyOf(host)))
        .map(({ name, host }) => [keyOf(name), host]),
    );
  }

  /** A drill that a process left which is gone is taken back before anybody plans, runs or looks at one. */
  async #recover(): Promise<void> {
    const { history, orderEpoch } = this.#tools;
    let epoch: Promise<Epoch | null> | null = null;
    this.#recovering ??= recoverDrill(history, {
      end: async (server) => {
        if (peerIn(server) !== null)
          epoch ??= orderEpoch(new AbortController().signal, () => undefined).catch((error: unknown) => {
            // The next attempt asks again.
            epoch = null;
            throw error;
          });
        return this.#end(server, null, await epoch);
      },
      isAlive: (pid) => (pid === process.pid ? this.#running !== null : isProcessAlive(pid)),
      now: () => new Date(),
    })
      .then((record) => (record ? this.#closeLeft(record) : undefined))
      .finally(() => {
        this.#recovering = null;
      });
    await this.#recovering;
  }

  /** The entry that a crash left open is over: what was done, every server shows itself. */
  async #closeLeft({ by, isBack }: DrillRecord): Promise<void> {
    const journal = await this.#tools.openJournal();
    for (const { begin, state } of journal.listOpen()) {
      if (begin.method !== 'drill.run' || state !== 'interrupted') continue;
      const left = journal.continue(begin.id, by);
      left.write('end', { state: isBack ? 'done' : 'failed' });
      left.close();
    }
  }

  /** In this server's own journal: what it has the others do, and who asked for it. */
  async #journal({ plan, acts }: Planned, { number }: Epoch, by: string): Promise<OpenEntry> {
    const journal = await this.#tools.openJournal();
    return journal.begin({
      ...this.#tools.me,
      by,
      epoch: number,
      nodes: acts.map(({ node }) => node),
      title: plan.title,
      method: 'drill.run',
      desire: null,
      steps: [],
      followUp: null,
    });
  }
}

/** What the server that is ordered a drill cannot see for itself. */
const orderOf = ({ plan, read }: Planned): NonNullable<ParsedInputOf<typeof drillBegin>['order']> => ({
  element: plan.element,
  others: read.state.nodes.map(({ name, memoryMB, reserveMB, nics }) => ({
    name,
    memoryMB,
    reserveMB,
    ...(nics ? { nics } : {}),
  })),
});
