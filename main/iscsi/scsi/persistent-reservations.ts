import { malformedData, needBytes, outOfRange } from './malformed.ts';

/** PERSISTENT RESERVE IN service actions: SPC-4 section 6.15.1. */
export const PR_IN = { readKeys: 0, readReservation: 1, reportCapabilities: 2, readFullStatus: 3 } as const;
/** How this package calls the service actions of PERSISTENT RESERVE IN. */
export type PrInAction = keyof typeof PR_IN;

/** PERSISTENT RESERVE OUT service actions: SPC-4 section 6.16.2. */
export const PR_OUT = {
  register: 0,
  reserve: 1,
  release: 2,
  clear: 3,
  preempt: 4,
  preemptAndAbort: 5,
  registerAndIgnoreExistingKey: 6,
  registerAndMove: 7,
  replaceLostReservation: 8,
} as const;
/** How this package calls those of PERSISTENT RESERVE OUT. */
export type PrOutAction = keyof typeof PR_OUT;

/** Reservation types: SPC-4 section 6.15.3.4. Code, short name and the standard's name; the one table for encoder, decoder and screen. */
export const RESERVATION_TYPES = [
  { type: 'writeExclusive', code: 1, short: 'WE', name: 'Write Exclusive' },
  { type: 'exclusiveAccess', code: 3, short: 'EA', name: 'Exclusive Access' },
  { type: 'writeExclusiveRegistrantsOnly', code: 5, short: 'WERO', name: 'Write Exclusive - Registrants Only' },
  { type: 'exclusiveAccessRegistrantsOnly', code: 6, short: 'EARO', name: 'Exclusive Access - Registrants Only' },
  { type: 'writeExclusiveAllRegistrants', code: 7, short: 'WEAR', name: 'Write Exclusive - All Registrants' },
  { type: 'exclusiveAccessAllRegistrants', code: 8, short: 'EAAR', name: 'Exclusive Access - All Registrants' },
] as const;
/** How this package calls the types. */
export type ReservationType = (typeof RESERVATION_TYPES)[number]['type'];

/** The code of a type. */
export const reservationTypeCode = (type: ReservationType): number =>
  RESERVATION_TYPES.find((row) => row.type === type)?.code ?? 0;

/** The type of a code; undefined: it is reserved. */
export const reservationTypeOfCode = (code: number): ReservationType | undefined =>
  RESERVATION_TYPES.find((row) => row.code === code)?.type;

/** `Write Exclusive - Registrants Only (5)`, `type Fh` for a code that is reserved. */
export const describeReservationType = (code: number): string => {
  const row = RESERVATION_TYPES.find((one) => one.code === code);
  return row === undefined ? `type ${code.toString(16).toUpperCase()}h` : `${row.name} (${row.code})`;
};

/** SPC-4 section 6.15.3.3: the only scope. */
export const SCOPE_LOGICAL_UNIT = 0;

/** A key as people read it: sixteen hexadecimal digits. */
export const formatReservationKey = (key: bigint): string => `0x${key.toString(16).padStart(16, '0')}`;

/** The answer to READ KEYS. */
export interface ReservationKeys {
  /** PRGENERATION: counts registrations, preemptions and clears. */
  readonly generation: number;
  readonly keys: readonly bigint[];
  /** How many keys the target has; more than came means that the allocation length was too small. */
  readonly total: number;
}

/** SPC-4 section 6.15.2. Throws DATA_MALFORMED. */
export const decodeReadKeys = (data: Buffer): ReservationKeys => {
  needBytes('READ KEYS', data, 8);
  const lengthBytes = data.readUInt32BE(4);
  if (lengthBytes % 8 !== 0) throw malformedData('READ KEYS', `${lengthBytes} bytes are not a whole number of keys`);
  const keys: bigint[] = [];
  for (let at = 8; at + 8 <= Math.min(data.length, 8 + lengthBytes); at += 8) keys.push(data.readBigUInt64BE(at));
  return { generation: data.readUInt32BE(0), keys, total: lengthBytes / 8 };
};

