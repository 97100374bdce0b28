import { randomInt } from 'node:crypto';
import { IscsiError } from '../error.ts';
import { createIsid } from '../login/isid.ts';
import { logIn, type LoggedIn, type Redirect } from '../login/login.ts';
import { decodePdu, type Pdu } from '../pdu/codec.ts';
import { RESERVED_TAG } from '../pdu/layouts.ts';
import { describeRejectReason } from '../pdu/reject-reasons.ts';
import { decodeSendTargets, formatPortal, type DiscoveredTarget } from '../text/names.ts';
import { encodeText, TextAssembler } from '../text/pairs.ts';
import type { Receiver } from '../transport/connection.ts';
import { Conversation } from '../transport/conversation.ts';
import { checkTimeout } from '../transport/timeouts.ts';
import { SessionNumbers } from './numbers.ts';
import { checkOptions, DEFAULT_LOGIN_TIMEOUT_MS, type InitiatorOptions } from './options.ts';

/** What is asked of `discover`. */
export interface DiscoverOptions extends InitiatorOptions {
  /** Deadline for the whole discovery: 1 to 2147483647. Default: `loginTimeoutMs`. */
  readonly timeoutMs?: number;
}

/** What a discovery found. */
export interface Discovery {
  /** The portal that answered, after redirects. */
  readonly portal: string;
  /** The address on this side that was used. */
  readonly localAddress: string;
  readonly targets: readonly DiscoveredTarget[];
  /** Addresses in the answer that cannot be understood, of all targets. */
  readonly unusableAddresses: readonly string[];
  readonly redirects: readonly Redirect[];
  readonly authentication: 'none' | 'chap' | 'mutualChap';
  /** Did the target answer the logout? If not, the connection was closed without; the answer to the question holds all the same. */
  readonly logout: 'answered' | 'unanswered';
}

/** More than any array has to say: about ten thousand targets with two portals each. */
const MAX_ANSWER_BYTES = 1024 * 1024;
const MAX_DATA_SEGMENT_LENGTH = 65536;
const LOGOUT_TIMEOUT_MS = 2000;

/** PDUs wait here until they are asked for; discovery is a conversation of question and answer. */
class Inbox implements Receiver {
  readonly #conversation: Conversation;
  readonly #waiting: Pdu[] = [];
  #wanted: ((pdu: Pdu) => void) | undefined;
  #numbers: SessionNumbers | undefined;

  constructor(conversation: Conversation) {
    this.#conversation = conversation;
  }

  /** From the login on the target's PDUs move the window. */
  begin(numbers: SessionNumbers): this {
    this.#numbers = numbers;
    return this;
  }

  onPdu(bhs: Buffer, ahs: Buffer, data: Buffer): void {
    this.#numbers?.updateWindow(bhs);
    const pdu = decodePdu(bhs, ahs, data);
    const wanted = this.#wanted;
    this.#wanted = undefined;
    if (wanted !== undefined) wanted(pdu);
    else if (this.#waiting.length < 16) this.#waiting.push(pdu);
    else throw new IscsiError('PDU_UNEXPECTED', { detail: { reason: 'more answers than questions' } });
  }

  onEnd(error: IscsiError): void {
    this.#conversation.fail(error);
  }

  next(): Promise<Pdu> {
    return this.#conversation.wait((resolve) => {
      const pdu = this.#waiting.shift();
      if (pdu !== undefined) resolve(pdu);
      else this.#wanted = resolve;
    });
  }
}

/**
 * Asks a portal which targets it has for us: a discovery session and SendTargets=All (RFC 7143 sections 4.3 and 13.3, appendix C). Leaves no
 * connection behind. Throws IscsiError.
 */
