import { describe, expect, test } from 'vitest';
import {
  decodePdu,
  encodePdu,
  PDU_KINDS,
  PDU_LAYOUTS,
  PduReader,
  type Pdu,
  type PduInput,
  type PduKind,
} from '../../../main/iscsi/index.ts';
import { hex } from '../../support/hex.ts';

/** Typed from the drawings of RFC 7143 section 11, field by field, with a value in every field. */
const GOLDEN: Record<PduKind, { readonly bytes: string; readonly pdu: PduInput }> = {
  nopOut: {
    bytes: `
      40 80 0000          // I, opcode 00h; F
      00 000004           // TotalAHSLength, DataSegmentLength
      0001000000000000    // LUN
      11223344            // Initiator Task Tag
      55667788            // Target Transfer Tag
      00000010            // CmdSN
      00000020            // ExpStatSN
      00000000 00000000 00000000 00000000
      70696e67            // ping data`,
    pdu: {
      kind: 'nopOut',
      immediate: true,
      lun: 0x0001000000000000n,
      itt: 0x11223344,
      ttt: 0x55667788,
      cmdSn: 0x10,
      expStatSn: 0x20,
      data: Buffer.from('ping'),
    },
  },
  scsiCommand: {
    bytes: `
      01 c1 0000          // opcode 01h; F, R, ATTR simple
      00 000000
      0002000000000000    // LUN
      0a0b0c0d            // Initiator Task Tag
      00001000            // Expected Data Transfer Length
      00000011            // CmdSN
      00000021            // ExpStatSN
      28000000 00640000 08000000 00000000  // CDB: READ (10), LBA 100, 8 blocks`,
    pdu: {
      kind: 'scsiCommand',
      final: true,
      read: true,
      taskAttribute: 1,
      lun: 0x0002000000000000n,
      itt: 0x0a0b0c0d,
      expectedDataTransferLength: 0x1000,
      cmdSn: 0x11,
      expStatSn: 0x21,
      cdb: hex('28000000 00640000 08000000 00000000'),
    },
  },
  taskManagementRequest: {
    bytes: `
      42 85 0000          // I, opcode 02h; 1, function 5 LOGICAL UNIT RESET
      00 000000
      0001000000000000    // LUN
      00000007            // Initiator Task Tag
      ffffffff            // Referenced Task Tag
      00000012            // CmdSN
      00000022            // ExpStatSN
      00000032            // RefCmdSN
      00000042            // ExpDataSN
      00000000 00000000`,
    pdu: {
      kind: 'taskManagementRequest',
      immediate: true,
      function: 5,
      lun: 0x0001000000000000n,
      itt: 7,
      referencedTaskTag: 0xffffffff,
      cmdSn: 0x12,
      expStatSn: 0x22,
      refCmdSn: 0x32,
      expDataSn: 0x42,
    },
  },
  loginRequest: {
    bytes: `
      43 87 00 00         // I is always 1, opcode 03h; T, CSG 01, NSG 11; Version-max, Version-min
      00 000006
      80a1b2c3d4e5 0000   // ISID (T = 10b random), TSIH
      00000001            // Initiator Task Tag
      0003 0000           // CID
      00000013            // CmdSN
      00000023            // ExpStatSN
      00000000 00000000 00000000 00000000
      413d4e6f6e65 0000   // "A=None" and padding`,
    pdu: {
      kind: 'loginRequest',
      transit: true,
      currentStage: 1,
      nextStage: 3,
      isid: hex('80a1b2c3d4e5'),
      itt: 1,
      cid: 3,
      cmdSn: 0x13,
      expStatSn: 0x23,
      data: Buffer.from('A=None'),
    },
  },
  textRequest: {
    bytes: `
      04 80 0000          // opcode 04h; F
      00 000010
      0000000000000000
      00000002            // Initiator Task Tag
      ffffffff            // Target Transfer Tag
      00000014            // CmdSN
      00000024            // ExpStatSN
      00000000 00000000 00000000 00000000
      53656e64546172676574733d416c6c00  // "SendTargets=All" 0`,
    pdu: {
      kind: 'textRequest',
      final: true,
      itt: 2,
      ttt: 0xffffffff,
      cmdSn: 0x14,
      expStatSn: 0x24,
      data: Buffer.from('SendTargets=All\0'),
    },
  },
  dataOut: {
    bytes: `
      05 80 0000          // opcode 05h; F
      00 000004
      0001000000000000    // LUN
      00000003            // Initiator Task Tag
      0000beef            // Target Transfer Tag
      00000000
      00000025            // ExpStatSN
      00000000
      00000035            // DataSN
      00002000            // Buffer Offset
      00000000
      01020304`,
    pdu: {
      kind: 'dataOut',
      final: true,
      lun: 0x0001000000000000n,
      itt: 3,
      ttt: 0xbeef,
      expStatSn: 0x25,
      dataSn: 0x35,
      bufferOffset: 0x2000,
      data: hex('01020304'),
    },
  },
  logoutRequest: {
    bytes: `
      46 81 0000          // I, opcode 06h; 1, reason 1 close the connection
      00 000000
      0000000000000000
      00000004            // Initiator Task Tag
      0005 0000           // CID
      00000016            // CmdSN
      00000026            // ExpStatSN
      00000000 00000000 00000000 00000000`,
    pdu: { kind: 'logoutRequest', immediate: true, reason: 1, itt: 4, cid: 5, cmdSn: 0x16, expStatSn: 0x26 },
  },
  snackRequest: {
    bytes: `
      10 81 0000          // opcode 10h; 1, type 1 status
      00 000000
      0001000000000000    // LUN
      00000005            // Initiator Task Tag
      00000006            // Target Transfer Tag or SNACK Tag
      00000000
      00000027            // ExpStatSN
      00000000 00000000
      00000037            // BegRun
      00000047            // RunLength`,
    pdu: {
      kind: 'snackRequest',
      type: 1,
      lun: 0x0001000000000000n,
      itt: 5,
      ttt: 6,
      expStatSn: 0x27,
      begRun: 0x37,
      runLength: 0x47,
    },
  },
  nopIn: {
    bytes: `
      20 80 0000          // opcode 20h
      00 000000
      0001000000000000    // LUN
      ffffffff            // Initiator Task Tag
      00000008            // Target Transfer Tag
      00000018            // StatSN
      00000028            // ExpCmdSN
      00000038            // MaxCmdSN
      00000000 00000000 00000000`,
    pdu: {
      kind: 'nopIn',
      lun: 0x0001000000000000n,
      itt: 0xffffffff,
      ttt: 8,
      statSn: 0x18,
      expCmdSn: 0x28,
      maxCmdSn: 0x38,
    },
  },
  scsiResponse: {
    bytes: `
      21 82 00 02         // opcode 21h; 1, U; Response 0; Status CHECK CONDITION
      00 000014
      0000000000000000
      00000009            // Initiator Task Tag
      0000000a            // SNACK Tag
      00000019            // StatSN
      00000029            // ExpCmdSN
      00000039            // MaxCmdSN
      00000049            // ExpDataSN
      00000059            // Bidirectional Read Residual Count
      00000069            // Residual Count
      0012                // SenseLength
      70 00 05 00000000 0a 00000000 24 00 00 c00001  // fixed sense: ILLEGAL REQUEST, INVALID FIELD IN CDB`,
    pdu: {
      kind: 'scsiResponse',
      underflow: true,
      status: 2,
      itt: 9,
      snackTag: 10,
      statSn: 0x19,
      expCmdSn: 0x29,
      maxCmdSn: 0x39,
      expDataSn: 0x49,
      bidirectionalReadResidualCount: 0x59,
      residualCount: 0x69,
      data: hex('0012 70000500000000 0a 00000000 24 00 00 c00001'),
    },
  },
  taskManagementResponse: {
    bytes: `
      22 80 01 00         // opcode 22h; Response 1 task does not exist
      00 000000
      0000000000000000
      0000000b            // Initiator Task Tag
      00000000
      0000001a            // StatSN
      0000002a            // ExpCmdSN
      0000003a            // MaxCmdSN
      00000000 00000000 00000000`,
    pdu: { kind: 'taskManagementResponse', response: 1, itt: 0xb, statSn: 0x1a, expCmdSn: 0x2a, maxCmdSn: 0x3a },
  },
  loginResponse: {
    bytes: `
      23 81 00 00         // opcode 23h; T, CSG 00, NSG 01; Version-max, Version-active
      00 000000
      80a1b2c3d4e5 0100   // ISID, TSIH
      0000000c            // Initiator Task Tag
      00000000
      0000001b            // StatSN
      0000002b            // ExpCmdSN
      0000003b            // MaxCmdSN
      02 01 0000          // Status-Class, Status-Detail
      00000000 00000000`,
    pdu: {
      kind: 'loginResponse',
      transit: true,
      currentStage: 0,
      nextStage: 1,
      isid: hex('80a1b2c3d4e5'),
      tsih: 0x0100,
      itt: 0xc,
      statSn: 0x1b,
      expCmdSn: 0x2b,
      maxCmdSn: 0x3b,
      statusClass: 2,
      statusDetail: 1,
    },
  },
  textResponse: {
    bytes: `
      24 40 0000          // opcode 24h; C
      00 000000
      0001000000000000    // LUN
      0000000d            // Initiator Task Tag
      0000000e            // Target Transfer Tag
      0000001c            // StatSN
      0000002c            // ExpCmdSN
      0000003c            // MaxCmdSN
      00000000 00000000 00000000`,
    pdu: {
      kind: 'textResponse',
      continue: true,
      lun: 0x0001000000000000n,
      itt: 0xd,
      ttt: 0xe,
      statSn: 0x1c,
      expCmdSn: 0x2c,
      maxCmdSn: 0x3c,
    },
  },
  dataIn: {
    bytes: `
      25 83 00 08         // opcode 25h; F, U, S; Status BUSY
      00 000003
      0001000000000000    // LUN
      0000000f            // Initiator Task Tag
      ffffffff            // Target Transfer Tag
      0000001d            // StatSN
      0000002d            // ExpCmdSN
      0000003d            // MaxCmdSN
      00000004            // DataSN
      00000010            // Buffer Offset
      00000020            // Residual Count
      aabbcc 00           // data and padding`,
    pdu: {
      kind: 'dataIn',
      final: true,
      underflow: true,
      hasStatus: true,
      status: 8,
      lun: 0x0001000000000000n,
      itt: 0xf,
      ttt: 0xffffffff,
      statSn: 0x1d,
      expCmdSn: 0x2d,
      maxCmdSn: 0x3d,
      dataSn: 4,
      bufferOffset: 0x10,
      residualCount: 0x20,
      data: hex('aabbcc'),
    },
  },
  logoutResponse: {
    bytes: `
      26 80 02 00         // opcode 26h; Response 2 recovery not supported
      00 000000
      0000000000000000
      00000010            // Initiator Task Tag
      00000000
      0000001e            // StatSN
      0000002e            // ExpCmdSN
      0000003e            // MaxCmdSN
      00000000
      0002 0014           // Time2Wait, Time2Retain
      00000000`,
    pdu: {
      kind: 'logoutResponse',
      response: 2,
      itt: 0x10,
      statSn: 0x1e,
      expCmdSn: 0x2e,
      maxCmdSn: 0x3e,
      time2Wait: 2,
      time2Retain: 20,
    },
  },
  r2t: {
    bytes: `
      31 80 0000          // opcode 31h
      00 000000
      0001000000000000    // LUN
      00000011            // Initiator Task Tag
      00000012            // Target Transfer Tag
      0000001f            // StatSN
      0000002f            // ExpCmdSN
      0000003f            // MaxCmdSN
      00000001            // R2TSN
      00010000            // Buffer Offset
      00020000            // Desired Data Transfer Length`,
    pdu: {
      kind: 'r2t',
      lun: 0x0001000000000000n,
      itt: 0x11,
      ttt: 0x12,
      statSn: 0x1f,
      expCmdSn: 0x2f,
      maxCmdSn: 0x3f,
      r2tSn: 1,
      bufferOffset: 0x10000,
      desiredDataTransferLength: 0x20000,
    },
  },
  asyncMessage: {
    bytes: `
      32 80 0000          // opcode 32h
      00 000000
      0001000000000000    // LUN
      ffffffff            // reserved, always FFFFFFFFh
      00000000
      00000020            // StatSN
      00000030            // ExpCmdSN
      00000040            // MaxCmdSN
      01 02 0003          // AsyncEvent, AsyncVCode, Parameter1
      0004 0005           // Parameter2, Parameter3
      00000000`,
    pdu: {
      kind: 'asyncMessage',
      lun: 0x0001000000000000n,
      statSn: 0x20,
      expCmdSn: 0x30,
      maxCmdSn: 0x40,
      asyncEvent: 1,
      asyncVCode: 2,
      parameter1: 3,
      parameter2: 4,
      parameter3: 5,
    },
  },
  reject: {
    bytes: `
      3f 80 04 00         // opcode 3Fh; Reason 4 protocol error
      00 000004
      0000000000000000
      ffffffff            // always FFFFFFFFh
      00000000
      00000021            // StatSN
      00000031            // ExpCmdSN
      00000041            // MaxCmdSN
      00000051            // DataSN or R2TSN
      00000000 00000000
      deadbeef            // header of the bad PDU (shortened here)`,
    pdu: {
      kind: 'reject',
      reason: 4,
      statSn: 0x21,
      expCmdSn: 0x31,
      maxCmdSn: 0x41,
      dataSn: 0x51,
      data: hex('deadbeef'),
    },
  },
};

