import { describe, expect, test } from 'vitest';
import {
  CHAP_ALGORITHMS,
  checkChapSecrets,
  createIsid,
  decodePdu,
  encodePdu,
  encodeText,
  InitiatorLogin,
  IscsiError,
  type ChapAlgorithm,
  type LoginStep,
  type PduInputOf,
  type PduOf,
  type TextPair,
} from '../../../main/iscsi/index.ts';

const isid = createIsid();
const own = { name: 'node1', secret: 'the secret of node1' };

const response = (statSn: number, fields: Partial<PduInputOf<'loginResponse'>>, pairs: readonly TextPair[]) =>
  decodePdu(
    encodePdu({ kind: 'loginResponse', isid, statSn, ...fields }),
    undefined,
    encodeText(pairs),
  ) as PduOf<'loginResponse'>;

/** A login up to the response to the challenge, with this algorithm of the target's choice; the target's verdict is what `refuse` says. */
const proven = (
  chosen: number,
  more: { readonly mayRetry?: boolean; readonly offered?: readonly ChapAlgorithm[] } = {},
): { readonly refuse: (statusClass: number, statusDetail: number) => LoginStep } => {
  // SHA3-256 is not computed everywhere: the names of the others are enough.
  const algorithms = more.offered ?? CHAP_ALGORITHMS.filter(({ code }) => code !== 8);
  const login = new InitiatorLogin({
    initiatorName: 'iqn.2026-01.test:i',
    targetName: 'iqn.2026-01.test:t',
    sessionType: 'Normal',
    isid,
    wishes: {},
    cmdSn: 1,
    chap: { own, algorithms, mayRetry: more.mayRetry ?? true },
  });
  login.start();
  login.receive(response(1, { currentStage: 0 }, [['AuthMethod', 'CHAP']]));
  login.receive(
    response(2, { currentStage: 0 }, [
      ['CHAP_A', String(chosen)],
      ['CHAP_I', '1'],
      ['CHAP_C', `0x${'ab'.repeat(16)}`],
    ]),
  );
  return {
    refuse: (statusClass, statusDetail) =>
      login.receive(response(3, { currentStage: 0, statusClass, statusDetail }, [])),
  };
};

const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof IscsiError) return error.code;
    throw error;
  }
  return 'nothing was thrown';
};

describe('a secret that is refused', () => {
  // Arrays lock an account after a few wrong secrets: only where the algorithm may have been misread is there a second attempt.
  test.each([
    [5, 'MD5'],
    [6, 'SHA1'],
  ])('with algorithm %i (%s) is not sent again', (code) => {
    expect(codeOf(() => proven(code).refuse(2, 1))).toBe('LOGIN_AUTHENTICATION_FAILED');
  });

  test('with SHA-256 is tried once more, without it', () => {
    const step = proven(7).refuse(2, 1);
    expect(step.kind).toBe('retry');
    expect(step.kind === 'retry' && step.algorithms.map(({ name }) => name)).toEqual(['SHA1', 'MD5']);
    // tgt says 0200h.
    expect(proven(7).refuse(2, 0).kind).toBe('retry');
  });

  test.each([
    ['where it was tried before', proven(7, { mayRetry: false }), 2, 1, 'LOGIN_AUTHENTICATION_FAILED'],
    [
      'where nothing else was offered',
      proven(7, { offered: [CHAP_ALGORITHMS[1]] }),
      2,
      1,
      'LOGIN_AUTHENTICATION_FAILED',
    ],
    ['for a name that is not admitted', proven(7), 2, 2, 'LOGIN_NOT_AUTHORIZED'],
    ['for a target without room', proven(7), 3, 2, 'LOGIN_OUT_OF_RESOURCES'],
  ] as const)('with SHA-256 is not tried again %s', (_where, login, statusClass, statusDetail, code) => {
    expect(codeOf(() => login.refuse(statusClass, statusDetail))).toBe(code);
  });

  test('before anything was proven is no reason to try again', () => {
    const login = new InitiatorLogin({
      initiatorName: 'iqn.2026-01.test:i',
      targetName: 'iqn.2026-01.test:t',
      sessionType: 'Normal',
      isid,
      wishes: {},
      cmdSn: 1,
      chap: { own, algorithms: CHAP_ALGORITHMS, mayRetry: true },
    });
    login.start();
    const refusal = response(1, { currentStage: 0, statusClass: 2, statusDetail: 1 }, []);
    expect(codeOf(() => login.receive(refusal))).toBe('LOGIN_AUTHENTICATION_FAILED');
  });
});

