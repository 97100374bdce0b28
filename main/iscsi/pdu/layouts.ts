import { bits, bytes, flag, u16, u32, u64, u8, type Fields, type ValuesOf } from '../wire/layout.ts';

/** Length of the Basic Header Segment: RFC 7143 section 11.2.1. */
export const BHS_LENGTH = 48;

/** "No task": the reserved tag of RFC 7143 sections 11.2.1.8 (ITT) and 11.7.4 (TTT). */
export const RESERVED_TAG = 0xffffffff;

/** One row of `PDU_LAYOUTS`. */
export interface PduLayout<F extends Fields> {
  readonly opcode: number;
  readonly name: string;
  readonly sender: 'initiator' | 'target';
  /** Section of RFC 7143. */
  readonly clause: string;
  /** Bits that are always set: byte offset and mask. */
  readonly always: readonly (readonly [number, number])[];
  readonly fields: F;
}

const layout = <F extends Fields>(
  opcode: number,
  name: string,
  sender: 'initiator' | 'target',
  clause: string,
  always: readonly (readonly [number, number])[],
  fields: F,
): PduLayout<F> => ({ opcode, name, sender, clause, always, fields });

/** RFC 7143 section 11.2.1.1: the I bit asks for immediate delivery. */
const immediate = flag(0, 0x40);
/** Bit 7 of byte 1 is always 1 in PDUs that have no F bit of their own. */
const one = [[1, 0x80]] as const;
const none = [] as const;
/** RFC 7143 sections 11.4.8 to 11.4.10: the numbers that every target PDU but Data-In without status carries. */
const targetNumbers = { statSn: u32(24), expCmdSn: u32(28), maxCmdSn: u32(32) } as const;
const initiatorNumbers = { cmdSn: u32(24), expStatSn: u32(28) } as const;
const loginStage = {
  transit: flag(1, 0x80), // 11.12.1, 11.13.4
  continue: flag(1, 0x40), // 11.12.2
  currentStage: bits(1, 0x0c), // 11.12.3
  nextStage: bits(1, 0x03), // 11.12.3
} as const;