/** The answer to READ KEYS. */
export const encodeReadKeys = (generation: number, keys: readonly bigint[]): Buffer => {
  const data = Buffer.alloc(8 + 8 * keys.length);
  data.writeUInt32BE(generation >>> 0, 0);
  data.writeUInt32BE(8 * keys.length, 4);
  keys.forEach((key, i) => data.writeBigUInt64BE(key, 8 + 8 * i));
  return data;
};

/** Who holds the device, and how. */
export interface Reservation {
  /** The holder's key; zero for the all-registrants types (SPC-4 section 6.15.3.2). */
  readonly key: bigint;
  readonly scope: number;
  /** The code, because a device may hold a type that is reserved; see `describeReservationType`. */
  readonly typeCode: number;
}

/** The answer to READ RESERVATION. */
export interface ReservationState {
  readonly generation: number;
  readonly reservation: Reservation | undefined;
}

/** SPC-4 section 6.15.3. Throws DATA_MALFORMED. */
export const decodeReadReservation = (data: Buffer): ReservationState => {
  needBytes('READ RESERVATION', data, 8);
  const generation = data.readUInt32BE(0);
  if (data.readUInt32BE(4) === 0) return { generation, reservation: undefined };
  needBytes('READ RESERVATION', data, 22);
  const scopeAndType = data[21] ?? 0;
  return {
    generation,
    reservation: { key: data.readBigUInt64BE(8), scope: scopeAndType >> 4, typeCode: scopeAndType & 0x0f },
  };
};

/** The answer to READ RESERVATION. */
export const encodeReadReservation = (state: ReservationState): Buffer => {
  const { reservation } = state;
  const data = Buffer.alloc(reservation === undefined ? 8 : 24);
  data.writeUInt32BE(state.generation >>> 0, 0);
  if (reservation !== undefined) {
    data.writeUInt32BE(16, 4); // ADDITIONAL LENGTH: 6.15.3.2
    data.writeBigUInt64BE(reservation.key, 8);
    data[21] = ((reservation.scope & 0x0f) << 4) | (reservation.typeCode & 0x0f);
  }
  return data;
};

/** REPORT CAPABILITIES: SPC-4 section 6.15.4. */
export interface ReservationCapabilities {
  /** RLR_C: REPLACE LOST RESERVATION. */
  readonly replaceLostReservation: boolean;
  /** CRH: RESERVE/RELEASE of SPC-2 is compatible. */
  readonly compatibleReservationHandling: boolean;
  /** SIP_C: registration for initiator ports named in the parameter data. */
  readonly specifyInitiatorPorts: boolean;
  /** ATP_C: registration for all target ports. */
  readonly allTargetPorts: boolean;
  /** PTPL_C and PTPL_A: registrations can, and now do, survive a loss of power. */
  readonly persistThroughPowerLossCapable: boolean;
  readonly persistThroughPowerLossActive: boolean;
  /** ALLOW COMMANDS: SPC-4 table 211. */
  readonly allowCommands: number;
  /** Undefined: the target does not say which types it has (TMV = 0). */
  readonly types: readonly ReservationType[] | undefined;
}

/** Bits of the PERSISTENT RESERVATION TYPE MASK: SPC-4 table 212 (byte 4, then byte 5). */
const TYPE_MASK: readonly (readonly [byte: number, mask: number, type: ReservationType])[] = [
  [4, 0x02, 'writeExclusive'],
  [4, 0x08, 'exclusiveAccess'],
  [4, 0x20, 'writeExclusiveRegistrantsOnly'],
  [4, 0x40, 'exclusiveAccessRegistrantsOnly'],
  [4, 0x80, 'writeExclusiveAllRegistrants'],
  [5, 0x01, 'exclusiveAccessAllRegistrants'],
];

