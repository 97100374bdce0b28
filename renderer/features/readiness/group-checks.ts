import type { CheckResult } from '../../../shared/model/check.ts';
import { sortChecks } from '../../ui/outcome-words.ts';

export interface Group {
  readonly id: string;
  readonly title: string;
  readonly checks: readonly string[];
}

interface GroupWithChecks {
  readonly id: string;
  readonly title: string;
  readonly checks: readonly CheckResult[];
}

/** The checks in their groups, what needs a person first; checks of a newer version come last, never lost. */
export const groupChecks = (checks: readonly CheckResult[], groups: readonly Group[]): GroupWithChecks[] => {
  const grouped = new Set(groups.flatMap((group) => group.checks));
  const rest = checks.filter(({ id }) => !grouped.has(id));
  return [
    ...groups.map(({ id, title, checks: ids }) => ({
      id,
      title,
      checks: sortChecks(ids.flatMap((wanted) => checks.filter((check) => check.id === wanted))),
    })),
    { id: 'more', title: 'More', checks: sortChecks(rest) },
  ].filter((group) => group.checks.length > 0);
};
