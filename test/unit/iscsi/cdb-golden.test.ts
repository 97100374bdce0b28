import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CDB_KINDS,
  CDBS,
  decodeCdb,
  encodeCdb,
  IscsiError,
  nameOfCdb,
  type CdbKind,
} from '../../../main/iscsi/index.ts';
import { encodeRead10 } from '../../../main/iscsi/scsi/cdb.ts';
import type { Fields } from '../../../main/iscsi/wire/layout.ts';
import { hex } from '../../support/hex.ts';

/** Typed from the drawings of SPC-4 and SBC-3, with a value in every field that the drawing has. */
const GOLDEN: Record<CdbKind, { readonly values: Record<string, unknown>; readonly bytes: string }> = {
  testUnitReady: { values: {}, bytes: '00 00 00 00 00 00' },
  requestSense: { values: { desc: true, allocationLength: 252 }, bytes: '03 01 0000 fc 00' },
  inquiry: { values: { evpd: true, pageCode: 0x83, allocationLength: 0x1234 }, bytes: '12 01 83 1234 00' },
  modeSense6: {
    values: { dbd: true, pageControl: 2, pageCode: 0x3f, subpageCode: 0xff, allocationLength: 192 },
    bytes: '1a 08 bf ff c0 00',
  },
  startStopUnit: {
    values: {
      immediate: true,
      powerConditionModifier: 5,
      powerCondition: 3,
      noFlush: true,
      loadEject: true,
      start: true,
    },
    bytes: '1b 01 00 05 37 00',
  },
  readCapacity10: { values: { logicalBlockAddress: 0x01020304, pmi: true }, bytes: '25 00 01020304 0000 01 00' },
  read10: {
    values: { readProtect: 5, dpo: true, fua: true, logicalBlockAddress: 0x01020304, transferLength: 0x0506 },
    bytes: '28 b8 01020304 00 0506 00',
  },
  write10: {
    values: { writeProtect: 5, dpo: true, fua: true, logicalBlockAddress: 0x01020304, transferLength: 0x0506 },
    bytes: '2a b8 01020304 00 0506 00',
  },
  verify10: {
    values: { verifyProtect: 5, dpo: true, byteCheck: 1, logicalBlockAddress: 0x01020304, verificationLength: 0x0506 },
    bytes: '2f b2 01020304 00 0506 00',
  },
  synchronizeCache10: {
    values: { immediate: true, logicalBlockAddress: 0x01020304, numberOfLogicalBlocks: 0x0506 },
    bytes: '35 02 01020304 00 0506 00',
  },
  writeSame10: {
    values: {
      writeProtect: 1,
      anchor: true,
      unmap: true,
      logicalBlockAddress: 0x01020304,
      numberOfLogicalBlocks: 0x0506,
    },
    bytes: '41 38 01020304 00 0506 00',
  },
  unmap: { values: { anchor: true, parameterListLength: 0x0118 }, bytes: '42 01 00000000 00 0118 00' },
  modeSense10: {
    values: { llbaa: true, dbd: true, pageControl: 1, pageCode: 0x08, subpageCode: 1, allocationLength: 0x0102 },
    bytes: '5a 18 48 01 000000 0102 00',
  },
  persistentReserveIn: { values: { serviceAction: 3, allocationLength: 0x2000 }, bytes: '5e 03 0000000000 2000 00' },
  persistentReserveOut: {
    values: { serviceAction: 4, scope: 0, type: 5, parameterListLength: 24 },
    bytes: '5f 04 05 0000 00000018 00',
  },
  read16: {
    values: {
      readProtect: 1,
      dpo: true,
      fua: true,
      logicalBlockAddress: 0x0102030405060708n,
      transferLength: 0x090a0b0c,
    },
    bytes: '88 38 0102030405060708 090a0b0c 00 00',
  },
  write16: {
    values: {
      writeProtect: 1,
      dpo: true,
      fua: true,
      logicalBlockAddress: 0x0102030405060708n,
      transferLength: 0x090a0b0c,
    },
    bytes: '8a 38 0102030405060708 090a0b0c 00 00',
  },
  synchronizeCache16: {
    values: { immediate: true, logicalBlockAddress: 0x0102030405060708n, numberOfLogicalBlocks: 0x090a0b0c },
    bytes: '91 02 0102030405060708 090a0b0c 00 00',
  },
  writeSame16: {
    values: {
      writeProtect: 1,
      anchor: true,
      unmap: true,
      noDataOut: true,
      logicalBlockAddress: 0x0102030405060708n,
      numberOfLogicalBlocks: 0x090a0b0c,
    },
    bytes: '93 39 0102030405060708 090a0b0c 00 00',
  },
  readCapacity16: {
    values: { logicalBlockAddress: 0x0102030405060708n, allocationLength: 32, pmi: true },
    bytes: '9e 10 0102030405060708 00000020 01 00',
  },
  reportLuns: { values: { selectReport: 2, allocationLength: 0x00010000 }, bytes: 'a0 00 02 000000 00010000 00 00' },
  reportTargetPortGroups: {
    values: { parameterDataFormat: 1, allocationLength: 0x1000 },
    bytes: 'a3 2a 00000000 00001000 00 00',
  },
  reportSupportedOperationCodes: {
    values: {
      rctd: true,
      reportingOptions: 2,
      requestedOperationCode: 0x5f,
      requestedServiceAction: 6,
      allocationLength: 0x100,
    },
    bytes: 'a3 0c 82 5f 0006 00000100 00 00',
  },
  read6: { values: { logicalBlockAddress: 0x010203, transferLength: 4 }, bytes: '08 010203 04 00' },
  write6: { values: { logicalBlockAddress: 0x010203, transferLength: 4 }, bytes: '0a 010203 04 00' },
};

