import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeBlockDeviceCharacteristics,
  decodeBlockLimits,
  decodeDeviceIdentification,
  decodeInquiry,
  decodeLogicalBlockProvisioning,
  decodeModeSense10,
  decodeModeSense6,
  decodeReadCapacity10,
  decodeReadCapacity16,
  decodeReportLuns,
  decodeSupportedPages,
  decodeTargetPortGroups,
  decodeUnitSerialNumber,
  decodeUnmap,
  encodeBlockDeviceCharacteristics,
  encodeBlockLimits,
  encodeDeviceIdentification,
  encodeInquiry,
  encodeLogicalBlockProvisioning,
  encodeModeSense10,
  encodeModeSense6,
  encodeReadCapacity10,
  encodeReadCapacity16,
  encodeReportLuns,
  encodeSupportedPages,
  encodeTargetPortGroups,
  encodeUnitSerialNumber,
  encodeUnmap,
  formatDesignator,
  formatLun,
  IscsiError,
  LunAddresses,
  lunFromNumber,
  numberFromLun,
  pickIdentity,
  readWriteCacheEnabled,
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

describe('INQUIRY', () => {
  const bytes = hex(`
    00                  // qualifier 0, block device
    80                  // RMB
    06                  // SPC-4
    12                  // HISUP, response data format 2
    45                  // additional length: 74 - 5
    19                  // TPGS 01b, 3PC, PROTECT
    10                  // MULTIP
    02                  // CMDQUE
    5155 4f52 4154 4520 // "QUORATE "
    5445 5354 2044 4953 4b20 2020 2020 2020  // "TEST DISK       "
    3120 2020           // "1   "
    0000000000000000000000000000000000000000 0000
    04c0 0960           // version descriptors: SBC-3, iSCSI
    000000000000000000000000`);
  const value = {
    peripheralQualifier: 0,
    deviceType: 0,
    removable: true,
    version: 6,
    targetPortGroupSupport: 1,
    thirdPartyCopy: true,
    protect: true,
    multiPort: true,
    commandQueuing: true,
    vendor: 'QUORATE',
    product: 'TEST DISK',
    revision: '1',
    versionDescriptors: [0x04c0, 0x0960],
  };

  test('both ways', () => {
    expect(decodeInquiry(bytes)).toEqual(value);
    expect(encodeInquiry(value)).toEqual(bytes);
  });

  test('no logical unit there', () => {
    const absent = Buffer.from(bytes);
    absent[0] = 0x7f; // qualifier 3, type 1Fh
    expect(decodeInquiry(absent)).toMatchObject({ peripheralQualifier: 3, deviceType: 0x1f });
  });

  test('unprintable letters do not get through', () => {
    const odd = Buffer.from(bytes);
    odd[8] = 0x1b;
    expect(decodeInquiry(odd).vendor).toBe('?UORATE');
  });

  test('36 bytes are enough, 35 are not', () => {
    expect(decodeInquiry(bytes.subarray(0, 36)).versionDescriptors).toEqual([]);
    expect(codeOf(() => decodeInquiry(bytes.subarray(0, 35)))).toBe('DATA_MALFORMED');
  });
});

