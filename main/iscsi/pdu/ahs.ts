import { IscsiError } from '../error.ts';

/** Additional Header Segments: RFC 7143 section 11.2.2. */
export type Ahs =
  | { readonly type: 'extendedCdb'; readonly cdb: Buffer } // 11.2.2.3: the bytes of the CDB from the 17th on
  | { readonly type: 'bidirectionalReadLength'; readonly lengthBytes: number } // 11.2.2.4
  | { readonly type: 'other'; readonly code: number; readonly bytes: Buffer };

/** Bytes that TotalAHSLength, one byte in units of four bytes, can announce: RFC 7143 section 11.2.1.5. */
export const MAX_AHS_LENGTH = 255 * 4;

const AHS_EXTENDED_CDB = 1;
const AHS_BIDIRECTIONAL_READ = 2;

const pad4 = (length: number): number => (length + 3) & ~3;

const encodeOne = (ahs: Ahs): Buffer => {
  switch (ahs.type) {
    case 'extendedCdb': {
      const buffer = Buffer.alloc(pad4(4 + ahs.cdb.length));
      buffer.writeUInt16BE(ahs.cdb.length + 1, 0); // AHSLength = CDBLength - 15: 11.2.2.3
      buffer[2] = AHS_EXTENDED_CDB;
      ahs.cdb.copy(buffer, 4);
      return buffer;
    }
    case 'bidirectionalReadLength': {
      const buffer = Buffer.alloc(8);
      buffer.writeUInt16BE(5, 0); // AHSLength = 5: 11.2.2.4
      buffer[2] = AHS_BIDIRECTIONAL_READ;
      buffer.writeUInt32BE(ahs.lengthBytes >>> 0, 4);
      return buffer;
    }
    case 'other': {
      const buffer = Buffer.alloc(pad4(3 + ahs.bytes.length));
      buffer.writeUInt16BE(ahs.bytes.length, 0);
      buffer[2] = ahs.code & 0x3f;
      ahs.bytes.copy(buffer, 3);
      return buffer;
    }
  }
};

/** The segments one after another, each padded to four bytes. */
export const encodeAhs = (segments: readonly Ahs[]): Buffer => {
  const buffer = Buffer.concat(segments.map(encodeOne));
  if (buffer.length > MAX_AHS_LENGTH) {
    throw new IscsiError('PDU_MALFORMED', { detail: { reason: 'the additional header segments are too long' } });
  }
  return buffer;
};

/** Throws PDU_MALFORMED where a segment runs over the end or contradicts its own type. */
export const decodeAhs = (buffer: Buffer): Ahs[] => {
  const segments: Ahs[] = [];
  let offset = 0;
  while (offset < buffer.length) {
    if (offset + 4 > buffer.length) {
      throw new IscsiError('PDU_MALFORMED', { detail: { reason: 'an additional header segment is cut short' } });
    }
    const length = buffer.readUInt16BE(offset);
    const code = buffer.readUInt8(offset + 2) & 0x3f; // 11.2.2.1: the two bits above are reserved
    const end = offset + 3 + length;
    if (end > buffer.length) {
      throw new IscsiError('PDU_MALFORMED', {
        detail: { reason: 'an additional header segment is longer than the header' },
      });
    }
    if (code === AHS_EXTENDED_CDB && length >= 1) {
      segments.push({ type: 'extendedCdb', cdb: Buffer.from(buffer.subarray(offset + 4, end)) });
    } else if (code === AHS_BIDIRECTIONAL_READ && length === 5) {
      segments.push({ type: 'bidirectionalReadLength', lengthBytes: buffer.readUInt32BE(offset + 4) });
    } else {
      segments.push({ type: 'other', code, bytes: Buffer.from(buffer.subarray(offset + 3, end)) });
    }
    offset += pad4(3 + length);
  }
  return segments;
};
