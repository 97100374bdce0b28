import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  cdbOf,
  crc32c,
  crc32cInTypeScript,
  decodeAhs,
  decodePdu,
  encodeAhs,
  encodePdu,
  IscsiError,
  kindOfOpcode,
  loadNativeCrc32c,
  PDU_KINDS,
  PDU_LAYOUTS,
  PduReader,
  type Ahs,
  type Pdu,
  type PduInput,
  type PduOf,
} from '../../../main/iscsi/index.ts';
import type { Field, Fields } from '../../../main/iscsi/wire/layout.ts';
import { hex } from '../../support/hex.ts';

const errorOf = (act: () => unknown): IscsiError => {
  try {
    act();
  } catch (error) {
    if (error instanceof IscsiError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

const anyBytes = (minLength: number, maxLength = minLength): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ minLength, maxLength }).map((bytes) => Buffer.from(bytes));

const valueOf = (field: Field): fc.Arbitrary<unknown> => {
  switch (field.type) {
    case 'flag':
      return fc.boolean();
    case 'bits':
      return fc.integer({ min: 0, max: field.mask >> field.shift });
    case 'uint':
      return fc.integer({ min: 0, max: 2 ** (8 * field.size) - 1 });
    case 'uint64':
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    case 'bytes':
      return anyBytes(field.size);
  }
};

const anyAhs: fc.Arbitrary<Ahs> = fc.oneof(
  anyBytes(1, 100).map((cdb): Ahs => ({ type: 'extendedCdb', cdb })),
  fc.nat(0xffffffff).map((lengthBytes): Ahs => ({ type: 'bidirectionalReadLength', lengthBytes })),
  fc
    .tuple(fc.integer({ min: 3, max: 63 }), anyBytes(1, 50)) // 11.2.2.1: six bits
    .map(([code, bytes]): Ahs => ({ type: 'other', code, bytes })),
);

const anyPdu: fc.Arbitrary<PduInput> = fc.constantFrom(...PDU_KINDS).chain((kind) => {
  const fields: Fields = PDU_LAYOUTS[kind].fields;
  const values = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, valueOf(field)]));
  return fc
    .record({ ...values, ahs: fc.array(anyAhs, { maxLength: 3 }), data: anyBytes(0, 300) })
    .map((record) => ({ kind, ...record }));
});

const readAll = (chunks: readonly Buffer[], digests = { header: false, data: false }): Pdu[] => {
  const pdus: Pdu[] = [];
  const reader = new PduReader(
    { onPdu: (bhs, ahs, data) => pdus.push(decodePdu(bhs, ahs, data)) },
    { maxDataSegmentLength: 1024, digests },
  );
  for (const chunk of chunks) reader.push(chunk);
  return pdus;
};

