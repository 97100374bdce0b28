const units = [
  [1n << 50n, 'PiB'],
  [1n << 40n, 'TiB'],
  [1n << 30n, 'GiB'],
  [1n << 20n, 'MiB'],
  [1n << 10n, 'KiB'],
] as const;

/**
 * A size with its unit, in powers of 1024 (IEC 80000-13), with one decimal that is cut and not rounded: a disk that is too
 * small never reads as one that is large enough. Takes the decimal strings of the contract; any other text comes back as it is.
 */
export const formatSize = (size: string | number | bigint): string => {
  if (typeof size === 'string' ? !/^\d+$/.test(size) : typeof size === 'number' && !Number.isSafeInteger(size))
    return String(size);
  const bytes = BigInt(size);
  for (const [unit, name] of units) {
    if (bytes < unit) continue;
    const tenths = (bytes * 10n) / unit;
    return `${tenths / 10n}${tenths % 10n === 0n ? '' : `.${tenths % 10n}`} ${name}`;
  }
  return `${bytes} bytes`;
};

const letters: Readonly<Record<string, bigint>> = { '': 1n, k: 1n << 10n, m: 1n << 20n, g: 1n << 30n, t: 1n << 40n };

/** A size as a person types it: `512`, `64M`, `4GiB`; k, M, G and T count by 1024. Null for anything else. */
export const parseSize = (text: string): bigint | null => {
  const match = /^(\d{1,15})([kmgt]?)(?:i?b)?$/i.exec(text);
  const unit = letters[(match?.[2] ?? '').toLowerCase()];
  const number = match?.[1];
  return number === undefined || unit === undefined ? null : BigInt(number) * unit;
};
