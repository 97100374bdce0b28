import { describe, expect, test } from 'vitest';
import {
  chooseChapAlgorithms,
  computeChapResponse,
  createIsid,
  decodeBinaryValue,
  decodePdu,
  decodeText,
  encodeBinaryValue,
  encodePdu,
  encodeText,
  findValue,
  InitiatorLogin,
  IscsiError,
  ISCSI_ERRORS,
  LOGIN_STATUSES,
  type LoginChap,
  type LoginOptions,
  type LoginStep,
  type PduInputOf,
  type PduOf,
  type TextPair,
} from '../../../main/iscsi/index.ts';

const algorithms = chooseChapAlgorithms(['SHA-256', 'MD5']);
const own = { name: 'node1', secret: 'the secret of node1' };
const other = { name: 'target1', secret: 'the secret of target1' };

const isid = createIsid();
/** Of the next response: each carries one more than the one before. */
let nextStatSn = 0;

const login = (more: Partial<LoginOptions> = {}): InitiatorLogin => {
  nextStatSn = 7;
  return new InitiatorLogin({
    initiatorName: 'iqn.2026-01.test:i',
    targetName: 'iqn.2026-01.test:t',
    sessionType: 'Normal',
    isid,
    wishes: { MaxBurstLength: '262144', HeaderDigest: 'None,CRC32C' },
    cmdSn: 100,
    ...more,
  });
};

const withChap = (chap: Partial<LoginChap> = {}): InitiatorLogin => login({ chap: { own, algorithms, ...chap } });

type ResponseFields = Omit<PduInputOf<'loginResponse'>, 'kind'>;

const responseOf = (fields: ResponseFields, data: Buffer): PduOf<'loginResponse'> => {
  const pdu: PduInputOf<'loginResponse'> = {
    kind: 'loginResponse',
    isid,
    statSn: nextStatSn++,
    expCmdSn: 100,
    maxCmdSn: 131,
    ...fields,
  };
  return decodePdu(encodePdu(pdu), undefined, data) as PduOf<'loginResponse'>;
};

const response = (fields: ResponseFields, pairs: readonly TextPair[] = []): PduOf<'loginResponse'> =>
  responseOf(fields, encodeText(pairs));

const sent = (step: LoginStep): PduInputOf<'loginRequest'> => {
  if (step.kind !== 'send') throw new Error(`${step.kind} instead of a request`);
  return step.pdu;
};

const pairsOf = (pdu: PduInputOf<'loginRequest'>): TextPair[] => decodeText(pdu.data ?? Buffer.alloc(0));

