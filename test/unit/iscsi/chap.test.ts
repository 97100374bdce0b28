import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  availableChapAlgorithms,
  CHAP_ALGORITHMS,
  checkChapSecrets,
  chooseChapAlgorithms,
  computeChapResponse,
  createChapChallenge,
  createIsid,
  formatIsid,
  IscsiError,
  isChapResponseRight,
  parseIsid,
} from '../../../main/iscsi/index.ts';
import { hex } from '../../support/hex.ts';

const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof IscsiError) return error.code;
    throw error;
  }
  return 'nothing was thrown';
};

describe('CHAP', () => {
  // IANA, "PPP Authentication Algorithms".
  test('the algorithms have the codes of the registry, strongest first', () => {
    expect(CHAP_ALGORITHMS.map(({ code, name }) => [code, name])).toEqual([
      [8, 'SHA3-256'],
      [7, 'SHA-256'],
      [6, 'SHA1'],
      [5, 'MD5'],
    ]);
  });

  test('those are offered that this runtime really computes', () => {
    for (const algorithm of CHAP_ALGORITHMS) {
      let works = true;
      try {
        createHash(algorithm.hash).update('x').digest();
      } catch {
        works = false;
      }
      expect(availableChapAlgorithms().includes(algorithm)).toBe(works);
    }
    expect(availableChapAlgorithms().map(({ code }) => code)).toContain(5);
  });

  test('the caller’s choice and order count', () => {
    expect(chooseChapAlgorithms(['MD5', 'SHA-256']).map(({ code }) => code)).toEqual([5, 7]);
    expect(codeOf(() => chooseChapAlgorithms([]))).toBe('CHAP_NOT_AVAILABLE');
  });

  // RFC 1994 section 4.1: hash of identifier, secret, challenge. The digests were computed with another implementation (Python's hashlib).
  const challenge = { identifier: 0x17, challenge: hex('000102030405060708090a0b0c0d0e0f') };
  test.each([
    ['SHA3-256', '8253638f7f2066961df0fef7ad73289dd99890e8b4cef0b6f3bf8334d578634f'],
    ['SHA-256', '7923ec180a49a8d22b7f1d38db2f6f0c139f6250fbddb9841a3c1d8775346a6f'],
    ['SHA1', '642e7c8be2664cdec1d19e4da689a0785a8a1ca0'],
    ['MD5', '797c4153ba574941a3ce2a59207fd9a3'],
  ] as const)('%s', (name, response) => {
    const algorithm = CHAP_ALGORITHMS.find((one) => one.name === name)!;
    expect(computeChapResponse(algorithm, challenge, 'twelve bytes').toString('hex')).toBe(response);
    expect(computeChapResponse(algorithm, challenge, Buffer.from('twelve bytes')).toString('hex')).toBe(response);
    expect(isChapResponseRight(algorithm, challenge, 'twelve bytes', hex(response))).toBe(true);
    expect(isChapResponseRight(algorithm, challenge, 'twelve bytez', hex(response))).toBe(false);
    expect(isChapResponseRight(algorithm, challenge, 'twelve bytes', hex(response).subarray(1))).toBe(false);
    expect(isChapResponseRight(algorithm, challenge, 'twelve bytes', Buffer.alloc(0))).toBe(false);
    expect(response).toHaveLength(algorithm.responseBytes * 2);
  });

  test('challenges are long and never the same', () => {
    const challenges = Array.from({ length: 50 }, createChapChallenge);
    expect(new Set(challenges.map((one) => one.challenge.toString('hex'))).size).toBe(50);
    expect(challenges.every((one) => one.challenge.length === 32 && one.identifier >= 0 && one.identifier <= 255)).toBe(
      true,
    );
  });

  test('a secret of 11 bytes is too short, in either direction', () => {
    const long = { name: 'a', secret: 'twelve bytes' };
    const short = { name: 'b', secret: 'eleven byte' };
    expect(codeOf(() => checkChapSecrets(short))).toBe('CHAP_SECRET_TOO_SHORT');
    expect(codeOf(() => checkChapSecrets(long, short))).toBe('CHAP_SECRET_TOO_SHORT');
    expect(codeOf(() => checkChapSecrets(long))).toBe('nothing was thrown');
    // Bytes are counted, not letters.
    expect(codeOf(() => checkChapSecrets({ name: 'a', secret: 'äöüäöü' }))).toBe('nothing was thrown');
  });

  test('one secret for both directions is refused', () => {
    const one = { name: 'a', secret: 'twelve bytes' };
    expect(codeOf(() => checkChapSecrets(one, { name: 'b', secret: 'twelve bytes' }))).toBe('CHAP_SECRET_REUSED');
  });
});

describe('ISIDs', () => {
  test('are of the random type, never of the one that Windows uses', () => {
    const isids = Array.from({ length: 500 }, createIsid);
    for (const isid of isids) {
      expect(isid).toHaveLength(6);
      expect(isid[0]).toBe(0x80); // RFC 7143 section 11.12.5: T = 10b, and field A is reserved then
      expect(isid.subarray(0, 4).equals(hex('40000137'))).toBe(false);
    }
    expect(new Set(isids.map(formatIsid)).size).toBe(500);
  });

  test('are read as they are written', () => {
    expect(formatIsid(parseIsid('0x80A1B2C3D4E5'))).toBe('80a1b2c3d4e5');
    expect(codeOf(() => parseIsid('80a1'))).toBe('OPTION_OUT_OF_RANGE');
  });
});
