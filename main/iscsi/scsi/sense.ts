/** Sense keys: SPC-4 section 4.5.6. */
export const SENSE_KEYS = [
  'NO SENSE',
  'RECOVERED ERROR',
  'NOT READY',
  'MEDIUM ERROR',
  'HARDWARE ERROR',
  'ILLEGAL REQUEST',
  'UNIT ATTENTION',
  'DATA PROTECT',
  'BLANK CHECK',
  'VENDOR SPECIFIC',
  'COPY ABORTED',
  'ABORTED COMMAND',
  'Reserved (Ch)',
  'VOLUME OVERFLOW',
  'MISCOMPARE',
  'COMPLETED',
] as const;

/** A sense key in the standard's words. */
export type SenseKeyName = (typeof SENSE_KEYS)[number];

/** The sense keys that are compared with. */
export const SENSE_KEY = {
  NO_SENSE: 0x0,
  RECOVERED_ERROR: 0x1,
  NOT_READY: 0x2,
  MEDIUM_ERROR: 0x3,
  HARDWARE_ERROR: 0x4,
  ILLEGAL_REQUEST: 0x5,
  UNIT_ATTENTION: 0x6,
  DATA_PROTECT: 0x7,
  ABORTED_COMMAND: 0xb,
  MISCOMPARE: 0xe,
  COMPLETED: 0xf,
} as const;

/** Decoded sense data. What the device did not say is left out. */
export interface Sense {
  readonly format: 'fixed' | 'descriptor';
  /** About an earlier command: response codes 71h and 73h (SPC-4 section 4.5.5). */
  readonly deferred: boolean;
  readonly senseKey: number;
  /** Additional sense code and its qualifier. */
  readonly asc: number;
  readonly ascq: number;
  /** INFORMATION when it is valid. */
  readonly information?: bigint;
  readonly commandSpecificInformation?: bigint;
  /** Where in the CDB or the parameter list the target found the fault: SPC-4 section 4.5.2.4.2. */
  readonly fieldPointer?: { readonly inCdb: boolean; readonly byte: number; readonly bit?: number };
  /** How far what makes the device not ready has come, in parts of 65536: SPC-4 section 4.5.2.4.4. */
  readonly progressIndication?: number;
  readonly raw: Buffer;
}

/** Additional sense codes that this product meets: SPC-4 annex D. ASC in the high byte, ASCQ in the low one. */
export const ADDITIONAL_SENSE: Readonly<Record<number, string>> = {
  0x0000: 'NO ADDITIONAL SENSE INFORMATION',
  0x0400: 'LOGICAL UNIT NOT READY, CAUSE NOT REPORTABLE',
  0x0401: 'LOGICAL UNIT IS IN PROCESS OF BECOMING READY',
  0x0402: 'LOGICAL UNIT NOT READY, INITIALIZING COMMAND REQUIRED',
  0x0403: 'LOGICAL UNIT NOT READY, MANUAL INTERVENTION REQUIRED',
  0x0404: 'LOGICAL UNIT NOT READY, FORMAT IN PROGRESS',
  0x040a: 'LOGICAL UNIT NOT ACCESSIBLE, ASYMMETRIC ACCESS STATE TRANSITION',
  0x040b: 'LOGICAL UNIT NOT ACCESSIBLE, TARGET PORT IN STANDBY STATE',
  0x040c: 'LOGICAL UNIT NOT ACCESSIBLE, TARGET PORT IN UNAVAILABLE STATE',
  0x0c00: 'WRITE ERROR',
  0x0c0d: 'WRITE ERROR - NOT ENOUGH UNSOLICITED DATA',
  0x1100: 'UNRECOVERED READ ERROR',
  0x1a00: 'PARAMETER LIST LENGTH ERROR',
  0x1d00: 'MISCOMPARE DURING VERIFY OPERATION',
  0x2000: 'INVALID COMMAND OPERATION CODE',
  0x2100: 'LOGICAL BLOCK ADDRESS OUT OF RANGE',
  0x2400: 'INVALID FIELD IN CDB',
  0x2500: 'LOGICAL UNIT NOT SUPPORTED',
  0x2600: 'INVALID FIELD IN PARAMETER LIST',
  0x2604: 'INVALID RELEASE OF PERSISTENT RESERVATION',
  0x2700: 'WRITE PROTECTED',
  0x2707: 'SPACE ALLOCATION FAILED WRITE PROTECT',
  0x2800: 'NOT READY TO READY CHANGE, MEDIUM MAY HAVE CHANGED',
  0x2900: 'POWER ON, RESET, OR BUS DEVICE RESET OCCURRED',
  0x2901: 'POWER ON OCCURRED',
  0x2902: 'SCSI BUS RESET OCCURRED',
  0x2903: 'BUS DEVICE RESET FUNCTION OCCURRED',
  0x2907: 'I_T NEXUS LOSS OCCURRED',
  0x2a00: 'PARAMETERS CHANGED',
  0x2a01: 'MODE PARAMETERS CHANGED',
  0x2a03: 'RESERVATIONS PREEMPTED',
  0x2a04: 'RESERVATIONS RELEASED',
  0x2a05: 'REGISTRATIONS PREEMPTED',
  0x2a06: 'ASYMMETRIC ACCESS STATE CHANGED',
  0x2a09: 'CAPACITY DATA HAS CHANGED',
  0x2c00: 'COMMAND SEQUENCE ERROR',
  0x2f00: 'COMMANDS CLEARED BY ANOTHER INITIATOR',
  0x3900: 'SAVING PARAMETERS NOT SUPPORTED',
  0x3a00: 'MEDIUM NOT PRESENT',
  0x3f03: 'INQUIRY DATA HAS CHANGED',
  0x3f0e: 'REPORTED LUNS DATA HAS CHANGED',
  0x4400: 'INTERNAL TARGET FAILURE',
  0x4703: 'INFORMATION UNIT iuCRC ERROR DETECTED',
  0x4900: 'INVALID MESSAGE ERROR',
  0x4e00: 'OVERLAPPED COMMANDS ATTEMPTED',
  0x5500: 'SYSTEM RESOURCE FAILURE',
  0x5503: 'INSUFFICIENT RESOURCES',
  0x5504: 'INSUFFICIENT REGISTRATION RESOURCES',
  0x5505: 'INSUFFICIENT ACCESS CONTROL RESOURCES',
  0x5d00: 'FAILURE PREDICTION THRESHOLD EXCEEDED',
};

