import { IscsiError } from '../error.ts';
import { isKeyName, KEYS, keyRow, OBSOLETE_KEYS, type KeyName, type KeyRow } from './keys.ts';
import { decodeNumberValue, type TextPair } from './pairs.ts';

/** The words of RFC 7143 section 6.2 that may stand where a value stands. */
export const RESERVED_VALUES: readonly string[] = ['None', 'Reject', 'Irrelevant', 'NotUnderstood'];

/** Whose side of the negotiation it is. */
export type NegotiationRole = 'initiator' | 'target';
/** RFC 7143 section 13.21. */
export type SessionType = 'Normal' | 'Discovery';

/** What one side wants, key by key, as it would be written: a list's best value first. */
export type Wishes = Readonly<Partial<Record<KeyName, string>>>;

const failed = (key: string, reason: string): IscsiError =>
  new IscsiError('NEGOTIATION_FAILED', { detail: { key, reason } });

const isBoolean = (value: string): boolean => value === 'Yes' || value === 'No';

/** Is the value within the key's kind and range? Undefined: yes; else why not. */
export const checkValue = (key: KeyName, value: string): string | undefined => {
  const row = keyRow(key);
  if (row.kind === 'boolean') return isBoolean(value) ? undefined : `${JSON.stringify(value)} is neither Yes nor No`;
  if (row.min !== undefined && row.max !== undefined) {
    const number = decodeNumberValue(value);
    if (number === undefined) return `${JSON.stringify(value)} is not a number`;
    if (number < row.min || number > row.max) return `${value} is outside ${row.min} to ${row.max}`;
    return undefined;
  }
  if (row.kind === 'list') {
    return value.split(',').every((one) => one !== '') ? undefined : 'the list has an empty value';
  }
  if (key === 'SessionType' && value !== 'Normal' && value !== 'Discovery') {
    return `${JSON.stringify(value)} is neither Normal nor Discovery`;
  }
  return undefined;
};

/** The result function of the row: what both sides have when one offers and the other wishes. Lists: undefined when nothing is common. */
export const combineValues = (key: KeyName, offered: string, own: string): string | undefined => {
  const row: KeyRow = keyRow(key);
  switch (row.result) {
    case 'min':
      return String(Math.min(Number(offered), Number(own)));
    case 'max':
      return String(Math.max(Number(offered), Number(own)));
    case 'and':
      return offered === 'Yes' && own === 'Yes' ? 'Yes' : 'No';
    case 'or':
      return offered === 'Yes' || own === 'Yes' ? 'Yes' : 'No';
    case 'first': {
      // 6.2.1: the first value of the offerer's list that the acceptor supports.
      const supported = own.split(',');
      return offered.split(',').find((value) => supported.includes(value));
    }
    case 'none':
      return offered;
  }
};

const isAllowedAnswer = (row: KeyRow, offered: string, answer: string): boolean => {
  switch (row.result) {
    case 'min':
      return Number(answer) <= Number(offered);
    case 'max':
      return Number(answer) >= Number(offered);
    case 'and':
      return answer === 'No' || offered === 'Yes'; // 6.2.2: AND, a No cannot become a Yes
    case 'or':
      return answer === 'Yes' || offered === 'No'; // 6.2.2: OR, a Yes cannot become a No
    case 'first':
      return offered.split(',').includes(answer);
    case 'none':
      return true;
  }
};

/** Can one live with the default? Whoever offers a list without it insists on one of the others; numbers and booleans give way. */
const isDefaultOffered = (row: KeyRow, offered: string): boolean =>
  row.kind !== 'list' || offered.split(',').includes(row.default);

/** RFC 3720 appendix A.3: with Yes the other side may put markers between the PDUs; the intervals mean nothing without. */
const MARKERS: readonly string[] = ['IFMarker', 'OFMarker'];

const otherSide = (role: NegotiationRole): NegotiationRole => (role === 'initiator' ? 'target' : 'initiator');

/**
 * One login's negotiation, seen from one side. `offer` says something, `receive` takes what the other side said and returns the answers
 * that are due. Each key is negotiated once (RFC 7143 section 6.3: renegotiation is a protocol error).
 */
export class Negotiation {
  readonly role: NegotiationRole;
  readonly sessionType: SessionType;
  readonly #wishes: Wishes;
  readonly #offered = new Map<string, string>();
  readonly #results = new Map<KeyName, string>();
  readonly #own = new Map<KeyName, string>();
  readonly #peer = new Map<KeyName, string>();
  readonly #unknown: TextPair[] = [];

  constructor(role: NegotiationRole, sessionType: SessionType, wishes: Wishes) {
    this.role = role;
    this.sessionType = sessionType;
    this.#wishes = wishes;
  }

