import { randomInt } from 'node:crypto';
import { IscsiError } from '../error.ts';
import { createIsid } from '../login/isid.ts';
import { logIn } from '../login/login.ts';
import { loadNativeCrc32c } from '../pdu/crc32c.ts';
import { LunAddresses } from '../scsi/lun.ts';
import { formatPortal } from '../text/names.ts';
import type { Wishes } from '../text/negotiation.ts';
import { Conversation } from '../transport/conversation.ts';
import { checkTimeout } from '../transport/timeouts.ts';
import { checkOptions, checkWishes, DEFAULT_LOGIN_TIMEOUT_MS, type InitiatorOptions } from './options.ts';
import type { SessionSettings } from './session-info.ts';
import { Session } from './session.ts';

/** What to ask for: `None,CRC32C` takes a digest only if the target insists, `CRC32C,None` prefers it, `CRC32C` insists. */
export type DigestWish = 'None' | 'CRC32C' | 'None,CRC32C' | 'CRC32C,None';

/** What is asked of `openSession`. Times in milliseconds. */
export interface OpenSessionOptions extends InitiatorOptions {
  /** The target's name, as the target writes it: it is sent letter by letter. */
  readonly target: string;
  /** Default: None,CRC32C. */
  readonly headerDigest?: DigestWish;
  /** Default: None,CRC32C. */
  readonly dataDigest?: DigestWish;
  /**
   * Other operational keys in the words of RFC 7143 section 13, e.g. `{ InitialR2T: 'Yes' }`. What this initiator cannot do is refused:
   * several connections, error recovery above level 0, data out of order, other task reporting than RFC3720's.
   */
  readonly wishes?: Wishes;
  /** In which form the target lists its LUNs, where another session learned it; see `LunAddresses`. */
  readonly lunAddresses?: LunAddresses;
  /** Deadline of a command that brings none of its own: 1 to 2147483647. Default 30000. */
  readonly commandTimeoutMs?: number;
  /** How long the target may take for a task management function: 1 to 2147483647. Default 10000. */
  readonly taskManagementTimeoutMs?: number;
  /** How long it may take for the logout: 1 to 2147483647. Default 5000. */
  readonly logoutTimeoutMs?: number;
  /** Idle time after which the target is asked whether it is there: 1 to 2147483647; 0: never. Default 15000. */
  readonly keepAliveMs?: number;
  /** How long it may take to answer that: 1 to 2147483647. Default 5000. */
  readonly keepAliveTimeoutMs?: number;
  /** The first CmdSN, 0 to 4294967295; left out, a random one. */
  readonly initialCmdSn?: number;
}

/** What is offered when nothing else is said. */
export const DEFAULT_WISHES: Wishes = {
  HeaderDigest: 'None,CRC32C',
  DataDigest: 'None,CRC32C',
  MaxConnections: '1',
  InitialR2T: 'No',
  ImmediateData: 'Yes',
  MaxRecvDataSegmentLength: '262144',
  MaxBurstLength: '16776192',
  FirstBurstLength: '262144',
  DefaultTime2Wait: '0', // 13.15: how long to wait before a reconnect; the target may want more
  DefaultTime2Retain: '0', // 13.16: nothing is recovered at error recovery level 0
  MaxOutstandingR2T: '8',
  DataPDUInOrder: 'Yes',
  DataSequenceInOrder: 'Yes',
  ErrorRecoveryLevel: '0',
};

/**
 * Opens a normal session: connect, login, redirects, all within one deadline. Throws IscsiError; then nothing is left behind.
 *
 * A session under the same initiator name and ISID to the same portal group takes the place of an older one (RFC 7143 section 6.3.5); without
 * `isid` each session gets its own.
 */
export const openSession = async (options: OpenSessionOptions): Promise<Session> => {
  const checked = checkOptions(options, options.target);
  const wishes: Wishes = {
    ...DEFAULT_WISHES,
    ...(options.headerDigest === undefined ? {} : { HeaderDigest: options.headerDigest }),
    ...(options.dataDigest === undefined ? {} : { DataDigest: options.dataDigest }),
    ...options.wishes,
  };
  checkWishes(wishes);
  checkTimeout('commandTimeoutMs', options.commandTimeoutMs);
  checkTimeout('taskManagementTimeoutMs', options.taskManagementTimeoutMs);
  checkTimeout('logoutTimeoutMs', options.logoutTimeoutMs);
  checkTimeout('keepAliveMs', options.keepAliveMs, 'zeroIsNever');
  checkTimeout('keepAliveTimeoutMs', options.keepAliveTimeoutMs);
  await loadNativeCrc32c();
  const isid = options.isid ?? createIsid();
  const settings: SessionSettings = {
    lunAddresses: options.lunAddresses ?? new LunAddresses(),
    target: options.target,
    initiatorName: checked.initiatorName,
    isid,
    commandTimeoutMs: options.commandTimeoutMs ?? 30_000,
    taskManagementTimeoutMs: options.taskManagementTimeoutMs ?? 10_000,
    logoutTimeoutMs: options.logoutTimeoutMs ?? 5000,
    keepAliveMs: options.keepAliveMs ?? 15_000,
    keepAliveTimeoutMs: options.keepAliveTimeoutMs ?? 5000,
  };
  const conversation = new Conversation({
    timeoutMs: options.loginTimeoutMs ?? DEFAULT_LOGIN_TIMEOUT_MS,
    portal: formatPortal(checked.portal),
    target: options.target,
    phase: 'login',
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  let session: Session | undefined;
  try {
    await logIn(
      {
        portal: checked.portal,
        sourceAddress: options.sourceAddress,
        trace: options.trace,
        login: {
          initiatorName: checked.initiatorName,
          targetName: options.target,
          sessionType: 'Normal',
          isid,
          wishes,
          cmdSn: options.initialCmdSn ?? randomInt(0, 2 ** 32),
          ...(options.initiatorAlias === undefined ? {} : { initiatorAlias: options.initiatorAlias }),
          ...(checked.chap === undefined ? {} : { chap: checked.chap }),
        },
      },
      conversation,
      (connection, result, redirects) => {
        const begun = Session.begin(connection, result, settings, redirects);
        session = begun.session;
        return begun.receiver;
      },
    );
    conversation.end();
    if (session === undefined) throw new IscsiError('INTERNAL', { detail: { reason: 'a login without a session' } });
    return session;
  } catch (error) {
    const explained = conversation.explain(error);
    conversation.end();
    session?.drop(explained);
    throw explained;
  }
};
