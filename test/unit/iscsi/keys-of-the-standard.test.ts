import { describe, expect, test } from 'vitest';
import {
  checkValue,
  combineValues,
  IscsiError,
  KEYS,
  Negotiation,
  RESERVED_VALUES,
  type KeyName,
  type KeyRow,
  type TextPair,
} from '../../../main/iscsi/index.ts';

/**
 * RFC 7143 chapter 13 (AuthMethod: chapter 12), typed by hand in the standard's order and words, and every row of the product compared with it.
 * Use: IO initialize only, LO leading only, ALL, FFPO full feature phase only. Scope: SW session-wide, CW connection-wide. Result: the function that
 * the clause names; for lists that of section 6.2.1; none where the key is declarative.
 */
interface Clause {
  readonly key: KeyName;
  readonly clause: string;
  readonly use: 'IO' | 'LO' | 'ALL' | 'FFPO';
  readonly senders: 'Initiator' | 'Target' | 'Initiator and target';
  readonly scope: 'SW' | 'CW';
  readonly form: 'list' | 'boolean' | 'number' | 'declarative';
  readonly result: 'Minimum' | 'Maximum' | 'AND' | 'OR' | 'first of the list' | 'none';
  readonly default: string;
  readonly range?: readonly [number, number];
  /** "Irrelevant when: SessionType=Discovery". */
  readonly irrelevant: boolean;
}

const both = 'Initiator and target';
const TWO_24 = 16_777_215;

const clause = (
  key: KeyName,
  number: string,
  use: Clause['use'],
  senders: Clause['senders'],
  scope: Clause['scope'],
  form: Clause['form'],
  result: Clause['result'],
  byDefault: string,
  more: { readonly range?: readonly [number, number]; readonly irrelevant?: true } = {},
): Clause => ({
  key,
  clause: number,
  use,
  senders,
  scope,
  form,
  result,
  default: byDefault,
  irrelevant: more.irrelevant === true,
  ...(more.range === undefined ? {} : { range: more.range }),
});

const CHAPTER_13: readonly Clause[] = [
  clause('AuthMethod', '12', 'IO', both, 'CW', 'list', 'first of the list', 'None'),
  clause('HeaderDigest', '13.1', 'IO', both, 'CW', 'list', 'first of the list', 'None'),
  clause('DataDigest', '13.1', 'IO', both, 'CW', 'list', 'first of the list', 'None'),
  clause('MaxConnections', '13.2', 'LO', both, 'SW', 'number', 'Minimum', '1', {
    range: [1, 65_535],
    irrelevant: true,
  }),
  clause('SendTargets', '13.3', 'FFPO', 'Initiator', 'SW', 'declarative', 'none', ''),
  clause('TargetName', '13.4', 'IO', both, 'SW', 'declarative', 'none', ''),
  clause('InitiatorName', '13.5', 'IO', 'Initiator', 'SW', 'declarative', 'none', ''),
  clause('TargetAlias', '13.6', 'ALL', 'Target', 'SW', 'declarative', 'none', ''),
  clause('InitiatorAlias', '13.7', 'ALL', 'Initiator', 'SW', 'declarative', 'none', ''),
  clause('TargetAddress', '13.8', 'ALL', 'Target', 'SW', 'declarative', 'none', ''),
  clause('TargetPortalGroupTag', '13.9', 'IO', 'Target', 'SW', 'declarative', 'none', '', { range: [0, 65_535] }),
  clause('InitialR2T', '13.10', 'LO', both, 'SW', 'boolean', 'OR', 'Yes', { irrelevant: true }),
  clause('ImmediateData', '13.11', 'LO', both, 'SW', 'boolean', 'AND', 'Yes', { irrelevant: true }),
  clause('MaxRecvDataSegmentLength', '13.12', 'ALL', both, 'CW', 'declarative', 'none', '8192', {
    range: [512, TWO_24],
  }),
  clause('MaxBurstLength', '13.13', 'LO', both, 'SW', 'number', 'Minimum', '262144', {
    range: [512, TWO_24],
    irrelevant: true,
  }),
  clause('FirstBurstLength', '13.14', 'LO', both, 'SW', 'number', 'Minimum', '65536', {
    range: [512, TWO_24],
    irrelevant: true,
  }),
  clause('DefaultTime2Wait', '13.15', 'LO', both, 'SW', 'number', 'Maximum', '2', { range: [0, 3600] }),
  clause('DefaultTime2Retain', '13.16', 'LO', both, 'SW', 'number', 'Minimum', '20', { range: [0, 3600] }),
  clause('MaxOutstandingR2T', '13.17', 'LO', both, 'SW', 'number', 'Minimum', '1', {
    range: [1, 65_535],
    irrelevant: true,
  }),
  clause('DataPDUInOrder', '13.18', 'LO', both, 'SW', 'boolean', 'OR', 'Yes', { irrelevant: true }),
  clause('DataSequenceInOrder', '13.19', 'LO', both, 'SW', 'boolean', 'OR', 'Yes', { irrelevant: true }),
  clause('ErrorRecoveryLevel', '13.20', 'LO', both, 'SW', 'number', 'Minimum', '0', { range: [0, 2] }),
  clause('SessionType', '13.21', 'LO', 'Initiator', 'SW', 'declarative', 'none', 'Normal'),
  clause('TaskReporting', '13.23', 'LO', both, 'SW', 'list', 'first of the list', 'RFC3720', { irrelevant: true }),
  clause('iSCSIProtocolLevel', '13.24', 'LO', both, 'SW', 'number', 'Minimum', '1', {
    range: [0, 31],
    irrelevant: true,
  }),
];