/** Throws DATA_MALFORMED. */
export const decodeReportCapabilities = (data: Buffer): ReservationCapabilities => {
  needBytes('REPORT CAPABILITIES', data, 8);
  if (data.readUInt16BE(0) < 8) throw malformedData('REPORT CAPABILITIES', 'its length field says less than 8');
  const byte = (at: number): number => data[at] ?? 0;
  return {
    replaceLostReservation: (byte(2) & 0x80) !== 0,
    compatibleReservationHandling: (byte(2) & 0x10) !== 0,
    specifyInitiatorPorts: (byte(2) & 0x08) !== 0,
    allTargetPorts: (byte(2) & 0x04) !== 0,
    persistThroughPowerLossCapable: (byte(2) & 0x01) !== 0,
    allowCommands: (byte(3) >> 4) & 0x07,
    persistThroughPowerLossActive: (byte(3) & 0x01) !== 0,
    types:
      (byte(3) & 0x80) === 0
        ? undefined
        : TYPE_MASK.filter(([at, mask]) => (byte(at) & mask) !== 0).map(([, , type]) => type),
  };
};

/** The answer to REPORT CAPABILITIES. */
export const encodeReportCapabilities = (capabilities: ReservationCapabilities): Buffer => {
  const data = Buffer.alloc(8);
  data.writeUInt16BE(8, 0);
  data[2] =
    (capabilities.replaceLostReservation ? 0x80 : 0) |
    (capabilities.compatibleReservationHandling ? 0x10 : 0) |
    (capabilities.specifyInitiatorPorts ? 0x08 : 0) |
    (capabilities.allTargetPorts ? 0x04 : 0) |
    (capabilities.persistThroughPowerLossCapable ? 0x01 : 0);
  data[3] =
    (capabilities.types === undefined ? 0 : 0x80) |
    ((capabilities.allowCommands & 0x07) << 4) |
    (capabilities.persistThroughPowerLossActive ? 0x01 : 0);
  for (const [at, mask, type] of TYPE_MASK) {
    if (capabilities.types?.includes(type) === true) data[at] = (data[at] ?? 0) | mask;
  }
  return data;
};

/** An initiator port as reservations name it: SPC-4 section 7.6.4. */
export type TransportId =
  /** SPC-4 section 7.6.4.6; with an ISID (six bytes as twelve hexadecimal digits) it names one port, without the whole initiator. */
  | { readonly protocol: 'iscsi'; readonly name: string; readonly isid: string | undefined }
  | { readonly protocol: 'other'; readonly identifier: number; readonly bytes: Buffer };

const ISCSI_PROTOCOL = 0x05;
const ISID_SEPARATOR = ',i,0x';

/** SPC-4 section 7.6.4. */
export const encodeTransportId = (id: TransportId): Buffer => {
  if (id.protocol === 'other') return Buffer.from(id.bytes);
  const text = id.isid === undefined ? id.name : `${id.name}${ISID_SEPARATOR}${id.isid}`;
  const bytes = Buffer.from(`${text}\0`, 'utf8');
  // ADDITIONAL LENGTH is a multiple of four and at least 20.
  const padded = Math.max(20, (bytes.length + 3) & ~3);
  const data = Buffer.alloc(4 + padded);
  data[0] = ((id.isid === undefined ? 0 : 1) << 6) | ISCSI_PROTOCOL;
  data.writeUInt16BE(padded, 2);
  bytes.copy(data, 4);
  return data;
};

/** Throws DATA_MALFORMED. */
export const decodeTransportId = (data: Buffer): TransportId => {
  needBytes('TransportID', data, 4);
  const identifier = (data[0] ?? 0) & 0x0f;
  if (identifier !== ISCSI_PROTOCOL) return { protocol: 'other', identifier, bytes: Buffer.from(data) };
  const end = Math.min(data.length, 4 + data.readUInt16BE(2));
  const zero = data.indexOf(0, 4);
  const text = data.toString('utf8', 4, zero < 0 || zero > end ? end : zero);
  const at = text.indexOf(ISID_SEPARATOR);
  if ((data[0] ?? 0) >> 6 !== 1 || at < 0) return { protocol: 'iscsi', name: text, isid: undefined };
  return { protocol: 'iscsi', name: text.slice(0, at), isid: text.slice(at + ISID_SEPARATOR.length).toLowerCase() };
};

