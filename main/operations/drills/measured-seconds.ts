import { keyOf } from '../../../shared/availability/parse-state.ts';
import type { DrillRecord } from '../../../shared/contract/drill.ts';
import type { DrillKind } from '../../../shared/model/drill-limits.ts';

/** The longest that drills of this kind have measured in this cluster; simulated servers and real ones apart. */
export const measuredSeconds = (
  history: readonly DrillRecord[],
  of: { readonly kind: DrillKind; readonly cluster: string; readonly isRehearsal: boolean },
): { readonly seconds: number; readonly drills: number; readonly last: string } | null => {
  const found = history.filter(
    (one) =>
      one.kind === of.kind &&
      keyOf(one.cluster) === keyOf(of.cluster) &&
      one.isRehearsal === of.isRehearsal &&
      one.vms.some(({ expected, after }) => expected === 'restarts' && after !== null),
  );
  const times = found.flatMap(({ vms }) =>
    vms.filter(({ expected, after }) => expected === 'restarts' && after !== null).map(({ outageMs }) => outageMs),
  );
  if (times.length === 0) return null;
  const last =
    found
      .map(({ at }) => at)
      .sort()
      .at(-1) ?? '';
  return { seconds: Math.ceil(Math.max(...times) / 1000), drills: found.length, last };
};
