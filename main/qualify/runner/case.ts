import type { Laboratory, LaboratorySettings } from './laboratory.ts';
import type { Figures } from './proofs.ts';

/** What a case may do to the logical unit. */
export type Needs = 'nothing' | 'reservations' | 'dataLoss';

export interface CaseDefinition {
  /** `Family.Suite.Case`; selected by glob, listed by `--list`. */
  readonly id: string;
  readonly title: string;
  /**
   * Whether the verdict rests on it: always, never (it informs), or only where it can run (a second portal, a proof by
   * writing).
   */
  readonly required: boolean | 'whenRun';
  readonly needs: Needs;
  /** What a failure means for the cluster, in a sentence. */
  readonly meaning: string;
  /** What to ask the storage vendor, in a sentence. */
  readonly askVendor: string;
  readonly source: string;
  /** For `whenRun`, by what was given: a case that could have run and was not asked for is missing in the verdict. */
  readonly canRun?: (settings: LaboratorySettings) => boolean;
  readonly run: (laboratory: Laboratory, figures: Figures) => Promise<void>;
}