/** One registration: SPC-4 section 6.15.5 (READ FULL STATUS). */
export interface Registration {
  readonly key: bigint;
  /** R_HOLDER, and then scope and type. */
  readonly holder: { readonly scope: number; readonly typeCode: number } | undefined;
  /** ALL_TG_PT: registered for all target ports. */
  readonly allTargetPorts: boolean;
  readonly relativeTargetPort: number;
  readonly transportId: TransportId;
}

/** The answer to READ FULL STATUS. */
export interface FullStatus {
  readonly generation: number;
  readonly registrations: readonly Registration[];
  /** False: the answer was longer than the allocation length. */
  readonly complete: boolean;
}

/** Throws DATA_MALFORMED. */
export const decodeReadFullStatus = (data: Buffer): FullStatus => {
  needBytes('READ FULL STATUS', data, 8);
  const wanted = 8 + data.readUInt32BE(4);
  const end = Math.min(data.length, wanted);
  const registrations: Registration[] = [];
  let at = 8;
  while (at + 24 <= end) {
    const idLength = data.readUInt32BE(at + 20);
    if (idLength > wanted) throw malformedData('READ FULL STATUS', 'a TransportID is longer than the data');
    const next = at + 24 + idLength;
    if (next > end) break;
    const flags = data[at + 12] ?? 0;
    const scopeAndType = data[at + 13] ?? 0;
    registrations.push({
      key: data.readBigUInt64BE(at),
      holder: (flags & 0x01) === 0 ? undefined : { scope: scopeAndType >> 4, typeCode: scopeAndType & 0x0f },
      allTargetPorts: (flags & 0x02) !== 0,
      relativeTargetPort: data.readUInt16BE(at + 18),
      transportId:
        idLength === 0
          ? { protocol: 'other', identifier: 0x0f, bytes: Buffer.alloc(0) }
          : decodeTransportId(data.subarray(at + 24, next)),
    });
    at = next;
  }
  return { generation: data.readUInt32BE(0), registrations, complete: at >= wanted };
};

/** The answer to READ FULL STATUS. */
export const encodeReadFullStatus = (generation: number, registrations: readonly Registration[]): Buffer => {
  const descriptors = registrations.map((registration) => {
    const id = encodeTransportId(registration.transportId);
    const head = Buffer.alloc(24);
    head.writeBigUInt64BE(registration.key, 0);
    head[12] = (registration.allTargetPorts ? 0x02 : 0) | (registration.holder === undefined ? 0 : 0x01);
    if (registration.holder !== undefined) {
      head[13] = ((registration.holder.scope & 0x0f) << 4) | (registration.holder.typeCode & 0x0f);
    }
    head.writeUInt16BE(registration.relativeTargetPort, 18);
    head.writeUInt32BE(id.length, 20);
    return Buffer.concat([head, id]);
  });
  const body = Buffer.concat(descriptors);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(generation >>> 0, 0);
  head.writeUInt32BE(body.length, 4);
  return Buffer.concat([head, body]);
};

/** The parameter list of PERSISTENT RESERVE OUT: SPC-4 section 6.16.3 (all actions but REGISTER AND MOVE). */
export interface PrOutParameters {
  /** RESERVATION KEY: the key under which this nexus is registered, 0 when it is not. */
  readonly key: bigint;
  /** SERVICE ACTION RESERVATION KEY: the new key, or the one to preempt. */
  readonly serviceActionKey: bigint;
  /** APTPL: keep registrations through a loss of power. */
  readonly persistThroughPowerLoss: boolean;
  readonly allTargetPorts: boolean;
  /** SPEC_I_PT; empty: the port that sends the command. */
  readonly initiatorPorts: readonly TransportId[];
}

/** A reservation key has eight bytes; what is longer would be cut to somebody else's key. */
const writeKey = (data: Buffer, key: bigint, offset: number): void => {
  if (key < 0n || key > 0xffff_ffff_ffff_ffffn) throw outOfRange('key', `${key.toString()} does not fit 64 bits`);
  data.writeBigUInt64BE(key, offset);
};