/** As a reader delivers it. */
const read = (bytes: Buffer): Pdu => {
  const pdus: Pdu[] = [];
  const reader = new PduReader(
    { onPdu: (bhs, ahs, data) => pdus.push(decodePdu(bhs, ahs, data)) },
    { maxDataSegmentLength: 65536 },
  );
  reader.push(bytes);
  expect(reader.isAtBoundary).toBe(true);
  expect(pdus).toHaveLength(1);
  return pdus[0]!;
};

describe.each(PDU_KINDS)('%s', (kind) => {
  const golden = GOLDEN[kind];

  test('is encoded to the bytes of the standard', () => {
    expect(encodePdu(golden.pdu).toString('hex')).toBe(hex(golden.bytes).toString('hex'));
  });

  test('is decoded from the bytes of the standard', () => {
    expect(read(hex(golden.bytes))).toMatchObject(golden.pdu);
  });

  test('has every field in the golden bytes', () => {
    // A field that is zero in the golden PDU would not show that it is written in the right place; a few may be, because they exclude others.
    const fields = Object.keys(PDU_LAYOUTS[kind].fields);
    const values = golden.pdu as unknown as Record<string, unknown>;
    const mayBeZero = [
      'currentStage',
      'versionMax',
      'versionMin',
      'versionActive',
      'tsih',
      'cid',
      'isid',
      'transit',
      'final',
    ];
    const untested = fields.filter(
      (field) => values[field] === undefined && !mayBeZero.includes(field) && !ZERO_IN_GOLDEN[kind]?.includes(field),
    );
    expect(untested).toEqual([]);
  });
});