const cut = (bytes: Buffer, at: readonly number[]): Buffer[] => {
  const places = [...new Set(at.map((n) => n % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((start, i) => bytes.subarray(start, places[i] ?? bytes.length));
};

describe('round trips', () => {
  test('any PDUs, in any pieces, with any digests, come out as they went in', () => {
    fc.assert(
      fc.property(
        fc.array(anyPdu, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(5000), { maxLength: 12 }),
        fc.record({ header: fc.boolean(), data: fc.boolean() }),
        (pdus, at, digests) => {
          const bytes = Buffer.concat(pdus.map((pdu) => encodePdu(pdu, digests)));
          expect(bytes.length % 4).toBe(0);
          expect(readAll(cut(bytes, at), digests)).toEqual(pdus);
        },
      ),
      { numRuns: 400 },
    );
  });

  test('additional header segments', () => {
    fc.assert(
      fc.property(fc.array(anyAhs, { maxLength: 5 }), (segments) => {
        const bytes = encodeAhs(segments);
        expect(bytes.length % 4).toBe(0);
        expect(decodeAhs(bytes)).toEqual(segments);
      }),
    );
  });
});

describe('additional header segments', () => {
  test('the two bits above the type are reserved and say nothing', () => {
    expect(decodeAhs(hex('0005 81 00 a1a2a3a4'))).toEqual([{ type: 'extendedCdb', cdb: hex('a1a2a3a4') }]);
    expect(decodeAhs(hex('0005 42 00 00000200'))).toEqual([{ type: 'bidirectionalReadLength', lengthBytes: 512 }]);
    expect(encodeAhs([{ type: 'other', code: 0xff, bytes: hex('01') }])[2]).toBe(0x3f);
  });

  test('an extended CDB as RFC 7143 section 11.2.2.3 draws it', () => {
    // A CDB of 20 bytes: 16 in the header, 4 here. AHSLength = 20 - 15.
    expect(encodeAhs([{ type: 'extendedCdb', cdb: hex('a1a2a3a4') }])).toEqual(hex('0005 01 00 a1a2a3a4'));
    const pdu = decodePdu(
      encodePdu({ kind: 'scsiCommand', cdb: Buffer.alloc(16, 0x7f) }),
      hex('0005 01 00 a1a2a3a4'),
    ) as PduOf<'scsiCommand'>;
    expect(cdbOf(pdu)).toEqual(Buffer.concat([Buffer.alloc(16, 0x7f), hex('a1a2a3a4')]));
  });

  test('a bidirectional read length as RFC 7143 section 11.2.2.4 draws it', () => {
    expect(encodeAhs([{ type: 'bidirectionalReadLength', lengthBytes: 0x1000 }])).toEqual(hex('0005 02 00 00001000'));
  });

  test.each([
    ['longer than the header', '00ff 01 00 00000000'],
    ['cut short', '0005 01 00 a1a2a3a4 0001 01'],
  ])('%s is refused', (_what, bytes) => {
    expect(errorOf(() => decodeAhs(hex(bytes))).code).toBe('PDU_MALFORMED');
  });
});

describe('the reader', () => {
  const ping = encodePdu({ kind: 'nopIn', itt: 1, data: Buffer.from('abc') }, { header: true, data: true });
  const digests = { header: true, data: true };
  const reading =
    (bytes: Buffer): (() => Pdu[]) =>
    () =>
      readAll([bytes], digests);
  const changed = (offset: number): Buffer => {
    const bytes = Buffer.from(ping);
    bytes[offset] = (bytes[offset] ?? 0) ^ 0x01;
    return bytes;
  };

  test('takes what is right', () => {
    expect(readAll([ping], digests)).toHaveLength(1);
  });

  test('finds every single changed bit of header and data', () => {
    const wrong = new Map<string, number>();
    for (let offset = 1; offset < ping.length; offset++) {
      const { code } = errorOf(reading(changed(offset)));
      wrong.set(code, (wrong.get(code) ?? 0) + 1);
    }
    // Byte 0 holds the opcode, which is looked at first. A longer AHS makes the reader wait: byte 4 is left to the next test.
    expect([...wrong.keys()].sort()).toEqual(['DATA_DIGEST_WRONG', 'HEADER_DIGEST_WRONG']);
  });

  test('believes no length before the header is proven', () => {
    const bytes = changed(5); // the highest byte of DataSegmentLength: now 64 KiB and more
    expect(errorOf(reading(bytes)).code).toBe('HEADER_DIGEST_WRONG');
  });

  test.each([
    [1025, 'PDU_TOO_LONG'],
    [0xffffff, 'PDU_TOO_LONG'], // what a signed field would call negative
  ])('a data segment of %i bytes is refused before anything is allocated', (length, code) => {
    const bytes = encodePdu({ kind: 'nopIn' });
    bytes.writeUIntBE(length, 5, 3);
    const error = errorOf(() => readAll([bytes]));
    expect(error).toMatchObject({ code, detail: { length, limit: 1024 } });
  });

  test('an undefined opcode, a reserved bit and the wrong sender are refused at the first byte', () => {
    for (const first of [0x07, 0x3e, 0x80]) {
      expect(errorOf(() => readAll([Buffer.from([first])])).code).toBe('PDU_MALFORMED');
    }
    const fromTarget = new PduReader({ onPdu: () => undefined }, { maxDataSegmentLength: 0, sender: 'target' });
    expect(errorOf(() => fromTarget.push(Buffer.from([0x00]))).code).toBe('PDU_MALFORMED');
  });

  test('says the same error again after it has lost its place', () => {
    const reader = new PduReader({ onPdu: () => undefined }, { maxDataSegmentLength: 0 });
    const first = errorOf(() => reader.push(Buffer.from([0xff])));
    expect(errorOf(() => reader.push(encodePdu({ kind: 'nopIn' })))).toBe(first);
  });

  test('puts data into the buffer that it is given, and reads ahead straight into it', () => {
    const data = Buffer.alloc(40_000);
    for (let i = 0; i < data.length; i++) data[i] = i * 7;
    const bytes = encodePdu({ kind: 'dataIn', data }, digests);
    const into = Buffer.alloc(data.length);
    let delivered = 0;
    const reader = new PduReader(
      {
        onHeader: () => into,
        onPdu: (_bhs, _ahs, got) => {
          expect(got).toBe(into);
          delivered++;
        },
      },
      { maxDataSegmentLength: 65536, digests },
    );
    expect(reader.directTarget()).toBeUndefined();
    reader.push(bytes, 0, 52 + 1000);
    const target = reader.directTarget()!;
    expect(target).toHaveLength(39_000);
    bytes.copy(target, 0, 1052, 1052 + 30_000);
    reader.pushDirect(target, 30_000);
    // A large segment is read on its own to its end, or its rest would come in the small reads that are meant for headers.
    const rest = reader.directTarget()!;
    expect(rest).toHaveLength(9000);
    bytes.copy(rest, 0, 31_052, 31_052 + 8999);
    reader.pushDirect(rest, 8999);
    reader.push(bytes, 31_052 + 8999, bytes.length);
    expect(delivered).toBe(1);
    expect(into.equals(data)).toBe(true);
  });

  test('small segments come over the common buffer, unless much of one is still to come', () => {
    const small = new PduReader({ onPdu: () => undefined }, { maxDataSegmentLength: 65536 });
    const bytes = encodePdu({ kind: 'dataIn', data: Buffer.alloc(20_000) });
    small.push(bytes, 0, 50);
    expect(small.directTarget()).toHaveLength(19_998);
    small.push(bytes, 50, 5000);
    expect(small.directTarget()).toBeUndefined();
  });

  test('a buffer that is taken back is not written to any more', () => {
    const into = Buffer.alloc(8);
    const reader = new PduReader({ onHeader: () => into, onPdu: () => undefined }, { maxDataSegmentLength: 8 });
    const bytes = encodePdu({ kind: 'dataIn', data: Buffer.alloc(8, 0xaa) });
    reader.push(bytes, 0, 50);
    reader.discardData();
    reader.push(bytes, 50);
    expect(into.toString('hex')).toBe('aaaa000000000000');
    expect(reader.isAtBoundary).toBe(true);
  });

  test('stops where it is told to, even within one chunk', () => {
    let seen = 0;
    const reader = new PduReader(
      {
        onPdu: () => {
          seen++;
          reader.stop();
        },
      },
      { maxDataSegmentLength: 0 },
    );
    reader.push(Buffer.concat([encodePdu({ kind: 'nopIn' }), encodePdu({ kind: 'nopIn' })]));
    expect(seen).toBe(1);
  });
});

describe('encoding', () => {
  test('a data segment beyond 24 bits is refused', () => {
    expect(errorOf(() => encodePdu({ kind: 'nopOut', data: Buffer.alloc(0x1000000) })).code).toBe('PDU_MALFORMED');
  });

  test('an empty data segment has no digest', () => {
    expect(encodePdu({ kind: 'nopOut' }, { header: false, data: true })).toHaveLength(48);
  });

  test('opcodes that the standard does not define have no kind', () => {
    expect(kindOfOpcode(0x07)).toBeUndefined();
    expect(kindOfOpcode(0x40)).toBe('nopOut'); // the I bit is not part of the opcode
  });

  test('a header that is too short is refused', () => {
    expect(errorOf(() => decodePdu(Buffer.alloc(47))).code).toBe('PDU_MALFORMED');
    expect(errorOf(() => decodePdu(Buffer.alloc(48, 0x3e))).code).toBe('PDU_MALFORMED');
  });
});

describe('CRC32C', () => {
  // RFC 7143 appendix, CRC examples; the digest's bytes travel with the least significant first.
  const examples: readonly (readonly [string, Buffer, number])[] = [
    ['32 bytes of zeroes', Buffer.alloc(32), 0x8a9136aa],
    ['32 bytes of ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
    ['32 bytes of incrementing 00..1f', Buffer.from(Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e],
    ['32 bytes of decrementing 1f..00', Buffer.from(Array.from({ length: 32 }, (_, i) => 31 - i)), 0x113fdb5c],
  ];

  test.each(examples)('%s', async (_what, bytes, digest) => {
    expect(crc32cInTypeScript(bytes)).toBe(digest);
    await loadNativeCrc32c();
    expect(crc32c(bytes)).toBe(digest);
  });

  test('the native library is there, and agrees with the fallback on anything, in any pieces', async () => {
    expect(await loadNativeCrc32c()).toBe('native');
    fc.assert(
      fc.property(anyBytes(0, 200), fc.nat(200), (bytes, at) => {
        const whole = crc32cInTypeScript(bytes);
        expect(crc32c(bytes)).toBe(whole);
        for (const digest of [crc32c, crc32cInTypeScript]) {
          expect(digest(bytes.subarray(at), digest(bytes.subarray(0, at)))).toBe(whole);
        }
      }),
    );
  });
});
