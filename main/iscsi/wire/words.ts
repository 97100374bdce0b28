/**
 * Unsigned numbers of 32 bits, the most significant byte first, for what every command passes through. `Buffer` has methods for the same, which check what is
 * known here: that the number fits and lies inside the buffer. They are most of what a header costs.
 */

/** The number at this offset, which must be four bytes or more before the end. */
export const get32 = (buffer: Buffer, offset: number): number =>
  (((buffer[offset] as number) << 24) |
    ((buffer[offset + 1] as number) << 16) |
    ((buffer[offset + 2] as number) << 8) |
    (buffer[offset + 3] as number)) >>>
  0;

/** Writes the number, from 0 to 2^32 - 1, at this offset, which must be four bytes or more before the end. */
export const put32 = (buffer: Buffer, offset: number, value: number): void => {
  buffer[offset] = value >>> 24;
  buffer[offset + 1] = value >>> 16;
  buffer[offset + 2] = value >>> 8;
  buffer[offset + 3] = value;
};
