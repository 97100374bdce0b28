import { setTimeout } from 'node:timers/promises';
import {
  createIsid,
  describeSense,
  describeStatus,
  formatIsid,
  openSession,
  SENSE_KEY,
  STATUS,
  type OpenSessionOptions,
  type ScsiCommand,
  type ScsiExecutor,
  type ScsiResponse,
  type Session,
} from '../../iscsi/index.ts';
import type { Deadline } from './deadline.ts';

/** A portal of the target and, where it matters, the address of the NIC to reach it from. */
export interface Path {
  readonly portal: string;
  readonly sourceAddress?: string | undefined;
}

/** How to log on: everything but the name and the ISID, which make the nexus. */
export type Access = Omit<OpenSessionOptions, 'initiatorName' | 'isid' | 'portal'> & { readonly portal: string };

export interface NexusOptions {
  /** Ends what is under way, also a command that the target is slow to answer; clean-up goes on without it. */
  readonly signal?: AbortSignal | undefined;
  /** Left out: a random one. */
  readonly isid?: Buffer | undefined;
  /** Told of every answer that was passed over and after which the command was sent again. */
  readonly onPassedOver?: (label: 'A' | 'B', answer: string) => void;
}

/** One for all: to make one costs more than to end a session. */
const ENDED = new DOMException('The session was closed for good.', 'AbortError');

const mostUnitAttentions = 8;
/** A target that is BUSY is asked again for so long at most, within the deadline of the command. */
const busyLimitMs = 5_000;
const busyPauseMs = { first: 5, most: 250 };
/** So often it is asked again in any case: where this machine stood still meanwhile, the time says nothing of the target. */
const leastBusyTries = 4;
/** What is removed has to be answered soon: whoever cancelled is waiting. */
const removalTimeoutMs = 5_000;
/** Every question has to be answered within this, unless the caller says otherwise: a limit of ours. */
const questionTimeoutMs = 10_000;

const isUnitAttention = ({ status, sense }: ScsiResponse): boolean =>
  status === STATUS.CHECK_CONDITION && sense?.senseKey === SENSE_KEY.UNIT_ATTENTION;

/** SAM-5 section 5.3.1: the task was not accepted for now, and can be sent again. */
export const isBusy = (status: number): boolean => status === STATUS.BUSY || status === STATUS.TASK_SET_FULL;

/**
 * One initiator port of ours towards one portal: a name and an ISID that stay the same over reconnects, so that the
 * registrations made through it stay its own (SPC-4 section 5.13: a registration belongs to an I_T nexus).
 */
export class Nexus implements ScsiExecutor {
  readonly label: 'A' | 'B';
  readonly name: string;
  readonly isid: Buffer;
  readonly portal: string;
  /** Set where the target has no room for all sessions at once: this one logs out again after what it was opened for. */
  isPassing = false;
  readonly #access: Access;
  readonly #options: NexusOptions;
  readonly #ended = new AbortController();
  #session: Session | null = null;
  #opening: Promise<Session> | null = null;

  constructor(label: 'A' | 'B', name: string, access: Access, options: NexusOptions = {}) {
    this.label = label;
    this.name = name;
    this.isid = options.isid ?? createIsid();
    this.portal = access.portal;
    this.#access = access;
    this.#options = options;
  }

  get isidText(): string {
    return formatIsid(this.isid);
  }

  get path(): Path {
    const { portal, sourceAddress } = this.#access;
    return { portal, ...(sourceAddress === undefined ? {} : { sourceAddress }) };
  }

  get hasSession(): boolean {
    return this.#session !== null;
  }

  /** Whether there is a session, or one is being opened. */
  get isInUse(): boolean {
    return this.#session !== null || this.#opening !== null;
  }

