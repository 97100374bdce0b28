/**
 * The invitation that one person reads from a screen and another types: 26 symbols in groups of four.
 *
 * It carries 65 bits of the SHA-256 of the inviter's certificate (so that the joiner knows whom it talks to), a one-time secret of 50 bits, and
 * three check symbols of a Reed-Solomon code over GF(32): one wrong symbol is found and its group named, two are always noticed.
 * Symbols are Crockford's base 32, which has no I, L, O and U; those are read as what they look like.
 */

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const prefixSymbols = 13;
const secretSymbols = 10;
const checkSymbols = 3;
const groupSize = 4;

/** How many symbols an invitation has, hyphens not counted. */
export const invitationSymbols = prefixSymbols + secretSymbols + checkSymbols;

/** How many bits of the digest of the inviter's certificate it holds. */
export const invitationPrefixBits = prefixSymbols * 5;

/** How many random bits it holds. */
export const invitationSecretBits = secretSymbols * 5;

// GF(32) with the primitive polynomial x^5 + x^2 + 1: its logarithms and powers.
const powers: number[] = [];
const logarithms: number[] = [];
for (let exponent = 0, value = 1; exponent < 31; exponent += 1) {
  powers[exponent] = value;
  logarithms[value] = exponent;
  value <<= 1;
  if (value & 32) value ^= 0b100101;
}
const power = (exponent: number): number => powers[((exponent % 31) + 31) % 31] ?? 0;
const logarithm = (value: number): number => logarithms[value] ?? 0;
const multiply = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : power(logarithm(a) + logarithm(b)));

/** (x + 1)(x + a)(x + a^2), highest coefficient first: its roots are a^0, a^1 and a^2. */
const generator = [0, 1, 2].reduce<number[]>(
  (polynomial, root) =>
    [...polynomial, 0].map((coefficient, at) => coefficient ^ multiply(polynomial[at - 1] ?? 0, power(root))),
  [1],
);

const checkOf = (data: readonly number[]): number[] => {
  const remainder = [...data, ...Array<number>(checkSymbols).fill(0)];
  for (let at = 0; at < data.length; at += 1) {
    const factor = remainder[at] ?? 0;
    generator.forEach((coefficient, offset) => {
      remainder[at + offset] = (remainder[at + offset] ?? 0) ^ multiply(coefficient, factor);
    });
  }
  return remainder.slice(data.length);
};

const syndromesOf = (symbols: readonly number[]): number[] =>
  [0, 1, 2].map((root) => symbols.reduce((sum, symbol) => multiply(sum, power(root)) ^ symbol, 0));

/** Where the one symbol stands whose change makes the word right; null when more than one is wrong. */
const soleError = (symbols: readonly number[]): number | null => {
  const [zeroth = 0, first = 0, second = 0] = syndromesOf(symbols);
  if (zeroth === 0 || first === 0 || second === 0) return null;
  const step = logarithm(first) - logarithm(zeroth);
  if (power(step) !== power(logarithm(second) - logarithm(first))) return null;
  const fromTheEnd = ((step % 31) + 31) % 31;
  return fromTheEnd < symbols.length ? symbols.length - 1 - fromTheEnd : null;
};

const isWhole = (symbols: readonly number[]): boolean => syndromesOf(symbols).every((one) => one === 0);

/** Two neighbours that were typed in the wrong order: where the first of them stands. */
const swappedNeighbours = (symbols: readonly number[]): number | null => {
  const places = symbols.flatMap((symbol, at) => {
    const next = symbols[at + 1];
    if (next === undefined || next === symbol) return [];
    const swapped = [...symbols];
    swapped[at] = next;
    swapped[at + 1] = symbol;
    return isWhole(swapped) ? [at] : [];
  });
  return places.length === 1 ? (places[0] ?? null) : null;
};

const groupOf = (symbol: number): number => Math.floor(symbol / groupSize) + 1;

