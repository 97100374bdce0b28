import { describe, expect, test } from 'vitest';
import { decodeSense, decodeTransportId, encodeTransportId } from '../../../main/iscsi/index.ts';
import { hex } from '../../support/hex.ts';

// SPC-4 section 4.5.3: ADDITIONAL SENSE LENGTH (byte 7) says how many bytes follow it; what stands behind them is not sense data.
describe('fixed format', () => {
  const withLength = (length: string): Buffer => hex(`70 00 06 00000000 ${length} 00001234 2a 05 00 000000`);

  test.each([
    ['00', 0, 0, undefined],
    ['03', 0, 0, undefined],
    ['04', 0, 0, 0x1234n],
    ['05', 0x2a, 0, 0x1234n],
    ['06', 0x2a, 0x05, 0x1234n],
    ['0a', 0x2a, 0x05, 0x1234n],
    ['ff', 0x2a, 0x05, 0x1234n],
  ])('of which %sh bytes count', (length, asc, ascq, commandSpecificInformation) => {
    const sense = decodeSense(withLength(length));
    expect(sense).toMatchObject({ senseKey: 6, asc, ascq });
    expect(sense?.commandSpecificInformation).toBe(commandSpecificInformation);
  });

  test('a field pointer behind the length is none', () => {
    expect(decodeSense(hex('70 00 05 00000000 09 00000000 24 00 00 cd0007'))?.fieldPointer).toBeUndefined();
    expect(decodeSense(hex('70 00 05 00000000 0a 00000000 24 00 00 cd0007'))?.fieldPointer).toMatchObject({ byte: 7 });
  });

  test('INFORMATION counts with VALID only', () => {
    expect(decodeSense(hex('70 00 03 00001234 0a 00000000 11 00 00 000000'))?.information).toBeUndefined();
    expect(decodeSense(hex('f0 00 03 00001234 0a 00000000 11 00 00 000000'))?.information).toBe(0x1234n);
  });
});

// SPC-4 section 4.5.2.2: VALID is bit 7 of byte 2 of the information descriptor.
describe('descriptor format', () => {
  test('INFORMATION counts with VALID only', () => {
    expect(decodeSense(hex('72 03 11 00 000000 0c 00 0a 00 00 0000000000001234'))).toMatchObject({
      senseKey: 3,
      asc: 0x11,
    });
    expect(decodeSense(hex('72 03 11 00 000000 0c 00 0a 00 00 0000000000001234'))?.information).toBeUndefined();
    expect(decodeSense(hex('72 03 11 00 000000 0c 00 0a 80 00 0000000000001234'))?.information).toBe(0x1234n);
  });

  test('a descriptor behind ADDITIONAL SENSE LENGTH is none', () => {
    expect(decodeSense(hex('72 03 11 00 000000 00 00 0a 80 00 0000000000001234'))?.information).toBeUndefined();
  });
});

// SPC-4 section 7.6.4.6 writes the ISID in hexadecimal digits and says nothing of their case; RFC 7143 section 11.12.5 makes it six bytes.
describe('an ISID in a TransportID', () => {
  test.each(['4000013700AB', '4000013700ab', '4000013700Ab'])('%s is compared in lower case', (digits) => {
    const text = Buffer.from(`iqn.2026-01.test:a,i,0x${digits}\0`);
    const id = Buffer.concat([hex('45 00'), Buffer.from([0, 40]), text, Buffer.alloc(40 - text.length)]);
    expect(decodeTransportId(id)).toEqual({ protocol: 'iscsi', name: 'iqn.2026-01.test:a', isid: '4000013700ab' });
  });

  test('is written in lower case too', () => {
    const id = { protocol: 'iscsi', name: 'iqn.2026-01.test:a', isid: '80abcdef0102' } as const;
    expect(encodeTransportId(id).includes(Buffer.from(',i,0x80abcdef0102\0'))).toBe(true);
  });
});
