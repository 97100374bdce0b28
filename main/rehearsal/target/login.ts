import {
  CHAP_KEYS,
  encodeText,
  findValue,
  IscsiError,
  Negotiation,
  readParameters,
  TextAssembler,
  type NegotiatedParameters,
  type PduInputOf,
  type PduOf,
  type SessionType,
  type TextPair,
  type Wishes,
} from '../../iscsi/index.ts';
import { TargetChap, type ChapSettings } from './chap.ts';
import type { Step } from '../faults/index.ts';

/** Login status: class in the high byte, detail in the low one (RFC 7143 section 11.13.5). */
export const loginStatus = {
  success: 0x0000,
  movedTemporarily: 0x0101,
  movedPermanently: 0x0102,
  initiatorError: 0x0200,
  authenticationFailure: 0x0201,
  authorizationFailure: 0x0202,
  notFound: 0x0203,
  unsupportedVersion: 0x0205,
  tooManyConnections: 0x0206,
  missingParameter: 0x0207,
  sessionTypeNotSupported: 0x0209,
  sessionDoesNotExist: 0x020a,
  invalidDuringLogin: 0x020b,
  targetError: 0x0300,
  serviceUnavailable: 0x0301,
  outOfResources: 0x0302,
} as const;

/** Who wants in, as the first request says. */
export interface LoginClaim {
  readonly initiatorName: string;
  readonly sessionType: SessionType;
  /** Null in a discovery session that names none. */
  readonly targetName: string | null;
  readonly isid: string;
  readonly tsih: number;
  readonly cid: number;
}

/** What the server answers to a claim. */
export type LoginVerdict =
  | {
      readonly kind: 'welcome';
      readonly chap: ChapSettings | null;
      readonly wishes: Wishes;
      readonly portalGroupTag: number;
      readonly alias: string | null;
    }
  | { readonly kind: 'refused'; readonly status: number; readonly because: string }
  | { readonly kind: 'moved'; readonly status: number; readonly address: string };

export interface LoginDone {
  readonly claim: LoginClaim;
  readonly parameters: NegotiatedParameters;
  readonly authenticated: boolean;
}

export interface LoginReply {
  readonly response: PduInputOf<'loginResponse'>;
  readonly steps: readonly Step[];
  readonly next: 'continue' | 'fullFeature' | 'close';
  /** Why the login was refused, for the log. */
  readonly because: string | null;
  readonly done: LoginDone | null;
}

const securityStage = 0;
const operationalStage = 1;
const fullFeatureStage = 3;

class Refusal extends Error {
  readonly status: number;
  readonly pairs: readonly TextPair[];

  constructor(status: number, because: string, pairs: readonly TextPair[] = []) {
    super(because);
    this.status = status;
    this.pairs = pairs;
  }
}

/** The target's side of the login phase of one connection (RFC 7143 section 6.3). Synchronous and without a socket. */
export class TargetLogin {
  readonly #judge: (claim: LoginClaim) => LoginVerdict;
  readonly #assignTsih: () => number;
  readonly #text = new TextAssembler();
  #claim: LoginClaim | null = null;
  #welcome: Extract<LoginVerdict, { kind: 'welcome' }> | null = null;
  #negotiation: Negotiation | null = null;
  #wishes: Wishes = {};
  #chap: TargetChap | null = null;
  #authenticated = false;
  #stage = -1;
  #answered = false;

  /**
   * @param judge Looks at the claim of the first request; called once.
   * @param assignTsih Called once, when the login succeeds.
   */
  constructor(judge: (claim: LoginClaim) => LoginVerdict, assignTsih: () => number) {
    this.#judge = judge;
    this.#assignTsih = assignTsih;
  }

  /** Answers one login request. Never throws for what an initiator may do wrong. */
  receive(request: PduOf<'loginRequest'>): LoginReply {
    const steps: Step[] = this.#answered ? [] : ['login-start'];
    this.#answered = true;
    try {
      return this.#answer(request, steps);
    } catch (error) {
      if (!(error instanceof Refusal) && !(error instanceof IscsiError)) throw error;
      const status = error instanceof Refusal ? error.status : loginStatus.initiatorError;
      const pairs = error instanceof Refusal ? error.pairs : [];
      return {
        response: { ...this.#frame(request, pairs), statusClass: status >> 8, statusDetail: status & 0xff },
        steps,
        next: 'close',
        because: error.message,
        done: null,
      };
    }
  }

  #frame(request: PduOf<'loginRequest'>, pairs: readonly TextPair[]): PduInputOf<'loginResponse'> {
    return {
      kind: 'loginResponse',
      isid: request.isid,
      tsih: request.tsih,
      itt: request.itt,
      currentStage: request.currentStage,
      data: encodeText(pairs),
    };
  }

