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
  #session: Session | null = null;
  #opening: Promise<Session> | null = null;

  constructor(label: 'A' | 'B', name: string, access: Access, isid: Buffer = createIsid()) {
    this.label = label;
    this.name = name;
    this.isid = isid;
    this.portal = access.portal;
    this.#access = access;
  }

  get isidText(): string {
    return formatIsid(this.isid);
  }

  get info(): Session['info'] | null {
    return this.#session?.info ?? null;
  }

  /** Opens the session once, however many commands wait for it: a second logon under the same ISID would end the first. */
  async session(signal?: AbortSignal): Promise<Session> {
    if (this.#session) return this.#session;
    this.#opening ??= openSession({
      ...this.#access,
      initiatorName: this.name,
      isid: this.isid,
      ...(signal ? { signal } : {}),
    }).finally(() => {
      this.#opening = null;
    });
    this.#session = await this.#opening;
    return this.#session;
  }

  /** Sends a command as it is: a unit attention is the answer that the caller sees. */
  async executeOnce(command: ScsiCommand): Promise<ScsiResponse> {
    return (await this.session(command.signal)).execute(command);
  }

  /** Sends a command; unit attentions are noted and the command is sent again, as SAM-5 section 5.14 wants. */
  async execute(command: ScsiCommand): Promise<ScsiResponse> {
    for (let attempt = 0; ; attempt += 1) {
      const response = await this.executeOnce(command);
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
