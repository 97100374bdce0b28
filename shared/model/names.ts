/**
 * Whether two names are one to Windows, which compares the names of computers, adapters, disks, cluster objects, switches and virtual machines without
 * regard to case.
 */
export const isSameName = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

const has = (names: readonly string[], name: string): boolean => names.some((one) => isSameName(one, name));

/** Whether two lists have the same names, in whatever order. */
export const isSameSet = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((name) => has(other, name)) && other.every((name) => has(one, name));

/** Whether two lists have the same names in the same order. */
export const isSameOrder = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((name, at) => isSameName(name, other[at] ?? ''));
