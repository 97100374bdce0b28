/**
 * The keys of RFC 7143 section 13, one row each: kind, range, result function, default, who may offer, where. Negotiation on both
 * sides, checks and tests are derived from this table.
 */

/** How the value is agreed: RFC 7143 section 6.2. */
export type KeyKind =
  | 'declarative' // section 6.2: stated, not answered
  | 'list' // 6.2.1: the answer is the first value of the offer that the other side supports
  | 'boolean' // 6.2.2
  | 'number'; // 6.2.2

/** What is made of an offer and a wish: RFC 7143 section 6.2. */
export type ResultFunction = 'min' | 'max' | 'and' | 'or' | 'first' | 'none';

/** RFC 7143 section 13: IO = initialize only, LO = leading connection only, ALL, FFPO = full feature phase only. */
export type KeyUse = 'IO' | 'LO' | 'ALL' | 'FFPO';

/** One row of `KEYS`. */
export interface KeyRow {
  readonly clause: string;
  readonly kind: KeyKind;
  readonly result: ResultFunction;
  readonly use: KeyUse;
  readonly scope: 'session' | 'connection';
  readonly senders: 'initiator' | 'target' | 'both';
  /** In force when nothing is said. Empty: there is none. */
  readonly default: string;
  readonly min?: number;
  readonly max?: number;
  /** Has no meaning in a discovery session. */
  readonly irrelevantInDiscovery?: boolean;
}

const TWO_24 = 2 ** 24 - 1;

const row = (
  clause: string,
  kind: KeyKind,
  result: ResultFunction,
  use: KeyUse,
  scope: 'session' | 'connection',
  senders: 'initiator' | 'target' | 'both',
  defaultValue: string,
  more: { min?: number; max?: number; irrelevantInDiscovery?: boolean } = {},
): KeyRow => ({ clause, kind, result, use, scope, senders, default: defaultValue, ...more });

const session = { irrelevantInDiscovery: true } as const;

/** The one table of keys. */
export const KEYS = {
  AuthMethod: row('12', 'list', 'first', 'IO', 'connection', 'both', 'None'),
  HeaderDigest: row('13.1', 'list', 'first', 'IO', 'connection', 'both', 'None'),
  DataDigest: row('13.1', 'list', 'first', 'IO', 'connection', 'both', 'None'),
  MaxConnections: row('13.2', 'number', 'min', 'LO', 'session', 'both', '1', { min: 1, max: 65535, ...session }),
  SendTargets: row('13.3', 'declarative', 'none', 'FFPO', 'session', 'initiator', ''),
  TargetName: row('13.4', 'declarative', 'none', 'IO', 'session', 'both', ''),
  InitiatorName: row('13.5', 'declarative', 'none', 'IO', 'session', 'initiator', ''),
  TargetAlias: row('13.6', 'declarative', 'none', 'ALL', 'session', 'target', ''),
  InitiatorAlias: row('13.7', 'declarative', 'none', 'ALL', 'session', 'initiator', ''),
  TargetAddress: row('13.8', 'declarative', 'none', 'ALL', 'session', 'target', ''),
  TargetPortalGroupTag: row('13.9', 'declarative', 'none', 'IO', 'session', 'target', '', { min: 0, max: 65535 }),
  InitialR2T: row('13.10', 'boolean', 'or', 'LO', 'session', 'both', 'Yes', session),
  ImmediateData: row('13.11', 'boolean', 'and', 'LO', 'session', 'both', 'Yes', session),
  MaxRecvDataSegmentLength: row('13.12', 'declarative', 'none', 'ALL', 'connection', 'both', '8192', {
    min: 512,
    max: TWO_24,
  }),
  MaxBurstLength: row('13.13', 'number', 'min', 'LO', 'session', 'both', '262144', {
    min: 512,
    max: TWO_24,
    ...session,
  }),
  FirstBurstLength: row('13.14', 'number', 'min', 'LO', 'session', 'both', '65536', {
    min: 512,
    max: TWO_24,
    ...session,
  }),
  DefaultTime2Wait: row('13.15', 'number', 'max', 'LO', 'session', 'both', '2', { min: 0, max: 3600 }),
  DefaultTime2Retain: row('13.16', 'number', 'min', 'LO', 'session', 'both', '20', { min: 0, max: 3600 }),
  MaxOutstandingR2T: row('13.17', 'number', 'min', 'LO', 'session', 'both', '1', { min: 1, max: 65535, ...session }),
  DataPDUInOrder: row('13.18', 'boolean', 'or', 'LO', 'session', 'both', 'Yes', session),
  DataSequenceInOrder: row('13.19', 'boolean', 'or', 'LO', 'session', 'both', 'Yes', session),
  ErrorRecoveryLevel: row('13.20', 'number', 'min', 'LO', 'session', 'both', '0', { min: 0, max: 2 }),
  SessionType: row('13.21', 'declarative', 'none', 'LO', 'session', 'initiator', 'Normal'),
  TaskReporting: row('13.23', 'list', 'first', 'LO', 'session', 'both', 'RFC3720', session),
  iSCSIProtocolLevel: row('13.24', 'number', 'min', 'LO', 'session', 'both', '1', { min: 0, max: 31, ...session }),
} as const satisfies Record<string, KeyRow>;

/** A key as the standard writes it. */
export type KeyName = keyof typeof KEYS;

/** Is it in the table? */
export const isKeyName = (key: string): key is KeyName => Object.hasOwn(KEYS, key);

/** Its row. */
export const keyRow = (key: KeyName): KeyRow => KEYS[key];

/** RFC 7143 section 13.25: keys of RFC 3720 that are gone. They are answered with Reject and never with NotUnderstood. */
export const OBSOLETE_KEYS: readonly string[] = ['IFMarker', 'OFMarker', 'IFMarkInt', 'OFMarkInt'];

/** The CHAP keys of RFC 7143 section 12.1.3. They live in the security stage and are no negotiation. */
export const CHAP_KEYS: readonly string[] = ['CHAP_A', 'CHAP_I', 'CHAP_C', 'CHAP_N', 'CHAP_R'];
