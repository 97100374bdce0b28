/**
 * Fixed layouts of big-endian bytes, described once as a table from which type, encoder and decoder follow. PDU headers and SCSI
 * CDBs are such layouts. Byte offsets count from 0, masks are those of the standards' drawings (bit 7 = 80h).
 */
export type Field =
  | { readonly type: 'flag'; readonly offset: number; readonly mask: number }
  | { readonly type: 'bits'; readonly offset: number; readonly mask: number; readonly shift: number }
  | { readonly type: 'uint'; readonly offset: number; readonly size: 1 | 2 | 3 | 4 }
  | { readonly type: 'uint64'; readonly offset: number }
  | { readonly type: 'bytes'; readonly offset: number; readonly size: number };

/** One bit. */
export interface Flag {
  readonly type: 'flag';
  readonly offset: number;
  readonly mask: number;
}
/** Several bits of one byte. */
export interface Bits {
  readonly type: 'bits';
  readonly offset: number;
  readonly mask: number;
  readonly shift: number;
}
/** An unsigned number of one to four bytes, the most significant first. */
export interface Uint {
  readonly type: 'uint';
  readonly offset: number;
  readonly size: 1 | 2 | 3 | 4;
}
/** An unsigned number of eight bytes. */
export interface Uint64 {
  readonly type: 'uint64';
  readonly offset: number;
}
/** So many bytes as they are. */
export interface Bytes {
  readonly type: 'bytes';
  readonly offset: number;
  readonly size: number;
}

/** Fields by name. */
export type Fields = Readonly<Record<string, Field>>;

/** The type of a field’s value. */
export type ValueOf<F extends Field> = F extends Flag
  ? boolean
  : F extends Bits | Uint
    ? number
    : F extends Uint64
      ? bigint
      : Buffer;

/** The types of the values of several fields. */
export type ValuesOf<L extends Fields> = { -readonly [K in keyof L]: ValueOf<L[K]> };

/** One bit. */
export const flag = (offset: number, mask: number): Flag => ({ type: 'flag', offset, mask });

/** Some bits of one byte, as a number. */
export const bits = (offset: number, mask: number): Bits => ({
  type: 'bits',
  offset,
  mask,
  shift: 31 - Math.clz32(mask & -mask),
});

/** One byte. */
export const u8 = (offset: number): Uint => ({ type: 'uint', offset, size: 1 });
/** Two bytes. */
export const u16 = (offset: number): Uint => ({ type: 'uint', offset, size: 2 });
/** Three bytes. */
export const u24 = (offset: number): Uint => ({ type: 'uint', offset, size: 3 });
/** Four bytes. */
export const u32 = (offset: number): Uint => ({ type: 'uint', offset, size: 4 });
/** Eight bytes. */
export const u64 = (offset: number): Uint64 => ({ type: 'uint64', offset });
/** So many bytes. */
export const bytes = (offset: number, size: number): Bytes => ({ type: 'bytes', offset, size });

/** Writes the given values; fields that are not given stay as they are. Numbers are cut to the field's width. */
export const writeFields = (fields: Fields, buffer: Buffer, values: Readonly<Record<string, unknown>>): void => {
  for (const name in fields) {
    const value = values[name];
    const field = fields[name];
    if (value === undefined || field === undefined) continue;
    switch (field.type) {
      case 'flag':
        buffer[field.offset] = ((buffer[field.offset] ?? 0) & ~field.mask) | (value === true ? field.mask : 0);
        break;
      case 'bits':
        buffer[field.offset] =
          ((buffer[field.offset] ?? 0) & ~field.mask) | (((value as number) << field.shift) & field.mask);
        break;
      case 'uint':
        if (field.size === 4) buffer.writeUInt32BE((value as number) >>> 0, field.offset);
        else if (field.size === 2) buffer.writeUInt16BE((value as number) & 0xffff, field.offset);
        else if (field.size === 1) buffer[field.offset] = value as number;
        else buffer.writeUIntBE((value as number) & 0xff_ffff, field.offset, 3);
        break;
      case 'uint64':
        buffer.writeBigUInt64BE(BigInt.asUintN(64, value as bigint), field.offset);
        break;
      case 'bytes':
        buffer.fill(0, field.offset, field.offset + field.size);
        (value as Buffer).copy(buffer, field.offset, 0, field.size);
        break;
    }
  }
};

/** Reads all fields. Bytes are copied, so the values outlive the buffer. The buffer must be long enough. */
export const readFields = <L extends Fields>(fields: L, buffer: Buffer): ValuesOf<L> => {
  const values: Record<string, unknown> = {};
  for (const name in fields) {
    const field = fields[name] as Field;
    switch (field.type) {
      case 'flag':
        values[name] = ((buffer[field.offset] ?? 0) & field.mask) !== 0;
        break;
      case 'bits':
        values[name] = ((buffer[field.offset] ?? 0) & field.mask) >> field.shift;
        break;
      case 'uint':
        values[name] = buffer.readUIntBE(field.offset, field.size);
        break;
      case 'uint64':
        values[name] = buffer.readBigUInt64BE(field.offset);
        break;
      case 'bytes':
        values[name] = Buffer.from(buffer.subarray(field.offset, field.offset + field.size));
        break;
    }
  }
  return values as ValuesOf<L>;
};