  /** Opens the session once, however many commands wait for it: a second logon under the same ISID would end the first. */
  async session(signal = this.#options.signal): Promise<Session> {
    if (this.#session) return this.#session;
    this.#opening ??= this.#open(signal).finally(() => {
      this.#opening = null;
    });
    this.#session = await this.#opening;
    return this.#session;
  }

  #open(signal: AbortSignal | undefined): Promise<Session> {
    return openSession({
      commandTimeoutMs: questionTimeoutMs,
      taskManagementTimeoutMs: questionTimeoutMs,
      ...this.#access,
      initiatorName: this.name,
      isid: this.isid,
      signal: signal ? AbortSignal.any([signal, this.#ended.signal]) : this.#ended.signal,
    });
  }

  /** Sends a command as it is: a unit attention is the answer that the caller sees. */
  executeOnce(command: ScsiCommand): Promise<ScsiResponse> {
    return this.#sendUntilAnswered(
      command,
      (sending) => this.#send(sending),
      0,
      command.signal ?? this.#options.signal,
    );
  }

  /** Sends a command; after a unit attention it is sent again, as SAM-5 section 5.14 wants, and after BUSY a little later. */
  execute(command: ScsiCommand): Promise<ScsiResponse> {
    const signal = command.signal ?? this.#options.signal;
    return this.#sendUntilAnswered(command, (sending) => this.#send(sending), mostUnitAttentions, signal);
  }

  /** The same nexus for what has to be done after cancellation as well, until the deadline. */
  afterwards(deadline: Deadline): ScsiExecutor {
    const send = async (command: ScsiCommand): Promise<ScsiResponse> => {
      const session = await this.#openAfterwards(deadline);
      const ownMs = this.#access.commandTimeoutMs ?? removalTimeoutMs;
      return session.execute({ ...command, timeoutMs: Math.min(removalTimeoutMs, ownMs, deadline.leftMs()) });
    };
    return {
      execute: (command) =>
        this.#sendUntilAnswered({ ...command, timeoutMs: deadline.leftMs() }, send, mostUnitAttentions, undefined),
    };
  }

  /** Over a session that is there the command is under way on return: what is sent next over it comes behind. */
  #send(command: ScsiCommand): Promise<ScsiResponse> {
    const signal = command.signal ?? this.#options.signal;
    const whole = signal && !command.signal ? { ...command, signal } : command;
    return this.#session
      ? this.#session.execute(whole)
      : this.session(signal).then((session) => session.execute(whole));
  }

  async #openAfterwards(deadline: Deadline): Promise<Session> {
    // A logon that cancellation ends may still be under way.
    if (this.#opening) await this.#opening.catch(() => undefined);
    return this.session(deadline.signal());
  }

  #sendUntilAnswered(
    command: ScsiCommand,
    send: (command: ScsiCommand) => Promise<ScsiResponse>,
    attentionsPassedOver: number,
    signal: AbortSignal | undefined,
  ): Promise<ScsiResponse> {
    const begun = performance.now();
    return send(command).then((first) =>
      isUnitAttention(first) || isBusy(first.status)
        ? this.#sendAgain(first, command, send, attentionsPassedOver, signal, begun)
        : first,
    );
  }

  async #sendAgain(
    first: ScsiResponse,
    command: ScsiCommand,
    send: (command: ScsiCommand) => Promise<ScsiResponse>,
    attentionsPassedOver: number,
    signal: AbortSignal | undefined,
    begun: number,
  ): Promise<ScsiResponse> {
    const limitMs = Math.min(busyLimitMs, command.timeoutMs ?? this.#access.commandTimeoutMs ?? questionTimeoutMs);
    let attentions = 0;
    let busyTries = 0;
    let pauseMs = busyPauseMs.first;
    for (let response = first; ; response = await send(command)) {
      const { status, sense } = response;
      if (isUnitAttention(response) && attentions < attentionsPassedOver) attentions += 1;
      else if (isBusy(status) && (busyTries < leastBusyTries || performance.now() - begun + pauseMs < limitMs)) {
        busyTries += 1;
        await setTimeout(pauseMs, undefined, signal ? { signal } : {});
        pauseMs = Math.min(pauseMs * 2, busyPauseMs.most);
      } else return response;
      this.#options.onPassedOver?.(
        this.label,
        `${describeStatus(status)}${sense ? `, ${describeSense(sense)}` : ''}; the command was sent again`,
      );
    }
  }

  /** Cuts the connection without a word, as a pulled cable does; the next command opens a new session under the same name and ISID. */
  cut(): void {
    this.#session?.drop();
    this.#session = null;
  }

  async logout(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.logout();
  }

  /** For good; a logon that is still under way is ended too, so that no session outlives the run. */
  async close(): Promise<void> {
    this.#ended.abort(ENDED);
    const opening = this.#opening;
    const session = (opening ? await opening.catch(() => null) : null) ?? this.#session;
    this.#session = null;
    await session?.close();
  }
}
