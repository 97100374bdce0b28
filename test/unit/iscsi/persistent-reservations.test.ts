import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodePrOutParameters,
  decodeReadFullStatus,
  decodeReadKeys,
  decodeReadReservation,
  decodeRegisterAndMove,
  decodeReportCapabilities,
  decodeTransportId,
  describeReservationType,
  encodePrOutParameters,
  encodeReadFullStatus,
  encodeReadKeys,
  encodeReadReservation,
  encodeRegisterAndMove,
  encodeReportCapabilities,
  encodeTransportId,
  formatReservationKey,
  IscsiError,
  PR_IN,
  PR_OUT,
  RESERVATION_TYPES,
  reservationTypeCode,
  reservationTypeOfCode,
  type Registration,
  type ReservationType,
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

// SPC-4 sections 6.15.1, 6.16.2 and 6.15.3.4.
test('service actions and types have the codes of the standard', () => {
  expect(PR_IN).toEqual({ readKeys: 0, readReservation: 1, reportCapabilities: 2, readFullStatus: 3 });
  expect(PR_OUT).toEqual({
    register: 0,
    reserve: 1,
    release: 2,
    clear: 3,
    preempt: 4,
    preemptAndAbort: 5,
    registerAndIgnoreExistingKey: 6,
    registerAndMove: 7,
    replaceLostReservation: 8,
  });
  expect(RESERVATION_TYPES.map(({ code, name }) => [code, name])).toEqual([
    [1, 'Write Exclusive'],
    [3, 'Exclusive Access'],
    [5, 'Write Exclusive - Registrants Only'],
    [6, 'Exclusive Access - Registrants Only'],
    [7, 'Write Exclusive - All Registrants'],
    [8, 'Exclusive Access - All Registrants'],
  ]);
  for (const { type, code } of RESERVATION_TYPES) {
    expect(reservationTypeCode(type)).toBe(code);
    expect(reservationTypeOfCode(code)).toBe(type);
  }
  expect(reservationTypeOfCode(2)).toBeUndefined();
  expect(describeReservationType(5)).toBe('Write Exclusive - Registrants Only (5)');
  expect(describeReservationType(15)).toBe('type Fh');
  expect(formatReservationKey(0xabn)).toBe('0x00000000000000ab');
});

describe('READ KEYS', () => {
  test('both ways', () => {
    const bytes = hex('00000007 00000010 0000000000000001 ffffffffffffffff');
    expect(decodeReadKeys(bytes)).toEqual({ generation: 7, keys: [1n, 0xffff_ffff_ffff_ffffn], total: 2 });
    expect(encodeReadKeys(7, [1n, 0xffff_ffff_ffff_ffffn])).toEqual(bytes);
  });

  test('cut by the allocation length it says how many there are', () => {
    expect(decodeReadKeys(hex('00000007 00000018 0000000000000001'))).toEqual({ generation: 7, keys: [1n], total: 3 });
  });

  test('half a key is refused', () => {
    expect(codeOf(() => decodeReadKeys(hex('00000007 00000009 0000000000000001 00')))).toBe('DATA_MALFORMED');
  });
});

describe('READ RESERVATION', () => {
  test('none', () => {
    expect(decodeReadReservation(hex('00000003 00000000'))).toEqual({ generation: 3, reservation: undefined });
    expect(encodeReadReservation({ generation: 3, reservation: undefined })).toEqual(hex('00000003 00000000'));
  });

  test('one', () => {
    const bytes = hex('00000003 00000010 1122334455667788 00000000 00 05 0000');
    const state = { generation: 3, reservation: { key: 0x1122334455667788n, scope: 0, typeCode: 5 } };
    expect(decodeReadReservation(bytes)).toEqual(state);
    expect(encodeReadReservation(state)).toEqual(bytes);
    expect(codeOf(() => decodeReadReservation(bytes.subarray(0, 21)))).toBe('DATA_MALFORMED');
  });
});

