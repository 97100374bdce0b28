import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeSense,
  decodeSenseSegment,
  describeSense,
  describeStatus,
  encodeDescriptorSense,
  encodeFixedSense,
  encodeSenseSegment,
} from '../../../main/iscsi/index.ts';
import { hex } from '../../support/hex.ts';

describe('fixed format', () => {
  test('as SPC-4 section 4.5.3 draws it', () => {
    const sense = decodeSense(hex('f0 00 05 00001234 0a 00005678 24 00 00 cd0007'));
    expect(sense).toMatchObject({
      format: 'fixed',
      deferred: false,
      senseKey: 5,
      asc: 0x24,
      ascq: 0,
      information: 0x1234n,
      commandSpecificInformation: 0x5678n,
      fieldPointer: { inCdb: true, byte: 7, bit: 5 },
    });
    expect(describeSense(sense!)).toBe('ILLEGAL REQUEST, 24h/00h INVALID FIELD IN CDB');
  });

  test('is encoded to the same bytes', () => {
    expect(
      encodeFixedSense({
        senseKey: 5,
        asc: 0x24,
        ascq: 0,
        information: 0x1234n,
        commandSpecificInformation: 0x5678n,
        fieldPointer: { inCdb: true, byte: 7, bit: 5 },
      }),
    ).toEqual(hex('f0 00 05 00001234 0a 00005678 24 00 00 cd0007'));
  });

  test('a deferred error', () => {
    expect(decodeSense(hex('71 00 03 00000000 0a 00000000 0c 00 00 000000'))).toMatchObject({
      deferred: true,
      senseKey: 3,
    });
  });

  test.each([4, 7, 8, 12, 13, 14, 17])('cut to %i bytes it still gives what is there', (length) => {
    const sense = decodeSense(hex('70 00 06 00000000 0a 00000000 2a 05 00 000000').subarray(0, length));
    expect(sense).toMatchObject({ senseKey: 6, asc: length > 12 ? 0x2a : 0, ascq: length > 13 ? 0x05 : 0 });
  });
});

describe('descriptor format', () => {
  const bytes = hex(`
    72 05 26 00 000000 20
    00 0a 80 00 0000000000001234       // information
    01 0a 00 00 0000000000005678       // command specific information
    02 06 0000 80 000c 00              // field pointer: in the parameter list`);

  test('as SPC-4 section 4.5.2 draws it', () => {
    expect(decodeSense(bytes)).toMatchObject({
      format: 'descriptor',
      senseKey: 5,
      asc: 0x26,
      ascq: 0,
      information: 0x1234n,
      commandSpecificInformation: 0x5678n,
      fieldPointer: { inCdb: false, byte: 12 },
    });
  });

  test('is encoded to the same bytes', () => {
    expect(
      encodeDescriptorSense({
        senseKey: 5,
        asc: 0x26,
        ascq: 0,
        information: 0x1234n,
        commandSpecificInformation: 0x5678n,
        fieldPointer: { inCdb: false, byte: 12 },
      }),
    ).toEqual(bytes);
  });

  test('cut anywhere it still gives key and codes', () => {
    for (let length = 4; length <= bytes.length; length++) {
      expect(decodeSense(bytes.subarray(0, length))).toMatchObject({ senseKey: 5, asc: 0x26, ascq: 0 });
    }
  });
});

test('what is neither format is nothing', () => {
  expect(decodeSense(Buffer.alloc(0))).toBeUndefined();
  expect(decodeSense(hex('70 00 05'))).toBeUndefined();
  expect(decodeSense(hex('7f 00 05 00'))).toBeUndefined();
});

test('both formats come out as they went in', () => {
  const byte = fc.integer({ min: 0, max: 255 });
  const senses = fc.record(
    {
      senseKey: fc.integer({ min: 0, max: 15 }),
      asc: byte,
      ascq: byte,
      deferred: fc.boolean(),
      information: fc.bigInt({ min: 0n, max: 0xffff_ffffn }),
      commandSpecificInformation: fc.bigInt({ min: 1n, max: 0xffff_ffffn }),
    },
    { requiredKeys: ['senseKey', 'asc', 'ascq', 'deferred'] },
  );
  fc.assert(
    fc.property(senses, (sense) => {
      expect(decodeSense(encodeFixedSense(sense))).toMatchObject(sense);
      expect(decodeSense(encodeDescriptorSense(sense))).toMatchObject(sense);
    }),
  );
});

test('the segment of a SCSI Response has a length before the sense', () => {
  expect(encodeSenseSegment(hex('70 00 06'))).toEqual(hex('0003 70 00 06'));
  expect(decodeSenseSegment(hex('0003 70 00 06 ff'))).toEqual(hex('70 00 06'));
  expect(decodeSenseSegment(hex('0009 70'))).toEqual(hex('70'));
  expect(decodeSenseSegment(hex('00'))).toHaveLength(0);
});

test.each([
  [0x00, 'GOOD'],
  [0x02, 'CHECK CONDITION'],
  [0x18, 'RESERVATION CONFLICT'],
  [0x28, 'TASK SET FULL'],
  [0x5a, 'status 5Ah'],
])('status %i is %s', (status, name) => {
  expect(describeStatus(status)).toBe(name);
});

test('codes that are not in the table are shown as numbers', () => {
  expect(describeSense({ senseKey: 6, asc: 0x2a, ascq: 0x05 })).toBe('UNIT ATTENTION, 2Ah/05h REGISTRATIONS PREEMPTED');
  expect(describeSense({ senseKey: 9, asc: 0xe0, ascq: 0x01 })).toBe('VENDOR SPECIFIC, E0h/01h');
});

test('how far it has come, while it is not ready: SPC-4 section 4.5.2.4.4', () => {
  expect(decodeSense(hex('70 00 02 00000000 0a 00000000 04 04 00 80 4000'))).toMatchObject({
    senseKey: 2,
    progressIndication: 0x4000,
  });
  expect(decodeSense(hex('72 02 04 04 000000 08 02 06 0000 80 1234 00'))).toMatchObject({ progressIndication: 0x1234 });
  // SKSV is 0, or the bytes are those of another sense key.
  expect(decodeSense(hex('70 00 02 00000000 0a 00000000 04 04 00 00 4000'))?.progressIndication).toBeUndefined();
  expect(decodeSense(hex('70 00 05 00000000 0a 00000000 24 00 00 c0 0002'))).toMatchObject({
    fieldPointer: { inCdb: true, byte: 2 },
  });
  expect(decodeSense(hex('70 00 05 00000000 0a 00000000 24 00 00 c0 0002'))?.progressIndication).toBeUndefined();
  for (const senseKey of [0, 2]) {
    const sense = { senseKey, asc: 4, ascq: 4, progressIndication: 65535 };
    expect(decodeSense(encodeFixedSense(sense))).toMatchObject(sense);
    expect(decodeSense(encodeDescriptorSense(sense))).toMatchObject(sense);
  }
});
