/** How the Quorate of another server stands to ours. */
export type VersionSkew =
  | 'same'
  /** The same but for repairs: both plan the same steps. */
  | 'alike'
  /** Another one: what the two plan from one cluster file may differ. */
  | 'unlike'
  /** It was not told yet, or in no form that this version knows. */
  | 'unknown';

/** Versions are told in three numbers (Semantic Versioning 2.0.0, clause 2), with or without a suffix. */
const numbersOf = (version: string): readonly string[] | null =>
  /^(\d+)\.(\d+)\.\d+(?:[-+].*)?$/.exec(version)?.slice(1) ?? null;

/** Alike are versions whose first two numbers are the same. */
export const skewOf = (ours: string, theirs: string | null): VersionSkew => {
  if (theirs === null) return 'unknown';
  if (ours === theirs) return 'same';
  const [own, other] = [numbersOf(ours), numbersOf(theirs)];
  if (own === null || other === null) return 'unknown';
  return own[0] === other[0] && own[1] === other[1] ? 'alike' : 'unlike';
};