  /** Offers or declares keys with the values of the wishes; keys without a wish, already said or meaningless here are left out. */
  offer(keys: readonly KeyName[]): TextPair[] {
    const pairs: TextPair[] = [];
    for (const key of keys) {
      const value = this.#wishes[key];
      const row = keyRow(key);
      if (value === undefined || this.#offered.has(key) || this.#results.has(key) || this.#own.has(key)) continue;
      if (row.irrelevantInDiscovery === true && this.sessionType === 'Discovery') continue;
      if (row.senders !== 'both' && row.senders !== this.role) {
        throw new IscsiError('OPTION_OUT_OF_RANGE', {
          detail: { option: key, reason: `not for the ${this.role} to send` },
        });
      }
      const wrong = checkValue(key, value);
      if (wrong !== undefined) throw new IscsiError('OPTION_OUT_OF_RANGE', { detail: { option: key, reason: wrong } });
      if (row.kind === 'declarative') this.#own.set(key, value);
      else this.#offered.set(key, value);
      pairs.push([key, value]);
    }
    return pairs;
  }

  /** Takes the other side's pairs and returns the answers. CHAP's keys are not for here. Throws NEGOTIATION_FAILED. */
  receive(pairs: readonly TextPair[]): TextPair[] {
    const answers: TextPair[] = [];
    for (const [key, value] of pairs) {
      const answer = this.#receiveOne(key, value);
      if (answer !== undefined) answers.push([key, answer]);
    }
    return answers;
  }

  #receiveOne(key: string, value: string): string | undefined {
    if (OBSOLETE_KEYS.includes(key)) return this.#offered.has(key) ? undefined : 'Reject'; // 13.25
    if (!isKeyName(key)) {
      this.#unknown.push([key, value]);
      // 6.2: a key that is not understood is answered so, but an answer is not answered again.
      return RESERVED_VALUES.includes(value) ? undefined : 'NotUnderstood';
    }
    const row = keyRow(key);
    if (row.senders !== 'both' && row.senders === this.role) {
      throw failed(key, `the ${otherSide(this.role)} may not send it`);
    }
    if (row.kind === 'declarative') return this.#receiveDeclaration(key, value);
    const offered = this.#offered.get(key);
    if (offered !== undefined) {
      this.#receiveAnswer(key, row, offered, value);
      return undefined;
    }
    return this.#receiveOffer(key, row, value);
  }

  #receiveDeclaration(key: KeyName, value: string): undefined {
    // An answer such as TargetAlias=NotUnderstood to something that we declared is no value.
    if (this.#own.has(key) && (value === 'NotUnderstood' || value === 'Irrelevant' || value === 'Reject')) {
      if (value === 'Reject') throw failed(key, 'the other side rejects it');
      return undefined;
    }
    const wrong = checkValue(key, value);
    if (wrong !== undefined) throw failed(key, wrong);
    if (this.#peer.has(key) && key !== 'TargetAddress') throw failed(key, 'it comes more than once');
    this.#peer.set(key, value);
    return undefined;
  }

  #receiveAnswer(key: KeyName, row: KeyRow, offered: string, answer: string): void {
    if (this.#results.has(key)) throw failed(key, 'it is negotiated more than once'); // 6.3
    if (answer === 'Reject') throw failed(key, 'the other side rejects it');
    if (answer === 'Irrelevant' || answer === 'NotUnderstood') {
      // 6.2: then the default holds. Older targets do not know TaskReporting or iSCSIProtocolLevel.
      if (!isDefaultOffered(row, offered))
        throw failed(key, `the answer is ${answer}, and ${row.default} was not offered`);
      this.#results.set(key, row.default);
      return;
    }
    const wrong = checkValue(key, answer);
    if (wrong !== undefined) throw failed(key, wrong);
    if (!isAllowedAnswer(row, offered, answer)) throw failed(key, `${answer} is not a possible answer to ${offered}`);
    // The acceptor's answer is the result for lists and for functions of two values alike: 6.2.1, 6.2.2.
    this.#results.set(key, answer);
  }

  #receiveOffer(key: KeyName, row: KeyRow, offered: string): string {
    if (this.#results.has(key)) throw failed(key, 'it is negotiated more than once'); // 6.3
    if (row.irrelevantInDiscovery === true && this.sessionType === 'Discovery') return 'Irrelevant'; // 6.2
    const wrong = checkValue(key, offered);
    if (wrong !== undefined) {
      if (this.role === 'initiator') throw failed(key, wrong);
      return 'Reject';
    }
    const own = this.#wishes[key] ?? row.default;
    const result = combineValues(key, offered, own);
    if (result === undefined) return 'Reject'; // 6.2.1: nothing in common
    this.#results.set(key, result);
    return result;
  }