describe('VPD pages', () => {
  test('00h', () => {
    expect(encodeSupportedPages([0x00, 0x80, 0x83])).toEqual(hex('00 00 0003 00 80 83'));
    expect(decodeSupportedPages(hex('00 00 0003 00 80 83'))).toEqual([0x00, 0x80, 0x83]);
  });

  test('80h', () => {
    expect(encodeUnitSerialNumber('A1')).toEqual(hex('00 80 0002 4131'));
    expect(decodeUnitSerialNumber(hex('00 80 0006 20 41 31 20 00 00'))).toBe('A1');
  });

  const deviceIdentification = hex(`
    00 83 0044
    01 03 00 10  6001405a b1c2d3e4 f5061728 394a5b6c         // binary, logical unit, NAA 6
    02 01 00 0e  4c494f2d4f5247202d64 69736b31                // ASCII, logical unit, T10 vendor id
    53 98 00 0c  69716e2e6100000000000000                     // iSCSI, PIV, target port, SCSI name string
    01 14 00 04  00000001                                     // relative target port
    01 15 00 02  0001                                         // target port group`);

  test('83h', () => {
    const designators = decodeDeviceIdentification(deviceIdentification);
    expect(designators.map((d) => [d.association, d.type, formatDesignator(d)])).toEqual([
      ['logicalUnit', 'naa', 'naa.6001405ab1c2d3e4f5061728394a5b6c'],
      ['logicalUnit', 't10VendorId', 't10.LIO-ORG -disk1'],
      ['targetPort', 'scsiNameString', 'iqn.a'],
      ['targetPort', 'relativeTargetPort', 'relativeTargetPort.00000001'],
      ['targetPort', 'targetPortGroup', 'targetPortGroup.0001'],
    ]);
    expect(pickIdentity(designators)?.type).toBe('naa');
    expect(decodeDeviceIdentification(encodeDeviceIdentification(designators))).toEqual(designators);
  });

  test('the identity is the strongest of the logical unit, and none is none', () => {
    const naa8 = { association: 'logicalUnit', type: 'naa', codeSet: 1, bytes: hex('5000000000000001') } as const;
    const naa16 = { ...naa8, bytes: hex('60000000000000000000000000000001') };
    const port = { ...naa16, association: 'targetPort' } as const;
    const vendor = { ...naa8, type: 'vendorSpecific' } as const;
    expect(pickIdentity([vendor, port, naa8, naa16])).toBe(naa16);
    expect(pickIdentity([vendor, port])).toBeUndefined();
  });

  test('83h with a designator beyond the end is refused, and so is another page', () => {
    expect(codeOf(() => decodeDeviceIdentification(hex('00 83 0004 01 03 00 10')))).toBe('DATA_MALFORMED');
    expect(codeOf(() => decodeDeviceIdentification(hex('00 83 0003 01 03 00')))).toBe('DATA_MALFORMED');
    expect(codeOf(() => decodeDeviceIdentification(hex('00 80 0000')))).toBe('DATA_MALFORMED');
    expect(codeOf(() => decodeDeviceIdentification(hex('00 83')))).toBe('DATA_MALFORMED');
  });

  test('B0h as SBC-3 section 6.6.4 draws it', () => {
    const limits = {
      maximumCompareAndWriteBlocks: 1,
      optimalTransferGranularityBlocks: 8,
      maximumTransferBlocks: 0x2000,
      optimalTransferBlocks: 0x800,
      maximumUnmapBlocks: 0x10000,
      maximumUnmapDescriptors: 16,
      optimalUnmapGranularityBlocks: 8,
      maximumWriteSameBlocks: 0x0102030405060708n,
    };
    const bytes = hex(`
      00 b0 003c 00 01 0008 00002000 00000800 00000000 00010000 00000010 00000008 00000000 0102030405060708
      0000000000000000000000000000000000000000`);
    expect(decodeBlockLimits(bytes)).toEqual(limits);
    expect(encodeBlockLimits(limits)).toEqual(bytes);
    // SBC-2 had 12 bytes.
    expect(decodeBlockLimits(hex('00 b0 000c 00 01 0008 00002000 00000800')).maximumTransferBlocks).toBe(0x2000);
  });

  test('B1h', () => {
    const value = { mediumRotationRate: 1, productType: 2, nominalFormFactor: 3 };
    expect(encodeBlockDeviceCharacteristics(value).subarray(0, 8)).toEqual(hex('00 b1 003c 0001 02 03'));
    expect(decodeBlockDeviceCharacteristics(encodeBlockDeviceCharacteristics(value))).toEqual(value);
  });

  test('B2h', () => {
    const value = {
      thresholdExponent: 1,
      unmapSupported: true,
      writeSame16UnmapSupported: true,
      writeSame10UnmapSupported: false,
      unmappedReadsZeroes: true,
      provisioning: 'thin',
    } as const;
    expect(encodeLogicalBlockProvisioning(value)).toEqual(hex('00 b2 0004 01 c4 02 00'));
    expect(decodeLogicalBlockProvisioning(hex('00 b2 0004 01 c4 02 00'))).toEqual(value);
    expect(decodeLogicalBlockProvisioning(hex('00 b2 0004 00 00 07 00')).provisioning).toBe('reserved');
    // SBC-4, LBPRZ: xx1b zeros, 010b the provisioning initialization pattern, 000b whatever the vendor likes.
    const zeroes = (flags: string): boolean =>
      decodeLogicalBlockProvisioning(hex(`00 b2 0004 00 ${flags} 02 00`)).unmappedReadsZeroes;
    expect(['e0', 'e4', 'e8', 'ec', 'f4'].map(zeroes)).toEqual([false, true, false, true, true]);
  });
});