describe('a list of algorithms that is refused before any challenge', () => {
  const offering = (offered: readonly ChapAlgorithm[], mayRetry = true): InitiatorLogin => {
    const login = new InitiatorLogin({
      initiatorName: 'iqn.2026-01.test:i',
      targetName: 'iqn.2026-01.test:t',
      sessionType: 'Normal',
      isid,
      wishes: {},
      cmdSn: 1,
      chap: { own, algorithms: offered, mayRetry },
    });
    login.start();
    login.receive(response(1, { currentStage: 0 }, [['AuthMethod', 'CHAP']]));
    return login;
  };
  const refusal = (statusDetail: number) => response(2, { currentStage: 0, statusClass: 2, statusDetail }, []);
  const md5 = CHAP_ALGORITHMS.filter(({ name }) => name === 'MD5');

  test.each([0, 1])('with 020%ih is followed by one login with MD5 alone', (detail) => {
    expect(offering(CHAP_ALGORITHMS).receive(refusal(detail))).toEqual({ kind: 'retry', algorithms: md5 });
  });

  test('with CHAP_A=Reject, and by hanging up, as well', () => {
    const rejected = response(2, { currentStage: 0 }, [['CHAP_A', 'Reject']]);
    expect(offering(CHAP_ALGORITHMS).receive(rejected)).toEqual({ kind: 'retry', algorithms: md5 });
    expect(offering(CHAP_ALGORITHMS).algorithmsAfterHangUp).toEqual(md5);
    expect(offering(md5).algorithmsAfterHangUp).toEqual([]);
  });

  test.each([
    ['MD5 alone was offered already', () => offering(md5)],
    ['MD5 was not offered', () => offering(CHAP_ALGORITHMS.filter(({ name }) => name !== 'MD5'))],
    ['it was tried before', () => offering(CHAP_ALGORITHMS, false)],
  ] as const)('is not tried again where %s, and no secret is blamed', (_where, begin) => {
    expect(codeOf(() => begin().receive(refusal(1)))).toBe('LOGIN_CHAP_REFUSED');
    const rejected = response(2, { currentStage: 0 }, [['CHAP_A', 'Reject']]);
    expect(codeOf(() => begin().receive(rejected))).toBe('LOGIN_CHAP_REFUSED');
  });

  test('for another reason keeps that reason', () => {
    expect(codeOf(() => offering(CHAP_ALGORITHMS).receive(refusal(2)))).toBe('LOGIN_NOT_AUTHORIZED');
  });
});

describe('the secrets of both directions', () => {
  const text = 'grüne secret 1';
  test.each([
    ['text and text', text, text],
    ['text and its bytes', text, Buffer.from(text, 'utf8')],
    ['bytes and text', Buffer.from(text, 'utf8'), text],
    ['bytes and bytes', Buffer.from(text), new Uint8Array(Buffer.from(text))],
  ])('are the same as %s', (_how, mine, theirs) => {
    expect(codeOf(() => checkChapSecrets({ name: 'a', secret: mine }, { name: 'b', secret: theirs }))).toBe(
      'CHAP_SECRET_REUSED',
    );
  });

  test('differ by a single byte, and then are fine', () => {
    checkChapSecrets({ name: 'a', secret: text }, { name: 'a', secret: Buffer.from(text, 'latin1') });
    checkChapSecrets({ name: 'a', secret: 'twelve bytes' }, { name: 'a', secret: 'twelve byteS' });
  });
});
