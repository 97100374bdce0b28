import { asClause } from '../../../shared/model/sentence.ts';
import { coordinatorAnnounce, coordinatorHeard, type CoordinatorView } from '../../../shared/contract/coordinator.ts';
import type { OutputOf, Progress } from '../../../shared/contract/define.ts';
import { cancelled, Failure, failure } from '../../../shared/errors/failure.ts';
import type { Caller, Epoch } from '../../../shared/model/caller.ts';
import { judgeEpoch, type EpochMember } from '../../../shared/model/epoch.ts';
import { peerIdOf } from '../../../shared/model/peer.ts';
import type { EpochStore } from '../../coordination/epoch-store.ts';
import { knownAnswer, type PeerPort } from '../../ports/peer-port.ts';
import { pause } from '../../system/pause.ts';
import { zonedTime } from '../../../shared/model/time.ts';

/** A server that is paired with this one. */
export interface Paired {
  readonly fingerprint: string;
  readonly name: string;
}

export interface CoordinatorshipTools extends PeerPort {
  readonly store: EpochStore;
  readonly me: () => Promise<Paired>;
  readonly members: () => Promise<readonly Paired[]>;
  /** Finds a paired server by id or name. Throws PEER_UNKNOWN, PEER_AMBIGUOUS. */
  readonly find: (text: string) => Promise<Paired>;
  /** The titles of what runs on this server on a coordinator's order. */
  readonly running: () => readonly string[];
}

/** How often a server is asked whether what ran there has ended, in milliseconds. */
const askEveryMs = 500;

/** What is no silence of a server that was asked. */
const neverSilent: readonly string[] = ['CANCELLED', 'INTERNAL_BUG', 'COORDINATOR_OUTDATED', 'PEER_ANSWER_UNKNOWN'];

interface Asked {
  readonly member: Paired;
  readonly answer: OutputOf<typeof coordinatorHeard> | null;
  /** Why it did not answer. */
  readonly because: string;
}

/**
 * This server as a coordinator, and as a member of another one's epoch. Nothing is elected and nothing runs out: a person makes a
 * server the coordinator, its number is above all that was heard, and it orders only once every paired server has written that
 * down, or was declared powered down by its name.
 */
export class Coordinatorship {
  readonly #tools: CoordinatorshipTools;

  constructor(tools: CoordinatorshipTools) {
    this.#tools = tools;
  }

