import { IscsiError } from '../error.ts';
import { readFields, writeFields } from '../wire/layout.ts';
import { decodeAhs, encodeAhs, type Ahs } from './ahs.ts';
import { crc32c } from './crc32c.ts';
import { BHS_LENGTH, kindOfOpcode, PDU_LAYOUTS, type PduFields, type PduKind } from './layouts.ts';

/** What every PDU has besides the fields of its kind. */
export interface PduBody {
  readonly ahs: readonly Ahs[];
  /** The data segment without padding. */
  readonly data: Buffer;
}

/** A decoded PDU of one kind. 64-bit fields (the LUN) are bigint, flags are boolean, the rest are unsigned numbers. */
export type PduOf<K extends PduKind> = { readonly kind: K } & Readonly<PduFields<K>> & PduBody;
/** A decoded PDU of any kind. */
export type Pdu = { [K in PduKind]: PduOf<K> }[PduKind];

/** A PDU to encode: every field may be left out and is then zero. */
export type PduInputOf<K extends PduKind> = { readonly kind: K } & Partial<Readonly<PduFields<K>>> & Partial<PduBody>;
/** A PDU of any kind to encode. */
export type PduInput = { [K in PduKind]: PduInputOf<K> }[PduKind];

/** Which digests are in force on a connection: RFC 7143 section 13.1. Never during login. */
export interface Digests {
  readonly header: boolean;
  readonly data: boolean;
}

/** As it is during the login: RFC 7143 section 13.1. */
export const NO_DIGESTS: Digests = { header: false, data: false };

/** DataSegmentLength is 24 bits: RFC 7143 section 11.2.1.6. */
export const MAX_DATA_SEGMENT_LENGTH = 0xffffff;

/** Header and data segments are padded to four bytes: RFC 7143 section 11.1. */
export const paddedLength = (length: number): number => (length + 3) & ~3;

/** No data at all. */
export const EMPTY: Buffer = Buffer.alloc(0);

/** Writes the BHS of a PDU into 48 bytes; the lengths of AHS (bytes) and data segment are given apart. */
export const writeBhs = (buffer: Buffer, pdu: PduInput, ahsLength: number, dataLength: number): void => {
  const { opcode, always, fields } = PDU_LAYOUTS[pdu.kind];
  buffer.fill(0, 0, BHS_LENGTH);
  buffer[0] = opcode;
  for (const [offset, mask] of always) buffer[offset] = (buffer[offset] ?? 0) | mask;
  writeFields(fields, buffer, pdu);
  buffer[4] = ahsLength >> 2; // 11.2.1.5: in units of four bytes
  buffer.writeUIntBE(dataLength, 5, 3); // 11.2.1.6
};

/** The whole PDU in one buffer: BHS, AHS, header digest, data, padding, data digest. */
export const encodePdu = (pdu: PduInput, digests: Digests = NO_DIGESTS): Buffer => {
  const ahs = pdu.ahs === undefined || pdu.ahs.length === 0 ? EMPTY : encodeAhs(pdu.ahs);
  const data = pdu.data ?? EMPTY;
  if (data.length > MAX_DATA_SEGMENT_LENGTH) {
    throw new IscsiError('PDU_MALFORMED', { detail: { reason: 'the data segment does not fit its length field' } });
  }
  const headerLength = BHS_LENGTH + ahs.length;
  const dataStart = headerLength + (digests.header ? 4 : 0);
  const dataEnd = dataStart + paddedLength(data.length);
  const hasDataDigest = digests.data && data.length > 0; // 11.1: no data segment, no data digest
  const buffer = Buffer.alloc(dataEnd + (hasDataDigest ? 4 : 0));
  writeBhs(buffer, pdu, ahs.length, data.length);
  ahs.copy(buffer, BHS_LENGTH);
  // 13.1: the digest's bytes travel with the least significant first.
  if (digests.header) buffer.writeUInt32LE(crc32c(buffer.subarray(0, headerLength)), headerLength);
  data.copy(buffer, dataStart);
  if (hasDataDigest) buffer.writeUInt32LE(crc32c(buffer.subarray(dataStart, dataEnd)), dataEnd);
  return buffer;
};

/** Decodes header, AHS bytes and data segment (without padding) as a `PduReader` delivers them. The data is not copied. */
export const decodePdu = (bhs: Buffer, ahs: Buffer = EMPTY, data: Buffer = EMPTY): Pdu => {
  if (bhs.length < BHS_LENGTH) {
    throw new IscsiError('PDU_MALFORMED', { detail: { reason: 'the header is shorter than 48 bytes' } });
  }
  const opcode = (bhs[0] ?? 0) & 0x3f;
  const kind = kindOfOpcode(opcode);
  if (kind === undefined) {
    throw new IscsiError('PDU_MALFORMED', {
      detail: { reason: `opcode ${opcode.toString(16).padStart(2, '0')}h is not defined` },
    });
  }
  const segments = ahs.length === 0 ? [] : decodeAhs(ahs);
  return { kind, ...readFields(PDU_LAYOUTS[kind].fields, bhs), ahs: segments, data } as Pdu;
};

/** The whole CDB of a command: the sixteen bytes of the header and those of an extended-CDB AHS. */
export const cdbOf = (pdu: PduOf<'scsiCommand'>): Buffer => {
  const more = pdu.ahs.find((segment) => segment.type === 'extendedCdb');
  return more === undefined ? pdu.cdb : Buffer.concat([pdu.cdb, more.cdb]);
};