export const discover = async (options: DiscoverOptions): Promise<Discovery> => {
  const checked = checkOptions(options);
  checkTimeout('timeoutMs', options.timeoutMs);
  const conversation = new Conversation({
    timeoutMs: options.timeoutMs ?? options.loginTimeoutMs ?? DEFAULT_LOGIN_TIMEOUT_MS,
    portal: formatPortal(checked.portal),
    phase: 'login',
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  let loggedIn: LoggedIn | undefined;
  let numbers: SessionNumbers | undefined;
  try {
    const inbox = new Inbox(conversation);
    loggedIn = await logIn(
      {
        portal: checked.portal,
        sourceAddress: options.sourceAddress,
        trace: options.trace,
        login: {
          initiatorName: checked.initiatorName,
          sessionType: 'Discovery',
          isid: options.isid ?? createIsid(),
          wishes: {
            MaxRecvDataSegmentLength: String(MAX_DATA_SEGMENT_LENGTH),
            DefaultTime2Wait: '0',
            DefaultTime2Retain: '0',
          },
          cmdSn: randomInt(0, 2 ** 32),
          ...(options.initiatorAlias === undefined ? {} : { initiatorAlias: options.initiatorAlias }),
          ...(checked.chap === undefined ? {} : { chap: checked.chap }),
        },
      },
      conversation,
      (_connection, result) => {
        numbers = new SessionNumbers(result);
        return inbox.begin(numbers);
      },
    );
    if (numbers === undefined) throw new IscsiError('INTERNAL', { detail: { reason: 'a login without numbers' } });
    const { connection } = loggedIn;
    const onAbort = (): void => connection.fail(conversation.signal.reason as IscsiError);
    conversation.signal.addEventListener('abort', onAbort, { once: true });
    if (conversation.signal.aborted) onAbort();
    const talk = new DiscoveryTalk(loggedIn, numbers, inbox, conversation);
    const { targets, unusable } = await talk.sendTargets();
    const logout = await logOutWithin(talk, conversation);
    return {
      portal: connection.portalText,
      localAddress: connection.localAddress,
      targets,
      unusableAddresses: unusable,
      redirects: loggedIn.redirects,
      authentication: loggedIn.result.authentication,
      logout,
    };
  } catch (error) {
    throw conversation.explain(error);
  } finally {
    conversation.end();
    loggedIn?.connection.close();
  }
};

/** The question is answered; a target that does not answer the logout as well must not take that away, nor hold us up. */
const logOutWithin = async (talk: DiscoveryTalk, conversation: Conversation): Promise<'answered' | 'unanswered'> => {
  const timer = setTimeout(() => conversation.fail(new IscsiError('ABORTED')), LOGOUT_TIMEOUT_MS);
  try {
    await talk.logOut();
    return 'answered';
  } catch {
    return 'unanswered';
  } finally {
    clearTimeout(timer);
  }
};

class DiscoveryTalk {
  readonly #loggedIn: LoggedIn;
  readonly #inbox: Inbox;
  readonly #conversation: Conversation;
  readonly #numbers: SessionNumbers;
  #itt = 1;

  constructor(loggedIn: LoggedIn, numbers: SessionNumbers, inbox: Inbox, conversation: Conversation) {
    this.#loggedIn = loggedIn;
    this.#numbers = numbers;
    this.#inbox = inbox;
    this.#conversation = conversation;
  }

  get #immediateNumbers(): { readonly cmdSn: number; readonly expStatSn: number } {
    return { cmdSn: this.#numbers.cmdSn, expStatSn: this.#numbers.expStatSn };
  }

  #announce(what: string, phase: 'discovery' | 'logout'): void {
    this.#conversation.waitFor(what, phase);
    this.#loggedIn.connection.waitingFor = what;
  }

  /** The next PDU that is not a ping or a notice. */
  async #answer(): Promise<Pdu> {
    for (;;) {
      const pdu = await this.#inbox.next();
      if (!this.#takeUnasked(pdu)) return pdu;
    }
  }

  /** 4.2.2.1: what is not immediate may be sent only while CmdSN is within the window, and any PDU of the target may open it. */
  async #waitForWindow(): Promise<void> {
    while (!this.#numbers.isWindowOpen) {
      this.#announce('an open command window', 'discovery');
      const pdu = await this.#inbox.next();
      if (!this.#takeUnasked(pdu))
        throw new IscsiError('PDU_UNEXPECTED', { detail: { reason: `${pdu.kind} for nothing` } });
    }
  }

  /** True for pings and notices. Throws when the target gives up or rejects. */
  #takeUnasked(pdu: Pdu): boolean {
    if (pdu.kind === 'nopIn' && pdu.itt === RESERVED_TAG) {
      if (pdu.ttt === RESERVED_TAG) return true;
      // 11.18: the answer to a ping carries its TTT and LUN and is immediate.
      const { lun, ttt } = pdu;
      const numbers = this.#immediateNumbers;
      this.#loggedIn.connection.send({ kind: 'nopOut', immediate: true, lun, itt: RESERVED_TAG, ttt, ...numbers });
      return true;
    }
    if ('statSn' in pdu) this.#numbers.acknowledge(pdu.statSn);
    switch (pdu.kind) {
      case 'asyncMessage':
        // 11.9.1: 2 and 3, the connection or the session is dropped. A logout, which 1 and 4 ask for, is what we are about to do anyway.
        if (pdu.asyncEvent === 2 || pdu.asyncEvent === 3)
          throw new IscsiError('SESSION_DROPPED', { phase: 'discovery' });
        return true;
      case 'reject': {
        const detail = { reason: describeRejectReason(pdu.reason) };
        throw new IscsiError('COMMAND_REJECTED', { phase: 'discovery', detail });
      }
      default:
        return false;
    }
  }

  async sendTargets(): Promise<ReturnType<typeof decodeSendTargets>> {
    const { connection } = this.#loggedIn;
    const assembler = new TextAssembler(MAX_ANSWER_BYTES);
    let question = encodeText([['SendTargets', 'All']]);
    let ttt = RESERVED_TAG;
    let lun = 0n;
    const itt = this.#itt++;
    for (;;) {
      await this.#waitForWindow();
      this.#announce('the answer to SendTargets', 'discovery');
      connection.send({
        kind: 'textRequest',
        final: true,
        lun,
        itt,
        ttt,
        cmdSn: this.#numbers.takeCmdSn(),
        expStatSn: this.#numbers.expStatSn,
        data: question,
      });
      const answer = await this.#answer();
      if (answer.kind !== 'textResponse' || answer.itt !== itt) {
        throw new IscsiError('DISCOVERY_FAILED', {
          phase: 'discovery',
          detail: { reason: `it answered with ${answer.kind}` },
        });
      }
      assembler.add(answer.data);
      if (answer.final && !answer.continue) break;
      // 11.11.3, 11.11.4: more is to come; it is asked for with an empty request that carries the target's tag and LUN.
      if (answer.ttt === RESERVED_TAG) {
        throw new IscsiError('DISCOVERY_FAILED', {
          phase: 'discovery',
          detail: { reason: 'it says that more is to come and gives no tag to ask with' },
        });
      }
      ttt = answer.ttt;
      lun = answer.lun;
      question = Buffer.alloc(0);
    }
    return decodeSendTargets(assembler.take());
  }

  async logOut(): Promise<void> {
    this.#announce('the answer to the logout', 'logout');
    const itt = this.#itt++;
    this.#loggedIn.connection.send({
      kind: 'logoutRequest',
      immediate: true,
      reason: 0, // 11.14.1: close the session
      itt,
      ...this.#immediateNumbers,
    });
    const answer = await this.#answer();
    if (answer.kind !== 'logoutResponse' || answer.itt !== itt) {
      throw new IscsiError('LOGOUT_FAILED', { phase: 'logout', detail: { response: answer.kind } });
    }
    if (answer.response !== 0) {
      throw new IscsiError('LOGOUT_FAILED', { phase: 'logout', detail: { response: answer.response } });
    }
  }
}
