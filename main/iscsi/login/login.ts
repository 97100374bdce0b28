import { IscsiError } from '../error.ts';
import { decodePdu } from '../pdu/codec.ts';
import { describeRejectReason } from '../pdu/reject-reasons.ts';
import { formatPortal, parsePortal, type Portal } from '../text/names.ts';
import { createTrace, type TraceWriter } from '../transport/trace.ts';
import { Connection, type Receiver } from '../transport/connection.ts';
import type { Conversation } from '../transport/conversation.ts';
import { answersInTls } from '../transport/speaker.ts';
import type { ChapAlgorithm } from './chap.ts';
import { InitiatorLogin, type LoginOptions, type LoginResult } from './initiator-login.ts';

/** One redirect that was followed. */
export interface Redirect {
  readonly from: string;
  readonly to: string;
  /** Permanent: the address should be written into the configuration (RFC 7143 section 11.13.5). */
  readonly permanent: boolean;
}

/** A connection that is logged in, and how it came there. */
export interface LoggedIn {
  readonly connection: Connection;
  readonly result: LoginResult;
  readonly redirects: readonly Redirect[];
}

/** Gives the receiver for the full feature phase. */
export type NextReceiver = (connection: Connection, result: LoginResult, redirects: readonly Redirect[]) => Receiver;

const MAX_REDIRECTS = 4;
const TLS_PROBE_MS = 1000;

type Outcome =
  | { readonly kind: 'done'; readonly connection: Connection; readonly result: LoginResult }
  | { readonly kind: 'redirect'; readonly to: Portal; readonly permanent: boolean }
  | { readonly kind: 'retry'; readonly algorithms: readonly ChapAlgorithm[] };

/**
 * Takes the Login Responses of one connection. The next phase's receiver is asked for inside `onPdu`: what the target sends right behind its
 * last response belongs to it already.
 */
class LoginReceiver implements Receiver {
  readonly #login: InitiatorLogin;
  readonly #conversation: Conversation;
  readonly #next: (connection: Connection, result: LoginResult) => Receiver;
  readonly #finish: (outcome: Outcome) => void;
  #connection: Connection | undefined;

  constructor(
    options: LoginOptions,
    conversation: Conversation,
    next: (connection: Connection, result: LoginResult) => Receiver,
    finish: (outcome: Outcome) => void,
  ) {
    this.#login = new InitiatorLogin(options);
    this.#conversation = conversation;
    this.#next = next;
    this.#finish = finish;
  }

  begin(connection: Connection): void {
    this.#connection = connection;
    const first = this.#login.start();
    this.#announce(connection);
    connection.send(first);
  }

  onPdu(bhs: Buffer, ahs: Buffer, data: Buffer): void {
    const connection = this.#connection;
    if (connection === undefined)
      throw new IscsiError('PDU_UNEXPECTED', { detail: { reason: 'a PDU before the login' } });
    const pdu = decodePdu(bhs, ahs, data);
    if (pdu.kind === 'reject') {
      const detail = { reason: describeRejectReason(pdu.reason) };
      throw new IscsiError('COMMAND_REJECTED', { phase: 'login', detail });
    }
    if (pdu.kind !== 'loginResponse') {
      throw new IscsiError('LOGIN_PROTOCOL_ERROR', { phase: 'login', detail: { reason: `${pdu.kind} in the login` } });
    }
    const step = this.#login.receive(pdu);
    switch (step.kind) {
      case 'send':
        this.#announce(connection);
        connection.send(step.pdu);
        break;
      case 'done': {
        const { parameters } = step.result;
        connection.startFullFeaturePhase(
          { header: parameters.headerDigest, data: parameters.dataDigest },
          parameters.maxReceiveDataSegmentLength,
        );
        connection.handOver(this.#next(connection, step.result));
        this.#finish({ kind: 'done', connection, result: step.result });
        break;
      }
      case 'redirect':
        connection.close();
        this.#finish({ kind: 'redirect', to: step.to, permanent: step.permanent });
        break;
      case 'retry':
        connection.close();
        this.#finish(step);
        break;
    }
  }

  onEnd(error: IscsiError): void {
    const algorithms = this.#login.algorithmsAfterHangUp;
    const hungUp = error.code === 'CONNECTION_CLOSED' || error.code === 'CONNECTION_LOST';
    if (hungUp && algorithms.length > 0) this.#finish({ kind: 'retry', algorithms });
    else this.#conversation.fail(error);
  }

  #announce(connection: Connection): void {
    connection.waitingFor = this.#login.waitingFor;
    this.#conversation.waitFor(this.#login.waitingFor, 'login');
  }
}