/** Throws OPTION_OUT_OF_RANGE for a key that is no 64 bits. */
export const encodePrOutParameters = (parameters: Partial<PrOutParameters>): Buffer => {
  const ports = parameters.initiatorPorts ?? [];
  const head = Buffer.alloc(24);
  writeKey(head, parameters.key ?? 0n, 0);
  writeKey(head, parameters.serviceActionKey ?? 0n, 8);
  head[20] =
    (ports.length > 0 ? 0x08 : 0) |
    (parameters.allTargetPorts === true ? 0x04 : 0) |
    (parameters.persistThroughPowerLoss === true ? 0x01 : 0);
  if (ports.length === 0) return head; // 6.16.3: then exactly 24 bytes
  const list = Buffer.concat(ports.map(encodeTransportId));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(list.length, 0);
  return Buffer.concat([head, length, list]);
};

/** What a target received. Throws DATA_MALFORMED. */
export const decodePrOutParameters = (data: Buffer): PrOutParameters => {
  needBytes('PERSISTENT RESERVE OUT', data, 24);
  const flags = data[20] ?? 0;
  const initiatorPorts: TransportId[] = [];
  if ((flags & 0x08) !== 0) {
    needBytes('PERSISTENT RESERVE OUT', data, 28);
    const end = 28 + data.readUInt32BE(24);
    if (end > data.length) throw malformedData('PERSISTENT RESERVE OUT', 'the TransportIDs are longer than the data');
    for (let at = 28; at < end;) {
      if (at + 4 > end) throw malformedData('PERSISTENT RESERVE OUT', 'a TransportID is cut short');
      const isIscsi = ((data[at] ?? 0) & 0x0f) === ISCSI_PROTOCOL;
      // SPC-4 section 7.6.4: all but iSCSI's are 24 bytes long.
      const next = at + (isIscsi ? 4 + data.readUInt16BE(at + 2) : 24);
      if (next > end) throw malformedData('PERSISTENT RESERVE OUT', 'a TransportID is longer than the list');
      initiatorPorts.push(decodeTransportId(data.subarray(at, next)));
      at = next;
    }
  }
  return {
    key: data.readBigUInt64BE(0),
    serviceActionKey: data.readBigUInt64BE(8),
    persistThroughPowerLoss: (flags & 0x01) !== 0,
    allTargetPorts: (flags & 0x04) !== 0,
    initiatorPorts,
  };
};

/** The parameter list of REGISTER AND MOVE: SPC-4 section 6.16.4. */
export interface RegisterAndMoveParameters {
  readonly key: bigint;
  readonly serviceActionKey: bigint;
  readonly unregister: boolean;
  readonly persistThroughPowerLoss: boolean;
  readonly relativeTargetPort: number;
  readonly transportId: TransportId;
}

/** Throws OPTION_OUT_OF_RANGE for a key that is no 64 bits. */
export const encodeRegisterAndMove = (parameters: RegisterAndMoveParameters): Buffer => {
  const id = encodeTransportId(parameters.transportId);
  const head = Buffer.alloc(24);
  writeKey(head, parameters.key, 0);
  writeKey(head, parameters.serviceActionKey, 8);
  head[17] = (parameters.unregister ? 0x02 : 0) | (parameters.persistThroughPowerLoss ? 0x01 : 0);
  head.writeUInt16BE(parameters.relativeTargetPort, 18);
  head.writeUInt32BE(id.length, 20);
  return Buffer.concat([head, id]);
};

/** What a target received. Throws DATA_MALFORMED. */
export const decodeRegisterAndMove = (data: Buffer): RegisterAndMoveParameters => {
  needBytes('REGISTER AND MOVE', data, 28);
  const end = 24 + data.readUInt32BE(20);
  if (end > data.length) throw malformedData('REGISTER AND MOVE', 'the TransportID is longer than the data');
  return {
    key: data.readBigUInt64BE(0),
    serviceActionKey: data.readBigUInt64BE(8),
    unregister: ((data[17] ?? 0) & 0x02) !== 0,
    persistThroughPowerLoss: ((data[17] ?? 0) & 0x01) !== 0,
    relativeTargetPort: data.readUInt16BE(18),
    transportId: decodeTransportId(data.subarray(24, end)),
  };
};
