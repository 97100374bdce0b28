/**
 * CRC32C, the digest of RFC 7143 section 13.1: a native library where it loads, else the same in TypeScript. Both take the value so
 * far, so a digest can be computed over pieces.
 */
export type Crc32c = (data: Uint8Array, soFar?: number) => number;

const POLYNOMIAL = 0x82f63b78; // 11EDC6F41h of RFC 7143 section 13.1, reflected, without its highest term

const tables = ((): Uint32Array[] => {
  const first = new Uint32Array(256);
  for (let n = 0; n < 256; n++) {
    let c = n;
    for (let k = 0; k < 8; k++) c = (c & 1) !== 0 ? (c >>> 1) ^ POLYNOMIAL : c >>> 1;
    first[n] = c;
  }
  const all = [first];
  for (let t = 1; t < 4; t++) {
    const previous = all[t - 1] as Uint32Array;
    const table = new Uint32Array(256);
    for (let n = 0; n < 256; n++) {
      const c = previous[n] as number;
      table[n] = (c >>> 8) ^ (first[c & 0xff] as number);
    }
    all.push(table);
  }
  return all;
})();

const [t0, t1, t2, t3] = tables as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];

/** The fallback: four tables, four bytes a step. */
export const crc32cInTypeScript: Crc32c = (data, soFar = 0) => {
  let crc = ~soFar;
  let i = 0;
  const whole = data.length & ~3;
  for (; i < whole; i += 4) {
    crc ^=
      (data[i] as number) |
      ((data[i + 1] as number) << 8) |
      ((data[i + 2] as number) << 16) |
      ((data[i + 3] as number) << 24);
    crc =
      (t3[crc & 0xff] as number) ^
      (t2[(crc >>> 8) & 0xff] as number) ^
      (t1[(crc >>> 16) & 0xff] as number) ^
      (t0[crc >>> 24] as number);
  }
  for (; i < data.length; i++) crc = (crc >>> 8) ^ (t0[(crc ^ (data[i] as number)) & 0xff] as number);
  return ~crc >>> 0;
};

let implementation: Crc32c = crc32cInTypeScript;
let loading: Promise<'native' | 'typescript'> | undefined;

/** The CRC32C of the data, as an unsigned 32-bit number. */
export const crc32c: Crc32c = (data, soFar) => implementation(data, soFar);

/** The result of a digest that must hold before a native one is trusted: RFC 7143 appendix, "CRC Examples". */
const isRight = (candidate: Crc32c): boolean =>
  candidate(new Uint8Array(32)) === 0x8a9136aa &&
  candidate(new Uint8Array(16), candidate(new Uint8Array(16))) === 0x8a9136aa;

/** Loads the native library once. Never fails: without it the digests are only slower. */
export const loadNativeCrc32c = (): Promise<'native' | 'typescript'> => {
  loading ??= import('@node-rs/crc32').then(
    (native) => {
      const candidate: Crc32c = (data, soFar) => native.crc32c(data, soFar ?? 0);
      if (!isRight(candidate)) return 'typescript';
      implementation = candidate;
      return 'native';
    },
    () => 'typescript' as const,
  );
  return loading;
};
