import { IscsiError } from '../error.ts';
import {
  bits,
  flag,
  readFields,
  u16,
  u24,
  u32,
  u64,
  u8,
  writeFields,
  type Fields,
  type ValuesOf,
} from '../wire/layout.ts';

/** One row of `CDBS`. */
export interface CdbLayout<F extends Fields> {
  readonly name: string;
  readonly opcode: number;
  /** Service action: SPC-4 section 4.2.5.2. Undefined where the opcode says it all or the action is a field. */
  readonly serviceAction?: number;
  readonly length: 6 | 10 | 12 | 16;
  readonly clause: string;
  readonly fields: F;
}

const cdb = <F extends Fields>(
  name: string,
  opcode: number,
  length: 6 | 10 | 12 | 16,
  clause: string,
  fields: F,
  serviceAction?: number,
): CdbLayout<F> => ({
  name,
  opcode,
  length,
  clause,
  fields,
  ...(serviceAction === undefined ? {} : { serviceAction }),
});

const readProtect = bits(1, 0xe0);
const dpo = flag(1, 0x10);
const fua = flag(1, 0x08);

/** Every CDB that this package knows, one row each. Clauses are those of the drafts spc4r37 and sbc3r36. */
export const CDBS = {
  testUnitReady: cdb('TEST UNIT READY', 0x00, 6, 'SPC-4 TEST UNIT READY', {}),
  requestSense: cdb('REQUEST SENSE', 0x03, 6, 'SPC-4 REQUEST SENSE', { desc: flag(1, 0x01), allocationLength: u8(4) }),
  inquiry: cdb('INQUIRY', 0x12, 6, 'SPC-4 INQUIRY', { evpd: flag(1, 0x01), pageCode: u8(2), allocationLength: u16(3) }),
  modeSense6: cdb('MODE SENSE (6)', 0x1a, 6, 'SPC-4 MODE SENSE (6)', {
    dbd: flag(1, 0x08),
    pageControl: bits(2, 0xc0),
    pageCode: bits(2, 0x3f),
    subpageCode: u8(3),
    allocationLength: u8(4),
  }),
  startStopUnit: cdb('START STOP UNIT', 0x1b, 6, 'SBC-3 5.25', {
    immediate: flag(1, 0x01),
    powerConditionModifier: bits(3, 0x0f),
    powerCondition: bits(4, 0xf0),
    noFlush: flag(4, 0x04),
    loadEject: flag(4, 0x02),
    start: flag(4, 0x01),
  }),
  readCapacity10: cdb('READ CAPACITY (10)', 0x25, 10, 'SBC-3 5.15', {
    logicalBlockAddress: u32(2),
    pmi: flag(8, 0x01),
  }),
  read10: cdb('READ (10)', 0x28, 10, 'SBC-3 5.11', {
    readProtect,
    dpo,
    fua,
    logicalBlockAddress: u32(2),
    transferLength: u16(7),
  }),
  write10: cdb('WRITE (10)', 0x2a, 10, 'SBC-3 WRITE (10)', {
    writeProtect: readProtect,
    dpo,
    fua,
    logicalBlockAddress: u32(2),
    transferLength: u16(7),
  }),
  verify10: cdb('VERIFY (10)', 0x2f, 10, 'SBC-3 VERIFY (10)', {
    verifyProtect: readProtect,
    dpo,
    byteCheck: bits(1, 0x06),
    logicalBlockAddress: u32(2),
    verificationLength: u16(7),
  }),
  synchronizeCache10: cdb('SYNCHRONIZE CACHE (10)', 0x35, 10, 'SBC-3 5.26', {
    immediate: flag(1, 0x02),
    logicalBlockAddress: u32(2),
    numberOfLogicalBlocks: u16(7),
  }),
  writeSame10: cdb('WRITE SAME (10)', 0x41, 10, 'SBC-3 WRITE SAME (10)', {
    writeProtect: readProtect,
    anchor: flag(1, 0x10),
    unmap: flag(1, 0x08),
    logicalBlockAddress: u32(2),
    numberOfLogicalBlocks: u16(7),
  }),
  unmap: cdb('UNMAP', 0x42, 10, 'SBC-3 5.28', { anchor: flag(1, 0x01), parameterListLength: u16(7) }),
  modeSense10: cdb('MODE SENSE (10)', 0x5a, 10, 'SPC-4 MODE SENSE (10)', {
    llbaa: flag(1, 0x10),
    dbd: flag(1, 0x08),
    pageControl: bits(2, 0xc0),
    pageCode: bits(2, 0x3f),
    subpageCode: u8(3),
    allocationLength: u16(7),
  }),
  persistentReserveIn: cdb('PERSISTENT RESERVE IN', 0x5e, 10, 'SPC-4 6.15', {
    serviceAction: bits(1, 0x1f),
    allocationLength: u16(7),
  }),
  persistentReserveOut: cdb('PERSISTENT RESERVE OUT', 0x5f, 10, 'SPC-4 6.16', {
    serviceAction: bits(1, 0x1f),
    scope: bits(2, 0xf0),
    type: bits(2, 0x0f),
    parameterListLength: u32(5),
  }),
  read16: cdb('READ (16)', 0x88, 16, 'SBC-3 5.13', {
    readProtect,
    dpo,
    fua,
    logicalBlockAddress: u64(2),
    transferLength: u32(10),
  }),
  write16: cdb('WRITE (16)', 0x8a, 16, 'SBC-3 WRITE (16)', {
    writeProtect: readProtect,
    dpo,
    fua,
    logicalBlockAddress: u64(2),
    transferLength: u32(10),
  }),
  synchronizeCache16: cdb('SYNCHRONIZE CACHE (16)', 0x91, 16, 'SBC-3 5.27', {
    immediate: flag(1, 0x02),
    logicalBlockAddress: u64(2),
    numberOfLogicalBlocks: u32(10),
  }),
  writeSame16: cdb('WRITE SAME (16)', 0x93, 16, 'SBC-3 WRITE SAME (16)', {
    writeProtect: readProtect,
    anchor: flag(1, 0x10),
    unmap: flag(1, 0x08),
    noDataOut: flag(1, 0x01),
    logicalBlockAddress: u64(2),
    numberOfLogicalBlocks: u32(10),
  }),
  readCapacity16: cdb(
    'READ CAPACITY (16)',
    0x9e,
    16,
    'SBC-3 5.16',
    { logicalBlockAddress: u64(2), allocationLength: u32(10), pmi: flag(14, 0x01) },
    0x10,
  ),
  reportLuns: cdb('REPORT LUNS', 0xa0, 12, 'SPC-4 6.33', { selectReport: u8(2), allocationLength: u32(6) }),
  reportTargetPortGroups: cdb(
    'REPORT TARGET PORT GROUPS',
    0xa3,
    12,
    'SPC-4 6.37',
    { parameterDataFormat: bits(1, 0xe0), allocationLength: u32(6) },
    0x0a,
  ),
  reportSupportedOperationCodes: cdb(
    'REPORT SUPPORTED OPERATION CODES',
    0xa3,
    12,
    'SPC-4 6.35',
    {
      rctd: flag(2, 0x80),
      reportingOptions: bits(2, 0x07),
      requestedOperationCode: u8(3),
      requestedServiceAction: u16(4),
      allocationLength: u32(6),
    },
    0x0c,
  ),
  // READ (6) and WRITE (6) are decoded because old initiators send them to targets; transfer length 0 means 256 blocks.
  read6: cdb('READ (6)', 0x08, 6, 'SBC-3 5.10', { logicalBlockAddress: u24(1), transferLength: u8(4) }),
  write6: cdb('WRITE (6)', 0x0a, 6, 'SBC-3 WRITE (6)', { logicalBlockAddress: u24(1), transferLength: u8(4) }),
} as const;

