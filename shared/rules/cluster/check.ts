import type { CheckResult } from '../machine-check.ts';
import { worstOf } from '../machine-check.ts';
import { identityRules } from './identities.ts';
import { proposalRules, unprovenRules } from './proposal.ts';
import type { ClusterCheckInput, ClusterRule, Finding } from './rule.ts';
import { serverRules } from './servers.ts';

/** Every known failure that is looked for, in the order in which a person wants to read them. */
export const clusterRules: readonly ClusterRule[] = [
  ...serverRules,
  ...identityRules,
  ...proposalRules,
  ...unprovenRules,
];

export interface ClusterCheckItem extends Finding {
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
    return found ? [{ id, title, later, source, isManual, ...found }] : [];
  });
  return { result: worstOf(items.filter(({ isManual }) => !isManual)), items };
};