describe('READ CAPACITY', () => {
  test('(10)', () => {
    expect(decodeReadCapacity10(hex('000fffff 00000200'))).toEqual({ blocks: 0x100000n, blockSizeBytes: 512 });
    expect(encodeReadCapacity10({ blocks: 0x100000n, blockSizeBytes: 512 })).toEqual(hex('000fffff 00000200'));
    expect(decodeReadCapacity10(hex('ffffffff 00000200'))).toBe('tooLarge');
    expect(encodeReadCapacity10({ blocks: 2n ** 33n, blockSizeBytes: 512 })).toEqual(hex('ffffffff 00000200'));
  });

  test('(16)', () => {
    const value = {
      blocks: 0x0000_0001_0000_0000n,
      blockSizeBytes: 4096,
      protectionEnabled: true,
      physicalBlockExponent: 3,
      provisioningManaged: true,
      unmappedReadsZeroes: true,
      lowestAlignedBlock: 0x0102,
    };
    const bytes = hex('00000000ffffffff 00001000 01 03 c102 00000000000000000000000000000000');
    expect(decodeReadCapacity16(bytes)).toEqual(value);
    expect(encodeReadCapacity16(value)).toEqual(bytes);
    expect(codeOf(() => decodeReadCapacity16(bytes.subarray(0, 11)))).toBe('DATA_MALFORMED');
  });
});

describe('LUNs', () => {
  test.each([
    [0, 0x0000000000000000n],
    [1, 0x0001000000000000n],
    [255, 0x00ff000000000000n],
    [256, 0x4100000000000000n], // flat space addressing
    [16383, 0x7fff000000000000n],
    [16384, 0xd200400000000000n], // extended flat space addressing
    [16777215, 0xd2ffffff00000000n],
  ])('%i', (number, lun) => {
    expect(lunFromNumber(number)).toBe(lun);
    expect(numberFromLun(lun)).toBe(number);
    expect(formatLun(lun)).toBe(String(number));
  });

  test.each([-1, 1.5, 16777216, NaN])('%d is none', (number) => {
    expect(codeOf(() => lunFromNumber(number))).toBe('OPTION_OUT_OF_RANGE');
  });

  test.each([
    ['plain 16 bits of the Linux kernel’s target', 0x012c000000000000n, 300],
    ['flat space addressing', 0x412c000000000000n, 300],
    ['logical unit addressing', 0x8123000000000000n, 0x123],
    ['extended flat space addressing', 0xd20000ff00000000n, 255],
    ['the last number of extended flat space addressing', 0xd2ffffff00000000n, 0xffffff],
  ])('%s has a number', (_form, lun, number) => {
    expect(numberFromLun(lun)).toBe(number);
  });

  test('are sent in the form in which they were listed', () => {
    const addresses = new LunAddresses();
    const listed = [0n, 0x0100000000000000n, 0xd200500000000000n, 0x0001000000000000n, 0x4001000000000000n];
    const wellKnown = 0xc101000000000000n;
    expect(addresses.take([...listed, wellKnown])).toEqual({
      numbers: [0, 256, 0x5000],
      strange: [wellKnown, listed[3], listed[4]],
    });
    expect(addresses.toSend(lunFromNumber(256))).toBe(listed[1]);
    expect(addresses.toSend(lunFromNumber(0x5000))).toBe(listed[2]);
    expect(addresses.toSend(lunFromNumber(7))).toBe(lunFromNumber(7));
    addresses.take([0n]);
    expect(addresses.toSend(lunFromNumber(256))).toBe(lunFromNumber(256));
  });

  test('others are shown in full', () => {
    expect(numberFromLun(0xe200000000010000n)).toBeUndefined(); // long extended flat space
    expect(numberFromLun(0xd200000100000001n)).toBeUndefined(); // hierarchical
    expect(numberFromLun(0xc101000000000000n)).toBeUndefined(); // REPORT LUNS well known logical unit
    expect(formatLun(0xc101000000000000n)).toBe('C101000000000000h');
    expect(numberFromLun(0x0001000200000000n)).toBeUndefined(); // hierarchical
  });

  test('REPORT LUNS', () => {
    const bytes = hex('00000010 00000000 0000000000000000 0001000000000000');
    expect(decodeReportLuns(bytes)).toEqual({ luns: [0n, 0x0001000000000000n], total: 2 });
    expect(encodeReportLuns([0n, 0x0001000000000000n])).toEqual(bytes);
    expect(decodeReportLuns(bytes.subarray(0, 20))).toEqual({ luns: [0n], total: 2 });
    expect(codeOf(() => decodeReportLuns(hex('00000007 00000000')))).toBe('DATA_MALFORMED');
  });
});

