import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  combineValues,
  IscsiError,
  KEYS,
  Negotiation,
  OBSOLETE_KEYS,
  readParameters,
  type KeyName,
  type KeyRow,
  type TextPair,
  type Wishes,
} from '../../../main/iscsi/index.ts';

const errorOf = (act: () => unknown): IscsiError => {
  try {
    act();
  } catch (error) {
    if (error instanceof IscsiError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

/** Typed from RFC 7143 section 13: default, use, senders, scope, and how the value comes about. */
const STANDARD: Record<KeyName, readonly [def: string, use: string, senders: string, result: string]> = {
  AuthMethod: ['None', 'IO', 'both', 'first'],
  HeaderDigest: ['None', 'IO', 'both', 'first'],
  DataDigest: ['None', 'IO', 'both', 'first'],
  MaxConnections: ['1', 'LO', 'both', 'min'],
  SendTargets: ['', 'FFPO', 'initiator', 'none'],
  TargetName: ['', 'IO', 'both', 'none'],
  InitiatorName: ['', 'IO', 'initiator', 'none'],
  TargetAlias: ['', 'ALL', 'target', 'none'],
  InitiatorAlias: ['', 'ALL', 'initiator', 'none'],
  TargetAddress: ['', 'ALL', 'target', 'none'],
  TargetPortalGroupTag: ['', 'IO', 'target', 'none'],
  InitialR2T: ['Yes', 'LO', 'both', 'or'],
  ImmediateData: ['Yes', 'LO', 'both', 'and'],
  MaxRecvDataSegmentLength: ['8192', 'ALL', 'both', 'none'],
  MaxBurstLength: ['262144', 'LO', 'both', 'min'],
  FirstBurstLength: ['65536', 'LO', 'both', 'min'],
  DefaultTime2Wait: ['2', 'LO', 'both', 'max'],
  DefaultTime2Retain: ['20', 'LO', 'both', 'min'],
  MaxOutstandingR2T: ['1', 'LO', 'both', 'min'],
  DataPDUInOrder: ['Yes', 'LO', 'both', 'or'],
  DataSequenceInOrder: ['Yes', 'LO', 'both', 'or'],
  ErrorRecoveryLevel: ['0', 'LO', 'both', 'min'],
  SessionType: ['Normal', 'LO', 'initiator', 'none'],
  TaskReporting: ['RFC3720', 'LO', 'both', 'first'],
  iSCSIProtocolLevel: ['1', 'LO', 'both', 'min'],
};

test.each(Object.entries(STANDARD))('%s is as the standard has it', (key, [def, use, senders, result]) => {
  expect(KEYS[key as KeyName]).toMatchObject({ default: def, use, senders, result });
});

/** Ranges as the standard gives them. */
test.each([
  ['MaxConnections', 1, 65535],
  ['MaxRecvDataSegmentLength', 512, 2 ** 24 - 1],
  ['MaxBurstLength', 512, 2 ** 24 - 1],
  ['FirstBurstLength', 512, 2 ** 24 - 1],
  ['DefaultTime2Wait', 0, 3600],
  ['DefaultTime2Retain', 0, 3600],
  ['MaxOutstandingR2T', 1, 65535],
  ['ErrorRecoveryLevel', 0, 2],
  ['TargetPortalGroupTag', 0, 65535],
] as const)('%s goes from %i to %i', (key, min, max) => {
  expect(KEYS[key]).toMatchObject({ min, max });
});

/** Offer, wish of the other side, result. */
test.each([
  ['HeaderDigest', 'CRC32C,None', 'None,CRC32C', 'CRC32C'], // the offerer's order decides
  ['HeaderDigest', 'None', 'None,CRC32C', 'None'],
  ['HeaderDigest', 'CRC32C', 'None', undefined],
  ['InitialR2T', 'No', 'No', 'No'],
  ['InitialR2T', 'No', 'Yes', 'Yes'],
  ['InitialR2T', 'Yes', 'No', 'Yes'],
  ['ImmediateData', 'Yes', 'Yes', 'Yes'],
  ['ImmediateData', 'Yes', 'No', 'No'],
  ['ImmediateData', 'No', 'Yes', 'No'],
  ['MaxBurstLength', '16776192', '262144', '262144'],
  ['DefaultTime2Wait', '0', '2', '2'],
  ['DefaultTime2Retain', '20', '0', '0'],
] as const)('%s=%s meets %s: %s', (key, offered, own, result) => {
  expect(combineValues(key, offered, own)).toBe(result);
});

const negotiable = (Object.entries(KEYS) as [KeyName, KeyRow][]).filter(
  ([, row]) => row.kind !== 'declarative' && row.senders === 'both',
);

const valueFor = (row: KeyRow): fc.Arbitrary<string> => {
  if (row.kind === 'boolean') return fc.constantFrom('Yes', 'No');
  if (row.kind === 'list') return fc.constantFrom('None', 'CRC32C', 'CRC32C,None', 'None,CRC32C');
  return fc.integer({ min: row.min ?? 0, max: row.max ?? 65535 }).map(String);
};

const anyWishes: fc.Arbitrary<Wishes> = fc.record(
  Object.fromEntries(negotiable.map(([key, row]) => [key, valueFor(row)])),
);

test('whatever both sides wish, they end with the same values, each in its range', () => {
  fc.assert(
    fc.property(anyWishes, anyWishes, (initiatorWishes, targetWishes) => {
      const initiator = new Negotiation('initiator', 'Normal', initiatorWishes);
      const target = new Negotiation('target', 'Normal', targetWishes);
      const keys = negotiable.map(([key]) => key);
      const answers = target.receive(initiator.offer(keys));
      const rejected = answers.filter(([, value]) => value === 'Reject').map(([key]) => key);
      expect(initiator.receive(answers.filter(([, value]) => value !== 'Reject'))).toEqual([]);
      for (const [key, row] of negotiable) {
        if (rejected.includes(key)) continue; // lists with nothing in common
        expect(initiator.result(key)).toBe(target.result(key));
        if (row.min !== undefined) expect(Number(initiator.result(key))).toBeGreaterThanOrEqual(row.min);
      }
    }),
  );
});

describe('the initiator', () => {
  const offering = (wishes: Wishes, type: 'Normal' | 'Discovery' = 'Normal'): Negotiation => {
    const negotiation = new Negotiation('initiator', type, wishes);
    negotiation.offer(Object.keys(wishes) as KeyName[]);
    return negotiation;
  };

  test('takes the target’s answer, and the default where there is none', () => {
    const negotiation = offering({ MaxBurstLength: '1000000', FirstBurstLength: '500000' });
    expect(negotiation.unanswered).toEqual(['MaxBurstLength', 'FirstBurstLength']);
    expect(negotiation.receive([['MaxBurstLength', '300000']])).toEqual([]);
    expect(negotiation.result('MaxBurstLength')).toBe('300000');
    expect(negotiation.result('FirstBurstLength')).toBe('65536');
    expect(negotiation.unanswered).toEqual(['FirstBurstLength']);
  });

  test.each([
    ['MaxBurstLength', '262144', '300000'], // more than was offered
    ['MaxBurstLength', '262144', '100'], // outside the range
    ['MaxBurstLength', '262144', 'much'],
    ['DefaultTime2Wait', '5', '2'], // less, where the larger counts
    ['ImmediateData', 'No', 'Yes'],
    ['InitialR2T', 'Yes', 'No'],
    ['InitialR2T', 'No', 'Perhaps'],
    ['HeaderDigest', 'CRC32C', 'None'],
    ['MaxBurstLength', '262144', 'Reject'],
  ] as const)('refuses %s=%s answered with %s', (key, offered, answer) => {
    const error = errorOf(() => offering({ [key]: offered }).receive([[key, answer]]));
    expect(error).toMatchObject({ code: 'NEGOTIATION_FAILED', detail: { key } });
  });

  test('refuses a second answer', () => {
    const negotiation = offering({ MaxBurstLength: '262144' });
    negotiation.receive([['MaxBurstLength', '262144']]);
    expect(errorOf(() => negotiation.receive([['MaxBurstLength', '262144']])).code).toBe('NEGOTIATION_FAILED');
  });

  test.each(['NotUnderstood', 'Irrelevant'])('lives with the default after %s', (word) => {
    const negotiation = offering({ TaskReporting: 'FastAbort,RFC3720' });
    expect(negotiation.receive([['TaskReporting', word]])).toEqual([]);
    expect(negotiation.result('TaskReporting')).toBe('RFC3720');
  });

  test('answers what the target offers, and what it does not know', () => {
    const negotiation = new Negotiation('initiator', 'Normal', { ImmediateData: 'Yes' });
    expect(
      negotiation.receive([
        ['ImmediateData', 'No'],
        ['MaxOutstandingR2T', '4'],
        ['X-com.example', 'a'],
        ['X-com.other', 'NotUnderstood'],
      ]),
    ).toEqual([
      ['ImmediateData', 'No'],
      ['MaxOutstandingR2T', '1'],
      ['X-com.example', 'NotUnderstood'],
    ]);
    expect(negotiation.unknownPairs).toHaveLength(2);
  });

  test('refuses a key that only initiators send', () => {
    expect(errorOf(() => offering({}).receive([['InitiatorName', 'iqn.2026-01.a:b']])).code).toBe('NEGOTIATION_FAILED');
  });

  test('does not offer what its side may not send, nor a value out of range', () => {
    expect(errorOf(() => offering({ TargetAlias: 'x' })).code).toBe('OPTION_OUT_OF_RANGE');
    expect(errorOf(() => offering({ MaxBurstLength: '1' })).code).toBe('OPTION_OUT_OF_RANGE');
  });

  test('leaves out in a discovery session what has no meaning there', () => {
    const negotiation = new Negotiation('initiator', 'Discovery', {
      InitialR2T: 'No',
      MaxRecvDataSegmentLength: '65536',
    });
    expect(negotiation.offer(['InitialR2T', 'MaxRecvDataSegmentLength'])).toEqual([
      ['MaxRecvDataSegmentLength', '65536'],
    ]);
  });

  test('offers a key once', () => {
    const negotiation = new Negotiation('initiator', 'Normal', { InitialR2T: 'No' });
    expect(negotiation.offer(['InitialR2T'])).toHaveLength(1);
    expect(negotiation.offer(['InitialR2T'])).toEqual([]);
  });
});

describe('the target', () => {
  const receive = (pairs: TextPair[], wishes: Wishes = {}, type: 'Normal' | 'Discovery' = 'Normal'): TextPair[] =>
    new Negotiation('target', type, wishes).receive(pairs);

  test('rejects what is out of range', () => {
    expect(receive([['MaxBurstLength', '1']])).toEqual([['MaxBurstLength', 'Reject']]);
    expect(receive([['HeaderDigest', 'MD5']])).toEqual([['HeaderDigest', 'Reject']]);
  });

  test('calls irrelevant in a discovery session what has no meaning there', () => {
    expect(receive([['InitialR2T', 'No']], {}, 'Discovery')).toEqual([['InitialR2T', 'Irrelevant']]);
  });

  // RFC 7143 section 13.25: never NotUnderstood.
  test.each(OBSOLETE_KEYS)('rejects the obsolete key %s', (key) => {
    expect(receive([[key, 'No']])).toEqual([[key, 'Reject']]);
  });

  test('keeps what is declared, once', () => {
    const negotiation = new Negotiation('target', 'Normal', {});
    expect(
      negotiation.receive([
        ['InitiatorName', 'iqn.2026-01.a:b'],
        ['MaxRecvDataSegmentLength', '65536'],
      ]),
    ).toEqual([]);
    expect(negotiation.declared('MaxRecvDataSegmentLength')).toBe('65536');
    expect(errorOf(() => negotiation.receive([['InitiatorName', 'iqn.2026-01.a:c']])).code).toBe('NEGOTIATION_FAILED');
  });
});

// RFC 7143 section 13, "Irrelevant when: SessionType=Discovery".
test('what is irrelevant in a discovery session', () => {
  const irrelevant = (Object.entries(KEYS) as [KeyName, KeyRow][])
    .filter(([, row]) => row.irrelevantInDiscovery === true)
    .map(([key]) => key);
  expect(irrelevant.sort()).toEqual([
    'DataPDUInOrder',
    'DataSequenceInOrder',
    'FirstBurstLength',
    'ImmediateData',
    'InitialR2T',
    'MaxBurstLength',
    'MaxConnections',
    'MaxOutstandingR2T',
    'TaskReporting',
    'iSCSIProtocolLevel',
  ]);
});

test('the parameters in numbers', () => {
  const negotiation = new Negotiation('initiator', 'Normal', {
    HeaderDigest: 'CRC32C',
    FirstBurstLength: '262144',
    MaxBurstLength: '131072',
  });
  negotiation.offer(['HeaderDigest', 'FirstBurstLength', 'MaxBurstLength']);
  negotiation.receive([
    ['HeaderDigest', 'CRC32C'],
    ['FirstBurstLength', '262144'],
    ['MaxBurstLength', '131072'],
    ['MaxRecvDataSegmentLength', '0x10000'],
  ]);
  expect(readParameters(negotiation, { MaxRecvDataSegmentLength: '262144' })).toEqual({
    headerDigest: true,
    dataDigest: false,
    maxSendDataSegmentLength: 65536,
    maxReceiveDataSegmentLength: 262144,
    maxConnections: 1,
    initialR2T: true,
    immediateData: true,
    maxBurstLength: 131072,
    firstBurstLength: 131072, // 13.14: never above MaxBurstLength
    defaultTime2WaitSeconds: 2,
    defaultTime2RetainSeconds: 20,
    maxOutstandingR2T: 1,
    dataPduInOrder: true,
    dataSequenceInOrder: true,
    errorRecoveryLevel: 0,
    taskReporting: 'RFC3720',
    protocolLevel: 1,
  });
});