/** Where to log in and as whom. */
export interface LogInOptions {
  readonly portal: Portal;
  readonly sourceAddress?: string | undefined;
  readonly login: LoginOptions;
  readonly trace?: TraceWriter | undefined;
}

/**
 * Connects to a portal and logs in, following redirects. `next` gives the receiver for the full feature phase. All within the conversation.
 */
export const logIn = async (
  options: LogInOptions,
  conversation: Conversation,
  next: NextReceiver,
): Promise<LoggedIn> => {
  const redirects: Redirect[] = [];
  let { portal, login } = options;
  for (;;) {
    const outcome = await logInOnce({ ...options, portal, login }, conversation, (connection, result) =>
      next(connection, result, redirects),
    );
    if (outcome.kind === 'done') return { connection: outcome.connection, result: outcome.result, redirects };
    if (outcome.kind === 'retry') {
      // Once only: what is left can neither be misread nor be shortened.
      if (login.chap !== undefined)
        login = { ...login, chap: { ...login.chap, algorithms: outcome.algorithms, mayRetry: false } };
      continue;
    }
    const from = formatPortal(portal);
    const to = formatPortal(outcome.to);
    const isLoop = to === formatPortal(options.portal) || redirects.some((redirect) => redirect.to === to);
    if (isLoop || redirects.length === MAX_REDIRECTS) {
      throw conversation.explain(new IscsiError('REDIRECT_LOOP', { phase: 'login', detail: { limit: MAX_REDIRECTS } }));
    }
    redirects.push({ from, to, permanent: outcome.permanent });
    portal = parsePortal(to);
    conversation.moveTo(to);
  }
};

const logInOnce = async (
  options: LogInOptions,
  conversation: Conversation,
  next: (connection: Connection, result: LoginResult) => Receiver,
): Promise<Outcome> => {
  const { portal, sourceAddress } = options;
  let finish: (outcome: Outcome) => void = () => undefined;
  const receiver = new LoginReceiver(options.login, conversation, next, (outcome) => finish(outcome));
  const connection = await Connection.open(
    { portal, sourceAddress, trace: createTrace(formatPortal(portal), options.trace) },
    receiver,
    conversation,
  );
  const cut = (): void => connection.fail(conversation.signal.reason as IscsiError);
  conversation.signal.addEventListener('abort', cut, { once: true });
  if (conversation.signal.aborted) cut();
  try {
    return await conversation.wait<Outcome>((resolve) => {
      finish = resolve;
      receiver.begin(connection);
    });
  } catch (error) {
    const hungUp =
      error instanceof IscsiError && (error.code === 'CONNECTION_CLOSED' || error.code === 'CONNECTION_LOST');
    // The conversation is over with this error, but its time and the caller's patience may not be.
    const timeoutMs = Math.min(TLS_PROBE_MS, conversation.remainingMs);
    const mayAsk = hungUp && connection.heardNothing && timeoutMs > 0;
    if (mayAsk && (await answersInTls({ portal, sourceAddress, timeoutMs, signal: conversation.callerSignal }))) {
      throw conversation.explain(new IscsiError('NOT_ISCSI_TLS', { phase: 'login', cause: error }));
    }
    throw error;
  } finally {
    conversation.signal.removeEventListener('abort', cut);
  }
};