const inOurWords = {
  Initiator: 'initiator',
  Target: 'target',
  'Initiator and target': 'both',
  SW: 'session',
  CW: 'connection',
  Minimum: 'min',
  Maximum: 'max',
  AND: 'and',
  OR: 'or',
  'first of the list': 'first',
  none: 'none',
} as const;

test('no key is missing and none is invented', () => {
  expect(Object.keys(KEYS).sort()).toEqual(CHAPTER_13.map(({ key }) => key).sort());
});

test.each(CHAPTER_13)('$key ($clause) is as the standard has it, field by field', (standard) => {
  const { range, irrelevant } = standard;
  const row: KeyRow = KEYS[standard.key];
  expect(row).toEqual({
    clause: standard.clause,
    use: standard.use,
    senders: inOurWords[standard.senders],
    scope: inOurWords[standard.scope],
    kind: standard.form,
    result: inOurWords[standard.result],
    default: standard.default,
    ...(range === undefined ? {} : { min: range[0], max: range[1] }),
    ...(irrelevant ? { irrelevantInDiscovery: true } : {}),
  });
});

test.each(CHAPTER_13.filter(({ range }) => range !== undefined))(
  '$key: the range ends where it ends',
  ({ key, range }) => {
    const [min, max] = range ?? [0, 0];
    expect(checkValue(key, String(min))).toBeUndefined();
    expect(checkValue(key, String(max))).toBeUndefined();
    expect(checkValue(key, String(max + 1))).toMatch(/outside/);
    expect(checkValue(key, `0x${max.toString(16)}`)).toBeUndefined(); // 6.1: numbers may be hexadecimal
    if (min > 0) expect(checkValue(key, String(min - 1))).toMatch(/outside/);
    else expect(checkValue(key, '-1')).toMatch(/not a number/);
  },
);

/** Offer, the other side's wish, what both have: RFC 7143 sections 6.2.1 and 6.2.2 with the result function of the clause. */
test.each([
  ['AuthMethod', 'CHAP,None', 'None,CHAP', 'CHAP'],
  ['AuthMethod', 'KRB5,CHAP', 'CHAP', 'CHAP'],
  ['AuthMethod', 'CHAP', 'None', undefined],
  ['HeaderDigest', 'None,CRC32C', 'CRC32C,None', 'None'],
  ['HeaderDigest', 'None', 'CRC32C', undefined],
  ['DataDigest', 'CRC32C,None', 'None,CRC32C', 'CRC32C'],
  ['DataDigest', 'CRC32C', 'CRC32C', 'CRC32C'],
  ['DataDigest', 'CRC32C', 'None', undefined],
  ['MaxConnections', '8', '1', '1'],
  ['MaxConnections', '2', '4', '2'],
  ['InitialR2T', 'No', 'No', 'No'],
  ['InitialR2T', 'No', 'Yes', 'Yes'],
  ['InitialR2T', 'Yes', 'No', 'Yes'],
  ['ImmediateData', 'Yes', 'Yes', 'Yes'],
  ['ImmediateData', 'Yes', 'No', 'No'],
  ['ImmediateData', 'No', 'Yes', 'No'],
  ['MaxBurstLength', '16776192', '1048576', '1048576'],
  ['MaxBurstLength', '512', '1048576', '512'],
  ['FirstBurstLength', '262144', '65536', '65536'],
  ['FirstBurstLength', '1024', '65536', '1024'],
  ['DefaultTime2Wait', '0', '2', '2'],
  ['DefaultTime2Wait', '30', '2', '30'],
  ['DefaultTime2Retain', '20', '0', '0'],
  ['DefaultTime2Retain', '0', '60', '0'],
  ['MaxOutstandingR2T', '8', '1', '1'],
  ['MaxOutstandingR2T', '2', '16', '2'],
  ['DataPDUInOrder', 'No', 'No', 'No'],
  ['DataPDUInOrder', 'No', 'Yes', 'Yes'],
  ['DataPDUInOrder', 'Yes', 'No', 'Yes'],
  ['DataSequenceInOrder', 'No', 'No', 'No'],
  ['DataSequenceInOrder', 'No', 'Yes', 'Yes'],
  ['DataSequenceInOrder', 'Yes', 'No', 'Yes'],
  ['ErrorRecoveryLevel', '2', '0', '0'],
  ['ErrorRecoveryLevel', '0', '1', '0'],
  ['TaskReporting', 'FastAbort,RFC3720', 'RFC3720', 'RFC3720'],
  ['TaskReporting', 'RFC3720,ResponseFence', 'ResponseFence,RFC3720', 'RFC3720'],
  ['TaskReporting', 'FastAbort', 'RFC3720', undefined],
  ['iSCSIProtocolLevel', '2', '1', '1'],
  ['iSCSIProtocolLevel', '0', '1', '0'],
] as const)('%s=%s meets %s: %s', (key, offered, own, result) => {
  expect(combineValues(key, offered, own)).toBe(result);
});

