import { IscsiError } from '../error.ts';

/**
 * The 64-bit LUN for a number: peripheral device addressing below 256, flat space addressing from there to 16383 (SAM-5 sections 4.7.7.2
 * and 4.7.7.3). Throws OPTION_OUT_OF_RANGE.
 */
export const lunFromNumber = (number: number): bigint => {
  if (!Number.isInteger(number) || number < 0 || number > 16383) {
    throw new IscsiError('OPTION_OUT_OF_RANGE', {
      phase: 'input',
      detail: { option: 'lun', reason: `${number} is not a whole number from 0 to 16383` },
    });
  }
  const firstTwoBytes = number < 256 ? number : 0x4000 | number;
  return BigInt(firstTwoBytes) << 48n;
};

/** The number of a single-level LUN, or undefined when it is of another kind (well known, hierarchical, long). */
export const numberFromLun = (lun: bigint): number | undefined => {
  if ((lun & 0xffff_ffff_ffffn) !== 0n) return undefined;
  const firstTwoBytes = Number(lun >> 48n);
  switch (firstTwoBytes >> 14) {
    case 0: // peripheral device addressing: SAM-5 section 4.7.7.2; a bus number other than 0 is hierarchical
      return firstTwoBytes < 256 ? firstTwoBytes : undefined;
    case 1: // flat space addressing: 4.7.7.3
      return firstTwoBytes & 0x3fff;
    default:
      return undefined;
  }
};

/** The number in decimal, else all eight bytes in hexadecimal: `C101000000000000h`. */
export const formatLun = (lun: bigint): string => {
  const number = numberFromLun(lun);
  return number === undefined ? `${lun.toString(16).toUpperCase().padStart(16, '0')}h` : String(number);
};
