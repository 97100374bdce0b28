import { IscsiError } from '../error.ts';
import { checkChapSecrets, chooseChapAlgorithms, type ChapAlgorithmName, type ChapCredentials } from '../login/chap.ts';
import type { LoginChap } from '../login/initiator-login.ts';
import { checkValue, type Wishes } from '../text/negotiation.ts';
import { isKeyName } from '../text/keys.ts';
import { checkTargetName, parseIscsiName, toPortal, type Portal } from '../text/names.ts';
import { wrongText } from '../text/pairs.ts';
import { checkTimeout } from '../transport/timeouts.ts';
import type { TraceWriter } from '../transport/trace.ts';

/** Our credentials and, for mutual CHAP, those of the target. */
export interface ChapOptions extends ChapCredentials {
  /** Mutual CHAP: what the target must prove. An empty name stands for any; else at most 255 bytes. The secret must be another one. */
  readonly mutual?: ChapCredentials;
  /**
   * The algorithms to offer, best first. Left out: all that this runtime has, and a target that fails with SHA-256 is asked once more
   * without it.
   */
  readonly algorithms?: readonly ChapAlgorithmName[];
}

/** What discovery and session have in common. */
export interface InitiatorOptions {
  /** `host`, `host:port`, `[ipv6]:port` or parsed. */
  readonly portal: string | Portal;
  /** Our name: iqn, eui or naa. It is sent in normal form, i.e. in lower case. */
  readonly initiatorName: string;
  /** A name for people, at most 255 bytes. */
  readonly initiatorAlias?: string;
  /** Address of the NIC to use. Left out: the system chooses. */
  readonly sourceAddress?: string;
  /** The credentials; with them nothing but CHAP is offered. */
  readonly chap?: ChapOptions;
  /** Six bytes. Left out: a random one of a range that no operating system uses; see `createIsid`. */
  readonly isid?: Buffer;
  /** Deadline for connect and login together, redirects included: 1 to 2147483647. Default 15000. */
  readonly loginTimeoutMs?: number;
  /** Ends what is under way. */
  readonly signal?: AbortSignal;
  /** Takes the lines that `QUORATE_TRACE` asks for. Default: standard error. */
  readonly trace?: TraceWriter;
}

/** For connect and login together. */
export const DEFAULT_LOGIN_TIMEOUT_MS = 15_000;

/** The options as they are used. */
export interface CheckedOptions {
  /** In normal form: RFC 7143 section 4.2.7.2 has names sent so. */
  readonly initiatorName: string;
  readonly portal: Portal;
  readonly chap: LoginChap | undefined;
}

const outOfRange = (option: string, reason: string): IscsiError =>
  new IscsiError('OPTION_OUT_OF_RANGE', { phase: 'input', detail: { option, reason } });

/** RFC 7143 section 6.1: a value is at most 255 bytes long unless its key says otherwise, and these do not. */
const MAX_LABEL_BYTES = 255;

const checkLabel = (option: string, value: string | undefined): void => {
  const wrong = value === undefined ? undefined : wrongText(value, MAX_LABEL_BYTES);
  if (wrong !== undefined) throw outOfRange(option, wrong);
};

/** Everything that can be wrong before a byte is sent. Throws IscsiError of phase `input`. */
export const checkOptions = (options: InitiatorOptions, target?: string): CheckedOptions => {
  const { name: initiatorName } = parseIscsiName(options.initiatorName);
  if (target !== undefined) checkTargetName(target);
  const portal = toPortal(options.portal);
  if (options.isid !== undefined && options.isid.length !== 6) {
    throw outOfRange('isid', 'it is not 6 bytes long');
  }
  checkTimeout('loginTimeoutMs', options.loginTimeoutMs);
  checkLabel('initiatorAlias', options.initiatorAlias);
  const { chap } = options;
  if (chap === undefined) return { initiatorName, portal, chap: undefined };
  checkLabel('chap.name', chap.name);
  checkLabel('chap.mutual.name', chap.mutual?.name);
  checkChapSecrets(chap, chap.mutual);
  return {
    initiatorName,
    portal,
    chap: {
      own: chap,
      algorithms: chooseChapAlgorithms(chap.algorithms),
      mayRetry: chap.algorithms === undefined,
      ...(chap.mutual === undefined ? {} : { target: chap.mutual }),
    },
  };
};

/** What there is only one way of here; another value would be agreed to and then not kept. */
const ONLY_VALUES: Wishes = {
  MaxConnections: '1', // 13.2
  DataPDUInOrder: 'Yes', // 13.18
  DataSequenceInOrder: 'Yes', // 13.19
  ErrorRecoveryLevel: '0', // 13.20
  TaskReporting: 'RFC3720', // 13.23
};

/** Throws OPTION_OUT_OF_RANGE for a value that its key cannot have, or that this initiator does not keep to. */
export const checkWishes = (wishes: Wishes): void => {
  for (const [key, value] of Object.entries(wishes)) {
    if (!isKeyName(key)) throw outOfRange(key, 'there is no such key');
    const wrong = checkValue(key, value);
    if (wrong !== undefined) throw outOfRange(key, wrong);
    const only = ONLY_VALUES[key];
    if (only !== undefined && value !== only) throw outOfRange(key, `this initiator knows nothing but ${only}`);
  }
};