test('every key that is negotiated has a row above', () => {
  const negotiated = CHAPTER_13.filter(({ form }) => form !== 'declarative').map(({ key }) => key);
  expect(negotiated).toHaveLength(16);
});

const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof IscsiError) return error.code;
    throw error;
  }
  return 'nothing was thrown';
};

/** A value that the key may have, whatever it is. */
const someValue = ({ form, range }: Clause): string =>
  form === 'boolean' ? 'Yes' : form === 'number' ? String(range?.[1] ?? 1) : 'None';

describe('irrelevant in a discovery session', () => {
  const irrelevant = CHAPTER_13.filter((one) => one.irrelevant);

  test.each(irrelevant)('$key is answered so', (standard) => {
    const target = new Negotiation('target', 'Discovery', {});
    expect(target.receive([[standard.key, someValue(standard)]])).toEqual([[standard.key, 'Irrelevant']]);
    expect(target.result(standard.key)).toBe(standard.default);
  });

  test.each(irrelevant)('$key is not offered', (standard) => {
    const value = someValue(standard);
    const initiator = new Negotiation('initiator', 'Discovery', { [standard.key]: value });
    expect(initiator.offer([standard.key])).toEqual([]);
    const normal = new Negotiation('initiator', 'Normal', { [standard.key]: value });
    expect(normal.offer([standard.key])).toEqual([[standard.key, value]]);
  });

  test.each(CHAPTER_13.filter((one) => one.form === 'number' && !one.irrelevant))('$key is not', (standard) => {
    const target = new Negotiation('target', 'Discovery', { [standard.key]: standard.default });
    const [answer] = target.receive([[standard.key, standard.default]]);
    expect(answer).toEqual([standard.key, standard.default]);
  });
});

// 6.3: "Reinitiating a negotiation of a key that was negotiated is a protocol error", whoever began it and whatever it is set to.
describe('a key is negotiated once', () => {
  const keys = CHAPTER_13.filter(({ form }) => form !== 'declarative');

  test.each(keys)('$key, offered twice to the same side', (standard) => {
    const pair: TextPair = [standard.key, standard.default];
    for (const role of ['initiator', 'target'] as const) {
      const negotiation = new Negotiation(role, 'Normal', {});
      expect(negotiation.receive([pair])).toEqual([pair]);
      expect(codeOf(() => negotiation.receive([pair]))).toBe('NEGOTIATION_FAILED');
    }
  });

  test.each(keys)('$key, offered by the side that has answered', (standard) => {
    const negotiation = new Negotiation('initiator', 'Normal', { [standard.key]: standard.default });
    expect(negotiation.offer([standard.key])).toHaveLength(1);
    negotiation.receive([[standard.key, standard.default]]);
    expect(codeOf(() => negotiation.receive([[standard.key, standard.default]]))).toBe('NEGOTIATION_FAILED');
  });

  test('and not offered by us once it was agreed', () => {
    const negotiation = new Negotiation('target', 'Normal', { MaxBurstLength: '65536' });
    negotiation.receive([['MaxBurstLength', '65536']]);
    expect(negotiation.offer(['MaxBurstLength'])).toEqual([]);
  });
});

// 6.2: the reserved words are answers, and an answer is not answered.
describe('a key that nobody knows', () => {
  test('has these words for an answer', () => {
    expect([...RESERVED_VALUES].sort()).toEqual(['Irrelevant', 'None', 'NotUnderstood', 'Reject']);
  });

  test.each(['NotUnderstood', 'Reject', 'Irrelevant', 'None'])('answered with %s, is left alone', (word) => {
    for (const role of ['initiator', 'target'] as const) {
      const negotiation = new Negotiation(role, 'Normal', {});
      expect(negotiation.receive([['X-com.example.key', word]])).toEqual([]);
      expect(negotiation.unknownPairs).toEqual([['X-com.example.key', word]]);
    }
  });

  test('with any other value is answered', () => {
    const negotiation = new Negotiation('target', 'Normal', {});
    expect(negotiation.receive([['X-com.example.key', 'reject']])).toEqual([['X-com.example.key', 'NotUnderstood']]);
  });
});
