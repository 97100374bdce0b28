import { IscsiError } from '../error.ts';

/** Address method, length and extended address method of extended flat space addressing, 24 bits: SAM-5 section 4.7.7.5. */
const EXTENDED_FLAT = 0xd2;

/** The highest number that a single-level LUN can have: 24 bits of extended flat space addressing (SAM-5 section 4.7.7.5). */
const MAX_NUMBER = 0xff_ffff;

/**
 * The 64-bit LUN for a number from 0 to 16777215: peripheral device addressing below 256, flat space addressing from there to 16383, extended
 * flat space addressing above (SAM-5 sections 4.7.7.2, 4.7.7.3 and 4.7.7.5). A target may list it in another form: see `LunAddresses`.
 * Throws OPTION_OUT_OF_RANGE.
 */
export const lunFromNumber = (number: number): bigint => {
  if (!Number.isInteger(number) || number < 0 || number > MAX_NUMBER) {
    throw new IscsiError('OPTION_OUT_OF_RANGE', {
      phase: 'input',
      detail: { option: 'lun', reason: `${number} is not a whole number from 0 to ${MAX_NUMBER}` },
    });
  }
  if (number > 0x3fff) return BigInt(EXTENDED_FLAT * 2 ** 24 + number) << 32n;
  return BigInt(number < 256 ? number : 0x4000 | number) << 48n;
};

/**
 * The number of a single-level LUN, or undefined when it is of another kind (well known, hierarchical, long). Peripheral device addressing with
 * a bus number is hierarchical by SAM-5 section 4.7.7.2; the Linux kernel's target writes numbers above 255 that way (`int_to_scsilun`), and so
 * the 14 bits are one number here, as they are in logical unit addressing (4.7.7.4).
 */
export const numberFromLun = (lun: bigint): number | undefined => {
  const firstTwoBytes = Number(lun >> 48n);
  if (firstTwoBytes >> 14 !== 3) return (lun & 0xffff_ffff_ffffn) === 0n ? firstTwoBytes & 0x3fff : undefined;
  if (firstTwoBytes >> 8 !== EXTENDED_FLAT || (lun & 0xffff_ffffn) !== 0n) return undefined;
  return Number((lun >> 32n) & 0xff_ffffn);
};

/** All eight bytes in hexadecimal: `4101000000000000h`. */
export const formatLunBytes = (lun: bigint): string => `${lun.toString(16).toUpperCase().padStart(16, '0')}h`;

/** The number in decimal, else all eight bytes in hexadecimal: `C101000000000000h`. */
export const formatLun = (lun: bigint): string => {
  const number = numberFromLun(lun);
  return number === undefined ? formatLunBytes(lun) : String(number);
};

/** In which form a target lists its LUNs: the bytes of REPORT LUNS are what it knows, whatever form their number would have here. */
export class LunAddresses {
  readonly #listed = new Map<bigint, bigint>();

  /** Takes what REPORT LUNS gave. Gives the numbers in their order, and the LUNs that have none or share theirs with another. */
  take(luns: readonly bigint[]): { readonly numbers: readonly number[]; readonly strange: readonly bigint[] } {
    this.#listed.clear();
    const byNumber = new Map<number, Set<bigint>>();
    const strange: bigint[] = [];
    for (const lun of luns) {
      const number = numberFromLun(lun);
      if (number === undefined) strange.push(lun);
      else byNumber.set(number, (byNumber.get(number) ?? new Set()).add(lun));
    }
    const numbers: number[] = [];
    for (const [number, forms] of byNumber) {
      const [only] = forms;
      if (only === undefined || forms.size > 1) strange.push(...forms);
      else {
        numbers.push(number);
        const usual = lunFromNumber(number);
        if (only !== usual) this.#listed.set(usual, only);
      }
    }
    return { numbers, strange };
  }

  /** The bytes to send for a LUN of `lunFromNumber`. */
  toSend(lun: bigint): bigint {
    return this.#listed.get(lun) ?? lun;
  }
}
