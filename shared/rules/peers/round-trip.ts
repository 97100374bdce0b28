import type { EchoAnswer, RoundTrip } from '../../model/network-measure.ts';

/** The value at a rank of a sorted list (nearest rank); null for an empty one. */
export const percentile = (sorted: readonly number[], percent: number): number | null =>
  sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? null;

/** What a train of echoes says: round trips, how much they differ from one to the next, and how many were lost. */
export const summariseEchoes = (answers: readonly EchoAnswer[]): RoundTrip => {
  const trips = answers.filter((answer) => typeof answer === 'number');
  const sorted = [...trips].sort((one, other) => one - other);
  const steps = trips.slice(1).map((trip, at) => Math.abs(trip - trips[at]!));
  return {
    sent: answers.length,
    answered: trips.length,
    p50Ms: percentile(sorted, 50),
    p99Ms: percentile(sorted, 99),
    jitterMs: steps.length === 0 ? null : steps.reduce((sum, step) => sum + step, 0) / steps.length,
  };
};
