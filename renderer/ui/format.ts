import { formatDuration } from '../../shared/model/time.ts';

export { formatDuration };

/** How long ago, or how far ahead when a clock is wrong. */
export const formatAgo = (iso: string, nowMs: number): string => {
  const agoMs = nowMs - new Date(iso).getTime();
  if (Number.isNaN(agoMs)) return '';
  // The page renews its own time every ten seconds: what was read meanwhile is not in the future.
  if (agoMs < -15_000) return `${formatDuration(-agoMs)} in the future: compare the clocks`;
  if (agoMs < 10_000) return 'just now';
  return `${formatDuration(agoMs)} ago`;
};

/** After this age a reading looks stale: what was true then may not be true now. */
export const staleAfterMs = 24 * 3_600_000;

export const isStale = (iso: string, nowMs: number): boolean => nowMs - new Date(iso).getTime() > staleAfterMs;

/** A link's speed in powers of 1000, as Windows shows it. */
export const formatSpeed = (bitsPerSecond: string | number | bigint): string => {
  const value = Number(bitsPerSecond);
  for (const [factor, unit] of [
    [1e9, 'Gbps'],
    [1e6, 'Mbps'],
    [1e3, 'kbps'],
  ] as const)
    if (value >= factor) return `${Number((value / factor).toFixed(1))} ${unit}`;
  return `${value} bps`;
};

/** A file name that every system takes, from a machine's name in whatever script. */
export const fileNameOf = (machine: string | null, what: string, at: string, extension: string): string => {
  const name = (machine ?? 'unnamed')
    // eslint-disable-next-line no-control-regex -- control characters are what must not get into a file name
    .replace(/[\u0000-\u001f\u007f<>:"/\\|?*\u200b-\u200f\u202a-\u202e\u2066-\u2069]/g, '-')
    .replace(/^[. ]+|[. ]+$/g, '')
    .slice(0, 60);
  return `${name || 'unnamed'}-${what}-${at.slice(0, 10)}.${extension}`;
};