  async show(): Promise<CoordinatorView> {
    const { store, running } = this.#tools;
    const [me, members] = [await this.#tools.me(), await this.#tools.members()];
    const heard = store.heard();
    const isThisServer = heard?.coordinator === me.fingerprint;
    const standing = store.standing();
    const views = isThisServer ? members.map((member) => viewOf(member, standing)) : [];
    return {
      heard,
      isThisServer,
      mayOrder: isThisServer && views.every(({ state }) => state !== 'silent'),
      members: views,
      running: [...running()],
    };
  }

  /** What a server that wants to become the coordinator is told. */
  heard(): OutputOf<typeof coordinatorHeard> {
    return { heard: this.#tools.store.heard(), running: [...this.#tools.running()] };
  }

  /**
   * Admits the order of a peer: its epoch is on this server's disk when this returns.
   * @throws Failure COORDINATOR_OUTDATED; CALL_NOT_ALLOWED where the call came in no epoch
   */
  async admit(caller: Extract<Caller, { kind: 'peer' }>, method: string): Promise<void> {
    if (caller.epoch === null) throw failure('CALL_NOT_ALLOWED', { caller: `peer:${caller.id}, in no epoch`, method });
    const known = (await this.#tools.members()).find(({ fingerprint }) => fingerprint === caller.fingerprint);
    this.#tools.store.hear(caller.epoch, known?.name ?? caller.id);
  }

  /** @throws Failure COORDINATOR_MEMBER_SILENT, COORDINATOR_OUTDATED, PEER_UNKNOWN, PEER_AMBIGUOUS, CANCELLED */
  async take(
    poweredDown: readonly string[],
    signal: AbortSignal,
    progress: (progress: Progress) => void,
  ): Promise<CoordinatorView> {
    const { store } = this.#tools;
    const declared = new Set<string>();
    for (const text of poweredDown) declared.add((await this.#tools.find(text)).fingerprint);
    const me = await this.#tools.me();
    progress({ doing: 'Asking every server who coordinates', done: null, total: null, leftMs: null });
    const asked = await this.#askAll(await this.#tools.members(), signal);
    this.#refuseSilent(asked, declared, 'none');
    const heard = [store.heard(), ...asked.map(({ answer }) => answer?.heard ?? null)];
    const highest = heard.reduce<Epoch | null>(
      (best, one) => (one && (best === null || one.number > best.number) ? one : best),
      null,
    );
    const isMine = highest?.coordinator === me.fingerprint && store.heard()?.number === highest.number;
    const contested = heard.some(
      (one) => one && highest && one.number === highest.number && one.coordinator !== highest.coordinator,
    );
    const epoch: Epoch =
      isMine && !contested ? highest : { number: (highest?.number ?? 0) + 1, coordinator: me.fingerprint };
    store.hear(epoch, me.name);
    await this.#gather(epoch, declared, signal, progress);
    return this.show();
  }

  /**
   * The epoch in which this server orders; null where it has no peers and needs none. A server that was paired meanwhile, or came
   * back, is told first. While this server was off, another may have taken over, which could not tell it: whoever answers is asked.
   * @throws Failure COORDINATOR_NONE, COORDINATOR_MEMBER_SILENT, COORDINATOR_OUTDATED
   */
  async orderEpoch(signal: AbortSignal, progress: (progress: Progress) => void): Promise<Epoch | null> {
    const { store } = this.#tools;
    const members = await this.#tools.members();
    if (members.length === 0) return null;
    const epoch = await this.#own();
    this.#refuseTakenOver(epoch, await this.#askAll(members, signal), (await this.#tools.me()).name);
    if (!(await this.show()).mayOrder)
      await this.#gather(epoch, new Set(store.standing().poweredDown), signal, progress);
    return epoch;
  }

  /** Throws COORDINATOR_OUTDATED where another coordinator's epoch was heard since `epoch` was this server's own. */
  assertInForce(epoch: Epoch): void {
    const heard = this.#tools.store.heard();
    this.#tools.store.hear(epoch, heard?.coordinator === epoch.coordinator ? heard.name : 'this server');
  }

  /** Who was declared powered down in this server's own epoch, by fingerprint. */
  poweredDown(): readonly string[] {
    return this.#tools.store.standing().poweredDown;
  }

  async #own(): Promise<Epoch> {
    const heard = this.#tools.store.heard();
    const me = await this.#tools.me();
    if (heard?.coordinator === me.fingerprint) return { number: heard.number, coordinator: heard.coordinator };
    throw failure('COORDINATOR_NONE', {
      because: heard
        ? `${heard.name} is, since ${zonedTime(heard.heardAt)} (epoch ${heard.number})`
        : 'nobody made any server the coordinator yet',
    });
  }

  /** Has every paired server write the epoch down, and waits for what still runs there. */
  async #gather(
    epoch: Epoch,
    declared: ReadonlySet<string>,
    signal: AbortSignal,
    progress: (progress: Progress) => void,
  ): Promise<void> {
    const { store } = this.#tools;
    const [me, members] = [await this.#tools.me(), await this.#tools.members()];
    const acknowledged = new Set<string>();
    const asked = await Promise.all(members.map((member) => this.#announce(member, epoch, me.name, signal)));
    const poweredDown = asked
      .filter(({ answer, member }) => answer === null && declared.has(member.fingerprint))
      .map(({ member }) => member.fingerprint);
    let answers = asked;
    for (;;) {
      const busy: { readonly name: string; readonly running: readonly string[] }[] = [];
      for (const { member, answer } of answers)
        if (answer?.running.length === 0) acknowledged.add(member.fingerprint);
        else if (answer) busy.push({ name: member.name, running: answer.running });
      store.keepStanding(epoch, { acknowledged: [...acknowledged], poweredDown });
      const own = this.#tools.running();
      if (own.length > 0) busy.push({ name: me.name, running: own });
      if (busy.length === 0) break;
      if (signal.aborted) throw cancelled('Waiting for what still runs', 'partial');
      progress({
        doing: `Waiting for ${busy.map(({ name, running }) => `${name}: ${running.join(', ')}`).join('; ')}`,
        done: acknowledged.size,
        total: members.length,
        leftMs: null,
      });
      await pause(askEveryMs, signal);
      const names = new Set(busy.map(({ name }) => name));
      answers = await this.#askAll(
        members.filter(({ name, fingerprint }) => names.has(name) && !acknowledged.has(fingerprint)),
        signal,
      );
      this.#refuseSilent(answers, declared, 'partial');
    }
    this.#refuseSilent(asked, declared, 'partial');
  }

  /** Throws COORDINATOR_OUTDATED where a server heard a later coordinator. It is not written down: that one's own call does so. */
  #refuseTakenOver(epoch: Epoch, asked: readonly Asked[], me: string): void {
    for (const { member, answer } of asked) {
      const heard = answer?.heard ?? null;
      if (heard === null || !['lower', 'contested'].includes(judgeEpoch(heard, epoch))) continue;
      const { name: coordinator, heardAt: at, number } = heard;
      throw failure('COORDINATOR_OUTDATED', {
        ...{ server: member.name, coordinator, at, heard: number },
        ...{ asked: me, shown: epoch.number },
      });
    }
  }

  #refuseSilent(asked: readonly Asked[], declared: ReadonlySet<string>, effect: 'none' | 'partial'): void {
    const silent = asked.filter(({ answer, member }) => answer === null && !declared.has(member.fingerprint));
    if (silent.length > 0)
      throw failure(
        'COORDINATOR_MEMBER_SILENT',
        { silent: silent.map(({ member, because }) => `${member.name}: ${asClause(because)}`).join('; ') },
        { effect },
      );
  }

  #askAll(members: readonly Paired[], signal: AbortSignal): Promise<Asked[]> {
    return Promise.all(
      members.map((member) =>
        this.#answered(member, async () => {
          const id = peerIdOf(member.fingerprint);
          const answer = await this.#tools.call(id, coordinatorHeard.name, {}, { signal });
          return knownAnswer(this.#tools, id, coordinatorHeard, answer);
        }),
      ),
    );
  }

  #announce(member: Paired, epoch: Epoch, name: string, signal: AbortSignal): Promise<Asked> {
    return this.#answered(member, async () => {
      const id = peerIdOf(member.fingerprint);
      const told = await this.#tools.call(id, coordinatorAnnounce.name, { name }, { signal, epoch });
      const answer = await knownAnswer(this.#tools, id, coordinatorAnnounce, told);
      return { heard: null, running: answer.running };
    });
  }

  /**
   * A server that cannot be reached has no answer; one that refuses says so to the person. One whose answer this version does not know is there: nobody
   * declares it powered down.
   */
  async #answered(member: Paired, ask: () => Promise<NonNullable<Asked['answer']>>): Promise<Asked> {
    try {
      return { member, answer: await ask(), because: '' };
    } catch (error) {
      if (!(error instanceof Failure) || neverSilent.includes(error.code)) throw error;
      return { member, answer: null, because: error.message };
    }
  }
}

const viewOf = (
  { fingerprint, name }: Paired,
  standing: { readonly acknowledged: readonly string[]; readonly poweredDown: readonly string[] },
): EpochMember => {
  const state = standing.acknowledged.includes(fingerprint)
    ? 'acknowledged'
    : standing.poweredDown.includes(fingerprint)
      ? 'poweredDown'
      : 'silent';
  const because = state === 'silent' ? 'it has not acknowledged this epoch' : null;
  return { id: peerIdOf(fingerprint), name, state, because };
};