/** How this package calls the commands. */
export type CdbKind = keyof typeof CDBS;
/** The fields of one command and their types. */
export type CdbFields<K extends CdbKind> = ValuesOf<(typeof CDBS)[K]['fields']>;
/** A decoded CDB of one kind. */
export type CdbOf<K extends CdbKind> = { readonly kind: K } & Readonly<CdbFields<K>>;
/** A decoded CDB of any kind. */
export type Cdb = { [K in CdbKind]: CdbOf<K> }[CdbKind];

/** All of them. */
export const CDB_KINDS = Object.keys(CDBS) as CdbKind[];

/** The CDB; fields that are left out are zero. Values too large for their field throw OPTION_OUT_OF_RANGE. */
export const encodeCdb = <K extends CdbKind>(kind: K, values: Partial<Readonly<CdbFields<K>>> = {}): Buffer => {
  const layout: CdbLayout<Fields> = CDBS[kind];
  const buffer = Buffer.alloc(layout.length);
  buffer[0] = layout.opcode;
  const given = values as Readonly<Record<string, unknown>>;
  for (const name in layout.fields) checkFits(layout, name, given[name]);
  writeFields(layout.fields, buffer, given);
  if (layout.serviceAction !== undefined) buffer[1] = ((buffer[1] ?? 0) & 0xe0) | layout.serviceAction;
  return buffer;
};

