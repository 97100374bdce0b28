import type { ResumeCommand } from '../../shared/changes/kind.ts';
import type { Secret } from './secret.ts';

/** What every call of a port takes besides its own input. */
export interface CallOptions {
  /** Ends the call; it then throws `CANCELLED` with what is known of its effect. */
  readonly signal?: AbortSignal;
  /** Milliseconds after which the call is ended and throws. Each adapter has a default that fits the method. */
  readonly timeoutMs?: number;
}

/** What a change needs besides itself. */
export interface ApplyOptions extends CallOptions {
  /** The secrets that the change names. */
  readonly secrets?: Readonly<Record<string, Secret>>;
  /** For `host.registerResume`. */
  readonly resumeCommand?: ResumeCommand;
}

/*
 * The contract of every port, which the suite in test/integration/host-contract holds both hosts to:
 * - A method that reads returns what was observed. What could not be read is null and named in `unread`; when nothing
 *   at all could be read it throws. It never changes anything.
 * - A method that writes changes one thing and returns nothing. It does not look first and does not read back: the
 *   caller (operation) gets, compares, sets, and verifies by reading again. Windows may accept a value and not keep it.
 * - A failure carries a code of shared/messages, and `effect` says what a failed write changed.
 * - Things are named by what lasts: a NIC by its InterfaceGuid, a disk by its unique id, a session by its identifier.
 */
