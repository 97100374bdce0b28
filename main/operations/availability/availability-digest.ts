import { createHash } from 'node:crypto';
import type { AvailabilityContent, AvailabilityReport } from '../../../shared/availability/report.ts';
import { canonicalJson } from '../reports/digest.ts';

/** SHA-256 of the canonical JSON of a report without its digest. It shows an alteration; it is no signature. */
export const availabilityDigestOf = (report: AvailabilityContent): AvailabilityReport['digest'] => {
  const { digest: _digest, ...content } = report as AvailabilityReport;
  return { algorithm: 'SHA-256', value: createHash('sha256').update(canonicalJson(content)).digest('hex') };
};
