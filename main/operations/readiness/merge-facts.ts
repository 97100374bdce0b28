import type { AnyFact } from '../../../shared/model/fact.ts';
import type { HostFacts } from '../../../shared/model/facts.ts';

const isFact = (value: unknown): value is AnyFact =>
  typeof value === 'object' && value !== null && typeof (value as { known?: unknown }).known === 'boolean';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A known fact beats an unknown one; of two known ones the first stands. */
const mergeValue = (first: unknown, second: unknown): unknown => {
  if (isFact(first) && isFact(second)) return first.known || !second.known ? first : second;
  if (isRecord(first) && isRecord(second))
    return Object.fromEntries(Object.keys(first).map((key) => [key, mergeValue(first[key], second[key])]));
  return first;
};

/** Two documents about one machine as one. */
export const mergeFacts = (first: HostFacts, second: HostFacts): HostFacts => {
  const merged = mergeValue(first, second) as HostFacts;
  return {
    ...merged,
    platform: first.platform === 'unknown' ? second.platform : first.platform,
    notes: [...new Set([...first.notes, ...second.notes])],
    machine: { ...merged.machine, names: [...new Set([...first.machine.names, ...second.machine.names])] },
  };
};
