import { IscsiError } from '../error.ts';
import type { PduInputOf, PduOf } from '../pdu/codec.ts';
import { addSerial } from '../pdu/serial.ts';
import type { KeyName } from '../text/keys.ts';
import { CHAP_KEYS } from '../text/keys.ts';
import { parseTargetAddress, type TaggedPortal } from '../text/names.ts';
import {
  Negotiation,
  readParameters,
  type NegotiatedParameters,
  type SessionType,
  type Wishes,
} from '../text/negotiation.ts';
import {
  decodeBinaryValue,
  decodeNumberValue,
  encodeBinaryValue,
  encodeText,
  findValue,
  TextAssembler,
  type TextPair,
} from '../text/pairs.ts';
import {
  computeChapResponse,
  createChapChallenge,
  isChapResponseRight,
  MAX_CHAP_CHALLENGE_BYTES,
  type ChapAlgorithm,
  type ChapChallenge,
  type ChapCredentials,
} from './chap.ts';
import { explainLoginStatus, LOGIN_STATUS_CLASS } from './status.ts';

/** Stages of the CSG and NSG fields: RFC 7143 section 11.12.3. */
export const LOGIN_STAGE = { security: 0, operational: 1, fullFeature: 3 } as const;

/** CHAP as one login uses it. */
export interface LoginChap {
  /** Ours, which the target checks. */
  readonly own: ChapCredentials;
  /** The target's, which we check: mutual CHAP. */
  readonly target?: ChapCredentials;
  readonly algorithms: readonly ChapAlgorithm[];
  /** Where the target stumbles over the algorithms, try once more with fewer: see `MISREAD_ALGORITHM` and `OLDEST_ALGORITHM`. */
  readonly mayRetry?: boolean;
}

/** What one login is about. */
export interface LoginOptions {
  readonly initiatorName: string;
  readonly initiatorAlias?: string;
  /** Needed for a normal session: RFC 7143 section 13.4. */
  readonly targetName?: string;
  readonly sessionType: SessionType;
  readonly isid: Buffer;
  readonly chap?: LoginChap;
  readonly wishes: Wishes;
  /** The first CmdSN of the session. */
  readonly cmdSn: number;
}

/** What a login brought. */
export interface LoginResult {
  readonly parameters: NegotiatedParameters;
  readonly tsih: number;
  readonly cmdSn: number;
  readonly expStatSn: number;
  readonly expCmdSn: number;
  readonly maxCmdSn: number;
  readonly portalGroupTag: number | undefined;
  readonly targetAlias: string | undefined;
  readonly authentication: 'none' | 'chap' | 'mutualChap';
  readonly chapAlgorithm: ChapAlgorithm | undefined;
}

/** What is to be done after a response. */
export type LoginStep =
  | { readonly kind: 'send'; readonly pdu: PduInputOf<'loginRequest'> }
  | { readonly kind: 'done'; readonly result: LoginResult }
  | { readonly kind: 'redirect'; readonly to: TaggedPortal; readonly permanent: boolean }
  /** Another login, on a new connection, with these algorithms only. */
  | { readonly kind: 'retry'; readonly algorithms: readonly ChapAlgorithm[] };

/**
 * The registry gives 7 to SHA-256. Targets that descend from the iSCSI Enterprise Target, tgt among them, took it for SHA1 long before
 * (`CHAP_DIGEST_ALG_SHA1 7` in their chap.c), and so call every right response wrong. MD5 is in the offer anyway, so that nothing is given away
 * by trying without 7.
 */
const MISREAD_ALGORITHM = 7;

/**
 * The one algorithm that every target knows. Linux targets before kernel 3.15, and the storage boxes built on them, compare the whole list with
 * "CHAP_A=5" and refuse any other before a challenge (open-iscsi issue 180). Microsoft's initiator offers nothing else.
 */
const OLDEST_ALGORITHM = 5;

const OPERATIONAL_KEYS: readonly KeyName[] = [
  'HeaderDigest',
  'DataDigest',
  'MaxConnections',
  'InitialR2T',
  'ImmediateData',
  'MaxRecvDataSegmentLength',
  'MaxBurstLength',
  'FirstBurstLength',
  'DefaultTime2Wait',
  'DefaultTime2Retain',
  'MaxOutstandingR2T',
  'DataPDUInOrder',
  'DataSequenceInOrder',
  'ErrorRecoveryLevel',
  'TaskReporting',
  'iSCSIProtocolLevel',
];