describe('REPORT CAPABILITIES', () => {
  test('both ways', () => {
    const bytes = hex('0008 9d b1 ea 01 0000');
    const value = {
      replaceLostReservation: true,
      compatibleReservationHandling: true,
      specifyInitiatorPorts: true,
      allTargetPorts: true,
      persistThroughPowerLossCapable: true,
      allowCommands: 3,
      persistThroughPowerLossActive: true,
      types: RESERVATION_TYPES.map(({ type }) => type),
    };
    const decoded = decodeReportCapabilities(bytes);
    expect({ ...decoded, types: [...(decoded.types ?? [])].sort() }).toEqual({
      ...value,
      types: [...value.types].sort(),
    });
    expect(encodeReportCapabilities(value)).toEqual(bytes);
  });

  // SPC-4 table 212: each type has a bit of its own.
  test.each([
    ['writeExclusive', '02 00'],
    ['exclusiveAccess', '08 00'],
    ['writeExclusiveRegistrantsOnly', '20 00'],
    ['exclusiveAccessRegistrantsOnly', '40 00'],
    ['writeExclusiveAllRegistrants', '80 00'],
    ['exclusiveAccessAllRegistrants', '00 01'],
  ] as readonly (readonly [ReservationType, string])[])('%s', (type, mask) => {
    expect(decodeReportCapabilities(hex(`0008 00 80 ${mask} 0000`)).types).toEqual([type]);
  });

  test('a target that does not say which types it has', () => {
    expect(decodeReportCapabilities(hex('0008 00 00 ff 01 0000')).types).toBeUndefined();
  });
});

describe('TransportID of iSCSI', () => {
  test('a port: name and ISID (SPC-4 section 7.6.4.6)', () => {
    const id = { protocol: 'iscsi', name: 'iqn.a', isid: '80a1b2c3d4e5' } as const;
    const bytes = hex('45 00 0018');
    const text = Buffer.alloc(24);
    text.write('iqn.a,i,0x80a1b2c3d4e5');
    expect(encodeTransportId(id)).toEqual(Buffer.concat([bytes, text]));
    expect(decodeTransportId(Buffer.concat([bytes, text]))).toEqual(id);
  });

  test('a device: the name alone, at least 20 bytes', () => {
    const id = { protocol: 'iscsi', name: 'iqn.a', isid: undefined } as const;
    expect(encodeTransportId(id)).toHaveLength(24);
    expect(encodeTransportId(id).subarray(0, 4)).toEqual(hex('05 00 0014'));
    expect(decodeTransportId(encodeTransportId(id))).toEqual(id);
  });

  test('another protocol is kept as it is', () => {
    const bytes = hex('06 000000000000 00 5000c50000000001 0000000000000000').fill(0, 1, 4);
    expect(decodeTransportId(bytes)).toEqual({ protocol: 'other', identifier: 6, bytes });
    expect(encodeTransportId(decodeTransportId(bytes))).toEqual(bytes);
  });
});

describe('READ FULL STATUS', () => {
  const registrations: Registration[] = [
    {
      key: 0x1111n,
      holder: { scope: 0, typeCode: 5 },
      allTargetPorts: true,
      relativeTargetPort: 1,
      transportId: { protocol: 'iscsi', name: 'iqn.2026-01.test:a', isid: '800000000001' },
    },
    {
      key: 0x2222n,
      holder: undefined,
      allTargetPorts: false,
      relativeTargetPort: 2,
      transportId: { protocol: 'iscsi', name: 'iqn.2026-01.test:b', isid: undefined },
    },
  ];

  test('both ways', () => {
    expect(decodeReadFullStatus(encodeReadFullStatus(9, registrations))).toEqual({
      generation: 9,
      registrations,
      complete: true,
    });
  });

  test('the first descriptor stands where SPC-4 section 6.15.5 draws it', () => {
    const bytes = encodeReadFullStatus(9, registrations);
    expect(bytes.subarray(0, 8)).toEqual(hex(`00000009 ${(bytes.length - 8).toString(16).padStart(8, '0')}`));
    expect(bytes.subarray(8, 32)).toEqual(hex('0000000000001111 00000000 03 05 00000000 0001 00000028'));
  });

  test('cut anywhere it gives the whole ones and says so', () => {
    const bytes = encodeReadFullStatus(9, registrations);
    for (let length = 8; length < bytes.length; length++) {
      const status = decodeReadFullStatus(bytes.subarray(0, length));
      expect(status.complete).toBe(false);
      expect(status.registrations.length).toBeLessThan(2);
    }
  });

  test('a TransportID longer than everything is refused', () => {
    const bytes = encodeReadFullStatus(9, registrations);
    bytes.writeUInt32BE(0xffffffff, 28);
    expect(codeOf(() => decodeReadFullStatus(bytes))).toBe('DATA_MALFORMED');
  });
});

