import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeBinaryValue,
  decodeNumberValue,
  decodeText,
  encodeBinaryValue,
  encodeText,
  findValue,
  IscsiError,
  KEYS,
  TextAssembler,
  type TextPair,
} from '../../../main/iscsi/index.ts';

const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof IscsiError) return error.code;
    throw error;
  }
  return 'nothing was thrown';
};

describe('pairs', () => {
  test('are written as in RFC 7143 section 6.1', () => {
    expect(
      encodeText([
        ['HeaderDigest', 'CRC32C,None'],
        ['X-com.example.a', ''],
      ]).toString('latin1'),
    ).toBe('HeaderDigest=CRC32C,None\0X-com.example.a=\0');
  });

  test('any pairs come out as they went in', () => {
    const key = fc.stringMatching(/^[A-Z][A-Za-z0-9.\-+@_]{0,62}$/);
    const value = fc.string({ unit: 'grapheme', maxLength: 60 }).filter((text) => {
      const bytes = Buffer.from(text, 'utf8');
      return bytes.toString('utf8') === text && !bytes.some((byte) => byte < 0x20 || byte === 0x7f);
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value), { maxLength: 20 }), (pairs) => {
        expect(decodeText(encodeText(pairs as TextPair[]))).toEqual(pairs);
      }),
    );
  });

  test('repeated keys keep their order, empty pairs and a missing last zero are passed over', () => {
    expect(decodeText(Buffer.from('TargetName=a\0TargetAddress=b\0\0TargetName=c', 'latin1'))).toEqual([
      ['TargetName', 'a'],
      ['TargetAddress', 'b'],
      ['TargetName', 'c'],
    ]);
  });

  test('a value may have the equals sign', () => {
    expect(decodeText(Buffer.from('A=b=c\0'))).toEqual([['A', 'b=c']]);
  });

  test.each([
    ['no equals sign', 'TargetName\0'],
    ['an empty key', '=value\0'],
    ['a key that begins with a digit', '1TargetName=a\0'],
    ['a key with a blank', 'Target Name=a\0'],
    ['a key of 64 bytes', `${'K'.repeat(64)}=a\0`],
    ['a control character', 'TargetName=a\nb\0'],
    ['an escape sequence', 'TargetAlias=\u001b[2J\0'],
    ['half a character', Buffer.from([0x41, 0x3d, 0xc3, 0x00])],
    ['a value without end', `A=${'x'.repeat(8193)}\0`],
  ])('%s is refused', (_what, text) => {
    const bytes = typeof text === 'string' ? Buffer.from(text, 'utf8') : text;
    expect(codeOf(() => decodeText(bytes))).toBe('TEXT_MALFORMED');
  });

  test.each(Object.keys(KEYS))('the key %s can be spoken', (key) => {
    expect(decodeText(encodeText([[key, '1']]))).toEqual([[key, '1']]);
  });

  test.each([
    ['a value that would begin another pair', [['CHAP_N', 'u\0X-evil=1']]],
    ['a control character', [['InitiatorAlias', 'a\nb']]],
    ['a value that no one takes', [['InitiatorAlias', 'x'.repeat(8193)]]],
    ['a key that is none', [['a=b', 'c']]],
    ['a key that is too long', [['K'.repeat(64), 'c']]],
  ] as readonly (readonly [string, readonly TextPair[]])[])('%s is not sent', (_what, pairs) => {
    expect(codeOf(() => encodeText(pairs))).toBe('OPTION_OUT_OF_RANGE');
  });

  test('what is not sent is not repeated in the error', () => {
    expect(() => encodeText([['CHAP_N', 'the-name\0']])).toThrow(/^(?!.*the-name)/s);
  });

  test('a key that must be there once is refused twice', () => {
    const pairs: TextPair[] = [
      ['CHAP_R', '0x01'],
      ['CHAP_R', '0x02'],
    ];
    expect(codeOf(() => findValue(pairs, 'CHAP_R'))).toBe('TEXT_MALFORMED');
    expect(findValue(pairs, 'CHAP_N')).toBeUndefined();
  });

  test('a chain is put together, and has an end', () => {
    const assembler = new TextAssembler(20);
    assembler.add(Buffer.from('TargetNa'));
    assembler.add(Buffer.from('me=a\0'));
    expect(assembler.take()).toEqual([['TargetName', 'a']]);
    assembler.add(Buffer.alloc(20));
    expect(codeOf(() => assembler.add(Buffer.alloc(1)))).toBe('TEXT_TOO_LONG');
  });
});

describe('values', () => {
  test.each([
    ['0x0102ff', '0102ff'],
    ['0X0102FF', '0102ff'],
    ['0x102', '0102'],
    ['0bAQL/', '0102ff'],
    ['0BAQI=', '0102'],
  ])('%s is binary', (value, bytes) => {
    expect(decodeBinaryValue(value)?.toString('hex')).toBe(bytes);
  });

  test.each(['', '0x', '0b', '0xgg', '0b!!', '12', 'abc', `0x${'00'.repeat(1025)}`])('%s is not', (value) => {
    expect(decodeBinaryValue(value)).toBeUndefined();
  });

  test('binary values come out as they went in', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 1024 }), (bytes) => {
        expect(decodeBinaryValue(encodeBinaryValue(bytes))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test.each([
    ['0', 0],
    ['262144', 262144],
    ['0x40000', 262144],
  ])('%s is a number', (value, number) => {
    expect(decodeNumberValue(value)).toBe(number);
  });

  test.each(['', '-1', '01', '1.5', '1e3', ' 1', '99999999999999999999', 'Yes'])('%j is no number', (value) => {
    expect(decodeNumberValue(value)).toBeUndefined();
  });
});
