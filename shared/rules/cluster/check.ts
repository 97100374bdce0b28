import type { CheckResult } from '../machine-check.ts';
import { worstOf } from '../machine-check.ts';
import { directoryRules } from './directory.ts';
import { identityRules } from './identities.ts';
import { proposalRules, unprovenRules } from './proposal.ts';
import type { ClusterCheckInput, ClusterRule, Finding } from './rule.ts';
import { serverRules } from './servers.ts';

/** Every known failure that is looked for, in the order in which a person wants to read them. */
export const clusterRules: readonly ClusterRule[] = [
  ...serverRules,
  ...identityRules,
  ...proposalRules,
  ...directoryRules,
  ...unprovenRules,
];

export interface ClusterCheckItem extends Omit<Finding, 'isManual'> {
  readonly id: string;
  readonly title: string;
  readonly later: string;
  readonly source: string;
  readonly isManual: boolean;
}

/** Judges the servers by every rule that concerns them. */
export const checkCluster = (
  input: ClusterCheckInput,
): { readonly result: CheckResult; readonly items: readonly ClusterCheckItem[] } => {
  const items = clusterRules.flatMap(({ id, title, later, source, isManual = false, judge }) => {
    const found = judge(input);
    return found ? [{ id, title, later, source, ...found, isManual: isManual || found.isManual === true }] : [];
  });
  return { result: worstOf(items.filter(({ isManual }) => !isManual)), items };
};