describe('PERSISTENT RESERVE OUT', () => {
  test('the parameter list as SPC-4 section 6.16.3 draws it', () => {
    const bytes = hex('1111111111111111 2222222222222222 00000000 05 00 0000');
    const value = {
      key: 0x1111111111111111n,
      serviceActionKey: 0x2222222222222222n,
      persistThroughPowerLoss: true,
      allTargetPorts: true,
      initiatorPorts: [],
    };
    expect(encodePrOutParameters(value)).toEqual(bytes);
    expect(decodePrOutParameters(bytes)).toEqual(value);
    expect(encodePrOutParameters({})).toEqual(Buffer.alloc(24));
  });

  test('with initiator ports', () => {
    const value = {
      key: 1n,
      serviceActionKey: 2n,
      persistThroughPowerLoss: false,
      allTargetPorts: false,
      initiatorPorts: [
        { protocol: 'iscsi', name: 'iqn.2026-01.test:a', isid: '800000000001' } as const,
        { protocol: 'iscsi', name: 'iqn.2026-01.test:b', isid: undefined } as const,
      ],
    };
    const bytes = encodePrOutParameters(value);
    expect(bytes[20]).toBe(0x08); // SPEC_I_PT
    expect(bytes.readUInt32BE(24)).toBe(bytes.length - 28);
    expect(decodePrOutParameters(bytes)).toEqual(value);
    for (let length = 28; length < bytes.length; length++) {
      expect(codeOf(() => decodePrOutParameters(bytes.subarray(0, length)))).toBe('DATA_MALFORMED');
    }
  });

  test('too short a list is refused', () => {
    expect(codeOf(() => decodePrOutParameters(Buffer.alloc(23)))).toBe('DATA_MALFORMED');
  });

  test('REGISTER AND MOVE as SPC-4 section 6.16.4 draws it', () => {
    const value = {
      key: 0x11n,
      serviceActionKey: 0x22n,
      unregister: true,
      persistThroughPowerLoss: true,
      relativeTargetPort: 3,
      transportId: { protocol: 'iscsi', name: 'iqn.2026-01.test:b', isid: undefined } as const,
    };
    const bytes = encodeRegisterAndMove(value);
    expect(bytes.subarray(0, 24)).toEqual(hex('0000000000000011 0000000000000022 00 03 0003 00000018'));
    expect(decodeRegisterAndMove(bytes)).toEqual(value);
  });
});

test('any keys come out as they went in', () => {
  const key = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  const generation = fc.integer({ min: 0, max: 0xffffffff });
  fc.assert(
    fc.property(generation, fc.array(key, { maxLength: 40 }), (count, keys) => {
      expect(decodeReadKeys(encodeReadKeys(count, keys))).toEqual({ generation: count, keys, total: keys.length });
    }),
  );
  fc.assert(
    fc.property(key, key, fc.boolean(), fc.boolean(), (one, other, aptpl, allPorts) => {
      const value = {
        key: one,
        serviceActionKey: other,
        persistThroughPowerLoss: aptpl,
        allTargetPorts: allPorts,
        initiatorPorts: [],
      };
      expect(decodePrOutParameters(encodePrOutParameters(value))).toEqual(value);
    }),
  );
});

test('no decoder reads beyond what it is given, whatever that is', () => {
  const decoders = [
    decodeReadKeys,
    decodeReadReservation,
    decodeReportCapabilities,
    decodeReadFullStatus,
    decodeTransportId,
    decodePrOutParameters,
    decodeRegisterAndMove,
  ];
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      for (const decode of decoders) {
        try {
          decode(Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(IscsiError);
        }
      }
    }),
    { numRuns: 500 },
  );
});
