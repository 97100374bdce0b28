import * as z from 'zod';

/** The JSON form of a 64-bit quantity: a decimal string without sign or leading zeros. */
export const uint64TextSchema = z.string().regex(/^(0|[1-9]\d{0,19})$/, 'must be a whole number written in decimal');

/** In memory a bigint, in JSON a decimal string: `z.decode` reads it, {@link toJson} writes it. Range 0 to 2^64 - 1. */
export const uint64Schema = z.codec(
  uint64TextSchema,
  z
    .bigint()
    .min(0n)
    .max((1n << 64n) - 1n),
  {
    decode: (text) => BigInt(text),
    encode: (value) => value.toString(),
  },
);

/** A value as it looks in JSON: 64-bit quantities are decimal strings there. */
export type Json<T> = T extends bigint
  ? string
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends readonly (infer Item)[]
      ? Json<Item>[]
      : { [Key in keyof T]: Json<T[Key]> };

/** Writes every bigint as a decimal string, at any depth, and leaves everything else as it is. */
export const toJson = <T>(value: T): Json<T> => {
  if (typeof value === 'bigint') return value.toString() as Json<T>;
  if (Array.isArray(value)) return value.map((item: unknown) => toJson(item)) as Json<T>;
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item as unknown)])) as Json<T>;
  }
  return value as Json<T>;
};

/** Length of a text in UTF-8 bytes. */
export const utf8LengthBytes = (text: string): number => {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0)!;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
};