describe.each(CDB_KINDS)('%s', (kind) => {
  const golden = GOLDEN[kind];

  test('is encoded to the bytes of the standard', () => {
    expect(encodeCdb(kind, golden.values).toString('hex')).toBe(hex(golden.bytes).toString('hex'));
  });

  test('is decoded from the bytes of the standard, also with padding behind', () => {
    expect(decodeCdb(hex(golden.bytes))).toEqual({ kind, ...golden.values });
    const padded = Buffer.alloc(16);
    hex(golden.bytes).copy(padded);
    expect(decodeCdb(padded)).toEqual({ kind, ...golden.values });
  });

  test('has every field in the golden bytes', () => {
    expect(Object.keys(golden.values).sort()).toEqual(Object.keys(CDBS[kind].fields).sort());
  });
});

test('any values come out as they went in', () => {
  const anyCdb = fc.constantFrom(...CDB_KINDS).chain((kind) => {
    const fields: Fields = CDBS[kind].fields;
    const values: Record<string, fc.Arbitrary<unknown>> = Object.fromEntries(
      Object.entries(fields).map(([name, field]): [string, fc.Arbitrary<unknown>] => {
        switch (field.type) {
          case 'flag':
            return [name, fc.boolean()];
          case 'bits':
            return [name, fc.integer({ min: 0, max: field.mask >> field.shift })];
          case 'uint':
            return [name, fc.integer({ min: 0, max: 2 ** (8 * field.size) - 1 })];
          case 'uint64':
            return [name, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })];
          case 'bytes':
            throw new Error('no CDB has bytes');
        }
      }),
    );
    return fc.record(values).map((record) => ({ kind, record }));
  });
  fc.assert(
    fc.property(anyCdb, ({ kind, record }) => {
      expect(decodeCdb(encodeCdb(kind, record))).toEqual({ kind, ...record });
    }),
  );
});

test.each([
  ['read10', { transferLength: 65536 }],
  ['read10', { logicalBlockAddress: 2 ** 32 }],
  ['read10', { readProtect: 8 }],
  ['read16', { logicalBlockAddress: 2n ** 64n }],
  ['inquiry', { allocationLength: -1 }],
] as const)('%s with a value that does not fit is refused', (kind, values) => {
  let code = '';
  try {
    encodeCdb(kind, values);
  } catch (error) {
    code = error instanceof IscsiError ? error.code : '';
  }
  expect(code).toBe('OPTION_OUT_OF_RANGE');
});

test('READ (10) written by hand is the READ (10) of the table, and refuses what that refuses', () => {
  fc.assert(
    fc.property(fc.nat(0xffff_ffff), fc.nat(0xffff), fc.boolean(), (logicalBlockAddress, transferLength, fua) => {
      const ofTable = encodeCdb('read10', { logicalBlockAddress, transferLength, fua });
      expect(encodeRead10(logicalBlockAddress, transferLength, fua)).toEqual(ofTable);
    }),
  );
  expect(() => encodeRead10(0, 65536, false)).toThrow(IscsiError);
  expect(() => encodeRead10(2 ** 32, 1, false)).toThrow(IscsiError);
});

test('what is not known, or cut short, is nothing', () => {
  expect(decodeCdb(hex('c1 00 00 00 00 00'))).toBeUndefined();
  expect(decodeCdb(hex('9e 11 0000000000000000 00000000 00 00'))).toBeUndefined(); // another service action
  expect(decodeCdb(hex('28 00 00'))).toBeUndefined();
  expect(decodeCdb(Buffer.alloc(0))).toBeUndefined();
  expect(nameOfCdb(hex('c1'))).toBe('opcode C1h');
  expect(nameOfCdb(hex('28 00 00000000 00 0000 00'))).toBe('READ (10)');
});