  /**
   * Does it make no difference that this offer of the other side is never answered? Where the key means nothing here or is not understood,
   * where the value is the default, which holds without an answer, and where only a recovery would use it, for which there is error recovery
   * level 0 and, in a discovery, no time.
   */
  mayStayUnanswered(key: string, value: string, answer: string): boolean {
    if (answer === 'Irrelevant' || answer === 'NotUnderstood') return true;
    if (OBSOLETE_KEYS.includes(key)) return !MARKERS.includes(key) || value === 'No';
    if (!isKeyName(key)) return false;
    if (key === 'DefaultTime2Wait' || key === 'DefaultTime2Retain') return true;
    if (key === 'ErrorRecoveryLevel' && this.sessionType === 'Discovery') return true;
    const row = keyRow(key);
    // Of a list nothing is chosen until it is answered.
    if (row.kind === 'list') return answer === row.default;
    return row.kind === 'number' ? decodeNumberValue(value) === Number(row.default) : value === row.default;
  }

  /** The negotiation is over: throws NEGOTIATION_FAILED when the default of a key without an answer is not among what was offered. */
  finish(): void {
    for (const [key, offered] of this.#offered) {
      if (!isKeyName(key) || this.#results.has(key)) continue;
      const row = keyRow(key);
      if (!isDefaultOffered(row, offered)) throw failed(key, `there is no answer, and ${row.default} was not offered`);
    }
  }

  /** Keys that were offered and have not been answered yet. */
  get unanswered(): string[] {
    return [...this.#offered.keys()].filter((key) => isKeyName(key) && !this.#results.has(key));
  }

  /** The agreed value, the default while nothing is agreed. */
  result(key: KeyName): string {
    return this.#results.get(key) ?? KEYS[key].default;
  }

  /** What the other side declared. */
  declared(key: KeyName): string | undefined {
    return this.#peer.get(key);
  }

  /** Keys that are in no table, as they came. */
  get unknownPairs(): readonly TextPair[] {
    return this.#unknown;
  }
}

/** What holds after login, in numbers and booleans. Lengths in bytes, times in seconds. */
export interface NegotiatedParameters {
  readonly headerDigest: boolean;
  readonly dataDigest: boolean;
  /** The longest data segment that the other side takes. */
  readonly maxSendDataSegmentLength: number;
  /** The longest data segment that we said we take. */
  readonly maxReceiveDataSegmentLength: number;
  readonly maxConnections: number;
  readonly initialR2T: boolean;
  readonly immediateData: boolean;
  readonly maxBurstLength: number;
  readonly firstBurstLength: number;
  readonly defaultTime2WaitSeconds: number;
  readonly defaultTime2RetainSeconds: number;
  readonly maxOutstandingR2T: number;
  readonly dataPduInOrder: boolean;
  readonly dataSequenceInOrder: boolean;
  readonly errorRecoveryLevel: number;
  readonly taskReporting: string;
  readonly protocolLevel: number;
}

/** Reads a finished negotiation, seen from its side. */
export const readParameters = (negotiation: Negotiation, wishes: Wishes): NegotiatedParameters => {
  const number = (key: KeyName): number => decodeNumberValue(negotiation.result(key)) ?? Number(KEYS[key].default);
  const yes = (key: KeyName): boolean => negotiation.result(key) === 'Yes';
  const length = (value: string | undefined): number =>
    decodeNumberValue(value ?? '') ?? Number(KEYS.MaxRecvDataSegmentLength.default);
  const maxBurstLength = number('MaxBurstLength');
  return {
    headerDigest: negotiation.result('HeaderDigest') === 'CRC32C',
    dataDigest: negotiation.result('DataDigest') === 'CRC32C',
    maxSendDataSegmentLength: length(negotiation.declared('MaxRecvDataSegmentLength')),
    maxReceiveDataSegmentLength: length(wishes.MaxRecvDataSegmentLength),
    maxConnections: number('MaxConnections'),
    initialR2T: yes('InitialR2T'),
    immediateData: yes('ImmediateData'),
    maxBurstLength,
    // 13.14: FirstBurstLength MUST NOT exceed MaxBurstLength; a target that agrees to both leaves the smaller in force.
    firstBurstLength: Math.min(number('FirstBurstLength'), maxBurstLength),
    defaultTime2WaitSeconds: number('DefaultTime2Wait'),
    defaultTime2RetainSeconds: number('DefaultTime2Retain'),
    maxOutstandingR2T: number('MaxOutstandingR2T'),
    dataPduInOrder: yes('DataPDUInOrder'),
    dataSequenceInOrder: yes('DataSequenceInOrder'),
    errorRecoveryLevel: number('ErrorRecoveryLevel'),
    taskReporting: negotiation.result('TaskReporting'),
    protocolLevel: number('iSCSIProtocolLevel'),
  };
};