const hex2 = (value: number): string => value.toString(16).toUpperCase().padStart(2, '0');

/** `UNIT ATTENTION, 2Ah/05h REGISTRATIONS PREEMPTED`. */
export const describeSense = (sense: Pick<Sense, 'senseKey' | 'asc' | 'ascq'>): string => {
  const key = SENSE_KEYS[sense.senseKey & 0x0f] ?? 'NO SENSE';
  const text = ADDITIONAL_SENSE[(sense.asc << 8) | sense.ascq];
  return `${key}, ${hex2(sense.asc)}h/${hex2(sense.ascq)}h${text === undefined ? '' : ` ${text}`}`;
};

const decodeFieldPointer = (bytes: Buffer, offset: number): Sense['fieldPointer'] => {
  const first = bytes[offset] ?? 0;
  if ((first & 0x80) === 0) return undefined; // SKSV
  const byte = bytes.readUInt16BE(offset + 1);
  return { inCdb: (first & 0x40) !== 0, byte, ...((first & 0x08) === 0 ? {} : { bit: first & 0x07 }) };
};

/** SPC-4 section 4.5.2.4.4: for NO SENSE and NOT READY the sense-key-specific bytes are the progress indication. */
const decodeProgress = (bytes: Buffer, offset: number): number | undefined =>
  ((bytes[offset] ?? 0) & 0x80) === 0 ? undefined : bytes.readUInt16BE(offset + 1); // SKSV

const hasProgress = (senseKey: number): boolean => senseKey === SENSE_KEY.NO_SENSE || senseKey === SENSE_KEY.NOT_READY;

const decodeFixed = (raw: Buffer, deferred: boolean): Sense => {
  // SPC-4 section 4.5.3. The target may cut the data anywhere; ADDITIONAL SENSE LENGTH bounds what is meant.
  const length = Math.min(raw.length, 8 + (raw[7] ?? 0));
  const senseKey = (raw[2] ?? 0) & 0x0f;
  const fieldPointer = senseKey === SENSE_KEY.ILLEGAL_REQUEST && length >= 18 ? decodeFieldPointer(raw, 15) : undefined;
  const progressIndication = hasProgress(senseKey) && length >= 18 ? decodeProgress(raw, 15) : undefined;
  return {
    format: 'fixed',
    deferred,
    senseKey,
    asc: length > 12 ? (raw[12] ?? 0) : 0,
    ascq: length > 13 ? (raw[13] ?? 0) : 0,
    ...(((raw[0] ?? 0) & 0x80) !== 0 && raw.length >= 7 ? { information: BigInt(raw.readUInt32BE(3)) } : {}),
    // The field is always there; zero says nothing.
    ...(length >= 12 && raw.readUInt32BE(8) !== 0 ? { commandSpecificInformation: BigInt(raw.readUInt32BE(8)) } : {}),
    ...(fieldPointer === undefined ? {} : { fieldPointer }),
    ...(progressIndication === undefined ? {} : { progressIndication }),
    raw,
  };
};