/** One row for each opcode of RFC 7143 section 11.2.1.2; encoder, decoder, trace and tests are derived from it. */
export const PDU_LAYOUTS = {
  nopOut: layout(0x00, 'NOP-Out', 'initiator', '11.18', one, {
    immediate,
    lun: u64(8),
    itt: u32(16),
    ttt: u32(20), // 11.18.2
    ...initiatorNumbers,
  }),
  scsiCommand: layout(0x01, 'SCSI Command', 'initiator', '11.3', none, {
    immediate,
    final: flag(1, 0x80), // 11.3.1
    read: flag(1, 0x40),
    write: flag(1, 0x20),
    taskAttribute: bits(1, 0x07),
    lun: u64(8),
    itt: u32(16),
    expectedDataTransferLength: u32(20), // 11.3.4
    ...initiatorNumbers,
    cdb: bytes(32, 16), // 11.3.5; longer ones go on in an AHS
  }),
  taskManagementRequest: layout(0x02, 'Task Management Function Request', 'initiator', '11.5', one, {
    immediate,
    function: bits(1, 0x7f), // 11.5.1
    lun: u64(8),
    itt: u32(16),
    referencedTaskTag: u32(20), // 11.5.5
    ...initiatorNumbers,
    refCmdSn: u32(32), // 11.5.6
    expDataSn: u32(36), // 11.5.7
  }),
  loginRequest: layout(0x03, 'Login Request', 'initiator', '11.12', [[0, 0x40]], {
    ...loginStage,
    versionMax: u8(2), // 11.12.4
    versionMin: u8(3),
    isid: bytes(8, 6), // 11.12.5
    tsih: u16(14), // 11.12.6
    itt: u32(16),
    cid: u16(20), // 11.12.7
    ...initiatorNumbers,
  }),
  textRequest: layout(0x04, 'Text Request', 'initiator', '11.10', none, {
    immediate,
    final: flag(1, 0x80), // 11.10.1
    continue: flag(1, 0x40), // 11.10.2
    lun: u64(8),
    itt: u32(16),
    ttt: u32(20), // 11.10.4
    ...initiatorNumbers,
  }),
  dataOut: layout(0x05, 'SCSI Data-Out', 'initiator', '11.7', none, {
    final: flag(1, 0x80), // 11.7.1
    lun: u64(8),
    itt: u32(16),
    ttt: u32(20), // 11.7.4
    expStatSn: u32(28),
    dataSn: u32(36), // 11.7.5
    bufferOffset: u32(40), // 11.7.6
  }),
  logoutRequest: layout(0x06, 'Logout Request', 'initiator', '11.14', one, {
    immediate,
    reason: bits(1, 0x7f), // 11.14.1
    itt: u32(16),
    cid: u16(20), // 11.14.2
    ...initiatorNumbers,
  }),
  snackRequest: layout(0x10, 'SNACK Request', 'initiator', '11.16', one, {
    type: bits(1, 0x0f), // 11.16.1
    lun: u64(8),
    itt: u32(16),
    ttt: u32(20), // target transfer tag or SNACK tag: 11.16.3
    expStatSn: u32(28),
    begRun: u32(40), // 11.16.6
    runLength: u32(44), // 11.16.7
  }),
  nopIn: layout(0x20, 'NOP-In', 'target', '11.19', one, {
    lun: u64(8), // 11.19.3
    itt: u32(16),
    ttt: u32(20), // 11.19.1
    ...targetNumbers,
  }),
  scsiResponse: layout(0x21, 'SCSI Response', 'target', '11.4', one, {
    bidirectionalReadOverflow: flag(1, 0x10), // 11.4.1
    bidirectionalReadUnderflow: flag(1, 0x08),
    overflow: flag(1, 0x04),
    underflow: flag(1, 0x02),
    response: u8(2), // 11.4.3
    status: u8(3), // 11.4.2
    itt: u32(16),
    snackTag: u32(20), // 11.4.4
    ...targetNumbers,
    expDataSn: u32(36), // 11.4.11
    bidirectionalReadResidualCount: u32(40), // 11.4.6
    residualCount: u32(44), // 11.4.5
  }),
  taskManagementResponse: layout(0x22, 'Task Management Function Response', 'target', '11.6', one, {
    response: u8(2), // 11.6.1
    itt: u32(16),
    ...targetNumbers,
  }),
  loginResponse: layout(0x23, 'Login Response', 'target', '11.13', none, {
    ...loginStage,
    versionMax: u8(2), // 11.13.1
    versionActive: u8(3), // 11.13.2
    isid: bytes(8, 6),
    tsih: u16(14), // 11.13.3
    itt: u32(16),
    ...targetNumbers,
    statusClass: u8(36), // 11.13.5
    statusDetail: u8(37),
  }),
  textResponse: layout(0x24, 'Text Response', 'target', '11.11', none, {
    final: flag(1, 0x80), // 11.11.1
    continue: flag(1, 0x40), // 11.11.2
    lun: u64(8),
    itt: u32(16),
    ttt: u32(20), // 11.11.4
    ...targetNumbers,
  }),
  dataIn: layout(0x25, 'SCSI Data-In', 'target', '11.7', none, {
    final: flag(1, 0x80), // 11.7.1
    acknowledge: flag(1, 0x40), // 11.7.2
    overflow: flag(1, 0x04), // 11.7.3
    underflow: flag(1, 0x02),
    hasStatus: flag(1, 0x01), // 11.7.3: the S bit, phase collapse
    status: u8(3),
    lun: u64(8),
    itt: u32(16),
    ttt: u32(20),
    ...targetNumbers,
    dataSn: u32(36), // 11.7.5
    bufferOffset: u32(40), // 11.7.6
    residualCount: u32(44),
  }),
  logoutResponse: layout(0x26, 'Logout Response', 'target', '11.15', one, {
    response: u8(2), // 11.15.1
    itt: u32(16),
    ...targetNumbers,
    time2Wait: u16(40), // 11.15.3, seconds
    time2Retain: u16(42), // 11.15.4, seconds
  }),
  r2t: layout(0x31, 'Ready To Transfer', 'target', '11.8', one, {
    lun: u64(8),
    itt: u32(16),
    ttt: u32(20), // 11.8.5
    ...targetNumbers,
    r2tSn: u32(36), // 11.8.2
    bufferOffset: u32(40), // 11.8.4
    desiredDataTransferLength: u32(44), // 11.8.4
  }),
  asyncMessage: layout(
    0x32,
    'Asynchronous Message',
    'target',
    '11.9',
    [
      [1, 0x80],
      [16, 0xff],
      [17, 0xff],
      [18, 0xff],
      [19, 0xff],
    ],
    {
      lun: u64(8), // 11.9.4
      ...targetNumbers,
      asyncEvent: u8(36), // 11.9.1
      asyncVCode: u8(37), // 11.9.2
      parameter1: u16(38),
      parameter2: u16(40),
      parameter3: u16(42),
    },
  ),
  reject: layout(
    0x3f,
    'Reject',
    'target',
    '11.17',
    [
      [1, 0x80],
      [16, 0xff],
      [17, 0xff],
      [18, 0xff],
      [19, 0xff],
    ],
    {
      reason: u8(2), // 11.17.1
      ...targetNumbers,
      dataSn: u32(36), // 11.17.2: DataSN or R2TSN
    },
  ),
} as const;

/** How this package calls the kinds of PDUs. */
export type PduKind = keyof typeof PDU_LAYOUTS;
/** The fields of one kind and their types. */
export type PduFields<K extends PduKind> = ValuesOf<(typeof PDU_LAYOUTS)[K]['fields']>;

/** All of them. */
export const PDU_KINDS = Object.keys(PDU_LAYOUTS) as PduKind[];

const kindByOpcode: (PduKind | undefined)[] = [];
for (const kind of PDU_KINDS) kindByOpcode[PDU_LAYOUTS[kind].opcode] = kind;

/** The kind for the low six bits of byte 0, or undefined for an opcode that RFC 7143 section 11.2.1.2 does not define. */
export const kindOfOpcode = (opcode: number): PduKind | undefined => kindByOpcode[opcode & 0x3f];