/** The bits of both parts, most significant first. */
export interface InvitationParts {
  /** The first 65 bits of the SHA-256 of the inviter's certificate. */
  readonly prefix: bigint;
  /** The one-time secret of 50 bits. */
  readonly secret: bigint;
}

const symbolsOf = (value: bigint, count: number): number[] =>
  Array.from({ length: count }, (_, at) => Number((value >> BigInt(5 * (count - 1 - at))) & 31n));

const valueOf = (symbols: readonly number[]): bigint => symbols.reduce((sum, one) => (sum << 5n) | BigInt(one), 0n);

/** The invitation as it is shown: groups of four, hyphens between them. */
export const formatInvitation = ({ prefix, secret }: InvitationParts): string => {
  const data = [...symbolsOf(prefix, prefixSymbols), ...symbolsOf(secret, secretSymbols)];
  const text = [...data, ...checkOf(data)].map((symbol) => alphabet[symbol]).join('');
  return (text.match(/.{1,4}/g) ?? []).join('-');
};

/** What is wrong with a typed invitation; `group` counts from 1. */
export type InvitationProblem =
  | { readonly kind: 'symbol'; readonly symbol: string; readonly group: number }
  | { readonly kind: 'length'; readonly symbols: number }
  | { readonly kind: 'typing'; readonly group: number; readonly groupText: string }
  | { readonly kind: 'swapped'; readonly group: number; readonly groupText: string }
  | { readonly kind: 'several' };

export type ParsedInvitation =
  | { readonly ok: true; readonly parts: InvitationParts }
  | { readonly ok: false; readonly problem: InvitationProblem };

const lookAlikes: Readonly<Record<string, string>> = { O: '0', I: '1', L: '1', U: 'V' };

/** Reads a typed invitation: case, blanks and hyphens do not matter, look-alikes are read as what they stand for. */
export const parseInvitation = (typed: string): ParsedInvitation => {
  const letters = [...typed.toUpperCase().replace(/[\s\u2010-\u2015-]/gu, '')];
  const symbols: number[] = [];
  for (const [at, letter] of letters.entries()) {
    const symbol = alphabet.indexOf(lookAlikes[letter] ?? letter);
    if (symbol < 0 || letter.length !== 1)
      return { ok: false, problem: { kind: 'symbol', symbol: letter, group: groupOf(at) } };
    symbols.push(symbol);
  }
  if (symbols.length !== invitationSymbols) return { ok: false, problem: { kind: 'length', symbols: symbols.length } };
  if (!isWhole(symbols)) {
    const textOf = (at: number): string => {
      const start = Math.floor(at / groupSize) * groupSize;
      return letters.slice(start, start + groupSize).join('');
    };
    const wrong = soleError(symbols);
    if (wrong !== null)
      return { ok: false, problem: { kind: 'typing', group: groupOf(wrong), groupText: textOf(wrong) } };
    const swapped = swappedNeighbours(symbols);
    return swapped === null
      ? { ok: false, problem: { kind: 'several' } }
      : { ok: false, problem: { kind: 'swapped', group: groupOf(swapped), groupText: textOf(swapped) } };
  }
  return {
    ok: true,
    parts: {
      prefix: valueOf(symbols.slice(0, prefixSymbols)),
      secret: valueOf(symbols.slice(prefixSymbols, prefixSymbols + secretSymbols)),
    },
  };
};

/** The problem as the sentence that a person reads. */
export const describeInvitationProblem = (problem: InvitationProblem): string => {
  switch (problem.kind) {
    case 'symbol':
      return `"${problem.symbol}" in group ${problem.group} is no letter or digit of an invitation`;
    case 'length':
      return `it has ${problem.symbols} letters and digits, an invitation has ${invitationSymbols}`;
    case 'typing':
      return `there is a typing error in group ${problem.group} ("${problem.groupText}")`;
    case 'swapped':
      return `two neighbours are swapped at group ${problem.group} ("${problem.groupText}")`;
    case 'several':
      return 'there is more than one typing error';
  }
};