const decodeDescriptors = (raw: Buffer, deferred: boolean): Sense => {
  // SPC-4 section 4.5.2.
  const senseKey = (raw[1] ?? 0) & 0x0f;
  const end = Math.min(raw.length, 8 + (raw[7] ?? 0));
  let information: bigint | undefined;
  let commandSpecificInformation: bigint | undefined;
  let fieldPointer: Sense['fieldPointer'];
  let progressIndication: number | undefined;
  for (let at = 8; at + 2 <= end;) {
    const type = raw[at];
    const length = 2 + (raw[at + 1] ?? 0);
    if (at + length > end) break;
    if (type === 0x00 && length >= 12 && ((raw[at + 2] ?? 0) & 0x80) !== 0) information = raw.readBigUInt64BE(at + 4);
    if (type === 0x01 && length >= 12) commandSpecificInformation = raw.readBigUInt64BE(at + 4);
    if (type === 0x02 && length >= 8 && senseKey === SENSE_KEY.ILLEGAL_REQUEST) {
      fieldPointer = decodeFieldPointer(raw, at + 4);
    }
    if (type === 0x02 && length >= 8 && hasProgress(senseKey)) progressIndication = decodeProgress(raw, at + 4);
    at += length;
  }
  return {
    format: 'descriptor',
    deferred,
    senseKey,
    asc: raw[2] ?? 0,
    ascq: raw[3] ?? 0,
    ...(information === undefined ? {} : { information }),
    ...(commandSpecificInformation === undefined ? {} : { commandSpecificInformation }),
    ...(fieldPointer === undefined ? {} : { fieldPointer }),
    ...(progressIndication === undefined ? {} : { progressIndication }),
    raw,
  };
};

/** Decodes sense data of either format (SPC-4 section 4.5), however it is cut. Undefined when it is neither. */
export const decodeSense = (raw: Buffer): Sense | undefined => {
  if (raw.length < 4) return undefined;
  switch ((raw[0] ?? 0) & 0x7f) {
    case 0x70:
      return decodeFixed(raw, false);
    case 0x71:
      return decodeFixed(raw, true);
    case 0x72:
      return decodeDescriptors(raw, false);
    case 0x73:
      return decodeDescriptors(raw, true);
    default:
      return undefined;
  }
};

/** Sense to encode. */
export interface SenseInput {
  readonly senseKey: number;
  readonly asc: number;
  readonly ascq: number;
  readonly deferred?: boolean;
  readonly information?: bigint;
  readonly commandSpecificInformation?: bigint;
  readonly fieldPointer?: { readonly inCdb: boolean; readonly byte: number; readonly bit?: number };
  /** Instead of a field pointer: 0 to 65535. */
  readonly progressIndication?: number;
}

const writeFieldPointer = (buffer: Buffer, offset: number, pointer: NonNullable<SenseInput['fieldPointer']>): void => {
  buffer[offset] = 0x80 | (pointer.inCdb ? 0x40 : 0) | (pointer.bit === undefined ? 0 : 0x08 | (pointer.bit & 0x07));
  buffer.writeUInt16BE(pointer.byte & 0xffff, offset + 1);
};

const writeProgress = (buffer: Buffer, offset: number, progress: number): void => {
  buffer[offset] = 0x80;
  buffer.writeUInt16BE(progress & 0xffff, offset + 1);
};

/** Fixed-format sense of 18 bytes: SPC-4 section 4.5.3. INFORMATION over 32 bits does not fit and is left out. */
export const encodeFixedSense = (sense: SenseInput): Buffer => {
  const buffer = Buffer.alloc(18);
  const hasInformation = sense.information !== undefined && sense.information <= 0xffff_ffffn;
  buffer[0] = (sense.deferred === true ? 0x71 : 0x70) | (hasInformation ? 0x80 : 0);
  buffer[2] = sense.senseKey & 0x0f;
  if (hasInformation) buffer.writeUInt32BE(Number(sense.information), 3);
  buffer[7] = 10;
  buffer.writeUInt32BE(Number((sense.commandSpecificInformation ?? 0n) & 0xffff_ffffn), 8);
  buffer[12] = sense.asc;
  buffer[13] = sense.ascq;
  if (sense.fieldPointer !== undefined) writeFieldPointer(buffer, 15, sense.fieldPointer);
  else if (sense.progressIndication !== undefined) writeProgress(buffer, 15, sense.progressIndication);
  return buffer;
};

/** Descriptor-format sense: SPC-4 section 4.5.2. */
export const encodeDescriptorSense = (sense: SenseInput): Buffer => {
  const descriptors: Buffer[] = [];
  if (sense.information !== undefined) {
    const d = Buffer.from([0x00, 0x0a, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    d.writeBigUInt64BE(BigInt.asUintN(64, sense.information), 4);
    descriptors.push(d);
  }
  if (sense.commandSpecificInformation !== undefined) {
    const d = Buffer.from([0x01, 0x0a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    d.writeBigUInt64BE(BigInt.asUintN(64, sense.commandSpecificInformation), 4);
    descriptors.push(d);
  }
  if (sense.fieldPointer !== undefined || sense.progressIndication !== undefined) {
    const d = Buffer.from([0x02, 0x06, 0, 0, 0, 0, 0, 0]);
    if (sense.fieldPointer !== undefined) writeFieldPointer(d, 4, sense.fieldPointer);
    else writeProgress(d, 4, sense.progressIndication ?? 0);
    descriptors.push(d);
  }
  const body = Buffer.concat(descriptors);
  const head = Buffer.from([
    sense.deferred === true ? 0x73 : 0x72,
    sense.senseKey & 0x0f,
    sense.asc,
    sense.ascq,
    0,
    0,
    0,
    body.length,
  ]);
  return Buffer.concat([head, body]);
};
