/**
 * Why a fact is not known. `notCollected`: the source does not hold it (one WMI class of several, a captured tree without
 * the file). `notReported`: the source holds the place, but this system does not fill it (a property that came with
 * Windows Server 2012, an empty value). `notReadable`: reading it failed. `ambiguous`: what was read can mean either.
 */
export const unknownCauses = ['notCollected', 'notReported', 'notReadable', 'ambiguous'] as const;
export type UnknownCause = (typeof unknownCauses)[number];

/** A fact is either known, with the place where it was read, or unknown, with the cause. Nothing is ever guessed. */
export type Fact<Value> = KnownFact<Value> | UnknownFact;

export interface KnownFact<Value> {
  known: true;
  value: Value;
  /** The fact's name in the standard's own words, such as `Win32_Processor.DataWidth`. */
  name: string;
  /** Where it was read: a CIM class, a file, an imported file. */
  from: string;
}

export interface UnknownFact {
  known: false;
  name: string;
  cause: UnknownCause;
  /** The cause as a sentence that names the thing. */
  because: string;
}

export const known = <Value>(value: Value, name: string, from: string): KnownFact<Value> => ({
  known: true,
  value,
  name,
  from,
});

export const unknownFact = (name: string, cause: UnknownCause, because: string): UnknownFact => ({
  known: false,
  name,
  cause,
  because,
});

/** The value of a known fact, or undefined. */
export const valueOf = <Value>(fact: Fact<Value>): Value | undefined => (fact.known ? fact.value : undefined);

/** Any fact, whatever its value. */
export type AnyFact = KnownFact<unknown> | UnknownFact;

const longestText = 400;

/**
 * Makes a text from outside safe to show anywhere: control characters and bidirectional overrides become visible, the
 * length is bounded.
 */
export const cleanText = (text: string): string => {
  const shown = text.trim().replace(
    // eslint-disable-next-line no-control-regex -- control characters are exactly what is looked for
    /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return shown.length > longestText ? `${shown.slice(0, longestText)}...` : shown;
};
