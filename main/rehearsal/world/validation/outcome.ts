import type { ServerState, WorldState } from '../state.ts';
import type { VisibleDisk } from '../visible-disks.ts';
import type { ReportBlock, ReportResult } from './report-html.ts';

/** What a simulated test looks at. */
export interface TestRun {
  readonly world: WorldState;
  readonly nodes: readonly ServerState[];
  /** Disks that every node sees and that no role of a cluster uses: what storage tests run on, as the first node sees them. */
  readonly disks: readonly VisibleDisk[];
}

export interface Outcome {
  readonly result: ReportResult;
  readonly blocks: readonly ReportBlock[];
}

export const fqdnOf = ({ computerName, primaryDnsSuffix }: ServerState): string =>
  primaryDnsSuffix === '' ? computerName : `${computerName}.${primaryDnsSuffix}`;

export const success = (...blocks: ReportBlock[]): Outcome => ({ result: 'success', blocks });

/** The result that follows from the lines of a section. */
export const outcome = (...blocks: ReportBlock[]): Outcome => {
  const has = (kind: ReportBlock['kind']): boolean => blocks.some((block) => block.kind === kind);
  return {
    result: has('error') ? 'failed' : has('warn') ? 'warning' : has('notapplicable') ? 'notApplicable' : 'success',
    blocks,
  };
};
