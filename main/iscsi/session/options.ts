import { IscsiError } from '../error.ts';
import { checkChapSecrets, chooseChapAlgorithms, type ChapAlgorithmName, type ChapCredentials } from '../login/chap.ts';
import type { LoginChap } from '../login/initiator-login.ts';
import { checkValue, type Wishes } from '../text/negotiation.ts';
import type { KeyName } from '../text/keys.ts';
import { parseIscsiName, parsePortal, type Portal } from '../text/names.ts';
import type { TraceWriter } from '../trace.ts';

export interface ChapOptions extends ChapCredentials {
  /** Mutual CHAP: what the target must prove. An empty name stands for any. The secret must be another one. */
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
  /** Our name: iqn, eui or naa. */
  readonly initiatorName: string;
  readonly initiatorAlias?: string;
  /** Address of the NIC to use. Left out: the system chooses. */
  readonly sourceAddress?: string;
  readonly chap?: ChapOptions;
  /** Six bytes. Left out: a random one of a range that no operating system uses; see `createIsid`. */
  readonly isid?: Buffer;
  /** Deadline for connect and login together, redirects included. Default 15000. */
  readonly loginTimeoutMs?: number;
  /** Ends what is under way. */
  readonly signal?: AbortSignal;
  /** Takes the lines that `QUORATE_TRACE` asks for. Default: standard error. */
  readonly trace?: TraceWriter;
}

export const DEFAULT_LOGIN_TIMEOUT_MS = 15_000;

export interface CheckedOptions {
  readonly portal: Portal;
  readonly chap: LoginChap | undefined;
}

const checkTimeout = (option: string, valueMs: number | undefined): void => {
  if (valueMs !== undefined && !(valueMs > 0 && valueMs <= 0x7fffffff)) {
    throw new IscsiError('OPTION_OUT_OF_RANGE', {
      phase: 'input',
      detail: { option, reason: `${valueMs} is not a time from 1 to 2147483647 ms` },
    });
  }
};

/** Everything that can be wrong before a byte is sent. Throws IscsiError of phase `input`. */
export const checkOptions = (options: InitiatorOptions, target?: string): CheckedOptions => {
  parseIscsiName(options.initiatorName);
  if (target !== undefined) parseIscsiName(target, { allowUnderscore: true });
  const portal = typeof options.portal === 'string' ? parsePortal(options.portal) : options.portal;
  if (options.isid !== undefined && options.isid.length !== 6) {
    throw new IscsiError('OPTION_OUT_OF_RANGE', {
      phase: 'input',
      detail: { option: 'isid', reason: 'it is not 6 bytes long' },
    });
  }
  checkTimeout('loginTimeoutMs', options.loginTimeoutMs);
  const { chap } = options;
  if (chap === undefined) return { portal, chap: undefined };
  checkChapSecrets(chap, chap.mutual);
  return {
    portal,
    chap: {
      own: chap,
      algorithms: chooseChapAlgorithms(chap.algorithms),
      mayRetry: chap.algorithms === undefined,
      ...(chap.mutual === undefined ? {} : { target: chap.mutual }),
    },
  };
};

/** Throws OPTION_OUT_OF_RANGE for a value that its key can not have. */
export const checkWishes = (wishes: Wishes): void => {
  for (const [key, value] of Object.entries(wishes)) {
    const wrong = checkValue(key as KeyName, value);
    if (wrong !== undefined)
      throw new IscsiError('OPTION_OUT_OF_RANGE', { phase: 'input', detail: { option: key, reason: wrong } });
  }
};
