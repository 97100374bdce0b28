import { createHash } from 'node:crypto';
import type { ReadinessReport } from '../../../shared/model/readiness-report.ts';

/** JSON with sorted keys and no white space: the same content is the same text (as RFC 8785 for what reports hold). */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(',')}}`;
};

/** SHA-256 of the canonical JSON of a report without its digest. It shows an alteration; it is no signature. */
export const digestOf = (report: Omit<ReadinessReport, 'digest'>): ReadinessReport['digest'] => {
  const { digest: _digest, ...content } = report as ReadinessReport;
  return { algorithm: 'SHA-256', value: createHash('sha256').update(canonicalJson(content)).digest('hex') };
};
