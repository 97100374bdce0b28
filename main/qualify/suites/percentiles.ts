export const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

export const rounded = (value: number): number => Math.round(value * 1000) / 1000;

/** As figures of a case, in milliseconds. */
export const describePercentiles = (sorted: readonly number[]): Record<string, number> => ({
  p50Ms: rounded(percentile(sorted, 0.5)),
  p90Ms: rounded(percentile(sorted, 0.9)),
  p99Ms: rounded(percentile(sorted, 0.99)),
  maxMs: rounded(sorted.at(-1) ?? 0),
});