/** Flags and numbers whose place is shown by the test of single fields below. */
const ZERO_IN_GOLDEN: Partial<Record<PduKind, readonly string[]>> = {
  scsiCommand: ['immediate', 'write'],
  loginRequest: ['continue'],
  loginResponse: ['continue'],
  textRequest: ['immediate', 'continue', 'lun'],
  dataIn: ['acknowledge', 'overflow'],
  scsiResponse: ['bidirectionalReadOverflow', 'bidirectionalReadUnderflow', 'overflow', 'response'],
};

/** Byte and bit of every flag and small field that the golden PDUs leave at zero: RFC 7143, the same drawings. */
test.each([
  ['scsiCommand', { immediate: true }, 0, 0x41],
  ['scsiCommand', { write: true }, 1, 0x20],
  ['loginRequest', { continue: true }, 1, 0x40],
  ['loginRequest', { currentStage: 3 }, 1, 0x0c],
  ['loginRequest', { versionMax: 1 }, 2, 1],
  ['loginRequest', { versionMin: 1 }, 3, 1],
  ['loginRequest', { tsih: 0x0102 }, 15, 2],
  ['loginResponse', { continue: true }, 1, 0x40],
  ['loginResponse', { versionActive: 1 }, 3, 1],
  ['textRequest', { immediate: true }, 0, 0x44],
  ['textRequest', { continue: true }, 1, 0x40],
  ['textRequest', { lun: 1n }, 15, 1],
  ['textResponse', { final: true }, 1, 0x80],
  ['dataIn', { acknowledge: true }, 1, 0x40],
  ['dataIn', { overflow: true }, 1, 0x04],
  ['scsiResponse', { bidirectionalReadOverflow: true }, 1, 0x90],
  ['scsiResponse', { bidirectionalReadUnderflow: true }, 1, 0x88],
  ['scsiResponse', { overflow: true }, 1, 0x84],
  ['scsiResponse', { response: 1 }, 2, 1],
] as const)('%s %o stands in byte %i', (kind, values, offset, byte) => {
  const bytes = encodePdu({ kind, ...values });
  expect(bytes[offset]).toBe(byte);
  expect(decodePdu(bytes.subarray(0, 48))).toMatchObject(values);
});