describe('MODE SENSE', () => {
  const caching = {
    pageCode: 0x08,
    subpageCode: 0,
    bytes: hex('04 00 0000 0000 0000 0000 00 00 0000 00 000000').subarray(0, 18),
  };
  const sub = { pageCode: 0x0a, subpageCode: 1, bytes: hex('0102') };
  const mode = { mediumType: 0, writeProtected: true, dpoFua: true, pages: [caching, sub] };

  test('(6) and (10)', () => {
    expect(encodeModeSense6(mode).subarray(0, 6)).toEqual(hex('1d 00 90 00 08 12'));
    expect(decodeModeSense6(encodeModeSense6(mode))).toEqual(mode);
    expect(decodeModeSense10(encodeModeSense10(mode))).toEqual(mode);
    expect(encodeModeSense6(mode)[0]).toBe(encodeModeSense6(mode).length - 1);
    expect(encodeModeSense10(mode).readUInt16BE(0)).toBe(encodeModeSense10(mode).length - 2);
  });

  test('block descriptors are passed over', () => {
    expect(decodeModeSense6(hex('0f 00 80 08 0000000000000200 0a 02 0000'))).toEqual({
      mediumType: 0,
      writeProtected: true,
      dpoFua: false,
      pages: [{ pageCode: 0x0a, subpageCode: 0, bytes: hex('0000') }],
    });
    expect(codeOf(() => decodeModeSense6(hex('03 00 80 08')))).toBe('DATA_MALFORMED');
    expect(codeOf(() => decodeModeSense10(hex('0006 00 80 0000 0008')))).toBe('DATA_MALFORMED');
  });

  test('the write cache', () => {
    expect(readWriteCacheEnabled(mode)).toBe(true);
    expect(readWriteCacheEnabled({ ...mode, pages: [{ ...caching, bytes: Buffer.alloc(18) }] })).toBe(false);
    expect(readWriteCacheEnabled({ ...mode, pages: [] })).toBeUndefined();
  });
});

test('REPORT TARGET PORT GROUPS', () => {
  const groups = [
    { preferred: true, accessState: 0, supportedStates: 0x0f, group: 1, statusCode: 2, relativeTargetPorts: [1, 2] },
    { preferred: false, accessState: 2, supportedStates: 0x0f, group: 2, statusCode: 0, relativeTargetPorts: [] },
  ];
  const bytes = hex(`
    00000018
    80 0f 0001 00 02 00 02  0000 0001  0000 0002
    02 0f 0002 00 00 00 00`);
  expect(decodeTargetPortGroups(bytes)).toEqual(groups);
  expect(encodeTargetPortGroups(groups)).toEqual(bytes);
  expect(codeOf(() => decodeTargetPortGroups(hex('00000008 80 0f 0001 00 02 00 02')))).toBe('DATA_MALFORMED');
});

test('UNMAP', () => {
  const ranges = [{ firstBlock: 0x0102030405060708n, blocks: 9 }];
  const bytes = hex('0016 0010 00000000 0102030405060708 00000009 00000000');
  expect(encodeUnmap(ranges)).toEqual(bytes);
  expect(decodeUnmap(bytes)).toEqual(ranges);
  expect(codeOf(() => decodeUnmap(bytes.subarray(0, 20)))).toBe('DATA_MALFORMED');
});

test('no decoder reads beyond what it is given, whatever that is', () => {
  const decoders = [
    decodeInquiry,
    decodeSupportedPages,
    decodeUnitSerialNumber,
    decodeDeviceIdentification,
    decodeBlockLimits,
    decodeBlockDeviceCharacteristics,
    decodeLogicalBlockProvisioning,
    decodeReadCapacity10,
    decodeReadCapacity16,
    decodeReportLuns,
    decodeModeSense6,
    decodeModeSense10,
    decodeTargetPortGroups,
    decodeUnmap,
  ];
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
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