/** More rounds than any login needs; a target that negotiates for ever is stopped here before the deadline does it. */
const MAX_ROUNDS = 64;

const broken = (reason: string): IscsiError =>
  new IscsiError('LOGIN_PROTOCOL_ERROR', { phase: 'login', detail: { reason } });

type ChapState =
  | { readonly at: 'off' }
  | { readonly at: 'methodOffered' }
  | { readonly at: 'algorithmsOffered' }
  | { readonly at: 'responded'; readonly algorithm: ChapAlgorithm; readonly ownChallenge: ChapChallenge | undefined }
  | { readonly at: 'proven'; readonly algorithm: ChapAlgorithm };

/**
 * The initiator's side of one login (RFC 7143 section 6.3) as a machine without input or output: `start`, then `receive` for each Login
 * Response until the step is not `send`. Throws IscsiError.
 */
export class InitiatorLogin {
  readonly #options: LoginOptions;
  readonly #negotiation: Negotiation;
  readonly #assembler = new TextAssembler();
  #stage: number = LOGIN_STAGE.security;
  #chap: ChapState;
  #asked: { transit: boolean; next: number } = { transit: false, next: 0 };
  /** Undefined until the first response, which may begin anywhere. */
  #expStatSn: number | undefined;
  #rounds = 0;
  #portalGroupTag: number | undefined;

