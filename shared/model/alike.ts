/**
 * What is a name in a sentence about storage: an iSCSI name, a reservation key, a portal, an ISID, a LUN's number. Two sentences that differ in these alone
 * say the same.
 */
const names: readonly RegExp[] = [
  /\b(?:iqn|eui|naa)\.[^\s,;()"]+/gi,
  /\b0x[0-9a-f]{8,16}\b/gi,
  /\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?/g,
  /\[[0-9a-f:]+\](?::\d+)?/gi,
  /\bISID [0-9a-f]{12}\b/gi,
  /\bLUN \d+/g,
];

/** The sentence with `stand` in the place of each name in it. */
export const withoutNames = (sentence: string, stand = '\u0000'): string =>
  names.reduce((text, name) => text.replace(name, stand), sentence);

export interface Alike<T> {
  /** The first one's, with its names. */
  readonly sentence: string;
  /** All that say so, in their order; at least one. */
  readonly all: readonly [T, ...T[]];
}

/** Puts together what says the same but for names, in the order of the first of each. */
export const groupAlike = <T>(items: readonly T[], sentenceOf: (item: T) => string): Alike<T>[] => {
  const groups = new Map<string, { sentence: string; all: [T, ...T[]] }>();
  for (const item of items) {
    const sentence = sentenceOf(item);
    const known = groups.get(withoutNames(sentence));
    if (known) known.all.push(item);
    else groups.set(withoutNames(sentence), { sentence, all: [item] });
  }
  return [...groups.values()];
};

/** The sentences, each that differs from another only in a name once, with how many there are of it. */
export const countAlike = (sentences: readonly string[]): string[] =>
  groupAlike(sentences, (one) => one).map(({ sentence, all }) =>
    all.length === 1 ? sentence : `${sentence} (and ${all.length - 1} more like it)`,
  );
