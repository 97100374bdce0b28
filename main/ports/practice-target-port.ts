import type { InputOf, OutputOf, ParsedInputOf } from '../../shared/contract/define.ts';
import type {
  ServedTarget,
  targetChangeFaults,
  targetFaults,
  TargetNews,
  targetServe,
} from '../../shared/contract/target.ts';

export type ServeTargetInput = ParsedInputOf<typeof targetServe>;

/** A target that runs; it stops listening when it is closed. */
export interface PracticeTarget {
  describe(): ServedTarget;
  close(): Promise<void>;
}

/** The embedded iSCSI target as an operation sees it. Not for data. */
export interface PracticeTargetPort {
  catalogue(): OutputOf<typeof targetFaults>;
  /** Starts a target; nothing is left open when it throws. */
  start(input: ServeTargetInput, onNews: (news: TargetNews) => void): Promise<PracticeTarget>;
  list(): ServedTarget[];
  changeFaults(input: InputOf<typeof targetChangeFaults>): readonly string[];
}