  constructor(options: LoginOptions) {
    this.#options = options;
    this.#chap = options.chap === undefined ? { at: 'off' } : { at: 'methodOffered' };
    this.#negotiation = new Negotiation('initiator', options.sessionType, {
      ...options.wishes,
      SessionType: options.sessionType,
      InitiatorName: options.initiatorName,
      // 13: with credentials nothing but CHAP is offered, so that nobody on the way can talk us down to None.
      // Without them CHAP is in the offer all the same: a target that wants it says so then, and hangs up where None is all that it is offered.
      AuthMethod: options.chap === undefined ? 'None,CHAP' : 'CHAP',
      ...(options.initiatorAlias === undefined ? {} : { InitiatorAlias: options.initiatorAlias }),
      ...(options.targetName === undefined ? {} : { TargetName: options.targetName }),
    });
  }

  /** What is being waited for, for errors. */
  get waitingFor(): string {
    if (this.#stage === LOGIN_STAGE.operational) return 'the answer to the operational parameters';
    switch (this.#chap.at) {
      case 'off':
      case 'methodOffered':
        return 'the answer to the first login request';
      case 'algorithmsOffered':
        return 'the CHAP challenge';
      case 'responded':
      case 'proven':
        return 'the answer to the CHAP response';
    }
  }

  /** The first Login Request: names, type and method (RFC 7143 sections 6.3.1 and 13.4 want the names in the first one). */
  start(): PduInputOf<'loginRequest'> {
    const pairs = this.#negotiation.offer([
      'InitiatorName',
      'InitiatorAlias',
      'SessionType',
      'TargetName',
      'AuthMethod',
    ]);
    return this.#request(pairs, this.#chap.at === 'off', LOGIN_STAGE.operational);
  }

  receive(response: PduOf<'loginResponse'>): LoginStep {
    if (++this.#rounds > MAX_ROUNDS) throw broken('the login does not come to an end');
    if (response.itt !== 0) throw broken('the response carries a task tag that is not the login’s');
    if (response.statusClass === LOGIN_STATUS_CLASS.redirection) return this.#redirect(response);
    if (response.statusClass !== LOGIN_STATUS_CLASS.success) {
      return this.#refused(response);
    }
    if (response.versionActive !== 0) throw new IscsiError('LOGIN_UNSUPPORTED_VERSION', { phase: 'login' }); // 11.13.2
    if (response.currentStage !== this.#stage) throw broken('the response belongs to another stage');
    if (!response.isid.equals(this.#options.isid)) throw broken('the response carries another ISID'); // 11.13: it is that of the request
    // 11.13.4: each response carries the StatSN of the one before, plus one.
    if (this.#expStatSn !== undefined && response.statSn !== this.#expStatSn) throw broken('a StatSN is out of order');
    this.#expStatSn = addSerial(response.statSn, 1);
    this.#assembler.add(response.data);
    if (response.continue) {
      if (response.transit) throw broken('the C and the T bit are both set'); // 11.13.6: T only when C is 0
      return { kind: 'send', pdu: this.#request([], false, 0) };
    }
    const pairs = this.#assembler.take();
    if (response.transit && !this.#asked.transit) throw broken('the target leaves the stage before it was asked to'); // 11.13.6
    if (response.transit && response.nextStage !== this.#asked.next) throw broken('the target goes to another stage');
    return this.#stage === LOGIN_STAGE.security
      ? this.#receiveSecurity(response, pairs)
      : this.#receiveOperational(response, pairs);
  }

  /** The algorithms for another login where the target hung up over the list of them; empty: there is no reason for one. */
  get algorithmsAfterHangUp(): readonly ChapAlgorithm[] {
    return this.#fewerAlgorithms('algorithmsOffered');
  }

  /** 11.13.5: 0200h and 0201h stand for a wrong secret, and for whatever else a target does not like about CHAP. */
  #refused(response: PduOf<'loginResponse'>): LoginStep {
    const { statusClass, statusDetail } = response;
    const isAboutChap = statusClass === LOGIN_STATUS_CLASS.initiatorError && statusDetail <= 1;
    const algorithms = isAboutChap ? this.#fewerAlgorithms(this.#chap.at) : [];
    if (algorithms.length > 0) return { kind: 'retry', algorithms };
    const { at } = this.#chap;
    if (isAboutChap && at === 'algorithmsOffered') throw this.#chapRefused();
    if (isAboutChap && at === 'methodOffered' && statusDetail === 1)
      throw new IscsiError('LOGIN_AUTHENTICATION_FAILED', { phase: 'login', detail: { isBeforeChallenge: true } });
    throw this.#explainDigests(statusClass, statusDetail) ?? explainLoginStatus(statusClass, statusDetail);
  }

  /** 11.13.5: 0200h says no more than that we are to blame. Where we insisted on a digest in the request before, it is about that. */
  #explainDigests(statusClass: number, statusDetail: number): IscsiError | undefined {
    const { HeaderDigest: headerDigest = 'None', DataDigest: dataDigest = 'None' } = this.#options.wishes;
    const isInsisting = [headerDigest, dataDigest].includes('CRC32C');
    if (this.#stage !== LOGIN_STAGE.operational || !isInsisting) return undefined;
    if (statusClass !== LOGIN_STATUS_CLASS.initiatorError || statusDetail !== 0) return undefined;
    return new IscsiError('LOGIN_DIGESTS_REFUSED', { phase: 'login', detail: { headerDigest, dataDigest } });
  }

  #chapRefused(): IscsiError {
    const algorithms = this.#options.chap?.algorithms.map(({ name }) => name).join(', ') ?? '';
    return new IscsiError('LOGIN_CHAP_REFUSED', { phase: 'login', detail: { algorithms } });
  }

  #fewerAlgorithms(at: ChapState['at']): readonly ChapAlgorithm[] {
    const { chap } = this.#options;
    if (chap?.mayRetry !== true || this.#chap.at !== at) return [];
    if (at === 'algorithmsOffered')
      return chap.algorithms.length > 1 ? chap.algorithms.filter(({ code }) => code === OLDEST_ALGORITHM) : [];
    if (this.#chap.at !== 'responded' || this.#chap.algorithm.code !== MISREAD_ALGORITHM) return [];
    return chap.algorithms.filter(({ code }) => code !== MISREAD_ALGORITHM);
  }

  #request(pairs: readonly TextPair[], transit: boolean, next: number): PduInputOf<'loginRequest'> {
    this.#asked = { transit, next };
    return {
      kind: 'loginRequest',
      transit,
      currentStage: this.#stage,
      nextStage: transit ? next : 0,
      isid: this.#options.isid,
      cmdSn: this.#options.cmdSn,
      expStatSn: this.#expStatSn ?? 0,
      data: encodeText(pairs),
    };
  }

  #redirect(response: PduOf<'loginResponse'>): LoginStep {
    this.#assembler.add(response.data);
    const address = this.#assembler.take().find(([key]) => key === 'TargetAddress')?.[1];
    // 11.13.5: 0101h the target has moved for now, 0102h for good.
    if (address === undefined || (response.statusDetail !== 1 && response.statusDetail !== 2)) {
      throw new IscsiError('REDIRECT_MALFORMED', { phase: 'login' });
    }
    try {
      return { kind: 'redirect', to: parseTargetAddress(address), permanent: response.statusDetail === 2 };
    } catch (error) {
      throw new IscsiError('REDIRECT_MALFORMED', { phase: 'login', cause: error });
    }
  }

  #receiveSecurity(response: PduOf<'loginResponse'>, pairs: readonly TextPair[]): LoginStep {
    const chapPairs = pairs.filter(([key]) => CHAP_KEYS.includes(key));
    const answers = this.#receivePlain(pairs.filter(([key]) => !CHAP_KEYS.includes(key)));
    switch (this.#chap.at) {
      case 'off': {
        if (response.transit) return this.#enterOperational(answers);
        return { kind: 'send', pdu: this.#request(answers, true, LOGIN_STAGE.operational) };
      }
      case 'methodOffered': {
        if (this.#negotiation.result('AuthMethod') !== 'CHAP') {
          throw new IscsiError('LOGIN_AUTHENTICATION_MISSING', { phase: 'login' });
        }
        this.#chap = { at: 'algorithmsOffered' };
        const codes = this.#options.chap?.algorithms.map((algorithm) => algorithm.code).join(',') ?? '';
        return { kind: 'send', pdu: this.#request([...answers, ['CHAP_A', codes]], false, 0) }; // 12.1.3
      }
      case 'algorithmsOffered': {
        // 12.1.3: CHAP_A=Reject is the other way to refuse a list.
        if (findValue(chapPairs, 'CHAP_A') !== 'Reject')
          return { kind: 'send', pdu: this.#respond(chapPairs, answers) };
        const algorithms = this.#fewerAlgorithms('algorithmsOffered');
        if (algorithms.length > 0) return { kind: 'retry', algorithms };
        throw this.#chapRefused();
      }
      case 'responded': {
        if (this.#chap.ownChallenge !== undefined)
          this.#checkTarget(chapPairs, this.#chap.algorithm, this.#chap.ownChallenge);
        this.#chap = { at: 'proven', algorithm: this.#chap.algorithm };
        if (response.transit) return this.#enterOperational(answers);
        return { kind: 'send', pdu: this.#request(answers, true, LOGIN_STAGE.operational) };
      }
      case 'proven': {
        if (response.transit) return this.#enterOperational(answers);
        return { kind: 'send', pdu: this.#request(answers, true, LOGIN_STAGE.operational) };
      }
    }
  }

  #receivePlain(pairs: readonly TextPair[]): TextPair[] {
    const method = findValue(pairs, 'AuthMethod');
    if (method !== undefined && method !== (this.#options.chap === undefined ? 'None' : 'CHAP')) {
      // Where there are no credentials: it chose CHAP, which was offered to hear of it, or nothing of what was offered.
      const code = this.#options.chap === undefined ? 'LOGIN_AUTHENTICATION_FAILED' : 'LOGIN_AUTHENTICATION_MISSING';
      throw new IscsiError(code, { phase: 'login' });
    }
    const answers = this.#negotiation.receive(pairs);
    const tag = findValue(pairs, 'TargetPortalGroupTag');
    if (tag !== undefined) this.#portalGroupTag = decodeNumberValue(tag);
    return answers;
  }

  /** RFC 7143 section 12.1.3: from CHAP_A, CHAP_I and CHAP_C to CHAP_N and CHAP_R. */
  #respond(chapPairs: readonly TextPair[], answers: readonly TextPair[]): PduInputOf<'loginRequest'> {
    const { chap } = this.#options;
    if (chap === undefined) throw broken('CHAP was not asked for');
    const code = decodeNumberValue(findValue(chapPairs, 'CHAP_A') ?? '');
    const algorithm = chap.algorithms.find((one) => one.code === code);
    if (algorithm === undefined) throw broken('the target chose a CHAP algorithm that was not offered');
    const identifier = decodeNumberValue(findValue(chapPairs, 'CHAP_I') ?? '');
    const challenge = decodeBinaryValue(findValue(chapPairs, 'CHAP_C') ?? '', MAX_CHAP_CHALLENGE_BYTES);
    if (identifier === undefined || identifier > 255) throw broken('the CHAP identifier is missing or not a byte');
    if (challenge === undefined || challenge.length === 0) throw broken('the CHAP challenge is missing or malformed');
    const response = computeChapResponse(algorithm, { identifier, challenge }, chap.own.secret);
    const pairs: TextPair[] = [...answers, ['CHAP_N', chap.own.name], ['CHAP_R', encodeBinaryValue(response)]];
    const ownChallenge = chap.target === undefined ? undefined : createChapChallenge();
    if (ownChallenge !== undefined) {
      pairs.push(['CHAP_I', String(ownChallenge.identifier)], ['CHAP_C', encodeBinaryValue(ownChallenge.challenge)]);
    }
    this.#chap = { at: 'responded', algorithm, ownChallenge };
    return this.#request(pairs, true, LOGIN_STAGE.operational);
  }

  #checkTarget(chapPairs: readonly TextPair[], algorithm: ChapAlgorithm, ownChallenge: ChapChallenge): void {
    const expected = this.#options.chap?.target;
    const name = findValue(chapPairs, 'CHAP_N');
    const response = decodeBinaryValue(findValue(chapPairs, 'CHAP_R') ?? '');
    if (
      expected === undefined ||
      name === undefined ||
      // An empty name in our options means: whoever knows the secret.
      (expected.name !== '' && expected.name !== name) ||
      response === undefined ||
      !isChapResponseRight(algorithm, ownChallenge, expected.secret, response)
    ) {
      throw new IscsiError('MUTUAL_CHAP_FAILED', { phase: 'login' });
    }
  }

  #enterOperational(answers: readonly TextPair[]): LoginStep {
    this.#stage = LOGIN_STAGE.operational;
    const offers = this.#negotiation.offer(OPERATIONAL_KEYS);
    return { kind: 'send', pdu: this.#request([...answers, ...offers], true, LOGIN_STAGE.fullFeature) };
  }

  /**
   * 6.3.3: a last response leaves no room for answers, and targets offer keys in it that nobody asked for all the same. Those that change
   * nothing are let pass.
   */
  #needNoAnswer(pairs: readonly TextPair[], answers: readonly TextPair[]): void {
    for (const [key, answer] of answers) {
      const value = findValue(pairs, key) ?? '';
      if (this.#negotiation.mayStayUnanswered(key, value, answer)) continue;
      throw broken(`the target ends the login with ${key}=${value}, which nobody offered and which awaits an answer`);
    }
  }

  #receiveOperational(response: PduOf<'loginResponse'>, pairs: readonly TextPair[]): LoginStep {
    const answers = this.#receivePlain(pairs);
    if (!response.transit) return { kind: 'send', pdu: this.#request(answers, true, LOGIN_STAGE.fullFeature) };
    this.#needNoAnswer(pairs, answers);
    // 11.13.3: a target that opens a session must name it.
    if (response.tsih === 0 && this.#options.sessionType === 'Normal')
      throw broken('the target gives the session no handle');
    this.#negotiation.finish();
    const chapAlgorithm = this.#chap.at === 'proven' ? this.#chap.algorithm : undefined;
    return {
      kind: 'done',
      result: {
        parameters: readParameters(this.#negotiation, this.#options.wishes),
        tsih: response.tsih,
        cmdSn: this.#options.cmdSn,
        expStatSn: addSerial(response.statSn, 1),
        expCmdSn: response.expCmdSn,
        maxCmdSn: response.maxCmdSn,
        portalGroupTag: this.#portalGroupTag,
        targetAlias: this.#negotiation.declared('TargetAlias'),
        authentication:
          chapAlgorithm === undefined ? 'none' : this.#options.chap?.target === undefined ? 'chap' : 'mutualChap',
        chapAlgorithm,
      },
    };
  }
}