const errorOf = (act: () => unknown): IscsiError => {
  try {
    act();
  } catch (error) {
    if (error instanceof IscsiError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

const noAuthentication: TextPair[] = [
  ['AuthMethod', 'None'],
  ['TargetPortalGroupTag', '3'],
];

describe('without authentication', () => {
  test('names, type and method come first, and the stage is to be left', () => {
    const first = login({ initiatorAlias: 'Node 1' }).start();
    expect(first).toMatchObject({ transit: true, currentStage: 0, nextStage: 1, cmdSn: 100 });
    expect(pairsOf(first)).toEqual([
      ['InitiatorName', 'iqn.2026-01.test:i'],
      ['InitiatorAlias', 'Node 1'],
      ['SessionType', 'Normal'],
      ['TargetName', 'iqn.2026-01.test:t'],
      // CHAP is offered too: a target that wants it says so, where it would hang up on None alone.
      ['AuthMethod', 'None,CHAP'],
    ]);
  });

  test('a target that wants CHAP chooses it, and hears that there is none', () => {
    const machine = login();
    machine.start();
    const chosen = response({ transit: false, currentStage: 0, nextStage: 0 }, [['AuthMethod', 'CHAP']]);
    expect(errorOf(() => machine.receive(chosen)).code).toBe('LOGIN_AUTHENTICATION_FAILED');
  });

  test.each([
    ['insisted on', 'CRC32C', 'LOGIN_DIGESTS_REFUSED'],
    ['left to the target', 'None,CRC32C', 'LOGIN_INITIATOR_ERROR'],
  ])('0200h after digests that were %s', (_how, digest, code) => {
    const machine = login({ wishes: { HeaderDigest: digest } });
    machine.start();
    machine.receive(response({ transit: true, currentStage: 0, nextStage: 1 }, noAuthentication));
    const refusal = response({ transit: false, currentStage: 1, nextStage: 0, statusClass: 2, statusDetail: 0 });
    expect(errorOf(() => machine.receive(refusal)).code).toBe(code);
  });

  test('then the operational keys, then the full feature phase', () => {
    const machine = login();
    machine.start();
    const second = sent(machine.receive(response({ transit: true, currentStage: 0, nextStage: 1 }, noAuthentication)));
    expect(second).toMatchObject({ transit: true, currentStage: 1, nextStage: 3, expStatSn: 8 });
    expect(pairsOf(second)).toEqual([
      ['HeaderDigest', 'None,CRC32C'],
      ['MaxBurstLength', '262144'],
    ]);
    const done = machine.receive(
      response({ transit: true, currentStage: 1, nextStage: 3, tsih: 5, statSn: 8 }, [
        ['HeaderDigest', 'CRC32C'],
        ['MaxBurstLength', '131072'],
        ['TargetAlias', 'Array 1'],
        ['MaxRecvDataSegmentLength', '65536'],
      ]),
    );
    expect(done).toMatchObject({
      kind: 'done',
      result: {
        tsih: 5,
        cmdSn: 100,
        expStatSn: 9,
        maxCmdSn: 131,
        portalGroupTag: 3,
        targetAlias: 'Array 1',
        authentication: 'none',
        parameters: { headerDigest: true, maxBurstLength: 131072, maxSendDataSegmentLength: 65536 },
      },
    });
  });

  test('what the target offers late is answered', () => {
    const machine = login();
    machine.start();
    machine.receive(response({ transit: true, currentStage: 0, nextStage: 1 }, noAuthentication));
    const third = sent(machine.receive(response({ currentStage: 1 }, [['MaxOutstandingR2T', '4']])));
    expect(third).toMatchObject({ transit: true, nextStage: 3 });
    expect(pairsOf(third)).toEqual([['MaxOutstandingR2T', '1']]);
  });

  test('a long answer in pieces is asked for piece by piece', () => {
    const machine = login();
    machine.start();
    machine.receive(response({ transit: true, currentStage: 0, nextStage: 1 }, noAuthentication));
    const more = sent(machine.receive(responseOf({ continue: true, currentStage: 1 }, Buffer.from('MaxBurst'))));
    expect(more).toMatchObject({ transit: false, currentStage: 1 });
    expect(more.data).toHaveLength(0);
    const last = responseOf({ currentStage: 1 }, Buffer.from('Length=4096\0'));
    expect(sent(machine.receive(last))).toMatchObject({ transit: true });
  });

  test('a target that wants CHAP says so', () => {
    for (const answer of ['Reject', 'CHAP']) {
      const machine = login();
      machine.start();
      const receive = (): LoginStep => machine.receive(response({ currentStage: 0 }, [['AuthMethod', answer]]));
      expect(errorOf(receive).code).toBe('LOGIN_AUTHENTICATION_FAILED');
    }
  });
});

describe('with CHAP', () => {
  const challenge: TextPair[] = [
    ['CHAP_A', '7'],
    ['CHAP_I', '42'],
    ['CHAP_C', encodeBinaryValue(Buffer.alloc(16, 9))],
  ];

  const untilChallenge = (machine: InitiatorLogin): PduInputOf<'loginRequest'> => {
    machine.start();
    return sent(machine.receive(response({ currentStage: 0 }, [['AuthMethod', 'CHAP']])));
  };

  test('nothing but CHAP is offered, then the algorithms in order', () => {
    const machine = withChap();
    const first = machine.start();
    expect(first.transit).toBe(false);
    expect(findValue(pairsOf(first), 'AuthMethod')).toBe('CHAP');
    const second = sent(machine.receive(response({ currentStage: 0 }, [['AuthMethod', 'CHAP']])));
    expect(pairsOf(second)).toEqual([['CHAP_A', '7,5']]);
  });

  test('the response proves the secret, and the stage is to be left', () => {
    const machine = withChap();
    untilChallenge(machine);
    const third = sent(machine.receive(response({ currentStage: 0 }, challenge)));
    expect(third).toMatchObject({ transit: true, nextStage: 1 });
    const expected = computeChapResponse(
      algorithms[0]!,
      { identifier: 42, challenge: Buffer.alloc(16, 9) },
      own.secret,
    );
    expect(pairsOf(third)).toEqual([
      ['CHAP_N', 'node1'],
      ['CHAP_R', encodeBinaryValue(expected)],
    ]);
    const fourth = sent(machine.receive(response({ transit: true, currentStage: 0, nextStage: 1 })));
    expect(fourth.currentStage).toBe(1);
    const done = machine.receive(response({ transit: true, currentStage: 1, nextStage: 3, tsih: 1 }));
    expect(done).toMatchObject({
      kind: 'done',
      result: { authentication: 'chap', chapAlgorithm: { name: 'SHA-256' } },
    });
  });

  test.each([
    ['None is chosen', [['AuthMethod', 'None']]],
    ['CHAP is rejected', [['AuthMethod', 'Reject']]],
    ['nothing is said', []],
  ] as readonly (readonly [string, TextPair[]])[])('where %s the login ends', (_what, pairs) => {
    const machine = withChap();
    machine.start();
    expect(errorOf(() => machine.receive(response({ currentStage: 0 }, pairs))).code).toBe(
      'LOGIN_AUTHENTICATION_MISSING',
    );
  });

  test('a target that leaves the stage without CHAP is refused', () => {
    const machine = withChap();
    machine.start();
    const receive = (): LoginStep => machine.receive(response({ transit: true, currentStage: 0, nextStage: 1 }));
    expect(errorOf(receive).code).toBe('LOGIN_PROTOCOL_ERROR');
  });

  test.each([
    [
      'an algorithm that was not offered',
      [
        ['CHAP_A', '6'],
        ['CHAP_I', '1'],
        ['CHAP_C', '0x01'],
      ],
    ],
    [
      'no algorithm',
      [
        ['CHAP_I', '1'],
        ['CHAP_C', '0x01'],
      ],
    ],
    [
      'an identifier beyond a byte',
      [
        ['CHAP_A', '7'],
        ['CHAP_I', '256'],
        ['CHAP_C', '0x01'],
      ],
    ],
    [
      'no identifier',
      [
        ['CHAP_A', '7'],
        ['CHAP_C', '0x01'],
      ],
    ],
    [
      'no challenge',
      [
        ['CHAP_A', '7'],
        ['CHAP_I', '1'],
      ],
    ],
    [
      'a challenge that is no binary',
      [
        ['CHAP_A', '7'],
        ['CHAP_I', '1'],
        ['CHAP_C', 'zz'],
      ],
    ],
    [
      'a challenge of more than 1024 bytes',
      [
        ['CHAP_A', '7'],
        ['CHAP_I', '1'],
        ['CHAP_C', `0x${'00'.repeat(1025)}`],
      ],
    ],
  ] as readonly (readonly [string, TextPair[]])[])('%s is refused', (_what, pairs) => {
    const machine = withChap();
    untilChallenge(machine);
    expect(errorOf(() => machine.receive(response({ currentStage: 0 }, pairs))).code).toBe('LOGIN_PROTOCOL_ERROR');
  });

  describe('a target that misreads SHA-256', () => {
    const refusedAfterResponse = (chap: Partial<LoginChap>, statusDetail: number): (() => LoginStep) => {
      const machine = withChap(chap);
      untilChallenge(machine);
      machine.receive(response({ currentStage: 0 }, challenge));
      return () => machine.receive(response({ currentStage: 0, statusClass: 2, statusDetail }));
    };

    test.each([0, 1])('is asked again without it (status 2/%i)', (statusDetail) => {
      expect(refusedAfterResponse({ mayRetry: true }, statusDetail)()).toEqual({
        kind: 'retry',
        algorithms: [algorithms[1]],
      });
    });

    test('but not when the caller chose it, when nothing is left, or for another reason', () => {
      expect(errorOf(refusedAfterResponse({}, 1)).code).toBe('LOGIN_AUTHENTICATION_FAILED');
      const only = { mayRetry: true, algorithms: algorithms.slice(0, 1) };
      expect(errorOf(refusedAfterResponse(only, 1)).code).toBe('LOGIN_AUTHENTICATION_FAILED');
      expect(errorOf(refusedAfterResponse({ mayRetry: true }, 2)).code).toBe('LOGIN_NOT_AUTHORIZED');
    });
  });

  describe('in both directions', () => {
    const untilProof = (machine: InitiatorLogin): { pairs: TextPair[]; proof: (secret: string) => string } => {
      untilChallenge(machine);
      const pairs = pairsOf(sent(machine.receive(response({ currentStage: 0 }, challenge))));
      const asked = {
        identifier: Number(findValue(pairs, 'CHAP_I')),
        challenge: decodeBinaryValue(findValue(pairs, 'CHAP_C')!)!,
      };
      return { pairs, proof: (secret) => encodeBinaryValue(computeChapResponse(algorithms[0]!, asked, secret)) };
    };

    test('the target proves itself too', () => {
      const machine = withChap({ target: other });
      const { pairs, proof } = untilProof(machine);
      expect(pairs.map(([key]) => key)).toEqual(['CHAP_N', 'CHAP_R', 'CHAP_I', 'CHAP_C']);
      machine.receive(
        response({ transit: true, currentStage: 0, nextStage: 1 }, [
          ['CHAP_N', 'target1'],
          ['CHAP_R', proof(other.secret)],
        ]),
      );
      const done = machine.receive(response({ transit: true, currentStage: 1, nextStage: 3, tsih: 1 }));
      expect(done).toMatchObject({ kind: 'done', result: { authentication: 'mutualChap' } });
    });

    test('any name will do where none is expected', () => {
      const machine = withChap({ target: { ...other, name: '' } });
      const { proof } = untilProof(machine);
      const step = machine.receive(
        response({ transit: true, currentStage: 0, nextStage: 1 }, [
          ['CHAP_N', 'whoever'],
          ['CHAP_R', proof(other.secret)],
        ]),
      );
      expect(step.kind).toBe('send');
    });

    test.each([
      ['no proof', () => []],
      ['no name', (proof: (secret: string) => string) => [['CHAP_R', proof(other.secret)]]],
      [
        'another name',
        (proof: (secret: string) => string) => [
          ['CHAP_N', 'x'],
          ['CHAP_R', proof(other.secret)],
        ],
      ],
      [
        'another secret',
        (proof: (secret: string) => string) => [
          ['CHAP_N', 'target1'],
          ['CHAP_R', proof('something else')],
        ],
      ],
      // A target that knows only our secret's response cannot send it back: the directions have secrets of their own.
      [
        'our own secret',
        (proof: (secret: string) => string) => [
          ['CHAP_N', 'target1'],
          ['CHAP_R', proof(own.secret)],
        ],
      ],
      [
        'half a proof',
        (proof: (secret: string) => string) => [
          ['CHAP_N', 'target1'],
          ['CHAP_R', proof(other.secret).slice(0, 20)],
        ],
      ],
    ] as readonly (readonly [string, (proof: (secret: string) => string) => TextPair[]])[])(
      '%s is refused',
      (_what, answer) => {
        const machine = withChap({ target: other });
        const { proof } = untilProof(machine);
        const receive = (): LoginStep =>
          machine.receive(response({ transit: true, currentStage: 0, nextStage: 1 }, answer(proof)));
        expect(errorOf(receive).code).toBe('MUTUAL_CHAP_FAILED');
      },
    );
  });
});

describe('what the target may not do', () => {
  const inOperational = (): InitiatorLogin => {
    const machine = login();
    machine.start();
    machine.receive(response({ transit: true, currentStage: 0, nextStage: 1 }, noAuthentication));
    return machine;
  };

  test.each([
    ['another stage', () => response({ currentStage: 0 })],
    ['another task tag', () => response({ currentStage: 1, itt: 1 })],
    ['another ISID', () => response({ currentStage: 1, isid: Buffer.from('800000000001', 'hex') })],
    ['the same StatSN again', () => response({ currentStage: 1, statSn: 7 })],
    ['a StatSN that leaps', () => response({ currentStage: 1, statSn: 9 })],
    ['T and C together', () => response({ currentStage: 1, transit: true, nextStage: 3, continue: true, tsih: 1 })],
    ['to another stage than asked', () => response({ currentStage: 1, transit: true, nextStage: 1, tsih: 1 })],
    ['no session handle', () => response({ currentStage: 1, transit: true, nextStage: 3, tsih: 0 })],
    [
      'an offer at the very end',
      () => response({ currentStage: 1, transit: true, nextStage: 3, tsih: 1 }, [['MaxOutstandingR2T', '4']]),
    ],
  ] as readonly (readonly [string, () => PduOf<'loginResponse'>])[])('%s', (_what, answer) => {
    expect(errorOf(() => inOperational().receive(answer())).code).toBe('LOGIN_PROTOCOL_ERROR');
  });

  const atTheEnd = (sessionType: 'Normal' | 'Discovery', pairs: readonly TextPair[]): LoginStep => {
    const machine = login({ sessionType, wishes: {} });
    machine.start();
    machine.receive(response({ transit: true, currentStage: 0, nextStage: 1 }, noAuthentication));
    return machine.receive(response({ transit: true, currentStage: 1, nextStage: 3, tsih: 1 }, pairs));
  };

  test.each([
    ['Discovery', 'HeaderDigest', 'None'],
    ['Discovery', 'DataDigest', 'None,CRC32C'],
    ['Discovery', 'MaxBurstLength', '1048576'],
    ['Discovery', 'InitialR2T', 'No'],
    ['Discovery', 'DefaultTime2Wait', '0'],
    ['Discovery', 'DefaultTime2Retain', '60'],
    ['Discovery', 'ErrorRecoveryLevel', '0'],
    ['Discovery', 'ErrorRecoveryLevel', '2'],
    ['Discovery', 'X-com.example.array', 'anything'],
    ['Discovery', 'IFMarker', 'No'],
    ['Normal', 'HeaderDigest', 'None'],
    ['Normal', 'ErrorRecoveryLevel', '0x0'],
    ['Normal', 'MaxConnections', '1'],
    ['Normal', 'InitialR2T', 'Yes'],
    ['Normal', 'DefaultTime2Wait', '5'],
    ['Normal', 'OFMarkInt', '2048~8192'],
    ['Normal', 'X-com.example.array', 'anything'],
  ] as const)('but a last response of a %s session may name %s=%s, which changes nothing', (type, key, value) => {
    expect(atTheEnd(type, [[key, value]])).toMatchObject({
      kind: 'done',
      result: { parameters: { headerDigest: false, dataDigest: false, initialR2T: true, maxBurstLength: 262144 } },
    });
  });

  test.each([
    ['Discovery', 'HeaderDigest', 'CRC32C'],
    ['Discovery', 'DataDigest', 'CRC32C'],
    ['Discovery', 'OFMarker', 'Yes'],
    ['Normal', 'DataDigest', 'CRC32C'],
    ['Normal', 'MaxBurstLength', '4096'],
    ['Normal', 'ImmediateData', 'No'],
    ['Normal', 'DataPDUInOrder', 'No'],
    ['Normal', 'ErrorRecoveryLevel', '1'],
  ] as const)('and of a %s session not %s=%s, which changes something', (type, key, value) => {
    expect(errorOf(() => atTheEnd(type, [[key, value]])).message).toContain(`${key}=${value}`);
  });

  test.each(['HeaderDigest', 'DataDigest'] as const)('pass over a %s that we insist on', (key) => {
    for (const answers of [[], [[key, 'NotUnderstood']], [[key, 'Irrelevant']]] as TextPair[][]) {
      const machine = login({ wishes: { [key]: 'CRC32C' } });
      machine.start();
      machine.receive(response({ transit: true, currentStage: 0, nextStage: 1 }, noAuthentication));
      const receive = (): LoginStep =>
        machine.receive(response({ transit: true, currentStage: 1, nextStage: 3, tsih: 1 }, answers));
      expect(errorOf(receive)).toMatchObject({ code: 'NEGOTIATION_FAILED', detail: { key } });
    }
  });

  test('but it may pass over what we only offered', () => {
    const machine = login({ wishes: { HeaderDigest: 'CRC32C,None', MaxBurstLength: '65536', InitialR2T: 'No' } });
    machine.start();
    machine.receive(response({ transit: true, currentStage: 0, nextStage: 1 }, noAuthentication));
    expect(machine.receive(response({ transit: true, currentStage: 1, nextStage: 3, tsih: 1 }))).toMatchObject({
      kind: 'done',
      result: { parameters: { headerDigest: false, maxBurstLength: 262144, initialR2T: true } },
    });
  });

  test('a refusal is told as what it is, whatever else is wrong with it', () => {
    const machine = inOperational();
    const refusal = response({ currentStage: 1, statusClass: 3, statusDetail: 1, statSn: 0, isid: Buffer.alloc(6) });
    expect(errorOf(() => machine.receive(refusal)).code).toBe('LOGIN_SERVICE_UNAVAILABLE');
  });

  test('another version', () => {
    const receive = (): LoginStep => login().receive(response({ currentStage: 0, versionActive: 1 }));
    expect(errorOf(receive).code).toBe('LOGIN_UNSUPPORTED_VERSION');
  });

  test('negotiate without end', () => {
    const machine = inOperational();
    const receive = (): void => {
      for (let i = 0; i < 100; i++) machine.receive(response({ currentStage: 1 }));
    };
    expect(errorOf(receive).code).toBe('LOGIN_PROTOCOL_ERROR');
  });

  test('send text without end', () => {
    const machine = inOperational();
    const piece = (): PduOf<'loginResponse'> => responseOf({ continue: true, currentStage: 1 }, Buffer.alloc(8192, 65));
    const receive = (): void => {
      for (let i = 0; i < 50; i++) machine.receive(piece());
    };
    expect(errorOf(receive).code).toBe('TEXT_TOO_LONG');
  });
});

describe('status', () => {
  // RFC 7143 section 11.13.5.
  test.each([
    [2, 0x00, 'LOGIN_INITIATOR_ERROR'],
    [2, 0x01, 'LOGIN_AUTHENTICATION_FAILED'],
    [2, 0x02, 'LOGIN_NOT_AUTHORIZED'],
    [2, 0x03, 'LOGIN_TARGET_NOT_FOUND'],
    [2, 0x04, 'LOGIN_TARGET_REMOVED'],
    [2, 0x05, 'LOGIN_UNSUPPORTED_VERSION'],
    [2, 0x06, 'LOGIN_TOO_MANY_CONNECTIONS'],
    [2, 0x07, 'LOGIN_MISSING_PARAMETER'],
    [2, 0x08, 'LOGIN_CANNOT_INCLUDE_IN_SESSION'],
    [2, 0x09, 'LOGIN_SESSION_TYPE_NOT_SUPPORTED'],
    [2, 0x0a, 'LOGIN_SESSION_DOES_NOT_EXIST'],
    [2, 0x0b, 'LOGIN_INVALID_REQUEST'],
    [2, 0x77, 'LOGIN_INITIATOR_ERROR'],
    [3, 0x00, 'LOGIN_TARGET_ERROR'],
    [3, 0x01, 'LOGIN_SERVICE_UNAVAILABLE'],
    [3, 0x02, 'LOGIN_OUT_OF_RESOURCES'],
    [3, 0x77, 'LOGIN_TARGET_ERROR'],
    [9, 0x00, 'LOGIN_STATUS_UNKNOWN'],
  ])('%i/%i is %s', (statusClass, statusDetail, code) => {
    const error = errorOf(() => login().receive(response({ currentStage: 0, statusClass, statusDetail })));
    expect(error).toMatchObject({ code, phase: 'login', detail: { statusClass, statusDetail } });
  });

  test('the table names codes that exist', () => {
    for (const { code } of LOGIN_STATUSES) expect(ISCSI_ERRORS[code]).toBeTypeOf('string');
  });

  test.each([
    [1, false],
    [2, true],
  ])('redirection 1/%i', (statusDetail, permanent) => {
    const step = login().receive(
      response({ currentStage: 0, statusClass: 1, statusDetail }, [['TargetAddress', '[2001:db8::7]:3261,2']]),
    );
    expect(step).toEqual({ kind: 'redirect', to: { host: '2001:db8::7', port: 3261, tag: 2 }, permanent });
  });

  test.each([
    [1, []],
    [1, [['TargetAddress', 'not an address']]],
    [9, [['TargetAddress', '192.0.2.1:3260,1']]],
  ] as readonly (readonly [number, TextPair[]])[])(
    'a redirection that leads nowhere is told',
    (statusDetail, pairs) => {
      const receive = (): LoginStep =>
        login().receive(response({ currentStage: 0, statusClass: 1, statusDetail }, pairs));
      expect(errorOf(receive).code).toBe('REDIRECT_MALFORMED');
    },
  );
});
