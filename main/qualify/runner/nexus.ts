import {
  createIsid,
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

/** A portal of the target and, where it matters, the address of the NIC to reach it from. */
export interface Path {
  readonly portal: string;
  readonly sourceAddress?: string | undefined;
}

/** How to log on: everything but the name and the ISID, which make the nexus. */
export type Access = Omit<OpenSessionOptions, 'initiatorName' | 'isid' | 'portal'> & { readonly portal: string };

const mostUnitAttentions = 8;

/** A unit attention that a command met: the device's notice that something changed. */
export interface MetAttention {
  readonly asc: number;
  readonly ascq: number;
}

/**
 * One initiator port of ours towards one portal: a name and an ISID that stay the same over reconnects, so that the
 * registrations made through it stay its own (SPC-4 section 5.13: a registration belongs to an I_T nexus).
 */
export class Nexus implements ScsiExecutor {
  readonly label: 'A' | 'B';
  readonly name: string;
  readonly isid: Buffer;
  readonly portal: string;
  /** Unit attentions that {@link execute} passed over, oldest first. */
  readonly attentions: MetAttention[] = [];
  readonly #access: Access;
  readonly #signal: AbortSignal | undefined;
  #session: Session | null = null;
  #opening: Promise<Session> | null = null;

  /** `signal` ends what is under way, also a command that the target is slow to answer; clean-up goes on without it. */
  constructor(label: 'A' | 'B', name: string, access: Access, signal?: AbortSignal, isid: Buffer = createIsid()) {
    this.label = label;
    this.name = name;
    this.isid = isid;
    this.portal = access.portal;
    this.#access = access;
    this.#signal = signal;
  }

  get isidText(): string {
    return formatIsid(this.isid);
  }

  get path(): Path {
    const { portal, sourceAddress } = this.#access;
    return { portal, ...(sourceAddress === undefined ? {} : { sourceAddress }) };
  }

  /** Opens the session once, however many commands wait for it: a second logon under the same ISID would end the first. */
  async session(signal = this.#signal): Promise<Session> {
    if (this.#session) return this.#session;
    this.#opening ??= this.#open(signal).finally(() => {
      this.#opening = null;
    });
    this.#session = await this.#opening;
    return this.#session;
  }

  #open(signal: AbortSignal | undefined): Promise<Session> {
    return openSession({
      ...this.#access,
      initiatorName: this.name,
      isid: this.isid,
      ...(signal ? { signal } : {}),
    });
  }

  /** Sends a command as it is: a unit attention is the answer that the caller sees. */
  executeOnce(command: ScsiCommand): Promise<ScsiResponse> {
    return this.#send(command, command.signal ?? this.#signal);
  }

  /** Sends a command; unit attentions are noted and the command is sent again, as SAM-5 section 5.14 wants. */
  execute(command: ScsiCommand): Promise<ScsiResponse> {
    return this.#sendUntilAnswered(command, command.signal ?? this.#signal);
  }

  /** The same nexus for what has to be done after cancellation as well. */
  get afterwards(): ScsiExecutor {
    return { execute: (command) => this.#sendUntilAnswered(command, undefined) };
  }

  async #send(command: ScsiCommand, signal: AbortSignal | undefined): Promise<ScsiResponse> {
    const session = await (signal ? this.session(signal) : this.#openAfterwards());
    return session.execute(signal && !command.signal ? { ...command, signal } : command);
  }

  async #openAfterwards(): Promise<Session> {
    // A logon that cancellation ends may still be under way.
    if (this.#opening) await this.#opening.catch(() => undefined);
    return this.#session ?? (this.#session = await this.#open(undefined));
  }

  async #sendUntilAnswered(command: ScsiCommand, signal: AbortSignal | undefined): Promise<ScsiResponse> {
    for (let attempt = 0; ; attempt += 1) {
      const response = await this.#send(command, signal);
      const { status, sense } = response;
      if (
        status !== STATUS.CHECK_CONDITION ||
        sense?.senseKey !== SENSE_KEY.UNIT_ATTENTION ||
        attempt >= mostUnitAttentions
      )
        return response;
      this.attentions.push({ asc: sense.asc, ascq: sense.ascq });
    }
  }

  /** Cuts the connection without a word, as a pulled cable does. */
  cut(): void {
    this.#session?.drop();
    this.#session = null;
  }

  /** Forgets a session that broke, so that the next command opens a new one under the same name and ISID. */
  forgetBroken(): void {
    this.cut();
  }

  async logout(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.logout();
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.close();
  }
}