test('every opcode of the standard is there once', () => {
  const opcodes = PDU_KINDS.map((kind) => PDU_LAYOUTS[kind].opcode).sort((a, b) => a - b);
  // RFC 7143 section 11.2.1.2
  expect(opcodes).toEqual([
    0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x10, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x31, 0x32, 0x3f,
  ]);
  for (const kind of PDU_KINDS) {
    const { opcode, sender } = PDU_LAYOUTS[kind];
    expect(sender).toBe((opcode & 0x20) === 0 ? 'initiator' : 'target');
  }
});

test('the SCSI Read (10) of the standard has the digest of the standard', () => {
  // RFC 7143 appendix, CRC examples: "an iSCSI SCSI Read (10) command PDU".
  const bytes = encodePdu(
    {
      kind: 'scsiCommand',
      final: true,
      read: true,
      itt: 0x14000000,
      expectedDataTransferLength: 0x400,
      cmdSn: 0x14,
      expStatSn: 0x18,
      cdb: hex('28000000 00000000 02000000 00000000'),
    },
    { header: true, data: true },
  );
  expect(bytes.toString('hex')).toBe(
    hex(`
      01 c0 00 00 00 00 00 00 00 00 00 00 00 00 00 00
      14 00 00 00 00 00 04 00 00 00 00 14 00 00 00 18
      28 00 00 00 00 00 00 00 02 00 00 00 00 00 00 00
      56 3a 96 d9`).toString('hex'),
  );
});
