import { wordlist } from '@scure/bip39/wordlists/english.js';

/** The word list of BIP-39: 2,048 English words that differ in their first four letters; 11 bits each. */
const bitsPerWord = 11;

/** The first bits of a digest as words, for people who compare two screens or read over the telephone. */
export const wordsOf = (hex: string, count: number): string[] => {
  const bits = count * bitsPerWord;
  const available = hex.length * 4;
  if (bits > available) throw new RangeError(`${count} words need ${bits} bits, there are ${available}`);
  const value = BigInt(`0x${hex}`) >> BigInt(available - bits);
  return Array.from({ length: count }, (_, at) => {
    const index = Number((value >> BigInt(bitsPerWord * (count - 1 - at))) & 0x7ffn);
    return wordlist[index] ?? '';
  });
};

/** A fingerprint in twelve words: 132 of its 256 bits. */
export const fingerprintWords = (fingerprint: string): string => wordsOf(fingerprint, 12).join(' ');

/** A fingerprint in groups of four digits. */
export const fingerprintGroups = (fingerprint: string): string =>
  (fingerprint.toUpperCase().match(/.{1,4}/g) ?? []).join(' ');
