import { createHash } from 'node:crypto';

/** Who a logical unit says it is. */
export interface LunIdentity {
  /** VPD page 80h, printable ASCII, at most 32 characters; empty: the unit has no such page. */
  readonly serial: string;
  /** The NAA designator of VPD page 83h: 8 bytes (NAA 2h, 3h, 5h) or 16 bytes (NAA 6h). */
  readonly naa: Buffer;
  /** An EUI-64 designator of 8, 12 or 16 bytes besides, or null. */
  readonly eui64: Buffer | null;
}

/**
 * Makes an identity from a serial number: the same serial is always the same disk. The designator is NAA 3h, "locally
 * assigned" (SPC-4 clause 7.8.6.6.3), because a simulation owns no IEEE company identifier.
 */
export const identityFromSerial = (serial: string): LunIdentity => {
  const naa = createHash('sha256').update(serial).digest().subarray(0, 8);
  naa.writeUInt8(0x30 | (naa.readUInt8(0) & 0x0f), 0);
  return { serial, naa: Buffer.from(naa), eui64: null };
};

/** The identifier as Windows shows it: upper-case hexadecimal digits of the NAA designator. */
export const uniqueIdOf = (identity: LunIdentity): string => identity.naa.toString('hex').toUpperCase();