  #answer(request: PduOf<'loginRequest'>, steps: Step[]): LoginReply {
    if (request.versionMin > 0) throw new Refusal(loginStatus.unsupportedVersion, 'only version 0 is known');
    this.#enterStage(request);
    this.#text.add(request.data);
    const go = (response: Partial<PduInputOf<'loginResponse'>>, pairs: readonly TextPair[]): LoginReply => ({
      response: { ...this.#frame(request, pairs), ...response },
      steps,
      next: 'continue',
      because: null,
      done: null,
    });
    // RFC 7143 section 6.2: while the C bit is set the answer is empty and nothing is decided.
    if (request.continue) return go({}, []);
    const pairs = this.#text.take();
    const answers: TextPair[] = [];
    if (!this.#claim) answers.push(...this.#judgeClaim(request, pairs));
    const ready =
      request.currentStage === securityStage
        ? this.#negotiateSecurity(pairs, answers, steps)
        : this.#negotiateOperation(pairs, answers);
    if (!request.transit || !ready) {
      if (request.currentStage === operationalStage) steps.push('login-operational');
      return go({}, answers);
    }
    if (request.nextStage !== fullFeatureStage) {
      this.#stage = request.nextStage;
      return go({ transit: true, nextStage: request.nextStage }, answers);
    }
    steps.push('login-final');
    return this.#finish(go({ transit: true, nextStage: fullFeatureStage }, answers));
  }

  /** The stages only go forward (RFC 7143 section 6.3.3). */
  #enterStage(request: PduOf<'loginRequest'>): void {
    const { currentStage, transit, nextStage } = request;
    const first = this.#stage === -1;
    if (currentStage !== securityStage && currentStage !== operationalStage) {
      throw new Refusal(loginStatus.invalidDuringLogin, `there is no login stage ${currentStage}`);
    }
    if (!first && currentStage !== this.#stage) {
      throw new Refusal(loginStatus.invalidDuringLogin, `stage ${currentStage} was sent in stage ${this.#stage}`);
    }
    if (transit && (nextStage <= currentStage || nextStage === 2)) {
      throw new Refusal(loginStatus.invalidDuringLogin, `stage ${nextStage} does not follow ${currentStage}`);
    }
    if (transit && request.continue) {
      throw new Refusal(loginStatus.invalidDuringLogin, 'a request cannot continue and transit');
    }
    this.#stage = currentStage;
  }

  #judgeClaim(request: PduOf<'loginRequest'>, pairs: readonly TextPair[]): TextPair[] {
    const initiatorName = findValue(pairs, 'InitiatorName');
    if (initiatorName === undefined) throw new Refusal(loginStatus.missingParameter, 'InitiatorName is missing');
    const sessionType = findValue(pairs, 'SessionType') ?? 'Normal';
    if (sessionType !== 'Normal' && sessionType !== 'Discovery') {
      throw new Refusal(loginStatus.sessionTypeNotSupported, `there is no session type ${sessionType}`);
    }
    const targetName = findValue(pairs, 'TargetName') ?? null;
    if (sessionType === 'Normal' && targetName === null) {
      throw new Refusal(loginStatus.missingParameter, 'TargetName is missing');
    }
    const claim: LoginClaim = {
      initiatorName,
      sessionType,
      targetName,
      isid: request.isid.toString('hex'),
      tsih: request.tsih,
      cid: request.cid,
    };
    const verdict = this.#judge(claim);
    if (verdict.kind === 'refused') throw new Refusal(verdict.status, verdict.because);
    if (verdict.kind === 'moved') {
      throw new Refusal(verdict.status, `moved to ${verdict.address}`, [['TargetAddress', verdict.address]]);
    }
    this.#claim = claim;
    this.#welcome = verdict;
    this.#authenticated = verdict.chap === null;
    this.#wishes = { ...verdict.wishes, AuthMethod: verdict.chap ? 'CHAP' : 'None' };
    this.#negotiation = new Negotiation('target', sessionType, this.#wishes);
    if (request.currentStage === operationalStage && !this.#authenticated) {
      // RFC 7143 section 6.3.2: leaving the security stage out is asking for no authentication.
      throw new Refusal(loginStatus.authenticationFailure, 'CHAP is required and the security stage was left out');
    }
    return [
      ...(verdict.alias === null ? [] : [['TargetAlias', verdict.alias] as const]),
      // RFC 7143 section 13.9: in the first response to a login that names a target.
      ...(sessionType === 'Normal' ? [['TargetPortalGroupTag', String(verdict.portalGroupTag)] as const] : []),
    ];
  }

  #negotiateSecurity(pairs: readonly TextPair[], answers: TextPair[], steps: Step[]): boolean {
    const { negotiation, welcome } = this.#parts();
    const chapPairs = pairs.filter(([key]) => CHAP_KEYS.includes(key));
    const replies = negotiation.receive(pairs.filter(([key]) => !CHAP_KEYS.includes(key)));
    answers.push(...replies);
    if (replies.some(([key, value]) => key === 'AuthMethod' && value === 'Reject')) {
      throw new Refusal(loginStatus.authenticationFailure, 'no authentication method is common to both');
    }
    if (chapPairs.length > 0) {
      if (!welcome.chap || negotiation.result('AuthMethod') !== 'CHAP') {
        throw new Refusal(loginStatus.authenticationFailure, 'CHAP keys were sent and CHAP was not agreed');
      }
      this.#chap ??= new TargetChap(welcome.chap);
      const step = this.#chap.receive(chapPairs);
      if (step.kind === 'challenge') steps.push('chap-challenge');
      else steps.push('chap-result');
      if (step.kind === 'refused') throw new Refusal(loginStatus.authenticationFailure, step.because);
      if (step.kind === 'proven') this.#authenticated = true;
      answers.push(...step.pairs);
    }
    return this.#authenticated;
  }

  #negotiateOperation(pairs: readonly TextPair[], answers: TextPair[]): boolean {
    const { negotiation } = this.#parts();
    answers.push(...negotiation.receive(pairs));
    answers.push(...negotiation.offer(['MaxRecvDataSegmentLength']));
    return negotiation.unanswered.length === 0;
  }

  #finish(reply: LoginReply): LoginReply {
    const { claim, negotiation } = this.#parts();
    return {
      ...reply,
      response: { ...reply.response, tsih: this.#assignTsih() },
      next: 'fullFeature',
      done: {
        claim,
        parameters: readParameters(negotiation, this.#wishes),
        authenticated: this.#chap !== null,
      },
    };
  }

  #parts() {
    if (!this.#claim || !this.#negotiation || !this.#welcome) throw new Error('the claim was not judged');
    return { claim: this.#claim, negotiation: this.#negotiation, welcome: this.#welcome };
  }
}
