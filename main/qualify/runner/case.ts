import type { Laboratory } from './laboratory.ts';

/** What a case may do to the logical unit. */
export type Needs = 'nothing' | 'reservations' | 'dataLoss';

export type Figures = Record<string, string | number | boolean>;

/**
 * How a case ended. It passes by returning; it fails, or does not reach a judgement, by throwing {@link NotPassed}. Anything
 * else that is thrown (a lost session, say) is inconclusive: nothing was proven either way.
 */
export class NotPassed extends Error {
  readonly verdict: 'failed' | 'skipped' | 'inconclusive';

  constructor(verdict: 'failed' | 'skipped' | 'inconclusive', because: string) {
    super(because);
    this.name = 'NotPassed';
    this.verdict = verdict;
  }
}

export const failed = (because: string): NotPassed => new NotPassed('failed', because);
export const skipped = (because: string): NotPassed => new NotPassed('skipped', because);
export const inconclusive = (because: string): NotPassed => new NotPassed('inconclusive', because);

export interface CaseDefinition {
  /** `Family.Suite.Case`; selected by glob, listed by `--list`. */
  readonly id: string;
  readonly title: string;
  /**
   * Whether the verdict rests on it: always, never (it informs), or only where it could run (a second portal, a proof by
   * writing).
   */
  readonly required: boolean | 'whenRun';
  readonly needs: Needs;
  /** What a failure means for the cluster, in a sentence. */
  readonly meaning: string;
  /** What to ask the storage vendor, in a sentence. */
  readonly askVendor: string;
  readonly source: string;
  readonly run: (laboratory: Laboratory, figures: Figures) => Promise<void>;
}