/** The largest number of so many bytes. */
const MOST = [0, 0xff, 0xffff, 0xff_ffff, 0xffff_ffff] as const;

/** READ (10) without the table, because it is sent by the hundred thousand; a test holds it to the table. OPTION_OUT_OF_RANGE as there. */
export const encodeRead10 = (logicalBlockAddress: number, transferLength: number, fua: boolean): Buffer => {
  if (transferLength > 0xffff || logicalBlockAddress > 0xffff_ffff) {
    return encodeCdb('read10', { fua, logicalBlockAddress, transferLength }); // which throws
  }
  const buffer = Buffer.allocUnsafe(10);
  buffer[0] = 0x28;
  buffer[1] = fua ? 0x08 : 0;
  buffer[2] = logicalBlockAddress >>> 24;
  buffer[3] = logicalBlockAddress >>> 16;
  buffer[4] = logicalBlockAddress >>> 8;
  buffer[5] = logicalBlockAddress;
  buffer[6] = 0;
  buffer[7] = transferLength >>> 8;
  buffer[8] = transferLength;
  buffer[9] = 0;
  return buffer;
};

/** Numbers are compared as numbers: this is done for every field of every command. */
const checkFits = (layout: CdbLayout<Fields>, name: string, value: unknown): void => {
  const field = layout.fields[name];
  if (value === undefined || field === undefined) return;
  let fits = true;
  if (field.type === 'uint64') fits = (value as bigint) >= 0n && (value as bigint) <= 0xffff_ffff_ffff_ffffn;
  else if (field.type === 'uint') fits = (value as number) >= 0 && (value as number) <= (MOST[field.size] ?? 0);
  else if (field.type === 'bits') fits = (value as number) >= 0 && (value as number) <= field.mask >> field.shift;
  if (!fits) {
    throw new IscsiError('OPTION_OUT_OF_RANGE', {
      phase: 'input',
      detail: {
        option: `${layout.name} ${name}`,
        reason: `${(value as number | bigint).toString()} does not fit its field`,
      },
    });
  }
};

const kindsByOpcode = new Map<number, CdbKind[]>();
for (const kind of CDB_KINDS) {
  const { opcode } = CDBS[kind];
  kindsByOpcode.set(opcode, [...(kindsByOpcode.get(opcode) ?? []), kind]);
}

/** What a CDB asks, or undefined when this package does not know it or it is cut short. Bytes after the CDB are padding. */
export const decodeCdb = (buffer: Buffer): Cdb | undefined => {
  const kinds = kindsByOpcode.get(buffer[0] ?? -1);
  const kind = kinds?.find((one) => {
    const layout: CdbLayout<Fields> = CDBS[one];
    return layout.serviceAction === undefined || layout.serviceAction === ((buffer[1] ?? 0) & 0x1f);
  });
  if (kind === undefined || buffer.length < CDBS[kind].length) return undefined;
  return { kind, ...readFields(CDBS[kind].fields as Fields, buffer) } as unknown as Cdb;
};

/** The command's name for traces: `READ (10)`, `opcode C1h` for one that is not known. */
export const nameOfCdb = (buffer: Buffer): string => {
  const decoded = decodeCdb(buffer);
  return decoded === undefined
    ? `opcode ${(buffer[0] ?? 0).toString(16).toUpperCase().padStart(2, '0')}h`
    : CDBS[decoded.kind].name;
};
